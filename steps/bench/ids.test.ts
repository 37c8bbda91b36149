import { before, describe, it } from 'node:test';
import { assert } from 'chai';
import { connect } from '#drivers/connect';
import type { DriverModule } from '#drivers/contract/driver';
import type { Bench } from './bench';
import { changed, READ_WRITE, verdictOf } from './small-driver';

const PAGE = { iova: 0x1000n, size: 0x1000n };
const PA = 0x8000_0000n;

/** Two devices whose requests carry one id, the first of them attached to A. */
async function aliased(bench: Bench): Promise<void> {
  for (const device of [1, 2]) await bench.device(device, { ids: [7], group: 7 });
  await bench.does(undefined, 'alloc', 'A', 1, 'paging');
  await bench.does(undefined, 'map', 'A', PAGE, PA, READ_WRITE);
  await bench.does(undefined, 'attach', 1, 'A');
}

describe('ids of devices', () => {
  let toy: DriverModule;
  before(async () => {
    toy = await connect('toy');
  });

  it('shared by two: both reach what one of them is granted', async () => {
    const { verdict, message } = await verdictOf(toy, async (bench) => {
      await aliased(bench);
      await bench.expectAccess({ device: 2 }, 'read', 0x1000n, PA);
    });
    assert.equal(verdict, 'kept', message);
  });

  it('shared by two: both lose it', async () => {
    const { verdict, message } = await verdictOf(toy, async (bench) => {
      await aliased(bench);
      await bench.does(undefined, 'unmap', 'A', PAGE);
      await bench.expectAccess({ device: 2 }, 'read', 0x1000n, 'faults');
      await bench.does(undefined, 'map', 'A', PAGE, PA, READ_WRITE);
      await bench.does(undefined, 'detach', 1, 'A');
      await bench.expectAccess({ device: 2 }, 'read', 0x1000n, 'faults');
    });
    assert.equal(verdict, 'kept', message);
  });

  it('shared by two: neither keeps it when the mapping goes and a cache keeps it', async () => {
    const { sanitizer, message } = await verdictOf(await connect('toy!unmap-without-invalidation'), async (bench) => {
      await aliased(bench);
      await bench.does(undefined, 'unmap', 'A', PAGE);
    });
    assert.equal(sanitizer, 'SAN-STALENESS', message);
  });

  it('of one device are all attached', async () => {
    // A driver that attaches the first id only.
    const first = changed(toy, {
      iommu: (driver) => ({ probeDevice: (device) => driver.probeDevice({ ...device, ids: device.ids.slice(0, 1) }) }),
    });
    const { verdict, message } = await verdictOf(first, async (bench) => {
      await bench.device(1, { ids: [7, 8] });
      await bench.does(undefined, 'alloc', 'A', 1, 'paging');
      await bench.does(undefined, 'map', 'A', PAGE, PA, READ_WRITE);
      await bench.does(undefined, 'attach', 1, 'A');
      await bench.expectAccess({ device: 1 }, 'read', 0x1000n, PA);
    });
    assert.equal(verdict, 'broken');
    assert.match(message ?? '', /^d1 \(id 0x8\) read of 0x1000: faults, expected reaches PA 0x80000000/);
  });

  it('of two devices are their own', async () => {
    const { verdict, message } = await verdictOf(toy, async (bench) => {
      await bench.device(2, { ids: [8], group: 7 });
      await aliased(bench);
      await bench.expectAccess({ device: 2 }, 'read', 0x1000n, 'faults');
    });
    assert.equal(verdict, 'kept', message);
  });
});
