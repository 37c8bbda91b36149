import { assert } from 'chai';
import { test } from 'node:test';

import { ModelBug, NotModelled, UnspecifiedBehaviour, unreachable } from '#hw-models/core/errors';

test('NotModelled names the feature', () => {
  const error = new NotModelled('ATS', 'STE.EATS');
  assert.strictEqual(error.message, 'not modelled: ATS, in STE.EATS');
  assert.strictEqual(new NotModelled('ATS').message, 'not modelled: ATS');
  assert.deepEqual([error.feature, error.name], ['ATS', 'NotModelled']);
});

test('UnspecifiedBehaviour names what software did', () => {
  const error = new UnspecifiedBehaviour('32-bit read at 0x0ffc', 'no register is there');
  assert.strictEqual(error.message, 'unspecified behaviour: 32-bit read at 0x0ffc, no register is there');
  assert.deepEqual([error.act, error.name], ['32-bit read at 0x0ffc', 'UnspecifiedBehaviour']);
});

test('the three errors are told apart', () => {
  const errors = [new ModelBug('x'), new NotModelled('x'), new UnspecifiedBehaviour('x')];
  assert.deepEqual(
    errors.map((error) => [error instanceof ModelBug, error instanceof NotModelled, error instanceof UnspecifiedBehaviour]),
    [
      [true, false, false],
      [false, true, false],
      [false, false, true],
    ],
  );
});

test('unreachable shows what came', () => {
  assert.throws(() => unreachable({ kind: 'odd', pa: 1n } as never), ModelBug, 'no case for {"kind":"odd","pa":"1n"}');
  assert.throws(() => unreachable(undefined as never), ModelBug, 'no case for undefined');
});
