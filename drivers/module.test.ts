import { describe, it } from 'node:test';
import { assert } from 'chai';
import { smallDriver } from '#steps/bench/small-driver';
import { checkModule } from './module';

const driver = smallDriver(() => ({}), { locks: { queue: 'q' } });
const { manifest } = driver;

describe('what a file exports', () => {
  it('is a driver when it says all of itself', () => {
    const { manifest: read, start } = checkModule('./my.ts', { driver });
    assert.deepEqual(read, manifest);
    assert.isFunction(start);
  });

  for (const [what, exported, message] of [
    ['no driver', {}, /^\.\/my\.ts: driver: /],
    ['no start', { driver: { manifest } }, /driver\.start: /],
    ['an unknown profile', { driver: { ...driver, manifest: { ...manifest, profile: 'none' } } }, /driver\.manifest\.profile: .*"toy"/],
    ['no interface', { driver: { ...driver, manifest: { ...manifest, implements: [] } } }, /driver\.manifest\.implements: /],
    [
      'a capability without answer',
      { driver: { ...driver, manifest: { ...manifest, supports: {} } } },
      /driver\.manifest\.supports\.paging: /,
    ],
    [
      'a lock of no kind of page',
      { driver: { ...driver, manifest: { ...manifest, locks: { queues: 'q' } } } },
      /driver\.manifest\.locks\.queues: /,
    ],
    [
      'a lock without a name',
      { driver: { ...driver, manifest: { ...manifest, locks: { queue: '' } } } },
      /locks\.queue: a lock has a name$/,
    ],
    [
      'pages that it would like to keep',
      { driver: { ...driver, manifest: { ...manifest, permanent: { queue: 'PKVM-MEM-10' } } } },
      /driver\.manifest\.permanent: /,
    ],
  ] as const) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => checkModule('./my.ts', exported), message);
    });
  }
});
