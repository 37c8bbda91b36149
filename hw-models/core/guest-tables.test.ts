import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { GuestTables, type SecondStage } from './guest-tables';
import { Memory } from './memory';
import { canonicalFrame, READ, WRITE, type Entry, type Level } from './walk';

/** Entries with a frame above bit 12; bit 0: read, bit 1: write; bit 2: to a table of the level below. */
function level(index: number, below?: Level): Level {
  const own: Level = {
    name: `level ${index}`,
    shift: 12 + 9 * index,
    decode: (low): Entry => {
      const page = Math.floor(low / 4096);
      if ((low & 4) !== 0 && below !== undefined) return { kind: 'table', table: { word: page * 512, entries: 512, level: below } };
      return (low & 3) === 0 ? { kind: 'none', cause: 'not present' } : { kind: 'page', page, sizeLog2: own.shift, prot: low & 3 };
    },
  };
  return own;
}

const LAST = level(0);
const FIRST = level(1, LAST);
const page = (frame: number, prot: number): bigint => BigInt(frame * 4096 + prot);

suite('tables of guests', () => {
  const memory = new Memory();
  // The second stage: guest frame 1 at frame 0x21, guest frame 2 at 0x22, guest frame 3 cannot be read.
  const second: SecondStage = { key: 'second', root: { word: 0x10 * 512, entries: 512, level: LAST }, endFrame: 4 };
  memory.set(0x10 * 512 + 1, page(0x21, READ));
  memory.set(0x10 * 512 + 2, page(0x22, READ | WRITE));
  memory.set(0x10 * 512 + 3, page(0x23, WRITE));
  const guests = new GuestTables(memory);
  const placed = (frame: number): number | undefined => guests.place({ word: frame * 512 + 7, entries: 512, level: FIRST }, second)?.word;

  test('lie where the second stage says', () => {
    assert.strictEqual(placed(1), 0x21 * 512 + 7);
    assert.strictEqual(placed(2), 0x22 * 512 + 7);
  });

  test('nowhere where it does not map them, does not let them be read, or ends', () => {
    assert.deepEqual([placed(0), placed(3), placed(4)], [undefined, undefined, undefined]);
  });

  test('lead to tables that are found through it too', () => {
    const root = guests.place({ word: 512, entries: 512, level: FIRST }, second)!;
    assert.deepInclude(root.level.decode(2 * 4096 + 4, 0), {
      kind: 'table',
      table: { word: 0x22 * 512, entries: 512, level: guests.place({ word: 512, entries: 512, level: LAST }, second)!.level },
    });
    assert.deepInclude(root.level.decode(3 * 4096 + 4, 0), { kind: 'none' });
    assert.deepInclude(root.level.decode(9 * 4096 + READ, 0), { kind: 'page', page: 9 });
  });

  test('have the same level for the same second stage', () => {
    const [one, other] = [1, 2].map((frame) => guests.place({ word: frame * 512, entries: 512, level: FIRST }, second)!.level);
    assert.strictEqual(one, other);
    assert.notStrictEqual(guests.place({ word: 512, entries: 512, level: FIRST }, { ...second, key: 'another' })!.level, one);
  });
});

suite('signed input', () => {
  test('is cut to the width of tables', () => {
    assert.strictEqual(canonicalFrame(16, 7), 7);
    assert.strictEqual(canonicalFrame(16, 2 ** 52 - 8), 8);
    assert.strictEqual(canonicalFrame(16, 2 ** 52 - 1), 15);
    for (const frame of [8, 15, 16, 2 ** 52 - 9]) assert.strictEqual(canonicalFrame(16, frame), undefined);
  });
});
