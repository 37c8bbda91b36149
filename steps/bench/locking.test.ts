import { describe, it } from 'node:test';
import { assert } from 'chai';
import type { Platform } from '#drivers/contract/driver';
import { done, ok } from '#hw-models/core/result';
import { Control, MAP } from '#hw-models/toy/layouts';
import type { Bench } from './bench';
import { smallDriver, verdictOf, type Methods } from './small-driver';

/** A directory of the driver, protected by a lock once somebody else may see it; `touch` is what an attach does to it. */
function directoryDriver(touch: (platform: Platform, directory: bigint) => void): Parameters<typeof verdictOf>[0] {
  const methods = (platform: Platform): Methods => {
    const page = platform.pageAlloc({ order: 0, kind: 'device-table' });
    assert(page.ok);
    // Before `start` has answered nobody else can see it.
    platform.write64(page.value, 0n);
    return {
      domainAlloc: () => ok(1),
      attach: () => {
        touch(platform, page.value);
        return done;
      },
      detach: () => done,
      domainFree: () => done,
      stop: () => {
        platform.pageFree(page.value, 0);
        return done;
      },
    };
  };
  return smallDriver(methods, { locks: { 'device-table': 'devices' } });
}

async function scene(bench: Bench): Promise<void> {
  await bench.does(undefined, 'alloc', 'A', 1, 'paging');
  await bench.does(undefined, 'attach', 1, 'A');
}

async function found(touch: (platform: Platform, directory: bigint) => void): Promise<string> {
  const { verdict, by, sanitizer, message = '' } = await verdictOf(directoryDriver(touch), scene);
  assert.deepEqual([verdict, by, sanitizer], ['broken', 'locking', 'SAN-LOCKING'], message);
  return message;
}

const isKept = async (touch: (platform: Platform, directory: bigint) => void): Promise<void> =>
  assert.equal((await verdictOf(directoryDriver(touch), scene)).verdict, 'kept');

describe('SAN-LOCKING: a structure that a lock protects is stored to under that lock', () => {
  it('finds a store without the lock, and names the store, the structure and the lock', async () => {
    const message = await found((platform, directory) => platform.write64(directory + 8n, 7n));
    assert.match(message, /^store to the device-table page at 0x1000_0008 without lock "devices"; at #\d+ cpu0 write 0x1000_0008 = 0x7$/);
  });

  it('finds a store of a part of a word, and one after the lock was given back', async () => {
    assert.include(await found((platform, directory) => platform.write8(directory, 1)), 'without lock "devices"');
    const late = await found((platform, directory) => {
      platform.lock('devices');
      platform.unlock('devices');
      platform.write32(directory, 1);
    });
    assert.include(late, 'without lock "devices"');
  });

  it('finds a store to a structure that the hardware was shown in the same call', async () => {
    const message = await found((platform) => {
      const page = platform.pageAlloc({ order: 0, kind: 'device-table' });
      assert(page.ok);
      platform.write64(page.value + 8n, 7n);
      platform.mmioWrite64(0, MAP.control.at, Control.encode({ table: page.value >> 12n, enable: true }));
      platform.write64(page.value + 40n, 7n);
    });
    assert.match(message, /^store to the device-table page at 0x1000_1028 without lock "devices"/);
  });

  it('finds a lock that start or stop leaves taken', async () => {
    const { sanitizer, message } = await verdictOf(
      smallDriver((platform) => {
        platform.lock('devices');
        return {};
      }),
      scene,
    );
    assert.deepEqual([sanitizer, message?.split(';')[0]], ['SAN-LOCKING', 'start returned with lock "devices" held']);
    const stopping = await verdictOf(
      smallDriver((platform) => ({
        domainAlloc: () => ok(1),
        attach: () => done,
        detach: () => done,
        domainFree: () => done,
        stop: () => {
          platform.lock('devices');
          return done;
        },
      })),
      scene,
    );
    assert.equal(stopping.sanitizer, 'SAN-LOCKING');
  });

  it('finds a lock that is taken twice, given back by who does not hold it, or held at the end of a call', async () => {
    const twice = await found((platform) => {
      platform.lock('devices');
      platform.lock('devices');
    });
    assert.include(twice, 'it would wait for itself');
    assert.include(await found((platform) => platform.unlock('devices')), 'which does not hold it');
    assert.include(await found((platform) => platform.lock('devices')), 'attach(d1, A) returned with lock "devices" held');
  });

  it('lets a store be under the lock', () =>
    isKept((platform, directory) => {
      platform.lock('devices');
      platform.write64(directory, 7n);
      platform.unlock('devices');
    }));

  it('lets a queue without a lock be, whose stores are atomic', () =>
    isKept((platform, directory) => {
      platform.cmpxchg64(directory, 0n, 7n);
      platform.fetchOr64(directory, 8n);
      platform.fetchAnd64(directory, 8n);
    }));

  it('lets a structure be filled in the call that takes it, before anybody can see it', () =>
    isKept((platform) => {
      const page = platform.pageAlloc({ order: 0, kind: 'device-table' });
      assert(page.ok);
      platform.write64(page.value, 7n);
      platform.pageFree(page.value, 0);
    }));

  it('lets structures be that no lock is declared for', () =>
    isKept((platform) => {
      const page = platform.pageAlloc({ order: 0, kind: 'page-table' });
      assert(page.ok);
      platform.write64(page.value, 7n);
      platform.pageFree(page.value, 0);
    }));
});
