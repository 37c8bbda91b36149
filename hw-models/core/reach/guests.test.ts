import { describe, it } from 'node:test';
import { assert } from 'chai';
import { pageOfWord } from '#hw-models/core/address';
import { CONFIGURATION, entry, finding, frameOfSlot, furnished, ROOTS, slotTable, wordOfSlot, type Laboratory } from './laboratory';

/** A guest's tag, and the slot that its tables begin in; both may change. */
interface Guest {
  tag: string;
  slot: number | undefined;
}

/** Requester 0 goes through page 5, and a guest's tables that begin in slot 6 stand above that. */
function nested({ owned = true, granted = true, forgetsGuests = false } = {}): {
  readonly on: Laboratory;
  readonly guest: Guest;
  grants: boolean;
} {
  const guest: Guest = { tag: 'tag 1', slot: 6 };
  const scene = { grants: granted };
  const on = furnished({
    storeOrder: 'weak',
    snooped: true,
    armed: false,
    forgetsGuests,
    owns: (page) => owned || ![6, 7].some((slot) => frameOfSlot(slot) === page),
    granted: (_requester, _input, page) => page === 5 || scene.grants,
    guest: () => ({
      space: guest.tag,
      input: 100 + (guest.slot ?? 0),
      root: guest.slot === undefined ? undefined : slotTable(guest.slot, ROOTS),
      key: `${guest.tag} at ${guest.slot}`,
    }),
  });
  on.armed = true;
  return Object.assign(scene, { on, guest });
}

/** The configuration of requester 0 says what the guest has now, and no cache says otherwise. */
function again(on: Laboratory): void {
  on.register(true, 0);
  on.invalidate(CONFIGURATION);
}

describe("a guest's first stage", () => {
  it("lies in the guest's memory, and leads where its second stage lets it", () => {
    const { on } = nested({ owned: false });
    assert.isUndefined(
      finding(() => {
        on.storeEntry(6, 0, entry('leaf', 77));
        on.storeEntry(6, 1, entry('table', 7));
        on.barrier();
      }),
    );
  });

  it('leaves its entries in caches under its tag until that is invalidated', () => {
    const { on, guest } = nested();
    on.storeEntry(6, 0, entry('table', 7));
    on.barrier();
    on.storeEntry(7, 0, entry('leaf', 9));
    on.barrier();
    on.storeEntry(7, 0, entry('leaf', 8));
    on.barrier();
    assert.deepEqual(
      on.reach.cached('tag 1', 0).map(({ leaf }) => leaf.page),
      [9],
    );
    on.invalidate({ of: 'translations', space: 'tag 1', leafOnly: false });
    assert.isEmpty(on.reach.cached('tag 1', 0));
    assert.equal(guest.tag, 'tag 1');
  });

  it('is not found under a tag that caches still have for other tables', () => {
    const { on, guest } = nested();
    on.storeEntry(6, 0, entry('table', 7));
    on.barrier();
    guest.tag = 'tag 2';
    again(on);
    Object.assign(guest, { tag: 'tag 1', slot: 4 });
    const found = finding(() => again(on));
    assert.equal(found?.check, 'staleness');
    assert.include(found?.message, 'space tag 1 is used again for r0');
  });

  it('is found under a tag that was invalidated, and under its own again', () => {
    const { on, guest } = nested();
    on.storeEntry(6, 0, entry('table', 7));
    on.barrier();
    guest.tag = 'tag 2';
    again(on);
    guest.tag = 'tag 1';
    assert.isUndefined(finding(() => again(on)));
    guest.tag = 'tag 2';
    again(on);
    on.invalidate({ of: 'translations', space: 'tag 1', leafOnly: false });
    Object.assign(guest, { tag: 'tag 1', slot: 4 });
    assert.isUndefined(finding(() => again(on)));
  });

  it('is not read from memory that the guest has lost', () => {
    const scene = nested();
    const { on } = scene;
    assert.isUndefined(finding(() => on.reach.checkRange(0, 0, Infinity)));
    scene.grants = false;
    const found = finding(() => on.reach.checkRange(0, 0, Infinity));
    assert.equal(found?.check, 'staleness');
    assert.include(found?.message, 'the tables of the guest of r0 may be read from PA');
  });

  it('is looked for again when the second stage changes', () => {
    const { on, guest } = nested();
    guest.slot = undefined;
    on.storeEntry(3, 1, entry('leaf', 5));
    on.barrier();
    on.invalidate(CONFIGURATION);
    assert.deepEqual(
      on.reach.destinations(0).map(({ key }) => key),
      ['space 0 slot 1, tag 1 at undefined'],
    );
  });

  it('is where each walk finds it, for hardware that keeps no more', () => {
    const scene = nested({ forgetsGuests: true });
    const { on, guest } = scene;
    on.storeEntry(6, 0, entry('table', 7));
    on.storeEntry(7, 0, entry('leaf', 9));
    on.barrier();
    guest.slot = 4;
    on.storeEntry(3, 1, entry('leaf', 5));
    on.barrier();
    assert.deepEqual(
      on.reach.destinations(0).map(({ key }) => key),
      ['space 0 slot 1, tag 1 at 4'],
    );
    scene.grants = false;
    assert.isUndefined(finding(() => on.reach.checkRange(0, 0, Infinity)));
    assert.deepEqual(
      on.reach.cached('tag 1', 0).map(({ leaf }) => leaf.page),
      [9],
      'what a walk read there is under the tag of the guest',
    );
  });

  it('keeps no frame in use', () => {
    const { on } = nested();
    on.storeEntry(6, 0, entry('table', 7));
    on.barrier();
    assert.isFalse(on.reach.isUsed(pageOfWord(wordOfSlot(7))) && frameOfSlot(7) !== frameOfSlot(1));
  });
});
