import { describe, it } from 'node:test';
import { assert } from 'chai';
import { done, ok, refuse, type DriverModule, type Platform } from '#drivers/contract/driver';
import type { Capability } from '#drivers/contract/manifest';
import type { Bench } from './bench';
import { race, sweep } from './replays';
import { smallDriver, verdictOf, READ_WRITE, type Methods } from './small-driver';
import { act } from './verbs';

/** One device, one domain at a time; nothing happens to hardware that is off. */
function exclusive(platform: Platform): Methods {
  let next = 1;
  let attached = 0;
  const locked = <T>(body: () => T): T => {
    platform.lock('l');
    const answer = body();
    platform.unlock('l');
    return answer;
  };
  return {
    domainAlloc: () => ok(next++),
    domainFree: () => done,
    attach: (_device, domain) => locked(() => (attached === 0 ? ((attached = domain), done) : refuse('EBUSY'))),
    detach: () => ((attached = 0), done),
  };
}

const later = (methods: Methods): Methods => ({
  ...methods,
  domainAlloc: async (spec) => methods.domainAlloc!(spec),
  attach: async (...given) => methods.attach!(...given),
});

const driver = (methods: (platform: Platform) => Methods, ...supports: Capability[]): DriverModule =>
  smallDriver(methods, { supports: ['paging', ...supports] });

const raced = async (bench: Bench): Promise<void> => {
  await bench.does(undefined, 'alloc', 'A', 1, 'paging');
  await bench.does(undefined, 'alloc', 'B', 1, 'paging');
  await race(bench, act('attach', 1, 'A'), act('attach', 1, 'B'), 1);
};

describe('a race', () => {
  it('is run where the driver says that it can be, and answers at once', async () => {
    assert.deepEqual(await verdictOf(driver(exclusive, 'two-cpus'), raced), { verdict: 'kept' });
  });

  it('is not tested where the driver says that it cannot be, and answers later', async () => {
    const { verdict, message } = await verdictOf(
      driver((platform) => later(exclusive(platform))),
      raced,
    );
    assert.deepEqual([verdict, message], ['not-tested', 'two-cpus: this form of driver cannot be interrupted inside a call']);
  });

  it('is not escaped by saying that it cannot be, and answering at once', async () => {
    const { verdict, message } = await verdictOf(driver(exclusive), raced);
    assert.deepEqual([verdict, message], ['broken', 'small says that it does not offer two-cpus, but it answers at once']);
  });

  it('is not claimed by a driver that answers later', async () => {
    const { verdict, message } = await verdictOf(
      driver((platform) => later(exclusive(platform)), 'two-cpus'),
      raced,
    );
    assert.equal(verdict, 'broken');
    assert.match(message ?? '', /^small says that it offers two-cpus, but attach\(d1, B\) inside another call is answered later/);
  });
});

describe('a sweep', () => {
  const sweeps = async (bench: Bench): Promise<void> => {
    await bench.does(undefined, 'alloc', 'A', 1, 'paging');
    await sweep(bench, act('map', 'A', { iova: 0x1000n, size: 0x1000n }, 0x8000_0000n, READ_WRITE));
  };

  it('ends with the call accepted, when nothing runs out', async () => {
    const maps = driver((platform) => ({ ...exclusive(platform), map: () => done }));
    assert.deepEqual(await verdictOf(maps, sweeps), { verdict: 'kept' });
  });

  it('does not pass for a driver that refuses the call anyway', async () => {
    const { verdict, message } = await verdictOf(
      driver((platform) => ({ ...exclusive(platform), map: () => refuse('EINVAL') })),
      sweeps,
    );
    assert.equal(verdict, 'broken');
    assert.match(message ?? '', /^map\(A, .*\) was refused with EINVAL although nothing ran out/);
  });
});
