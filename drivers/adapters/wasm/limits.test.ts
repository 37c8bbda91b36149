import { describe, it } from 'node:test';
import { assert } from 'chai';
import * as fc from 'fast-check';
import { UsageError } from '#drivers/usage';
import { assemble, exportsOf } from '../testdata/wat';
import { limit } from './limits';

/** Pages of 64 KiB: 64 MiB. */
const MOST_PAGES = 1024;
const NAME = 'wasm:./driver.wasm';

const withMemory = (limits: string): string => `(module (memory (export "memory") ${limits}))`;
const limited = async (wat: string): Promise<WebAssembly.Memory> =>
  exportsOf(limit(await assemble(wat), NAME))['memory'] as WebAssembly.Memory;

/** Whether the memory grows to as many pages and not by one more. */
function assertGrows(memory: WebAssembly.Memory, from: number, to: number): void {
  assert.strictEqual(memory.grow(to - from), from);
  assert.throws(() => memory.grow(1), RangeError);
}

describe('the memory of a module', () => {
  it('grows to the limit and not beyond', async () => assertGrows(await limited(withMemory('2')), 2, MOST_PAGES));

  it('keeps a smaller limit of its own, and gets the smaller of two', async () => {
    const limits = fc.tuple(fc.nat(MOST_PAGES - 1), fc.nat(4 * MOST_PAGES)).map(([least, more]) => [least, least + more] as const);
    await fc.assert(
      fc.asyncProperty(limits, async ([least, most]) => {
        const memory = await limited(withMemory(`${least} ${most}`));
        assertGrows(memory, least, Math.min(most, MOST_PAGES));
      }),
      { numRuns: 30 },
    );
  });

  it('grows no further from inside', async () => {
    const grow = '(func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))';
    const exports = exportsOf(limit(await assemble(`(module (memory (export "memory") 1) ${grow})`), NAME));
    const grown = exports['grow'] as (pages: number) => number;
    assert.deepEqual([grown(MOST_PAGES), grown(MOST_PAGES - 1), grown(1), grown(0)], [-1, 1, -1, MOST_PAGES]);
  });

  it('is limited wherever its section stands, and the rest of the module stays', async () => {
    const types = Array.from({ length: 40 }, (_none, index) => `(type (func (param ${'i64 '.repeat(index)})))`).join('');
    const parts = '(data (i32.const 8) "abc") (func (export "three") (result i32) (i32.load8_u (i32.const 10)))';
    for (const isPadded of [false, true]) {
      const bytes = await assemble(`(module ${types} (memory (export "memory") 2) ${parts})`, {}, isPadded);
      const exports = exportsOf(limit(bytes, NAME));
      assertGrows(exports['memory'] as WebAssembly.Memory, 2, MOST_PAGES);
      assert.strictEqual((exports['three'] as () => number)(), 'c'.charCodeAt(0));
    }
  });

  it('is limited once: what is limited stays as it is', async () => {
    const once = limit(await assemble(withMemory('2')), NAME);
    assert.deepEqual(Buffer.from(limit(once, NAME)), Buffer.from(once));
  });
});

describe('a module without memory of its own', () => {
  for (const wat of ['(module)', '(module (func (export "f")))', '(module (import "m" "memory" (memory 1)))']) {
    it(`stays as it is: ${wat}`, async () => {
      const bytes = await assemble(wat);
      assert.deepEqual(Uint8Array.from(limit(bytes, NAME)), Uint8Array.from(bytes));
    });
  }
});

describe('memory that a driver may not have', () => {
  const NOT_PLAIN = `${NAME}: its memory is shared, one of several, or addressed by 64 bits; a driver has one plain memory`;
  const REFUSED: readonly (readonly [what: string, limits: string, features: Parameters<typeof assemble>[1], message: string])[] = [
    ['shared', '1 2 shared', { threads: true }, NOT_PLAIN],
    ['of 64 bits', 'i64 1', { memory64: true }, NOT_PLAIN],
    ['of 64 bits, with a limit', 'i64 1 2', { memory64: true }, NOT_PLAIN],
    ['larger than the limit', '1025', {}, `${NAME}: it begins with 64.0625 MiB of memory, and a driver may have 64`],
  ];
  for (const [what, limits, features, message] of REFUSED) {
    it(`is refused: ${what}`, async () => {
      const bytes = await assemble(withMemory(limits), features);
      assert.throws(() => limit(bytes, NAME), UsageError, message);
    });
  }

  it('is refused: one of several', () => {
    // A header and a memory section with two entries; the assembler has no text for it.
    const bytes = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 5, 2, 0, 1, 0, 1);
    assert.throws(() => limit(bytes, NAME), UsageError, NOT_PLAIN);
  });
});

describe('a table', () => {
  const withTable = (limits: string): string => `(module (table (export "table") ${limits}) (memory (export "memory") 1))`;

  it('grows to the limit and not beyond', async () => {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(limit(await assemble(withTable('1 funcref')), NAME)), {});
    const { table } = exports as { readonly table: { grow(entries: number): number; readonly length: number } };
    table.grow(65_535);
    assert.strictEqual(table.length, 65_536);
    assert.throws(() => table.grow(1), RangeError);
  });

  it('is refused when it begins with more, or holds something else', async () => {
    const large = await assemble(withTable('65537 funcref'));
    assert.throws(() => limit(large, NAME), UsageError, `${NAME}: it begins with a table of 65537 entries, and a driver may have 65536`);
    const strange = await assemble(withTable('1 externref'));
    assert.throws(() => limit(strange, NAME), UsageError, 'a driver has one of functions, or none');
  });
});
