/**
 * The device directory of one IOMMU: as many levels as it takes, with tables built down to the contexts of the devices that are probed.
 * Tables stay until the end. A context that nobody set is not valid, and so is an entry that leads nowhere: neither is ever cached.
 */
import { done, ok, refuse, type Platform, type Result } from '#drivers/contract/driver';
import type { ViewOf } from '#hw-models/core/bits';
import { DC_WORDS, DdtEntry, DEVICE_INDEX_BITS } from '#hw-models/riscv-iommu/contexts';
import type { Ddtp } from '#hw-models/riscv-iommu/registers';
import type { Registers } from './mmio';

const PAGE = 4096n;
const WORD_BYTES = 8;

/** From the one with the most levels on. @spec RISCV-IOMMU "Device-directory-table pointer (ddtp)" */
const MODES = [
  { name: '3LVL', levels: 3 },
  { name: '2LVL', levels: 2 },
  { name: '1LVL', levels: 1 },
] as const;

/** Of a device context; the extended one has room for an MSI page table. */
type Format = keyof typeof DC_WORDS;

export class DeviceDirectory {
  readonly #platform: Platform;
  readonly #registers: Registers;
  readonly #format: Format;
  readonly #root: bigint;
  readonly #levels: number;

  private constructor(platform: Platform, registers: Registers, format: Format, root: bigint, levels: number) {
    this.#platform = platform;
    this.#registers = registers;
    this.#format = format;
    this.#root = root;
    this.#levels = levels;
  }

  /** An empty directory, in use: every device is blocked. `ENOMEM`; `ENODEV`: the IOMMU takes none; `ETIMEDOUT`. */
  static start(platform: Platform, registers: Registers): Result<DeviceDirectory> {
    const root = platform.pageAlloc({ order: 0, kind: 'device-table' });
    if (!root.ok) return root;
    platform.barrier();
    const levels = takenBy(registers, root.value);
    const format = registers.read('capabilities').MSI_FLAT ? 'extended' : 'base';
    if (levels.ok) return ok(new DeviceDirectory(platform, registers, format, root.value, levels.value));
    if (levels.errno !== 'ETIMEDOUT') platform.pageFree(root.value, 0);
    return levels;
  }

  /** The IOMMU lets nothing through any more. Refused when it does not say so. */
  turnOff(): Result<null> {
    const settled = this.#registers.waitFor('ddtp', { busy: false });
    if (!settled.ok) return settled;
    const off = setMode(this.#registers, 'Off', 0n);
    return off.ok ? done : off;
  }

  /** Gives the tables back. The IOMMU must not use them any more. */
  release(): void {
    this.#releaseBelow(this.#root, this.#levels - 1);
  }

  /** Where the context of a device id is, with the tables that lead there. `ENODEV`: the id is too wide. `ENOMEM`: tables that are there stay. */
  obtain(id: number): Result<bigint> {
    const indexes = this.#indexesOf(id);
    if (indexes === undefined) return refuse('ENODEV');
    let table = this.#root;
    for (let level = this.#levels - 1; level > 0; level--) {
      const next = this.#next(table + BigInt(indexes[level]! * WORD_BYTES));
      if (!next.ok) return next;
      table = next.value;
    }
    return ok(table + BigInt(indexes[0]! * DC_WORDS[this.#format] * WORD_BYTES));
  }

  #next(at: bigint): Result<bigint> {
    const { V, PPN } = DdtEntry.of(this.#platform.read64(at));
    if (V) return ok(BigInt(PPN) * PAGE);
    const table = this.#platform.pageAlloc({ order: 0, kind: 'device-table' });
    if (!table.ok) return table;
    // The IOMMU must not find in the table what was in its page before.
    this.#platform.barrier();
    this.#platform.write64(at, DdtEntry.encode({ PPN: Number(table.value / PAGE), V: true }));
    return table;
  }

  /** Of each level, the last first; undefined when the levels do not reach so far. */
  #indexesOf(id: number): readonly number[] | undefined {
    const indexes: number[] = [];
    let rest = id;
    for (const width of DEVICE_INDEX_BITS[this.#format].slice(0, this.#levels)) {
      indexes.push(rest % 2 ** width);
      rest = Math.floor(rest / 2 ** width);
    }
    return rest === 0 ? indexes : undefined;
  }

  #releaseBelow(table: bigint, level: number): void {
    for (let at = table; level > 0 && at < table + PAGE; at += BigInt(WORD_BYTES)) {
      const { V, PPN } = DdtEntry.of(this.#platform.read64(at));
      if (V) this.#releaseBelow(BigInt(PPN) * PAGE, level - 1);
    }
    this.#platform.pageFree(table, 0);
  }
}

/** The most levels that the IOMMU takes: a mode that it does not have reads back as another. */
function takenBy(registers: Registers, root: bigint): Result<number> {
  for (const { name, levels } of MODES) {
    const taken = setMode(registers, name, root);
    if (!taken.ok) return taken;
    if (taken.value === name) return ok(levels);
  }
  return refuse('ENODEV');
}

type Mode = ViewOf<typeof Ddtp>['iommu_mode'];

/** @returns The mode that acts. */
function setMode(registers: Registers, iommu_mode: Mode, root: bigint): Result<Mode> {
  registers.write('ddtp', { iommu_mode, PPN: Number(root / PAGE) });
  const settled = registers.waitFor('ddtp', { busy: false });
  return settled.ok ? ok(registers.read('ddtp').iommu_mode) : settled;
}
