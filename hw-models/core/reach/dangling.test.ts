import { describe, it } from 'node:test';
import { assert } from 'chai';
import { about, CONFIGURATION, entry, finding, first, frameOfSlot, furnished, second, TRANSLATIONS, type Laboratory } from './laboratory';

const lab = (): Laboratory => furnished({ storeOrder: 'weak', snooped: true });

/** The driver frees the frame of a slot: what is found, in words. */
const freeing = (on: Laboratory, slot: number): string | undefined => finding(() => on.free(slot))?.message;

describe('SAN-DANGLING: nothing that the hardware or its caches get to lies in a free page', () => {
  it('finds a table that is freed while the hardware walks through it, and says what leads there', () => {
    const on = lab();
    const found = finding(() => on.free(3));
    assert.equal(found?.check, 'dangling');
    assert.include(found?.message ?? '', 'was freed while the hardware walks through it: the level 3 table at');
    assert.match(found?.message ?? '', /to which leads entry 0 of the level 2 table at 0x1_2020, stored at #5; space 0/);
  });

  it('finds a table that is freed when only a cache leads there', () => {
    const on = lab();
    on.storeEntry(2, 0, entry('none'));
    on.barrier();
    assert.match(freeing(on, 3)!, /a cache may still lead through it: the level 3 table .* stored at #5 and overwritten at #9; space 0/);
  });

  it('finds it after a command that is on its way, and after one that takes leaves alone', () => {
    const fetched = lab();
    fetched.storeEntry(2, 0, entry('none'));
    fetched.barrier();
    fetched.fetch(TRANSLATIONS);
    assert.include(freeing(fetched, 3), 'a cache may still lead');
    const leaves = lab();
    leaves.storeEntry(2, 0, entry('none'));
    leaves.invalidate(about(0, 4, true));
    assert.include(freeing(leaves, 3), 'a cache may still lead');
  });

  it('finds a table below one that went: a command about one page takes only what leads to that page', () => {
    const on = lab();
    on.storeEntry(1, 0, entry('none'));
    on.invalidate(about(8, 1));
    assert.isUndefined(freeing(on, 2), 'no cache has what led to it');
    assert.include(freeing(on, 3), 'a cache may still lead through it: the level 3 table');
  });

  it('finds the configuration of a requester in a freed frame', () => {
    const on = lab();
    assert.include(freeing(on, 0), 'was freed while the configuration of r0 is read from it');
  });

  it('finds a structure that is installed in a frame of somebody else, and one far below it', () => {
    for (const build of [
      (on: Laboratory) => on.storeEntry(2, 1, entry('table', 4)),
      (on: Laboratory) => on.storeEntry(1, 1, entry('table', 5)),
    ]) {
      const on = furnished({ storeOrder: 'weak', snooped: true, owns: (page) => page !== frameOfSlot(4) });
      on.storeEntry(5, 0, entry('table', 4));
      const found = finding(() => build(on));
      assert.equal(found?.check, 'dangling');
      assert.include(found?.message ?? '', 'the level 3 table at');
      assert.include(found?.message ?? '', 'which the driver does not own');
    }
  });

  it('lets a gather list be: the page is kept until the invalidation is complete, and then freed', () => {
    const on = lab();
    on.storeEntry(2, 0, entry('none'));
    on.invalidate(about(0, 4));
    assert.isUndefined(freeing(on, 3));
  });

  it('lets one command for a table be, after its leaves were invalidated one by one', () => {
    const on = lab();
    on.storeEntry(3, 1, entry('leaf', 5));
    for (const index of [0, 1]) {
      on.storeEntry(3, index, entry('none'));
      on.invalidate(about(index, 1, true));
    }
    on.storeEntry(2, 0, entry('none'));
    on.invalidate(about(3, 1));
    assert.isUndefined(freeing(on, 3));
  });

  it('lets an empty table be kept, and used again', () => {
    const on = lab();
    on.storeEntry(3, 0, entry('none'));
    on.invalidate(about(0, 1, true));
    assert.isUndefined(finding(() => on.storeEntry(3, 2, entry('leaf', 6))));
  });

  it('lets the tables of a space that nobody uses go before the invalidation: only using it again is wrong', () => {
    const on = lab();
    on.storeFirst(0, 0, first(false, 0));
    on.invalidate(CONFIGURATION);
    for (const slot of [1, 2, 3]) assert.isUndefined(freeing(on, slot));
  });

  it('lets a freed frame be used for another table', () => {
    const on = lab();
    on.storeEntry(2, 0, entry('none'));
    on.invalidate(TRANSLATIONS);
    on.free(3);
    on.takeBack(3);
    on.storeEntry(3, 0, entry('leaf', 7));
    on.barrier();
    assert.isUndefined(finding(() => on.storeEntry(2, 1, entry('table', 3))));
  });

  it('lets configuration of several levels go when its own command is complete', () => {
    const on = lab();
    on.storeEntry(4, 0, first(true, 0));
    on.storeEntry(4, 1, second(1));
    on.barrier();
    on.storeDirectory(0, 0, 4);
    assert.include(freeing(on, 0), 'was freed while the configuration');
    const again = lab();
    again.storeEntry(4, 0, first(true, 0));
    again.storeEntry(4, 1, second(1));
    again.barrier();
    again.storeDirectory(0, 0, 4);
    again.invalidate(CONFIGURATION);
    assert.isUndefined(freeing(again, 0));
  });
});
