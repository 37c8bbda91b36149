import { suite, test } from 'node:test';
import { assert } from 'chai';
import type { DriverModule, Result, Started } from '#drivers/contract/driver';
import type { IommuDriver } from '#drivers/contract/iommu';
import { driver as riscv } from '#drivers/riscv/driver';
import { ok, refuse } from '#hw-models/core/result';
import { Bench } from '#steps/bench/bench';
import { sweep } from '#steps/bench/replays';
import { act } from '#steps/bench/verbs';
import { iommufdOver } from './driver';

/** /dev/iommu above the driver with some methods replaced. */
const over = (change: (driver: IommuDriver) => Partial<IommuDriver>): DriverModule =>
  iommufdOver({
    ...riscv,
    start: (platform, surroundings) => {
      const started = riscv.start(platform, surroundings) as Result<Started>;
      if (!started.ok) return started;
      const iommu = started.value.iommu!;
      return ok({ ...started.value, iommu: { ...iommu, ...change(iommu) } });
    },
  });

const MAPPING = [
  ['flags', 'FIXED_IOVA + READABLE + WRITEABLE'],
  ['ioas_id', 'I1'],
  ['user_va', 'P1'],
  ['length', '0x2000'],
  ['iova', '0x1_0000'],
];
const UNMAPPING = [
  ['ioas_id', 'I1'],
  ['iova', '0x1_0000'],
  ['length', '0x2000'],
];

/** A device that is attached to an IOAS with 8 KiB of user memory. */
async function scene(module: DriverModule): Promise<Bench> {
  const bench = new Bench(module, 'eager');
  await bench.does(undefined, 'userIoctl', 'IOMMU_IOAS_ALLOC', [['out_ioas_id', 'I1']]);
  await bench.does(undefined, 'userBind', 1, 'D1');
  await bench.does(undefined, 'userAllocate', 'P1', 8192, true);
  await bench.does(undefined, 'userAttach', 'D1', 'I1');
  await bench.does(undefined, 'userIoctl', 'IOMMU_IOAS_MAP', MAPPING);
  await bench.accesses({ device: 1 }, 'write', 0x1_0000n);
  bench.phase = 'when';
  return bench;
}

/** What a step comes to. */
async function found(run: () => unknown): Promise<string> {
  try {
    await run();
    return 'nothing';
  } catch (error) {
    return (error as Error).message;
  }
}

suite('a driver below /dev/iommu', () => {
  test('is granted what the user maps, and nothing is left at the end', async () => {
    const bench = await scene(over(() => ({})));
    await bench.user.expectAccess({ device: 1 }, 'read', 0x1_1008n, 'P1 + 0x1008');
    await bench.does(undefined, 'userIoctl', 'IOMMU_IOAS_UNMAP', UNMAPPING);
    await bench.expectAccess({ device: 1 }, 'read', 0x1_1008n, 'faults');
    await bench.end();
  });

  test('is asked for mappings that see what the processors’ caches hold', async () => {
    const asked: boolean[] = [];
    const module = over((driver) => ({
      map: (domain, mapping) => {
        asked.push(mapping.prot.coherent);
        return driver.map(domain, mapping);
      },
    }));
    await scene(module);
    assert.deepEqual([...new Set(asked)], [true]);
  });

  test('is found when it leaves what was unmapped', async () => {
    const bench = await scene(over(() => ({ unmap: (_domain, _iova, size) => ok(size) })));
    assert.match(await found(() => bench.does(undefined, 'userIoctl', 'IOMMU_IOAS_UNMAP', UNMAPPING)), /^d1 .*reach/);
  });

  test('is found when it maps something else', async () => {
    const module = over((driver) => ({ map: (domain, { pa, ...rest }) => driver.map(domain, { ...rest, pa: pa + 0x10_0000n }) }));
    assert.match(await found(() => scene(module)), /0x1_0|0x10/);
  });

  test('is found when it is refused and has changed something', async () => {
    const module = over((driver) => ({
      map: (domain, mapping) => {
        driver.map(domain, mapping) as Result<null>;
        return refuse('ENOMEM');
      },
    }));
    assert.match(await found(() => scene(module)), /map\(domain 1, .*\) was refused, but/);
  });

  test('is found when it throws', async () => {
    const module = over(() => ({
      attach: () => {
        throw new Error('no such thing');
      },
    }));
    assert.match(await found(() => scene(module)), /^attach\(d1, domain 1\) threw Error: no such thing/);
  });

  test('gives everything back, whichever allocation fails', async () => {
    const bench = await scene(over(() => ({})));
    await bench.does(undefined, 'userIoctl', 'IOMMU_IOAS_UNMAP', UNMAPPING);
    await sweep(bench, act('userIoctl', 'IOMMU_IOAS_MAP', MAPPING), 'allocation fails');
    await bench.end();
  });
});

suite('a /dev/iommu that is refused', () => {
  test('is found when devices reach something else than before', async () => {
    const state = { count: 0 };
    // The second domain does not take the mapping, and the first does not let it go again.
    const module = over((driver) => ({
      map: (domain, mapping) => (++state.count > 2 ? refuse('ENOMEM') : driver.map(domain, mapping)),
      unmap: (domain, iova, size) => (state.count > 2 ? refuse('EINVAL') : driver.unmap(domain, iova, size)),
    }));
    const bench = await scene(module);
    await bench.does(undefined, 'userIoctl', 'IOMMU_HWPT_ALLOC', [
      ['dev_id', 'D1'],
      ['pt_id', 'I1'],
    ]);
    const another = MAPPING.map(([member, value]) => [member!, member === 'iova' ? '0x5_0000' : value!]);
    state.count = 1;
    assert.match(
      await found(() => bench.does('any', 'userIoctl', 'IOMMU_IOAS_MAP', another)),
      /IOMMU_IOAS_MAP was refused with ENOMEM, but devices reach/,
    );
  });
});
