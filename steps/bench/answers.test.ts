import { describe, it } from 'node:test';
import { assert } from 'chai';
import { connect } from '#drivers/connect';
import { done, ok, type DriverModule, type Surroundings } from '#drivers/contract/driver';
import type { IommuDriver } from '#drivers/contract/iommu';
import { Bench } from './bench';
import type { Setup } from './machines';
import { smallDriver, verdictOf } from './small-driver';

const answering = (method: keyof IommuDriver, answer: unknown) => smallDriver(() => ({ domainAlloc: () => ok(1), [method]: () => answer }));
const allocates = (bench: Bench): Promise<void> => bench.does(undefined, 'alloc', 'A', 1, 'paging');
const unmaps = (bench: Bench): Promise<void> => bench.does(undefined, 'unmap', 'A', { iova: 0x1000n, size: 0x1000n });

const GARBAGE: readonly (readonly [keyof IommuDriver, (bench: Bench) => Promise<void>, unknown, RegExp])[] = [
  ['domainAlloc', allocates, undefined, /answered undefined/],
  ['domainAlloc', allocates, { ok: 'yes' }, /ok is no result with a handle/],
  ['domainAlloc', allocates, { ok: false, errno: 'EWRONG' }, /errno is no result/],
  ['domainAlloc', allocates, ok(1n), /value is no result with a handle/],
  ['domainAlloc', allocates, ok(0), /no handle/],
  ['domainAlloc', allocates, ok(-1), /below 0/],
  ['domainAlloc', allocates, ok(0.5), /no whole number/],
  ['domainAlloc', allocates, ok(NaN), /value is no result with a handle/],
  ['domainAlloc', allocates, ok(2 ** 32), /more than 32 bits/],
  [
    'domainAlloc',
    allocates,
    {
      get ok() {
        throw new Error('not ready');
      },
    },
    /answered what throws when it is looked at: not ready/,
  ],
  ['unmap', unmaps, ok(4096), /value is no result with a bigint/],
  ['unmap', unmaps, ok(-4096n), /below 0/],
  ['unmap', unmaps, ok(2n ** 64n), /more than 64 bits/],
];

describe('an answer', () => {
  for (const [method, scene, answer, message] of GARBAGE) {
    it(`of ${method} that is ${String(message)} is a fault of the driver`, async () => {
      const verdict = await verdictOf(answering(method, answer), scene);
      assert.deepEqual([verdict.verdict, verdict.by], ['broken', 'step']);
      assert.match(verdict.message ?? '', message);
    });
  }

  for (const name of ['TypeError', 'NotModelled', 'Violation']) {
    it(`is not given by a driver that throws what it calls ${name}`, async () => {
      const throws = smallDriver(() => ({
        domainAlloc: () => {
          throw Object.assign(new Error('no'), { name });
        },
      }));
      const { verdict, message } = await verdictOf(throws, allocates);
      assert.deepEqual([verdict, message], ['broken', `domainAlloc(A: paging, for d1) threw ${name}: no`]);
    });
  }

  it('may come later by anything that has a then', async () => {
    const thenable = { then: (resolve: (answer: unknown) => void) => resolve(ok(1)) };
    assert.equal(
      (
        await verdictOf(
          smallDriver(() => ({ domainAlloc: () => thenable as never, domainFree: () => done })),
          allocates,
        )
      ).verdict,
      'kept',
    );
  });
});

describe('what start is given', () => {
  const given = async (module: DriverModule, setup: Partial<Setup>): Promise<Surroundings[]> => {
    const seen: Surroundings[] = [];
    const spy: DriverModule = {
      ...module,
      start: (platform, surroundings) => (seen.push(surroundings), module.start(platform, surroundings)),
    };
    const bench = new Bench(spy, 'eager');
    bench.configure(setup);
    await bench.start();
    return seen;
  };

  it('names every IOMMU of the machine', async () => {
    const [{ iommus, backEnd } = assert.fail()] = await given(
      smallDriver(() => ({})),
      { iommus: 3 },
    );
    assert.deepEqual(
      iommus.map(({ iommu, coherent }) => [iommu, coherent]),
      [
        [0, true],
        [1, true],
        [2, true],
      ],
    );
    assert.isUndefined(backEnd);
  });

  it('names none where the scene plays the back end', async () => {
    const [{ iommus, backEnd } = assert.fail()] = await given(await connect('pkvm'), { scripted: true });
    assert.deepEqual(iommus, []);
    assert.isDefined(backEnd);
  });
});

describe('what start answers', () => {
  it('has every method of the interfaces that the manifest names', async () => {
    const module = smallDriver(() => ({}));
    const partial = { ...module, start: () => ok({ iommu: { attach: () => done } as unknown as IommuDriver, stop: () => done }) };
    assert.match((await verdictOf(partial, allocates)).message ?? '', /start answered without iommu\.probeDevice$/);
  });
});
