import { describe, it } from 'node:test';
import { assert } from 'chai';
import { about, CONFIGURATION, entry, first, furnished, TRANSLATIONS, type Laboratory } from './laboratory';

/** What a call that is refused has changed. */
function changes(call: (on: Laboratory) => void): string[] {
  const on = furnished({ storeOrder: 'weak', snooped: true });
  on.reach.beginCall();
  call(on);
  return [...on.reach.changes()];
}

describe('what a call has changed of reach', () => {
  it('is nothing when it has put everything back', () => {
    const undone = changes((on) => {
      on.storeEntry(3, 1, entry('leaf', 6));
      on.storeEntry(3, 1, entry('none'));
      on.invalidate(about(1, 1));
    });
    assert.deepEqual(undone, []);
  });

  it('is nothing when an empty table stays', () => {
    assert.deepEqual(
      changes((on) => on.storeEntry(2, 1, entry('table', 4))),
      [],
    );
  });

  it('is a leaf that was added, removed, or leads elsewhere, with the store', () => {
    const [added] = changes((on) => on.storeEntry(3, 1, entry('leaf', 6)));
    assert.equal(
      added,
      'PA 0x6000 (rw-, 4 KiB) at IOVA 0x1000 is reached through entry 1 of the level 3 table at 0x1_3020, stored at #9, and was not before',
    );
    const [removed] = changes((on) => on.storeEntry(3, 0, entry('none')));
    assert.match(
      removed ?? '',
      /^PA 0x5000 .* was reached through entry 0 of the level 3 table at 0x1_3020, stored at #6 and overwritten at #9, and is not now/,
    );
    assert.lengthOf(
      changes((on) => on.storeEntry(3, 0, entry('leaf', 6))),
      2,
    );
  });

  it('is what went with a table, though it was emptied first, unlinked, invalidated and freed', () => {
    const [removed] = changes((on) => {
      on.storeEntry(3, 0, entry('none'));
      on.storeEntry(2, 0, entry('none'));
      on.invalidate(TRANSLATIONS);
      on.free(3);
    });
    assert.match(removed ?? '', /^PA 0x5000 .* was reached/);
  });

  it('is nothing when a table was copied to another place', () => {
    const moved = changes((on) => {
      on.storeEntry(4, 0, entry('leaf', 5));
      on.storeEntry(2, 0, entry('table', 4));
      on.invalidate(TRANSLATIONS);
      on.free(3);
    });
    assert.deepEqual(moved, []);
  });

  it('is a requester that is sent elsewhere, but not how it is refused', () => {
    const [sent] = changes((on) => {
      on.storeFirst(0, 0, first(false, 0));
      on.invalidate(CONFIGURATION);
    });
    assert.equal(sent, 'r0 was sent to space 0 slot 1 and is now sent to nothing');
    assert.deepEqual(
      changes((on) => on.storeDirectory(0, 1, 4)),
      [],
    );
  });
});
