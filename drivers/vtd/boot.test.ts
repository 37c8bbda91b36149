/** No test: how the tests of this folder start the driver on a machine of its own. */
import type { IommuDescription, Result, Started } from '#drivers/contract/driver';
import type { UserData } from '#drivers/contract/iommu';
import type { Platform } from '#drivers/contract/platform';
import type { FaultEvent, PageFault } from '#drivers/contract/upcalls';
import { HWPT_DATA, HwptVtdS1 } from '#drivers/contract/uapi';
import { bytesOf, callsOf, nestedOn, type Calls } from '#drivers/parts/testdata/booted';
import { Machine } from '#hw-models/core/machine';
import { Port } from '#hw-models/core/port';
import { done } from '#hw-models/core/result';
import type { Mode } from '#hw-models/core/sight';
import { capabilities, type Capabilities } from '#hw-models/vtd/capabilities';
import { VtdIommu } from '#hw-models/vtd/iommu';
import { driver } from './driver';

export { alloc, answerOf, bytesOf, commandsOf, MEMORY, PA, probe, RW, valueOf } from '#drivers/parts/testdata/booted';

export interface Options {
  /** One IOMMU for each. */
  readonly parts?: readonly Partial<Capabilities>[];
  readonly mode?: Mode;
  readonly snooped?: boolean;
  /** How devices answer. */
  readonly endpoints?: ConstructorParameters<typeof VtdIommu>[2];
  readonly interrupts?: IommuDescription['interrupts'];
  /** Before the driver starts. */
  readonly before?: (port: Platform, machine: Machine) => void;
}

export interface Booted {
  readonly machine: Machine;
  readonly port: Port;
  readonly calls: Calls;
  readonly started: Started;
  readonly events: FaultEvent[];
  readonly pageFaults: PageFault[];
}

/** What a driver that does not start answers. */
export function startOf({ parts = [{}], mode = 'eager', interrupts = [], snooped = true, endpoints, before }: Options): Booted | string {
  const machine = new Machine({
    mode,
    cpus: 2,
    storeOrder: 'program',
    snooped,
    iommus: parts.map((part) => (bus) => new VtdIommu(bus, capabilities(part), endpoints)),
  });
  const port = new Port(machine);
  port.lockOf = driver.manifest.locks;
  before?.(port, machine);
  const events: FaultEvent[] = [];
  const reportEvent = (event: FaultEvent) => {
    events.push(event);
    return done;
  };
  const pageFaults: PageFault[] = [];
  const reportPageFault = (fault: PageFault) => {
    pageFaults.push(fault);
    return done;
  };
  const iommus = parts.map((_part, iommu) => ({ iommu, coherent: snooped, interrupts }));
  const started = driver.start(port, { iommus, upcalls: { reportEvent, reportPageFault } }) as Result<Started>;
  if (!started.ok) return `${started.errno}, ${machine.resources.held().size} kinds held`;
  machine.grants = { granted: () => true, mayPass: () => true };
  machine.arm();
  return { machine, port, calls: callsOf(started.value.iommu!, machine, port), started: started.value, events, pageFaults };
}

export function boot(options: Options = {}): Booted {
  const booted = startOf(options);
  if (typeof booted === 'string') throw new Error(booted);
  return booted;
}

/** A guest's first stage in user memory. */
export function guest({ machine }: Booted, values: Parameters<typeof HwptVtdS1.encode>[0] = {}, length = 24): UserData {
  const address = machine.users.place(bytesOf(HwptVtdS1.encode({ addr_width: 48, ...values }), 3).subarray(0, length));
  return { type: HWPT_DATA.VTD_S1, address, length };
}

export const allocNested = (booted: Booted, parent: number, values?: Parameters<typeof guest>[1]): number =>
  nestedOn(booted, parent, guest(booted, values));

/** Where a device's access goes, or why it does not. */
export function reach({ machine }: Booted, device: number, iova: bigint, access: 'read' | 'write' = 'read', pasid?: number): string {
  const outcome = machine.access(machine.requestersWith(device, pasid)[0]!, iova, access);
  if (outcome.kind === 'translated' || outcome.kind === 'bypassed') return `0x${outcome.pa.toString(16)}`;
  return outcome.kind === 'faulted' ? outcome.fault.cause : outcome.kind;
}

export const readBytes = (booted: Booted, device: number): string => reach(booted, device, 8n);
