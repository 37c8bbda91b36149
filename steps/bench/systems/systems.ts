/** The architectures that scenes say more of than that they have domains and devices. */
import type { DeviceDescription } from '#drivers/contract/iommu';
import type { Hardware } from '#drivers/contract/manifest';
import type { Bench } from '../bench';
import type { Part } from '../machines';
import { NotApplicable, NotTested } from '../outcomes';
import type { GuestArray } from '../user-data';
import { RISCV } from './riscv';
import { saidOf, type Lack, type Rows, type System } from './system';
import { VTD } from './vtd';

const SYSTEMS: Readonly<Partial<Record<Hardware, System>>> = { riscv: RISCV, vtd: VTD };

/** The architecture that a driver is for. */
export function systemOf({ module }: Bench): System {
  const { hardware } = module.manifest;
  const system = SYSTEMS[hardware];
  if (system === undefined) throw new NotTested(`the steps know no structures of ${hardware} hardware`);
  return system;
}

/** Where a device is to be, if the architecture can have it there. */
export function possible(bench: Bench, place: Partial<DeviceDescription>): Partial<DeviceDescription> {
  if (place.coherent === false && systemOf(bench).snoops)
    throw new NotApplicable(`every device behind ${bench.module.manifest.hardware} hardware sees what caches hold`);
  return place;
}

/** An IOMMU without something. */
export function partWithout(bench: Bench, lack: Lack): Part {
  const part = systemOf(bench).without[lack];
  if (part === undefined) throw new NotApplicable(`${bench.module.manifest.hardware} hardware cannot be told to lack its ${lack}`);
  return part;
}

/** An array as a table has it: one entry in each row, and what the caller says of it in brackets, such as `(entries)`. */
export function arrayOf(system: System, rows: Rows): GuestArray {
  const { type, length } = system.invalidation;
  const { data, rest } = saidOf({ type, bytes: [], length }, rows);
  const entries = rest.filter(([name]) => name !== ENTRIES).map((cells) => system.entry(cells));
  const said = rest.find(([name]) => name === ENTRIES)?.[1];
  return { data: { ...data, bytes: entries.flat() }, entries: said === undefined ? entries.length : Number(said), length: data.length! };
}

const ENTRIES = '(entries)';
