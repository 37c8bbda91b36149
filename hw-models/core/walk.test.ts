import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import {
  ACCESS_PENDING,
  DIRTY_PENDING,
  EXECUTE,
  firstOf,
  frameAt,
  framesOf,
  PRIVILEGED_ONLY,
  READ,
  rightsOf,
  showProt,
  staleProt,
  walk,
  WRITE,
  type EntryReader,
  type LeafEntry,
  type Level,
} from '#hw-models/core/walk';

/** A format whose entries are the number of the next table, or a page from 1000 on. */
const levelOf = (shift: number, next?: Level): Level => ({
  name: `shift ${shift}`,
  shift,
  decode: (low) => {
    if (low === 0) return { kind: 'none', cause: 'nothing' };
    if (low >= 1000 || next === undefined) return { kind: 'page', page: low, sizeLog2: shift, prot: READ };
    return { kind: 'table', table: { word: low * 512, entries: 512, level: next } };
  },
});

const leaf: LeafEntry = { kind: 'page', page: 0x800, sizeLog2: 16, prot: READ + WRITE };

suite('walk', () => {
  const level = levelOf(39, levelOf(30, levelOf(21, levelOf(12))));
  const reader = (entries: Readonly<Record<number, number>>): EntryReader => ({ low: (word) => entries[word] ?? 0, high: () => 0 });

  test('follows the indexes of a large input frame to the last level', () => {
    const page = ((7 * 512 + 6) * 512 + 5) * 512 + 4;
    const walked = walk({ word: 0, entries: 512, level }, page, reader({ 7: 1, [512 + 6]: 2, [1024 + 5]: 3, [1536 + 4]: 4000 }));
    assert.deepEqual([walked.word, walked.level.shift], [1536 + 4, 12]);
    assert.deepInclude(walked.entry, { kind: 'page', page: 4000 });
  });

  test('ends at the first leaf, and at an entry that leads nowhere', () => {
    const table = { word: 0, entries: 512, level };
    assert.strictEqual(walk(table, 5 * 2 ** 18, reader({ 0: 1, [512 + 5]: 2000 })).level.shift, 30);
    assert.deepEqual(walk(table, 0, reader({ 0: 1 })).entry, { kind: 'none', cause: 'nothing' });
  });

  test('indexes a table within its entries', () => {
    const walked = walk({ word: 64, entries: 1, level: levelOf(12) }, 2 ** 40 + 77, reader({ 64: 9 }));
    assert.strictEqual(walked.word, 64);
  });
});

suite('leaves', () => {
  test('map an aligned group of frames', () => {
    assert.strictEqual(framesOf(16), 16);
    assert.strictEqual(framesOf(48), 2 ** 36);
    assert.strictEqual(firstOf(leaf, 2 ** 36 + 0x35), 2 ** 36 + 0x30);
    assert.strictEqual(frameAt(leaf, 2 ** 36 + 0x35), 0x805);
  });

  test('have rights, apart from their limits', () => {
    assert.strictEqual(rightsOf(READ + EXECUTE + PRIVILEGED_ONLY), READ + EXECUTE);
    assert.strictEqual(showProt(READ + EXECUTE + PRIVILEGED_ONLY), 'r-x');
  });

  test('lose, once stale, what needs an update of their entry', () => {
    assert.strictEqual(staleProt(leaf), READ + WRITE);
    assert.strictEqual(staleProt({ ...leaf, pending: DIRTY_PENDING }), READ);
    assert.strictEqual(staleProt({ ...leaf, pending: ACCESS_PENDING + DIRTY_PENDING }), 0);
  });
});
