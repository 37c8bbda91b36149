import { describe, it } from 'node:test';
import { assert } from 'chai';
import * as fc from 'fast-check';
import { DriverFailure } from '#drivers/contract/failure';
import { bytes, flag, list, nothing, oneOf, optional, record, text, u32, u53, union, word } from '#drivers/contract/shape';
import type { Shape } from '#drivers/contract/shape';
import { done, ERRNOS, ok, refuse } from '#hw-models/core/result';
import { SHAPES, valuesOf } from '../testdata/shapes';
import { fromJson, resultFromJson, resultToJson, toJson } from './values';

/** As a line carries it. */
const carried = (json: unknown): unknown => JSON.parse(JSON.stringify(json));
const across = (shape: Shape, value: unknown): unknown => fromJson(shape, carried(toJson(shape, value)), 'it');

/** Throws unless `refused` throws a `DriverFailure` with exactly this message. */
function assertRefused(refused: () => unknown, message: string): void {
  let thrown: unknown;
  try {
    refused();
  } catch (error) {
    thrown = error;
  }
  assert.instanceOf(thrown, DriverFailure);
  assert.strictEqual(thrown.message, message);
}

describe('a value of the contract as JSON', () => {
  for (const [name, shape] of SHAPES) {
    it(`comes back as it was: ${name}`, () => {
      fc.assert(fc.property(valuesOf(shape), (value) => assert.deepEqual(across(shape, value), value)));
    });
  }

  it('is what docs/protocol.md says', () => {
    const WRITTEN: readonly (readonly [Shape, unknown, unknown])[] = [
      [u32, 4096, 4096],
      [word, 0x8000_1000n, '0x80001000'],
      [word, 0n, '0x0'],
      [bytes, Uint8Array.of(0, 255), 'hex:00ff'],
      [bytes, new Uint8Array(), 'hex:'],
      [text, 'iommu_lock', 'iommu_lock'],
      [text, '0x1', 'text:0x1'],
      [text, 'hex:', 'text:hex:'],
      [text, 'text:', 'text:text:'],
      [flag, true, true],
      [SHAPES.get('hyp_device')!, { iommu: 0, params: 0x4000_1000n }, { iommu: 0, params: '0x40001000' }],
      [nothing, null, null],
      [nothing, undefined, null],
    ];
    for (const [shape, value, json] of WRITTEN) assert.deepEqual(toJson(shape, value), json);
  });

  it('leaves out what is left out, and what is undefined', () => {
    const shape = record('spec', { type: u32, parent: optional(u32) });
    assert.deepEqual(Object.keys(across(shape, { type: 1 }) as object), ['type']);
    assert.deepEqual(Object.keys(across(shape, { type: 1, parent: undefined }) as object), ['type']);
  });

  it('gives back bytes as bytes, whatever kind of array they were', () => {
    const part = new Uint8Array(Uint8Array.of(0, 1, 2, 3).buffer, 1, 2);
    for (const value of [part, Buffer.from([1, 2])]) assert.deepEqual(across(bytes, value), Uint8Array.of(1, 2));
  });
});

describe('a value that a driver sent', () => {
  const colour = oneOf('colour', ['red', 'green']);
  const point = record('point', { x: u32, y: optional(word) });
  const owner = union('owner', { nobody: {}, domain: { handle: u32 } });
  const NOT_U32 = 'no whole number below 2^32';
  const NOT_U53 = 'no whole number below 2^53';
  const NOT_WORD = 'no word like "0x1f"';
  const NOT_BYTES = 'no bytes like "hex:00ff"';

  const REFUSED: readonly (readonly [Shape, unknown, string])[] = [
    [u32, -1, `sent -1 as it, which is ${NOT_U32}`],
    [u32, 0.5, `sent 0.5 as it, which is ${NOT_U32}`],
    [u32, 2 ** 32, `sent 4294967296 as it, which is ${NOT_U32}`],
    [u32, '1', `sent "1" as it, which is ${NOT_U32}`],
    [u32, null, `sent null as it, which is ${NOT_U32}`],
    [u32, undefined, `sent nothing as it, which is ${NOT_U32}`],
    [u32, true, `sent true as it, which is ${NOT_U32}`],
    [u53, 2 ** 53, `sent 9007199254740992 as it, which is ${NOT_U53}`],
    [u53, '0x1', `sent "0x1" as it, which is ${NOT_U53}`],
    [word, 1, `sent 1 as it, which is ${NOT_WORD}`],
    [word, '0x', `sent "0x" as it, which is ${NOT_WORD}`],
    [word, '0x01', `sent "0x01" as it, which is ${NOT_WORD}`],
    [word, '0xA', `sent "0xA" as it, which is ${NOT_WORD}`],
    [word, '0x1\n', `sent "0x1\\\\n" as it, which is ${NOT_WORD}`],
    [word, `0x1${'0'.repeat(16)}`, `sent "0x1${'0'.repeat(16)}" as it, which is ${NOT_WORD}`],
    [flag, 1, 'sent 1 as it, which is neither true nor false'],
    [text, 1, 'sent 1 as it, which is no text'],
    [text, '0x1', 'sent "0x1" as it, which is no text'],
    [text, 'hex:00', 'sent "hex:00" as it, which is no text'],
    [bytes, '00ff', `sent "00ff" as it, which is ${NOT_BYTES}`],
    [bytes, 'hex:0', `sent "hex:0" as it, which is ${NOT_BYTES}`],
    [bytes, 'hex:FF', `sent "hex:FF" as it, which is ${NOT_BYTES}`],
    [bytes, [0, 255], `sent [0,255] as it, which is ${NOT_BYTES}`],
    [nothing, 0, 'sent 0 as it, which is not null'],
    [nothing, undefined, 'sent nothing as it, which is not null'],
    [colour, 'blue', 'sent "blue" as it, which is none of red, green'],
    [colour, 0, 'sent 0 as it, which is none of red, green'],
    [list(u32), { length: 0 }, 'sent {"length":0} as it, which is no list'],
    [list(u32), [1, -1], `sent -1 as it[1], which is ${NOT_U32}`],
    [list(list(u32)), [[], [null]], `sent null as it[1][0], which is ${NOT_U32}`],
    [point, null, 'sent null as it, which is no object'],
    [point, [], 'sent [] as it, which is no object'],
    [point, {}, `sent nothing as it.x, which is ${NOT_U32}`],
    [point, { x: 1, y: null }, `sent null as it.y, which is ${NOT_WORD}`],
    [point, { x: 1, z: 2 }, 'sent 2 as it.z, which is no field of it; it has x, y'],
    [point, { x: 1, toString: 2 }, 'sent 2 as it.toString, which is no field of it; it has x, y'],
    [owner, 1, 'sent 1 as it, which is no object'],
    [owner, {}, 'sent nothing as it.kind, which is none of nobody, domain'],
    [owner, { kind: 'constructor' }, 'sent "constructor" as it.kind, which is none of nobody, domain'],
    [owner, { kind: 'domain' }, `sent nothing as it.handle, which is ${NOT_U32}`],
    [owner, { kind: 'domain', handle: 1, device: 2 }, 'sent 2 as it.device, which is no field of it; it has handle'],
  ];
  for (const [shape, value, message] of REFUSED) it(message, () => assertRefused(() => fromJson(shape, value, 'it'), message));

  it('is refused at -0 and at a key called __proto__', () => {
    assertRefused(() => fromJson(u32, -0, 'it'), `sent 0 as it, which is ${NOT_U32}`);
    const hidden: unknown = JSON.parse('{"x":1,"__proto__":{"y":2}}');
    assertRefused(() => fromJson(point, hidden, 'it'), 'sent {"y":2} as it.__proto__, which is no field of it; it has x, y');
  });

  it('is shown as far as a person wants to see it', () => {
    assertRefused(() => fromJson(u32, 'a'.repeat(1000), 'it'), `sent "${'a'.repeat(59)}… as it, which is ${NOT_U32}`);
  });

  it('is refused by the contract, and never by another error, whatever it is', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SHAPES.values()), fc.jsonValue(), (shape, value) => {
        try {
          fromJson(shape, value, 'it');
        } catch (error) {
          assert.instanceOf(error, DriverFailure);
        }
      }),
    );
  });

  it('is the only JSON of it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SHAPES.values()).chain((shape) => fc.tuple(fc.constant(shape), valuesOf(shape))),
        ([shape, value]) => {
          const json = carried(toJson(shape, value));
          assert.deepEqual(toJson(shape, fromJson(shape, json, 'it')), json);
        },
      ),
    );
  });
});

describe('an answer as JSON', () => {
  it('comes back as it was', () => {
    const answers = fc.oneof(valuesOf(word).map(ok), fc.constantFrom(...ERRNOS).map(refuse));
    fc.assert(fc.property(answers, (answer) => assert.deepEqual(resultFromJson(word, carried(resultToJson(word, answer)), 'it'), answer)));
    assert.deepEqual(resultFromJson(nothing, resultToJson(nothing, done), 'it'), done);
  });

  const REFUSED: readonly (readonly [unknown, string])[] = [
    [null, 'sent null as it, which is no answer, which has "ok"'],
    ['0x1', 'sent "0x1" as it, which is no answer, which has "ok"'],
    [{ value: '0x1' }, 'sent {"value":"0x1"} as it, which is no answer, which has "ok"'],
    [{ ok: 1 }, 'sent {"ok":1} as it, which is no answer, which has "ok"'],
    [{ ok: true }, 'sent nothing as it.value, which is no word like "0x1f"'],
    [{ ok: false }, 'sent nothing as it.errno, which is no errno of the contract'],
    [{ ok: false, errno: 'EWRONG' }, 'sent "EWRONG" as it.errno, which is no errno of the contract'],
    [{ ok: false, errno: 'toString' }, 'sent "toString" as it.errno, which is no errno of the contract'],
    [{ ok: false, errno: -22 }, 'sent -22 as it.errno, which is no errno of the contract'],
  ];
  for (const [value, message] of REFUSED) it(message, () => assertRefused(() => resultFromJson(word, value, 'it'), message));
});
