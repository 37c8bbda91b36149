/** No test: how the tests of this folder start the driver on a machine of its own. */
import type { IommuDescription, Result, Started } from '#drivers/contract/driver';
import type { UserData } from '#drivers/contract/iommu';
import type { Platform } from '#drivers/contract/platform';
import type { FaultEvent } from '#drivers/contract/upcalls';
import { HWPT_DATA, HwptRiscv } from '#drivers/contract/uapi';
import { bytesOf, callsOf, nestedOn, type Calls } from '#drivers/parts/testdata/booted';
import { Machine } from '#hw-models/core/machine';
import { Port } from '#hw-models/core/port';
import { done, refuse } from '#hw-models/core/result';
import type { Mode } from '#hw-models/core/sight';
import type { Capabilities } from '#hw-models/riscv-iommu/capabilities';
import { Tc } from '#hw-models/riscv-iommu/contexts';
import { riscvIommu } from '#hw-models/riscv-iommu/factory';
import { driver } from './driver';

export { alloc, answerOf, bytesOf, commandsOf, MEMORY, PA, probe, RW, valueOf } from '#drivers/parts/testdata/booted';

export interface Options {
  /** One IOMMU for each. */
  readonly parts?: readonly Partial<Capabilities>[];
  readonly mode?: Mode;
  readonly interrupts?: IommuDescription['interrupts'];
  /** Before the driver starts. */
  readonly before?: (port: Platform, machine: Machine) => void;
}

export interface Booted {
  readonly machine: Machine;
  readonly port: Port;
  readonly calls: Calls;
  readonly started: Started;
  readonly events: readonly FaultEvent[];
}

/** What a driver that does not start answers. */
export function startOf({ parts = [{}], mode = 'eager', interrupts = [], before }: Options): Booted | string {
  const machine = new Machine({ mode, cpus: 2, storeOrder: 'weak', snooped: true, iommus: parts.map((part) => riscvIommu(part)) });
  const port = new Port(machine);
  port.lockOf = driver.manifest.locks;
  before?.(port, machine);
  const events: FaultEvent[] = [];
  const reportEvent = (event: FaultEvent) => {
    events.push(event);
    return done;
  };
  const iommus = parts.map((_part, iommu) => ({ iommu, coherent: true, interrupts }));
  const started = driver.start(port, { iommus, upcalls: { reportEvent, reportPageFault: () => refuse('EOPNOTSUPP') } }) as Result<Started>;
  if (!started.ok) return `${started.errno}, ${machine.resources.held().size} kinds held`;
  machine.grants = { granted: () => true, mayPass: () => true };
  machine.arm();
  return { machine, port, calls: callsOf(started.value.iommu!, machine, port), started: started.value, events };
}

export function boot(options: Options = {}): Booted {
  const booted = startOf(options);
  if (typeof booted === 'string') throw new Error(booted);
  return booted;
}

/** A guest's context in user memory. */
export function guest({ machine }: Booted, values: Parameters<typeof HwptRiscv.encode>[0] = {}, length = 64): UserData {
  const address = machine.users.place(bytesOf(HwptRiscv.encode({ tc: Tc.encode({ V: true }), ...values }), 8).subarray(0, length));
  return { type: HWPT_DATA.RISCV_IOMMU, address, length };
}

export const allocNested = (booted: Booted, parent: number, values?: Parameters<typeof guest>[1]): number =>
  nestedOn(booted, parent, guest(booted, values));

/** Where a device's read goes. */
export function read({ machine }: Booted, device: number, iova: bigint): string {
  const outcome = machine.access(machine.requestersOf(device)[0]!, iova, 'read');
  return outcome.kind === 'translated' || outcome.kind === 'bypassed' ? `0x${outcome.pa.toString(16)}` : outcome.kind;
}

export const readBytes = (booted: Booted, device: number): string => read(booted, device, 8n);
