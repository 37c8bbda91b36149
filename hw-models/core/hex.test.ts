import { assert } from 'chai';
import * as fc from 'fast-check';
import { test } from 'node:test';

import { hex, parseHex } from '#hw-models/core/hex';

test('hex groups four digits from the right', () => {
  assert.deepEqual(
    [0n, 0x1008n, 0x8000_0000n, 0x1_2000_0000n].map((value) => hex(value)),
    ['0x0', '0x1008', '0x8000_0000', '0x1_2000_0000'],
  );
  assert.strictEqual(hex(0x12345), '0x1_2345');
});

test('hex fills up to the digits asked for', () => {
  assert.deepEqual([hex(0x24, 4), hex(1n, 5), hex(0x12345, 2)], ['0x0024', '0x0_0001', '0x1_2345']);
});

test('hex keeps a sign and refuses a fraction', () => {
  assert.strictEqual(hex(-0x10000n), '-0x1_0000');
  assert.throws(() => hex(0.5), RangeError);
});

test('parseHex reads what hex prints', () => {
  fc.assert(fc.property(fc.bigInt({ min: 0n }), fc.nat(40), (value, digits) => parseHex(hex(value, digits)) === value));
  assert.strictEqual(parseHex('0xDEAD_beef'), 0xdead_beefn);
});

test('parseHex refuses anything else', () => {
  for (const text of ['', '0x', '12', '0x_1', '0x1_', '0x1__2', '0xg', ' 0x1', '-0x1', '0x1\n']) {
    assert.throws(() => parseHex(text), SyntaxError, `${JSON.stringify(text)} is not a hexadecimal number`);
  }
});
