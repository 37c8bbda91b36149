import { describe, it } from 'node:test';
import { assert } from 'chai';
import type { Invalidation } from './facts';
import {
  about,
  CONFIGURATION,
  entry,
  finding,
  first,
  furnished,
  second,
  TRANSLATIONS,
  UNUSED,
  withdrawal,
  type Laboratory,
} from './laboratory';

/** The leaf is cleared, then `commands` are before one fence. */
function cleared(...commands: readonly Invalidation[]): string | undefined {
  const { on, answered } = withdrawal();
  on.storeEntry(3, 0, entry('none'));
  on.invalidate(...commands);
  return answered();
}

/** Root, table and leaf for page 6 at slots 4, 5 and 6. */
function another(on: Laboratory): void {
  on.storeEntry(4, 0, entry('table', 5));
  on.storeEntry(5, 0, entry('table', 6));
  on.storeEntry(6, 0, entry('leaf', 6));
  on.barrier();
}

describe('SAN-STALENESS: nothing is translated through what was removed', () => {
  it('finds an unmap without an invalidation, and names the store, the store over it, the table and the space', () => {
    const { on, answered } = withdrawal();
    on.storeEntry(3, 0, entry('none'));
    on.barrier();
    assert.match(
      answered() ?? '',
      /^r0 reaches PA 0x5000 \(rw-, 4 KiB\) at IOVA 0x0, which it is not granted, through what a cache may still hold: entry 0 of the level 3 table at 0x1_3020, stored at #6 and overwritten at #9; space 0$/,
    );
  });

  it('finds a command that came too early, one that is on its way, one for another page, and one of the wrong kind', () => {
    const early = withdrawal();
    early.on.fetch(TRANSLATIONS);
    early.on.storeEntry(3, 0, entry('none'));
    early.on.barrier();
    early.on.fence();
    assert.isDefined(early.answered());
    const late = withdrawal();
    late.on.storeEntry(3, 0, entry('none'));
    late.on.barrier();
    late.on.fetch(TRANSLATIONS);
    assert.isDefined(late.answered());
    assert.isDefined(cleared(about(1, 1)));
    assert.isDefined(cleared({ of: 'translations', space: 1, leafOnly: false }));
    assert.isDefined(cleared({ of: 'translations', space: 0, leafOnly: false, only: (_level, leaf) => !leaf }));
    assert.isDefined(cleared(CONFIGURATION));
  });

  it('finds a command that was fetched before a barrier ordered the store', () => {
    const { on, answered } = withdrawal();
    on.storeEntry(3, 0, entry('none'));
    on.fetch(TRANSLATIONS);
    on.fence();
    on.barrier();
    assert.isDefined(answered());
  });

  it('finds a store that walkers do not see because it was not cleaned', () => {
    const on = furnished({ storeOrder: 'weak', snooped: false, granted: () => false, armed: false });
    on.storeEntry(3, 0, entry('none'));
    on.invalidate(TRANSLATIONS);
    on.armed = true;
    assert.isDefined(finding(() => on.reach.checkRange(0, 0, 1)));
    on.clean(on.wordOf(3, 0));
    on.invalidate(TRANSLATIONS);
    assert.isUndefined(finding(() => on.reach.checkRange(0, 0, 1)));
  });

  it('finds a leaf that is cached again, between a command for it and one for the table above', () => {
    const { on, answered } = withdrawal();
    on.storeEntry(2, 0, entry('none'));
    on.invalidate(about(1, 1), about(0, 1, true));
    assert.isDefined(answered(), 'the hardware may take the leaf first, and cache it again through the table');
    const whole = withdrawal();
    whole.on.storeEntry(2, 0, entry('none'));
    whole.on.invalidate(about(0, 1));
    assert.isUndefined(whole.answered());
  });

  it('finds a leaf that is stored below a table which only a cache leads to', () => {
    const { on } = withdrawal();
    on.storeEntry(2, 0, entry('none'));
    on.barrier();
    const found = finding(() => on.storeEntry(3, 1, entry('leaf', 9)));
    assert.equal(found?.check, 'staleness');
    assert.include(found?.message ?? '', 'entry 1 of the level 3 table at 0x1_3020, stored at #11');
  });

  it('finds a table that is linked before its content is ordered', () => {
    const { on } = withdrawal();
    on.storeEntry(4, 1, entry('leaf', 9));
    on.barrier();
    on.storeEntry(4, 1, entry('none'));
    assert.include(finding(() => on.storeEntry(2, 1, entry('table', 4)))?.message ?? '', 'at IOVA 0x5000');
    const ordered = withdrawal().on;
    ordered.storeEntry(4, 1, entry('leaf', 9));
    ordered.barrier();
    ordered.storeEntry(4, 1, entry('none'));
    ordered.barrier();
    assert.isUndefined(finding(() => ordered.storeEntry(2, 1, entry('table', 4))));
  });

  it('finds that what was visible only for want of a barrier was cached before the barrier', () => {
    const { on, granted, answered } = withdrawal();
    granted.add(9);
    on.storeEntry(4, 0, entry('leaf', 9));
    on.barrier();
    on.storeEntry(4, 0, entry('none'));
    on.storeEntry(2, 1, entry('table', 4));
    on.barrier();
    granted.delete(9);
    granted.add(5);
    assert.include(finding(() => on.reach.checkRange(0, 0, Infinity))?.message ?? '', 'reaches PA 0x9000');
    void answered;
  });

  it('finds configuration and translations invalidated before one fence: they act in any order', () => {
    const together = withdrawal();
    another(together.on);
    together.on.storeSecond(0, 0, second(4));
    together.on.invalidate(CONFIGURATION, TRANSLATIONS);
    assert.isDefined(together.answered());
    const apart = withdrawal();
    another(apart.on);
    apart.on.storeSecond(0, 0, second(4));
    apart.on.invalidate(CONFIGURATION);
    apart.on.invalidate(TRANSLATIONS);
    assert.isUndefined(apart.answered());
  });

  it('finds an entry that is kept by the number of its requester, whatever leads to it now', () => {
    const moved = withdrawal();
    moved.on.register(true, 1);
    assert.isDefined(moved.answered(), 'other tables, the same caches');
    const told = withdrawal();
    told.on.register(true, 1);
    told.on.invalidate(CONFIGURATION);
    assert.isUndefined(told.answered());
    const leaf = withdrawal();
    leaf.on.storeDirectory(0, 0, undefined);
    leaf.on.invalidate({ of: 'configuration', requesters: new Set([1]), leafOnly: false, directories: () => true });
    assert.isDefined(leaf.answered(), 'the directory is gone from the caches, the entry of requester 0 is not');
  });

  it('finds an entry that was cached from other tables after a command had acted, though the old ones say the same', () => {
    const { on, answered } = withdrawal();
    on.storeFirst(4, 0, first(true, 0));
    on.storeSecond(4, 0, second(1));
    on.storeDirectory(1, 0, 4);
    on.storeFirst(0, 0, first(false, 0));
    on.barrier();
    on.register(true, 1);
    on.fetch(CONFIGURATION);
    on.register(true, 0);
    on.fence();
    assert.isDefined(answered());
    on.invalidate(CONFIGURATION);
    assert.isUndefined(finding(() => on.reach.checkRange(0, 0, Infinity)));
  });

  it('lets all entries of a directory be invalidated by commands before one fence', () => {
    const { on, answered } = withdrawal();
    on.storeDirectory(0, 0, undefined);
    const forget = (requester: number): Invalidation => ({
      of: 'configuration',
      requesters: new Set([requester]),
      leafOnly: false,
      directories: (other) => other < 2,
    });
    on.invalidate(forget(1), forget(0));
    assert.isUndefined(answered());
  });

  it('finds a leaf that the hardware may still begin to use, below a table that only a cache leads to', () => {
    const { on, answered } = withdrawal();
    on.storeEntry(3, 0, entry('leaf', 5, UNUSED + 3));
    on.invalidate(TRANSLATIONS);
    on.storeEntry(2, 0, entry('none'));
    on.barrier();
    assert.isDefined(answered(), 'the entry is there, and its flag can be set');
  });

  it('lets a leaf go that the hardware had not begun to use: it would have to find it in memory', () => {
    const { on, answered } = withdrawal();
    on.storeEntry(3, 0, entry('leaf', 5, UNUSED + 3));
    on.invalidate(TRANSLATIONS);
    on.storeEntry(3, 0, entry('none'));
    on.barrier();
    assert.isUndefined(answered());
  });

  it('finds a permission that was taken away and is still cached', () => {
    const rights = { limit: 3 };
    const on = furnished({
      storeOrder: 'weak',
      snooped: true,
      granted: (_requester, _input, _page, _frames, prot) => prot <= rights.limit,
    });
    on.storeEntry(3, 0, entry('leaf', 5, 1));
    on.barrier();
    rights.limit = 1;
    assert.include(finding(() => on.reach.checkRange(0, 0, 1))?.message ?? '', '(rw-, 4 KiB)');
  });

  it('lets one command take everything that one entry has been', () => {
    const { on, answered } = withdrawal();
    on.storeEntry(3, 0, entry('leaf', 6));
    on.barrier();
    on.storeEntry(3, 0, entry('leaf', 6, 1));
    on.barrier();
    on.storeEntry(3, 0, entry('none'));
    on.invalidate(about(0, 1, true));
    assert.isUndefined(answered());
    assert.lengthOf([...on.reach.reachable(0)], 0);
  });

  it('lets a command take an old value that was ordered only afterwards, where the command takes what led there as well', () => {
    const { on, answered } = withdrawal();
    on.storeFirst(0, 0, first(false, 0));
    on.barrier();
    on.fetch(CONFIGURATION);
    on.storeEntry(3, 0, entry('none'));
    on.fence();
    on.fetch(TRANSLATIONS);
    on.barrier();
    on.fence();
    assert.isUndefined(answered());
    assert.isUndefined(finding(() => on.storeFirst(0, 0, first(true, 0))));
  });

  it('lets the same value be stored back', () => {
    const { on } = withdrawal();
    on.storeEntry(3, 0, entry('none'));
    on.barrier();
    on.storeEntry(3, 0, entry('leaf', 5));
    on.barrier();
    assert.isUndefined(finding(() => on.reach.checkRange(0, 0, Infinity)));
  });

  it('lets tables be torn down in any order before one command for the whole space', () => {
    const { on, answered } = withdrawal();
    on.storeEntry(1, 0, entry('none'));
    on.barrier();
    on.fetch(TRANSLATIONS);
    on.storeEntry(3, 0, entry('none'));
    on.storeEntry(2, 0, entry('none'));
    on.barrier();
    on.fence();
    assert.isUndefined(answered(), 'the tables were out of reach when the command was fetched, but for copies that it takes');
  });
});
