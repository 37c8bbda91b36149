import { describe, it } from 'node:test';
import { assert } from 'chai';
import { CONFIGURATION, entry, finding, first, furnished, second, type Laboratory } from './laboratory';

/** Requester 0 goes from the root in slot 1 to the one in slot 4; the driver does it by `change`. */
function transition(change: (on: Laboratory) => void, kept = true): string | undefined {
  const on = furnished({ storeOrder: 'weak', snooped: true });
  on.storeEntry(4, 0, entry('table', 2));
  on.barrier();
  on.reach.beginHitless(0);
  const found = finding(() => {
    change(on);
    on.reach.endHitless(0, kept);
  });
  if (found !== undefined) assert.equal(found.check, 'hitless');
  return found?.message;
}

describe('SAN-HITLESS: the old or the new configuration, and nothing else', () => {
  it('lets one word be exchanged that says it all', () => {
    assert.isUndefined(
      transition((on) => {
        on.storeSecond(0, 0, second(4));
        on.invalidate(CONFIGURATION);
      }),
    );
  });

  it('finds an entry that is invalid in between', () => {
    const message = transition((on) => {
      on.storeFirst(0, 0, first(false, 0));
      on.invalidate(CONFIGURATION);
      on.storeSecond(0, 0, second(4));
      on.storeFirst(0, 0, first(true, 0));
      on.invalidate(CONFIGURATION);
    });
    assert.equal(message, 'r0 may be stopped (invalid), while it is replaced');
  });

  it('finds a mixture of old and new words, and says when each was first seen', () => {
    const message = transition((on) => {
      on.storeFirst(0, 0, first(true, 1));
      on.storeSecond(0, 0, second(4));
      on.invalidate(CONFIGURATION);
    });
    assert.match(
      message ?? '',
      /^r0 may be sent to space 0 slot 4, and since #11 to space 1 slot 1, besides space 0 slot 1, while it is replaced$/,
    );
  });

  it('finds a word that was not seen before the one that makes it count', () => {
    const message = transition((on) => {
      on.storeSecond(0, 0, second(5));
      on.storeSecond(0, 0, second(4));
      on.invalidate(CONFIGURATION);
    });
    assert.include(message ?? '', 'space 0 slot 5', 'until a barrier the hardware may read what was overwritten');
  });

  it('finds a transition that did not happen', () => {
    assert.equal(
      transition(() => undefined),
      'r0 is sent to space 0 slot 1 as before, though it was replaced',
    );
  });

  it('asks nothing of a transition that was refused, and nothing after the end', () => {
    assert.isUndefined(transition(() => undefined, false));
    const on = furnished({ storeOrder: 'weak', snooped: true });
    on.reach.beginHitless(0);
    on.reach.endHitless(0, false);
    assert.isUndefined(finding(() => on.storeFirst(0, 0, first(false, 0))));
  });
});
