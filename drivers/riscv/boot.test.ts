/** No test: how the tests of this folder start the driver on a machine of its own. */
import { assert } from 'chai';
import type { IommuDescription, Result, Started } from '#drivers/contract/driver';
import type { DeviceDescription, DomainSpec, IommuDriver, UserData } from '#drivers/contract/iommu';
import type { Platform } from '#drivers/contract/platform';
import type { FaultEvent } from '#drivers/contract/upcalls';
import { HWPT_DATA, HwptRiscv } from '#drivers/contract/uapi';
import { toWords } from '#hw-models/core/bits';
import { Machine } from '#hw-models/core/machine';
import { Port } from '#hw-models/core/port';
import { done, refuse } from '#hw-models/core/result';
import type { Mode } from '#hw-models/core/sight';
import type { Capabilities } from '#hw-models/riscv-iommu/capabilities';
import { Tc } from '#hw-models/riscv-iommu/contexts';
import { riscvIommu } from '#hw-models/riscv-iommu/factory';
import { driver } from './driver';

/** A driver that answers at once, as the tests call it. */
export type Calls = { readonly [K in keyof IommuDriver]: (...args: Parameters<IommuDriver[K]>) => Result<never> };

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

export const PA = 0x8000_0000n;
export const RW = { read: true, write: true, execute: false, privileged: false, coherent: true, mmio: false } as const;
export const MEMORY = { iova: 0n, pa: PA, size: 4096n, prot: RW } as const;

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

const callsOf = (iommu: IommuDriver, machine: Machine, port: Port): Calls =>
  new Proxy(iommu, {
    get: (on, name) => {
      return (...args: unknown[]) => {
        port.begin();
        const answer = (Reflect.get(on, name) as (...args: unknown[]) => Result<unknown>).apply(on, args);
        assert.deepEqual(machine.locks.heldBy(machine.cpu), [], `locks after ${String(name)}`);
        return answer;
      };
    },
  }) as unknown as Calls;

/** A device that is probed. */
export function probe({ machine, calls }: Booted, device: number, more: Partial<DeviceDescription> = {}): string {
  const description: DeviceDescription = {
    ...{ device, iommu: 0, ids: [device], group: device, reserved: [], ats: false, pri: false, stall: false, pasidBits: 0 },
    ...{ coherent: true, alwaysCoherent: false, ...more },
  };
  machine.addDevice(device, description.iommu, description.ids);
  return answerOf(calls.probeDevice(description));
}

/** What came of a call, as a number or an errno. */
export const answerOf = (result: Result<unknown>): string =>
  result.ok ? (typeof result.value === 'bigint' ? `0x${result.value.toString(16)}` : 'ok') : result.errno;

/** The value of a call that must be carried out. */
export function valueOf<T = number>(result: Result<unknown>): T {
  if (!result.ok) throw new Error(result.errno);
  return result.value as T;
}

/** The commands that the IOMMUs fetched while `run` ran. */
export function commandsOf({ machine: { trace } }: Booted, run: () => unknown): readonly string[] {
  const before = trace.length;
  run();
  return Array.from({ length: trace.length - before }, (_none, n) => trace.event(before + n)).flatMap(({ kind, label = '' }) =>
    kind === 'command' ? [label] : [],
  );
}

export const bytesOf = (raw: bigint, words: number): Uint8Array => new Uint8Array(BigUint64Array.from(toWords(raw, words)).buffer);

/** A guest's context in user memory. */
export function guest({ machine }: Booted, values: Parameters<typeof HwptRiscv.encode>[0] = {}, length = 64): UserData {
  const address = machine.users.place(bytesOf(HwptRiscv.encode({ tc: Tc.encode({ V: true }), ...values }), 8).subarray(0, length));
  return { type: HWPT_DATA.RISCV_IOMMU, address, length };
}

/** A domain for device 1. */
export const alloc = ({ calls }: Booted, more: Partial<DomainSpec> = {}): number =>
  valueOf(calls.domainAlloc({ type: 'paging', device: 1, flags: 0, ...more }));
export const allocNested = (booted: Booted, parent: number, values?: Parameters<typeof guest>[1]): number =>
  alloc(booted, { type: 'nested', parent: { kind: 'domain', handle: parent }, data: guest(booted, values) });

/** Where a device's read goes. */
export function read({ machine }: Booted, device: number, iova: bigint): string {
  const outcome = machine.access(machine.requestersOf(device)[0]!, iova, 'read');
  return outcome.kind === 'translated' || outcome.kind === 'bypassed' ? `0x${outcome.pa.toString(16)}` : outcome.kind;
}

export const readBytes = (booted: Booted, device: number): string => read(booted, device, 8n);
