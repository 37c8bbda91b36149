import { describe, it } from 'node:test';
import { assert } from 'chai';
import * as fc from 'fast-check';
import { fromText, toText } from './text';

const across = (value: unknown): unknown => fromText(toText(value, 'it'));

/** What the contract lets cross. */
const plain = fc.letrec((tie) => ({
  leaf: fc.oneof(
    fc.boolean(),
    fc.constant(null),
    fc.maxSafeInteger(),
    fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('0x10', '0x', 'hex:00', 'hex:', 'text:', 'text:0x1', '__proto__', '\ud800'),
    fc.uint8Array(),
  ),
  value: fc.oneof(
    { depthSize: 'small' },
    tie('leaf'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

describe('text', () => {
  it('gives back what went in, to the type', () => {
    fc.assert(fc.property(plain, (value) => assert.deepEqual(across(value), value)));
  });

  it('is text', () => {
    const text = toText({ at: 1n, bytes: Uint8Array.of(1, 255), name: '0x1' }, 'it');
    assert.equal(text, '{"at":"0x1","bytes":"hex:01ff","name":"text:0x1"}');
  });

  it('gives back bytes as bytes, whatever kind of array they were', () => {
    const part = new Uint8Array(Uint8Array.of(0, 1, 2, 3).buffer, 1, 2);
    for (const bytes of [part, Buffer.from([1, 2])]) assert.deepEqual(across(bytes), Uint8Array.of(1, 2));
  });

  it('shares nothing with what went in', () => {
    const value = { list: [{ n: 1 }], bytes: Uint8Array.of(1) };
    const copy = across(value) as typeof value;
    value.list[0]!.n = 2;
    value.bytes[0] = 2;
    assert.deepEqual(copy, { list: [{ n: 1 }], bytes: Uint8Array.of(1) });
  });

  it('leaves out a key that holds undefined', () => {
    assert.deepEqual(Object.keys(across({ handled: 1, errno: undefined }) as object), ['handled']);
  });

  const circle: Record<string, unknown> = {};
  circle['again'] = circle;
  const REFUSED: readonly (readonly [unknown, RegExp])[] = [
    [NaN, /^it is NaN/],
    [Infinity, /^it is Infinity/],
    [-0, /^it is -0/],
    [0.5, /^it is 0.5/],
    [2 ** 53, /^it is 9007199254740992/],
    [-1n, /^it is -1n/],
    [1n << 64n, /^it is 18446744073709551616n/],
    [undefined, /^it is undefined/],
    [[1, undefined], /^it\[1\] is undefined/],
    [[1, , 2], /^it\[1\] is undefined/],
    [{ value: { call: () => 1 } }, /^it\.value\.call is a function/],
    [Symbol('s'), /^it is a symbol/],
    [{ [Symbol('s')]: 1 }, /^it is a symbol/],
    [new Map([[1, 2]]), /^it is a Map/],
    [{ on: new Date(0) }, /^it\.on is a Date/],
    [new (class Handle {})(), /^it is a Handle/],
    [new BigUint64Array(1), /^it is a BigUint64Array/],
    [Promise.resolve(1), /^it is a Promise/],
    [circle, /is nested too deep/],
  ];
  for (const [value, message] of REFUSED) {
    it(`refuses what ${String(message)}`, () => {
      assert.throws(() => toText(value, 'it'), TypeError, message);
    });
  }
});
