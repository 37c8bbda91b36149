import { suite, test } from 'node:test';
import { assert } from 'chai';
import type { DriverModule, Result, Started } from '#drivers/contract/driver';
import type { DomainInfo, IommuDriver } from '#drivers/contract/iommu';
import { driver as riscv } from '#drivers/riscv/driver';
import { after, ok } from '#hw-models/core/result';
import { Bench } from '#steps/bench/bench';
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

/** What the driver says of its domains, but for some. */
const saying = (change: (info: DomainInfo) => DomainInfo): DriverModule =>
  over((driver) => ({
    domainInfo: (domain) => after(driver.domainInfo(domain), (info: Result<DomainInfo>) => (info.ok ? ok(change(info.value)) : info)),
  }));

/** A device that is bound, and an IOAS. */
async function scene(module: DriverModule): Promise<Bench> {
  const bench = new Bench(module, 'eager');
  await bench.does(undefined, 'userIoctl', 'IOMMU_IOAS_ALLOC', [['out_ioas_id', 'I1']]);
  await bench.does(undefined, 'userBind', 1, 'D1');
  return bench;
}

suite('a driver that is wrong', () => {
  test('and makes something else of a guest’s tables is not believed', async () => {
    const bench = await scene(saying((info) => (info.type === 'nested' ? { ...info, type: 'paging' } : info)));
    const on = (pt: string) =>
      [
        ['dev_id', 'D1'],
        ['pt_id', pt],
      ] as const;
    await bench.does(undefined, 'userIoctl', 'IOMMU_HWPT_ALLOC', [...on('I1'), ['flags', 'NEST_PARENT'], ['out_hwpt_id', 'H1']]);
    await bench.does('EOPNOTSUPP', 'userIoctl', 'IOMMU_HWPT_ALLOC', [...on('H1'), ['(guest)', '0x10_0000']]);
    await bench.end();
  });

  test('and has something to say of no type is not believed', async () => {
    const bench = await scene(over(() => ({ hwInfo: () => ok({ type: 0, data: new Uint8Array(8) }) })));
    await bench.does('EOPNOTSUPP', 'userIoctl', 'IOMMU_GET_HW_INFO', [['dev_id', 'D1']]);
    await bench.end();
  });
});

suite('a driver whose pages are larger than those of the processor', () => {
  test('gets no HWPT', async () => {
    const bench = await scene(saying((info) => ({ ...info, pageSizes: [0x1_0000n] })));
    await bench.does('EINVAL', 'userIoctl', 'IOMMU_HWPT_ALLOC', [
      ['dev_id', 'D1'],
      ['pt_id', 'I1'],
    ]);
    await bench.does('EINVAL', 'userAttach', 'D1', 'I1');
    assert.equal(bench.machine.resources.held().get('object:hwpt-paging') ?? 0, 0);
    await bench.end();
  });
});
