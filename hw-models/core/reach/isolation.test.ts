import { describe, it } from 'node:test';
import { assert } from 'chai';
import { CONFIGURATION, entry, finding, first, furnished, second, TRANSLATIONS, type Laboratory } from './laboratory';
import type { Requester } from './facts';

/** Pages by requester; requester 1 has the second entry of slot 0. */
function granting(pages: Readonly<Record<Requester, readonly number[]>>, storeOrder: 'program' | 'weak' = 'weak'): Laboratory {
  return furnished({ storeOrder, snooped: true, granted: (requester, _input, page) => pages[requester]?.includes(page) === true });
}

describe('SAN-ISOLATION: a device reaches what it was granted', () => {
  it('finds a leaf to a page that was not granted, and names the store, the table and the space', () => {
    const on = granting({ 0: [5] });
    const found = finding(() => on.storeEntry(3, 2, entry('leaf', 9)));
    assert.equal(found?.check, 'isolation');
    assert.match(
      found?.message ?? '',
      /^r0 reaches PA 0x9000 \(rw-, 4 KiB\) at IOVA 0x2000, which it is not granted, through entry 2 of the level 3 table at 0x1_3020, stored at #9; space 0$/,
    );
  });

  it('finds a table that is linked with such a leaf far below', () => {
    const on = granting({ 0: [5] });
    on.storeEntry(4, 1, entry('leaf', 9));
    on.storeEntry(5, 0, entry('table', 4));
    on.barrier();
    assert.include(finding(() => on.storeEntry(1, 1, entry('table', 5)))?.message, 'at IOVA 0x1_1000');
  });

  it('finds a third translation while an entry of two words is changed, however brief', () => {
    const on = granting({ 0: [5, 6] });
    on.storeEntry(6, 0, entry('table', 5));
    on.storeEntry(5, 0, entry('table', 4));
    on.storeEntry(4, 0, entry('leaf', 6));
    on.storeEntry(7, 0, entry('table', 5));
    on.storeEntry(5, 3, entry('leaf', 9));
    on.barrier();
    const found = finding(() => on.storeSecond(0, 0, second(7)));
    assert.equal(found?.check, 'isolation');
    assert.include(found?.message ?? '', 'r0 reaches PA 0x9000 (rw-, 16 KiB)');
  });

  it('finds out everybody who shares a space when it begins elsewhere as well', () => {
    const on = granting({ 0: [5], 1: [5, 6] });
    on.storeEntry(4, 0, entry('table', 5));
    on.storeEntry(5, 0, entry('table', 6));
    on.storeEntry(6, 0, entry('leaf', 6));
    on.storeSecond(0, 1, second(4));
    on.barrier();
    assert.match(finding(() => on.storeFirst(0, 1, first(true, 0)))?.message ?? '', /^r0 reaches PA 0x6000/);
  });

  it('lets invalid become valid without an invalidation, where something is granted', () => {
    const on = granting({ 0: [5, 6] });
    assert.isUndefined(finding(() => on.storeEntry(3, 1, entry('leaf', 6))));
  });

  it('lets an entry be broken before it is made', () => {
    const on = granting({ 0: [5, 6] });
    assert.isUndefined(
      finding(() => {
        on.storeEntry(3, 0, entry('none'));
        on.invalidate(TRANSLATIONS);
        on.storeEntry(3, 0, entry('leaf', 6));
        on.barrier();
      }),
    );
  });

  it('lets one store be the end of a leaf and the beginning of a way to its table', () => {
    const on = granting({ 0: [5], 1: [9] }, 'program');
    on.storeEntry(4, 0, entry('table', 5));
    on.storeEntry(5, 0, entry('table', 1));
    on.storeSecond(0, 1, second(4));
    on.storeFirst(0, 1, first(true, 1));
    on.storeEntry(1, 0, entry('leaf', 9));
    on.invalidate(CONFIGURATION, TRANSLATIONS);
    assert.isUndefined(finding(() => on.storeEntry(1, 0, entry('table', 5))));
  });

  it('lets tables be built that nothing leads to', () => {
    const on = granting({ 0: [5] });
    assert.isUndefined(finding(() => on.storeEntry(4, 0, entry('leaf', 9))));
  });

  it('lets a device go from one root to another through an entry that is invalid in between', () => {
    const on = granting({ 0: [5, 6] });
    on.storeEntry(4, 0, entry('table', 5));
    on.storeEntry(5, 0, entry('table', 6));
    on.storeEntry(6, 0, entry('leaf', 6));
    assert.isUndefined(
      finding(() => {
        on.storeFirst(0, 0, first(false, 0));
        on.invalidate(CONFIGURATION);
        on.storeSecond(0, 0, second(4));
        on.invalidate(CONFIGURATION);
        on.storeFirst(0, 0, first(true, 1));
        on.invalidate(CONFIGURATION);
      }),
    );
  });
});
