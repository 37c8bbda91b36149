import { assert } from 'chai';
import { test } from 'node:test';

import { ERRNOS, ERRNO_NUMBERS, after, done, errnoNamed, isErrno, isPromise, ok, refuse } from '#hw-models/core/result';
import type { Answer, Result } from '#hw-models/core/result';

test('a result is a plain object', () => {
  assert.deepEqual(ok(5), { ok: true, value: 5 });
  assert.deepEqual(done, { ok: true, value: null });
  assert.deepEqual(refuse('EBUSY'), { ok: false, errno: 'EBUSY' });
});

test('done is shared, so it cannot be changed', () => {
  assert.isFrozen(done);
});

test('errno names and numbers belong together', () => {
  assert.strictEqual(ERRNOS.length, 23);
  assert.strictEqual(new Set(Object.values(ERRNO_NUMBERS)).size, ERRNOS.length);
  for (const name of ERRNOS) assert.deepEqual([errnoNamed(ERRNO_NUMBERS[name]), errnoNamed(-ERRNO_NUMBERS[name])], [name, name]);
  assert.deepEqual([errnoNamed(0), errnoNamed(4)], [undefined, undefined]);
  assert.deepEqual(['EINVAL', 'EWOULDBLOCK', 'toString'].map(isErrno), [true, false, false]);
});

test('after stays synchronous for a synchronous answer', () => {
  const answer: Answer<number> = ok(1);
  assert.deepEqual(
    after(answer, (result) => (result.ok ? ok(result.value + 1) : result)),
    { ok: true, value: 2 },
  );
});

test('after waits for a promise, of any realm', async () => {
  const later: Answer<number> = Promise.resolve(ok(1));
  const next = after(later, (result: Result<number>): Result<number> => (result.ok ? refuse('EIO') : result));
  assert.isTrue(isPromise(next));
  assert.deepEqual(await next, { ok: false, errno: 'EIO' });
  const foreign = { then: (resolve: (value: number) => void) => resolve(3) } as unknown as Promise<number>;
  assert.isTrue(isPromise(foreign));
  assert.deepEqual([isPromise(null), isPromise('then'), isPromise(ok(1))], [false, false, false]);
});
