/** A guest of the process that uses /dev/iommu: memory of the user at its GPAs, tables in it, and a HWPT for them on a nest parent. */
import type { Bench } from './bench';
import type { Rows } from './systems/system';

const BYTES = 0x1_0000;
const MEMORY = 0x10_0000n;
/** Where its tables lead first, behind themselves. */
const FIRST = { iova: 0x1000n, gpa: MEMORY + 0x8000n, above: 0 } as const;

/** What the scene asks for of it, by name. */
export interface Guest {
  /** Its HWPT. The nest parent has the same number, and the letter N. */
  readonly hwpt: string;
  readonly ioas: string;
  readonly device: string;
  readonly memory: string;
}

/** 64 KiB at GPA 0x10_0000, which begin with tables: 0x1000 leads to GPA 0x10_8000. */
export async function userGuest(bench: Bench, { hwpt, ioas, device, memory }: Guest): Promise<void> {
  const parent = hwpt.replace(/^[A-Z]/, 'N');
  const make = (on: string, name: string, row: readonly string[]): Rows => [['dev_id', device], ['pt_id', on], row, ['out_hwpt_id', name]];
  await bench.does(undefined, 'userAllocate', memory, BYTES, true);
  await bench.does(undefined, 'userIoctl', 'IOMMU_IOAS_MAP', [
    ['flags', 'FIXED_IOVA + READABLE + WRITEABLE'],
    ['ioas_id', ioas],
    ['user_va', memory],
    ['length', `${BYTES}`],
    ['iova', `${MEMORY}`],
  ]);
  await bench.does(undefined, 'userGuestMaps', FIRST, memory, MEMORY);
  await bench.does(undefined, 'userIoctl', 'IOMMU_HWPT_ALLOC', make(ioas, parent, ['flags', 'NEST_PARENT']));
  await bench.does(undefined, 'userIoctl', 'IOMMU_HWPT_ALLOC', make(parent, hwpt, ['(guest)', `${MEMORY}`]));
}
