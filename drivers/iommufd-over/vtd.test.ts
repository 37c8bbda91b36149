import { describe, it } from 'node:test';
import { Bench } from '#steps/bench/bench';
import { driver } from './vtd';

const READ_ONLY = [
  ['flags', 'FIXED_IOVA + READABLE'],
  ['ioas_id', 'I1'],
  ['user_va', 'P1'],
  ['length', '0x1000'],
  ['iova', '0x1_0000'],
];

describe('/dev/iommu above VT-d', () => {
  it('makes no nest parent of an address space with a read-only area, and leaves that as it was', async () => {
    const bench = new Bench(driver, 'eager');
    await bench.does(undefined, 'userIoctl', 'IOMMU_IOAS_ALLOC', [['out_ioas_id', 'I1']]);
    await bench.does(undefined, 'userBind', 1, 'D1');
    await bench.does(undefined, 'userAllocate', 'P1', 4096, true);
    await bench.does(undefined, 'userAttach', 'D1', 'I1');
    await bench.does(undefined, 'userIoctl', 'IOMMU_IOAS_MAP', READ_ONLY);
    bench.phase = 'when';
    const parent = [
      ['flags', 'NEST_PARENT'],
      ['dev_id', 'D1'],
      ['pt_id', 'I1'],
    ];
    await bench.does('EINVAL', 'userIoctl', 'IOMMU_HWPT_ALLOC', parent);
    await bench.accesses({ device: 1 }, 'read', 0x1_0000n);
    await bench.end();
  });
});
