import { describe, it } from 'node:test';
import { assert } from 'chai';
import { done, ok, type DriverModule, type Platform } from '#drivers/contract/driver';
import type { PageOwner } from '#drivers/contract/platform';
import type { Bench } from './bench';
import { smallDriver, verdictOf } from './small-driver';

const take = (platform: Platform, owner: PageOwner): bigint => {
  const page = platform.pageAlloc({ order: 0, owner, kind: 'page-table' });
  return page.ok ? page.value : 0n;
};

/** Takes a page for each domain and device, and gives it back at once, or only when the driver stops. */
function keeper(when: 'at once' | 'at stop'): DriverModule {
  return smallDriver((platform) => {
    const held = new Map<string, bigint>();
    const kept: bigint[] = [];
    const giveBack = (name: string) => {
      const page = held.get(name)!;
      held.delete(name);
      if (when === 'at once') platform.pageFree(page, 0);
      else kept.push(page);
      return done;
    };
    return {
      probeDevice: ({ device }) => (held.set(`d${device}`, take(platform, { kind: 'device', handle: device })), done),
      releaseDevice: (device) => giveBack(`d${device}`),
      domainAlloc: () => (held.set('A', take(platform, { kind: 'domain', handle: 7 })), ok(7)),
      domainFree: () => giveBack('A'),
      stop: () => (kept.forEach((page) => platform.pageFree(page, 0)), done),
    };
  });
}

const frees = async (bench: Bench): Promise<void> => {
  await bench.does(undefined, 'alloc', 'A', 1, 'paging');
  await bench.does(undefined, 'free', 'A');
};
const releases = (bench: Bench): Promise<void> => bench.does(undefined, 'release', 1);

describe('what is held for a domain or a device', () => {
  it('is given back by the call that ends it', async () => {
    for (const scene of [frees, releases]) assert.equal((await verdictOf(keeper('at once'), scene)).verdict, 'kept');
  });

  it('may not wait for stop', async () => {
    assert.match(
      (await verdictOf(keeper('at stop'), frees)).message ?? '',
      /^domainFree\(A\) answered, but 1 page:page-table that was taken for the domain is still held; at #\d+ .*page-table/,
    );
    assert.match(
      (await verdictOf(keeper('at stop'), releases)).message ?? '',
      /^releaseDevice\(d1\) answered, but 1 page:page-table that was taken for the device is still held/,
    );
  });

  it('is found at the call, and breaks the rule of that scenario', async () => {
    const { verdict, by, sanitizer } = await verdictOf(keeper('at stop'), frees);
    assert.deepEqual([verdict, by, sanitizer], ['broken', 'balance', 'SAN-BALANCE']);
  });
});
