import { describe, it } from 'node:test';
import { assert } from 'chai';
import { about, CONFIGURATION, entry, finding, first, furnished, second, TRANSLATIONS, withdrawal } from './laboratory';
import type { Laboratory, Withdrawal } from './laboratory';

/** Nobody uses the space any more. */
function detached(): Withdrawal {
  const there = withdrawal();
  there.on.storeFirst(0, 0, first(false, 0));
  there.on.invalidate(CONFIGURATION);
  return there;
}

/** All of the tables is given back, and the space named again for a root in slot 4. */
function handedOutAgain(on: Laboratory): ReturnType<typeof finding> {
  return finding(() => {
    for (const slot of [1, 2, 3]) on.free(slot);
    on.storeSecond(0, 0, second(4));
    on.invalidate(CONFIGURATION);
    on.storeFirst(0, 0, first(true, 0));
  });
}

describe('SAN-STALENESS: a tag that is handed out again brings nothing with it', () => {
  it('finds a tag that is handed out again while caches may hold its old entries', () => {
    const { on } = detached();
    on.free(3);
    on.takeBack(3);
    on.storeEntry(3, 0, entry('none'));
    on.barrier();
    const found = finding(() => on.storeFirst(0, 0, first(true, 0)));
    assert.equal(found?.check, 'staleness');
    assert.match(
      found?.message ?? '',
      /space 0 is used again for r0 while caches may hold its old entries: the level 3 table at 0x1_3020 was freed/,
    );
  });

  it('lets an invalidation be put off while nothing names the space, if it is complete before something does', () => {
    const { on, answered } = detached();
    on.storeEntry(3, 0, entry('none'));
    on.barrier();
    assert.isUndefined(answered());
    on.invalidate(TRANSLATIONS);
    assert.isUndefined(finding(() => on.storeFirst(0, 0, first(true, 0))));
  });

  it('finds it when it is put off too long', () => {
    const { on, answered } = detached();
    on.storeEntry(3, 0, entry('none'));
    on.barrier();
    assert.isUndefined(answered());
    assert.equal(finding(() => on.storeFirst(0, 0, first(true, 0)))?.check, 'staleness');
  });

  it('lets a tag be invalidated at its last use', () => {
    const { on, answered } = detached();
    on.invalidate(TRANSLATIONS);
    assert.isUndefined(answered());
    assert.isUndefined(handedOutAgain(on));
  });

  it('finds tables that were given back with entries which caches may hold', () => {
    assert.include(handedOutAgain(detached().on)?.message ?? '', 'space 0 is used again for r0 while caches may hold its old entries');
    const { on } = detached();
    on.storeEntry(3, 0, entry('none'));
    on.invalidate(about(0, 1, true));
    assert.include(handedOutAgain(on)?.message ?? '', 'the level 2 table at', 'the entries above were not invalidated');
  });

  it('lets a tag be that no translation was ever made under: no cache has anything of an empty table', () => {
    const on = furnished({ storeOrder: 'weak', snooped: true, armed: false });
    on.storeEntry(1, 0, entry('none'));
    on.invalidate(TRANSLATIONS);
    on.storeFirst(0, 0, first(false, 0));
    on.invalidate(CONFIGURATION);
    on.armed = true;
    assert.isUndefined(handedOutAgain(on));
  });

  it('lets a tag be whose every entry was invalidated by its address', () => {
    const { on } = detached();
    on.storeEntry(3, 0, entry('none'));
    on.invalidate(about(0, 1));
    assert.isUndefined(handedOutAgain(on));
  });

  it('finds what was cached between the commands for translations and those for configuration', () => {
    const { on } = withdrawal();
    on.storeFirst(0, 0, first(false, 0));
    on.invalidate(TRANSLATIONS, CONFIGURATION);
    assert.include(handedOutAgain(on)?.message ?? '', 'is used again');
  });

  it('lets a root be named again that was used before, and finds what was cached of it meanwhile', () => {
    const { on, answered } = detached();
    for (let round = 0; round < 3; round++) {
      assert.isUndefined(finding(() => on.storeFirst(0, 0, first(true, 0))));
      on.invalidate(CONFIGURATION);
      on.storeFirst(0, 0, first(false, 0));
      on.invalidate(CONFIGURATION);
    }
    on.storeEntry(1, 0, entry('none'));
    on.barrier();
    assert.isUndefined(answered());
    assert.equal(finding(() => on.storeFirst(0, 0, first(true, 0)))?.check, 'staleness');
  });
});
