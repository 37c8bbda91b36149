import { assert } from 'chai';
import * as fc from 'fast-check';
import { suite, test } from 'node:test';

import { bit, bits, ones, reserved, ro, uint, w1c, word } from '#hw-models/core/bits';
import { ModelBug, UnspecifiedBehaviour } from '#hw-models/core/errors';
import { RegisterFile } from '#hw-models/core/registers';

const Caps = word(64, 'caps', { rsv: reserved(63, 40), pas: ro(uint(39, 34)), low: ro(bits(33, 0)) });
const Base = word(64, 'base', { PPN: bits(63, 12), err: w1c(uint(11, 8)), rsv: reserved(7, 5), size: uint(4, 0) });
const Csr = word(32, 'csr', {
  rsv: reserved(31, 18),
  busy: ro(bit(17)),
  on: ro(bit(16)),
  rsv1: reserved(15, 9),
  mf: w1c(bit(8)),
  rsv0: reserved(7, 1),
  en: bit(0),
});
const Record = word(128, 'record', { F: w1c(bit(127)), rsv: reserved(126, 64), info: ro(bits(63, 0)) });

const MAP = {
  caps: { at: 0, layout: Caps },
  base: { at: 0x10, layout: Base },
  csr: { at: 0x18, layout: Csr },
  record: { at: 0x20, layout: Record },
} as const;

suite('software', () => {
  test('reads reset values', () => {
    const file = new RegisterFile(MAP, {}, { caps: { pas: 46, low: 3n } });
    assert.strictEqual(file.read(0, 64), (46n << 34n) | 3n);
    assert.deepEqual([file.read(4, 32), file.read(0, 32), file.read(0x10, 64)], [46n << 2n, 3n, 0n]);
  });

  test('writes through the access rules', () => {
    const file = new RegisterFile(MAP, {}, { csr: { busy: true, mf: true } });
    file.write(0x18, 0xffff_ffffn & ~0x100n, 32);
    const csr = file.view('csr');
    assert.deepEqual([csr.busy, csr.on, csr.mf, csr.en, csr.rsv], [true, false, true, true, 0n]);
    file.write(0x18, 0x100n, 32);
    assert.deepEqual([file.view('csr').mf, file.view('csr').en], [false, false]);
    file.write(0, ones(64), 64);
    assert.strictEqual(file.read(0, 64), 0n);
  });

  test('a half written leaves the other half alone, w1c bits too', () => {
    const file = new RegisterFile(MAP, {}, { base: { PPN: 0x12345n, err: 0xf, size: 9 } });
    file.write(0x14, 0xabcdn, 32);
    assert.strictEqual(file.read(0x10, 64), (0xabcdn << 32n) | ((0x12345n << 12n) & ones(32)) | 0xf09n);
    file.write(0x10, 0x301n, 32);
    assert.deepEqual([file.read(0x14, 32), file.view('base').err, file.view('base').size], [0xabcdn, 0xc, 1]);
  });

  test('two halves written are the whole written', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, ones(64)), fc.bigInt(0n, ones(64)), (before, value) => {
        const whole = new RegisterFile(MAP);
        const halves = new RegisterFile(MAP);
        for (const file of [whole, halves]) file.set('base', { PPN: before >> 12n, err: Number(before & 15n), size: 1 });
        whole.write(0x10, value, 64);
        halves.write(0x14, value >> 32n, 32);
        halves.write(0x10, value & ones(32), 32);
        return whole.read(0x10, 64) === halves.read(0x10, 64);
      }),
    );
  });

  test('a register of 128 bits is reached by halves and quarters', () => {
    const file = new RegisterFile(MAP, {}, { record: { F: true, info: 0x1_0000_0002n } });
    assert.deepEqual(
      [0x20, 0x24, 0x28, 0x2c].map((at) => file.read(at, 32)),
      [2n, 1n, 0n, 0x8000_0000n],
    );
    assert.deepEqual([file.read(0x20, 64), file.read(0x28, 64)], [0x1_0000_0002n, 1n << 63n]);
    file.write(0x2c, 0x8000_0000n, 32);
    assert.deepEqual([file.view('record').F, file.view('record').info], [false, 0x1_0000_0002n]);
  });

  test('an access that the map does not provide is unspecified', () => {
    const file = new RegisterFile(MAP);
    const refused = (act: () => void, text: string): void => assert.throws(act, UnspecifiedBehaviour, text);
    refused(() => file.read(0x1c, 32), 'unspecified behaviour: 32-bit read at 0x001c, no register or half of one starts there');
    refused(() => file.write(0x12, 0n, 32), 'unspecified behaviour: 32-bit write at 0x0012, no register or half of one starts there');
    refused(() => file.read(0x18, 64), 'unspecified behaviour: 64-bit read at 0x0018, csr is not accessed so');
    refused(() => file.read(0x14, 64), 'unspecified behaviour: 64-bit read at 0x0014, base is not accessed so');
    refused(() => file.read(0x10, 16 as 32), 'unspecified behaviour: 16-bit read at 0x0010, base is not accessed so');
  });

  test('a value wider than the access is refused', () => {
    const file = new RegisterFile(MAP);
    assert.throws(() => file.write(0x14, 1n << 32n, 32), RangeError, 'base: 0x1_0000_0000 does not fit 32 bits');
    assert.throws(() => file.write(0x10, -1n, 64), RangeError, 'base: -0x1 does not fit 64 bits');
  });
});

suite('effects', () => {
  test('run after a software write with both views, and only then', () => {
    const seen: string[] = [];
    const file: RegisterFile<typeof MAP> = new RegisterFile(MAP, {
      csr: (now, before) => {
        seen.push(`en ${before.en} to ${now.en}`);
        file.set('csr', { on: now.en });
      },
    });
    file.write(0x18, 1n, 32);
    file.set('csr', { busy: true });
    file.write(0x10, 1n, 64);
    file.write(0x18, 0n, 32);
    assert.deepEqual(seen, ['en false to true', 'en true to false']);
    assert.deepEqual([file.view('csr').on, file.view('csr').busy], [false, true]);
  });
});

suite('hardware', () => {
  test('sets what software cannot', () => {
    const file = new RegisterFile(MAP);
    file.set('caps', { pas: 56 });
    assert.strictEqual(file.view('caps').pas, 56);
  });

  test('a view does not follow later writes', () => {
    const file = new RegisterFile(MAP);
    const before = file.view('csr');
    file.write(0x18, 1n, 32);
    assert.deepEqual([before.en, file.view('csr').en], [false, true]);
  });

  test('reset restores what was there at first', () => {
    const file = new RegisterFile(MAP, {}, { caps: { pas: 46 } });
    file.set('caps', { pas: 1 });
    file.write(0x18, 1n, 32);
    file.reset();
    assert.deepEqual([file.view('caps').pas, file.view('csr').raw], [46, 0n]);
  });

  test('names what lies at an offset', () => {
    const file = new RegisterFile(MAP);
    assert.deepEqual(
      [0x10, 0x14, 0x18, 0x1c].map((at) => file.nameAt(at)),
      ['base', 'base', 'csr', undefined],
    );
  });

  test('a name that is not in the map is our mistake', () => {
    const file = new RegisterFile(MAP);
    assert.throws(() => file.view('toString' as 'csr'), ModelBug, 'no register is named toString');
  });
});

suite('declaration', () => {
  test('registers do not overlap', () => {
    assert.throws(
      () => new RegisterFile({ base: { at: 0, layout: Base }, csr: { at: 4, layout: Csr } }),
      RangeError,
      'csr: offset 0x0004 belongs to base',
    );
    assert.throws(
      () => new RegisterFile({ csr: { at: 4, layout: Csr }, base: { at: 0, layout: Base } }),
      RangeError,
      'base: offset 0x0004 belongs to csr',
    );
  });

  test('registers are aligned and of a width that a bus carries', () => {
    assert.throws(() => new RegisterFile({ base: { at: 4, layout: Base } }), RangeError, 'base: offset 0x0004 is not a multiple of 8');
    const byte = word(8, 'byte', { all: uint(7, 0) });
    assert.throws(() => new RegisterFile({ byte: { at: 0, layout: byte } }), RangeError, 'byte: a register of 8 bits');
  });
});

test('names and values are those of the map', () => {
  const file = new RegisterFile(MAP);
  const size: number = file.view('base').size;
  assert.strictEqual(size, 0);
  const wrong = (): void => {
    // @ts-expect-error no such register
    file.view('ddtp');
    // @ts-expect-error no such field
    file.set('csr', { size: 1 });
    // @ts-expect-error a flag is a boolean
    file.set('csr', { en: 1 });
    // @ts-expect-error registers are accessed by 32 or 64 bits
    file.read(0, 8);
    // @ts-expect-error no such register
    new RegisterFile(MAP, { ddtp: () => {} });
    // @ts-expect-error no such field
    new RegisterFile(MAP, { csr: (now) => void now.size });
    // @ts-expect-error no such field
    new RegisterFile(MAP, {}, { csr: { size: 1 } });
  };
  assert.isFunction(wrong);
});
