import { before, describe, it } from 'node:test';
import { assert } from 'chai';
import * as fc from 'fast-check';
import { DriverFailure } from '#drivers/contract/failure';
import { bytes, flag, list, oneOf, optional, record, text, u32, u53, union, word } from '#drivers/contract/shape';
import type { RecordShape, Shape, Union } from '#drivers/contract/shape';
import { cText, SHAPES, STRUCTS, valuesOf } from '../testdata/shapes';
import { memoryOf } from '../testdata/wat';
import { structOf } from '../abi/layout';
import { Arena, LinearMemory, sizeOf } from './linear-memory';
import type { Stack } from './linear-memory';

const PAGE_BYTES = 65_536;
/** Room for text that is longer than any may be. */
const PAGES = 20;
const END = PAGES * PAGE_BYTES;

let memory: WebAssembly.Memory;
let linear: LinearMemory;
let arena: Arena;
let stack: Stack;

/** What is there before, so that nothing is read that was not written. */
const RUBBISH = 0xa5;
const START = PAGE_BYTES;

before(async () => {
  memory = await memoryOf(PAGES);
});
function fresh(): void {
  linear = new LinearMemory(memory);
  linear.bytes.fill(RUBBISH);
  stack = { value: END };
  arena = new Arena(linear, stack, START);
}

/** @param at Where it is written; taken from the arena when absent. */
function across(shape: Shape, value: unknown, at = arena.take(Math.max(sizeOf(shape), 8))): unknown {
  arena.write(at, shape, value);
  return linear.read(at, shape, 'it');
}

describe('a value in linear memory', () => {
  for (const shape of [...STRUCTS, ...[...SHAPES.values()].filter(({ kind }) => kind !== 'record' && kind !== 'union')]) {
    const name = 'name' in shape ? shape.name : shape.kind;
    it(`comes back as it was: ${name}`, () => {
      fresh();
      fc.assert(
        fc.property(valuesOf(shape, cText), (value) => {
          const mark = arena.mark;
          assert.deepEqual(across(shape, value), value);
          arena.release(mark);
        }),
      );
    });
  }

  it('begins as text with a byte order mark and keeps it', () => {
    fresh();
    assert.strictEqual(across(text, '\ufeffa'), '\ufeffa');
  });

  it('writes nothing beside itself', () => {
    fresh();
    const shapes = STRUCTS.filter((shape) => structOf(shape).size > 0);
    fc.assert(
      fc.property(
        fc.constantFrom(...shapes).chain((shape) => fc.tuple(fc.constant(shape), valuesOf(shape, cText))),
        ([shape, value]) => {
          const mark = arena.mark;
          const { size } = structOf(shape);
          const at = arena.take(size + 16) + 8;
          linear.bytes.fill(RUBBISH, at - 8, at + size + 8);
          arena.write(at, shape, value);
          assert.deepEqual([...linear.bytes.subarray(at - 8, at)], Array<number>(8).fill(RUBBISH));
          assert.deepEqual([...linear.bytes.subarray(at + size, at + size + 8)], Array<number>(8).fill(RUBBISH));
          arena.release(mark);
        },
      ),
    );
  });

  it('lies as C has it', () => {
    fresh();
    const shape = record('one', { type: u32, at: optional(word), to: optional(list(u32)) });
    const at = arena.struct(shape, { type: 7, to: [1, 2] });
    const words = Array.from({ length: structOf(shape).size / 4 }, (_none, index) => linear.view.getUint32(at + 4 * index, true));
    const [has, type, low, high, items, count] = words;
    assert.deepEqual([has, type, low, high, count, words.length], [0b10, 7, 0, 0, 2, 6]);
    assert.deepEqual([linear.view.getUint32(items!, true), linear.view.getUint32(items! + 4, true)], [1, 2]);
  });

  it('is any number but 0 as a flag, and bits that mean nothing are let be', () => {
    fresh();
    const shape = record('two', { on: optional(flag) });
    const at = arena.take(8);
    linear.view.setUint32(at, 0xffff_ffff, true);
    linear.view.setUint32(at + 4, 2, true);
    assert.deepEqual(linear.read(at, shape, 'it'), { on: true });
    linear.view.setUint32(at, 0xffff_fffe, true);
    assert.deepEqual(linear.read(at, shape, 'it'), {});
  });

  it('has of a union the fields of its kind', () => {
    fresh();
    const shape = union('owner', { nobody: {}, domain: { handle: u32 } });
    const at = arena.take(8);
    linear.view.setUint32(at, 0, true);
    assert.deepEqual(linear.read(at, shape, 'it'), { kind: 'nobody' });
    linear.view.setUint32(at, 1, true);
    linear.view.setUint32(at + 4, 9, true);
    assert.deepEqual(linear.read(at, shape, 'it'), { kind: 'domain', handle: 9 });
  });

  it('shares nothing with the memory', () => {
    fresh();
    const at = arena.take(8);
    arena.write(at, bytes, Uint8Array.of(1, 2));
    const read = linear.read(at, bytes, 'it') as Uint8Array;
    linear.bytes.fill(0);
    assert.deepEqual(read, Uint8Array.of(1, 2));
  });

  it('is read and written after the memory has grown', async () => {
    const growing = await memoryOf(1);
    const own = new LinearMemory(growing);
    const room = new Arena(own, { value: PAGE_BYTES }, 0);
    const at = room.take(8);
    room.write(at, word, 5n);
    growing.grow(1);
    assert.strictEqual(own.read(at, word, 'it'), 5n);
    room.write(PAGE_BYTES + 8, word, 6n);
    assert.strictEqual(own.read(PAGE_BYTES + 8, word, 'it'), 6n);
    assert.strictEqual(own.bytes.length, 2 * PAGE_BYTES);
  });
});

describe('what a module wrote', () => {
  const AT = START;
  const colour = oneOf('two_words', ['red', 'green'], [3, 5]);
  const names = oneOf('page_kind', ['queue']);
  const size = record('sized', { size: u53, unit: names });

  /** Throws unless reading throws a `DriverFailure` with exactly this message. @param numbers Words of 32 bits at the address. */
  function assertRefused(shape: Shape, numbers: readonly number[], message: string): void {
    numbers.forEach((number, index) => linear.view.setUint32(AT + 4 * index, number, true));
    let thrown: unknown;
    try {
      linear.read(AT, shape, 'tck_it: one');
    } catch (error) {
      thrown = error;
    }
    assert.instanceOf(thrown, DriverFailure);
    assert.strictEqual(thrown.message, message);
  }

  const MOST_ITEMS = 2 ** 20;
  const MOST_TEXT = 1024;
  const REFUSED: readonly (readonly [Shape, readonly number[], string])[] = [
    [names, [1], 'passed 1 as tck_it: one, which is no page kind'],
    [colour, [0], 'passed 0 as tck_it: one, which is no two words'],
    [colour, [0xffff_ffff], 'passed 4294967295 as tck_it: one, which is no two words'],
    [u53, [0, 0x20_0000], 'passed 0x20000000000000 as tck_it: one, more than 53 bits'],
    [u53, [0xffff_ffff, 0xffff_ffff], 'passed 0xffffffffffffffff as tck_it: one, more than 53 bits'],
    [size, [1, 0, 2], 'passed 2 as tck_it: one.unit, which is no page kind'],
    [text, [END], 'passed tck_it: one at 0x140000, where no text is'],
    [text, [0xffff_ffff], 'passed tck_it: one at 0xffffffff, where no text is'],
    [bytes, [END - 1, 2], 'passed tck_it: one at 0x13ffff, outside the memory of the module'],
    [bytes, [0xffff_ffff, 0xffff_ffff], 'passed tck_it: one at 0xffffffff, outside the memory of the module'],
    [list(word), [END - 8, 2], 'passed tck_it: one at 0x13fff8, outside the memory of the module'],
    [list(word), [0, MOST_ITEMS + 1], 'passed tck_it: one with 1048577 items'],
    [list(names), [AT + 8, 2, 0, 4], 'passed 4 as tck_it: one[1], which is no page kind'],
  ];
  for (const [shape, numbers, message] of REFUSED) {
    it(message, () => {
      fresh();
      assertRefused(shape, numbers, message);
    });
  }

  it('is a structure that does not lie in it', () => {
    fresh();
    assert.throws(() => linear.read(END - 8, size, 'it'), DriverFailure, 'passed it at 0x13fff8, outside the memory of the module');
  });

  it('is text without an end, or of no length that text has', () => {
    fresh();
    assertRefused(text, [END - 4], 'passed tck_it: one at 0x13fffc, where no text is');
    const begin = END - MOST_TEXT - 2;
    linear.bytes.fill(0x61, begin, END - 1);
    linear.bytes[END - 1] = 0;
    assertRefused(text, [begin], `passed tck_it: one at 0x${begin.toString(16)}, where no text is`);
    linear.view.setUint32(AT, begin + 1, true);
    assert.strictEqual((linear.read(AT, text, 'it') as string).length, MOST_TEXT);
  });

  it('is text that is no UTF-8', () => {
    fresh();
    linear.bytes.set([0x61, 0xff, 0], AT + 8);
    assertRefused(text, [AT + 8], 'passed tck_it: one that is no UTF-8');
  });

  it('is refused as a mistake of the driver, whatever it is', () => {
    fc.assert(
      fc.property(fc.constantFrom<RecordShape | Union>(...STRUCTS), fc.uint8Array({ minLength: 64, maxLength: 64 }), (shape, rubbish) => {
        fresh();
        linear.bytes.set(rubbish, AT);
        try {
          linear.read(AT, shape, 'it');
        } catch (error) {
          assert.instanceOf(error, DriverFailure);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('an arena', () => {
  it('gives zeros at addresses of 16 bytes, each below the one before, and takes them back', () => {
    fresh();
    const mark = arena.mark;
    assert.deepEqual([arena.take(1), arena.take(17), arena.take(0)], [END - 16, END - 48, END - 48]);
    assert.deepEqual(linear.take(END - 48, 17, 'it'), new Uint8Array(17));
    assert.deepEqual([mark, arena.mark, stack.value], [END, END - 48, END - 48]);
    arena.release(mark);
    assert.strictEqual(stack.value, END);
  });

  it('follows the stack of the module', () => {
    fresh();
    stack.value = END - 100;
    assert.strictEqual(arena.take(8), END - 112);
  });

  it('has an end', () => {
    fresh();
    const small = new Arena(linear, stack, END - 16);
    assert.strictEqual(small.take(16), END - 16);
    assert.throws(() => small.take(1), DriverFailure, 'has no room on its stack for 1 bytes of arguments');
    assert.strictEqual(small.take(0), END - 16);
  });

  it('does not lie outside the memory', () => {
    fresh();
    for (const value of [END + 32, 2 ** 31, -32]) {
      stack.value = value;
      assert.throws(() => arena.write(arena.take(8), word, 1n), DriverFailure);
    }
  });
});
