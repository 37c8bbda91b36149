/** How tests call a driver that they started on a machine of their own, and what they look at. */
import { assert } from 'chai';
import type { Result } from '#drivers/contract/driver';
import type { DeviceDescription, DomainSpec, IommuDriver, UserData } from '#drivers/contract/iommu';
import { toWords } from '#hw-models/core/bits';

/** A driver that answers at once, as the tests call it. */
export type Calls = { readonly [K in keyof IommuDriver]: (...args: Parameters<IommuDriver[K]>) => Result<never> };

/** What the tests need of the machine that a driver was started on. */
interface Machine {
  readonly cpu: number;
  readonly locks: { heldBy(cpu: number): readonly string[] };
  readonly trace: { readonly length: number; event(index: number): { readonly kind: string; readonly label?: string | undefined } };
  addDevice(device: number, iommu: number, ids: readonly number[]): unknown;
}

interface Booted {
  readonly machine: Machine;
  readonly calls: Calls;
}

export const PA = 0x8000_0000n;
export const RW = { read: true, write: true, execute: false, privileged: false, coherent: true, mmio: false } as const;
export const MEMORY = { iova: 0n, pa: PA, size: 4096n, prot: RW } as const;

/** Each call begins anew at the port, and ends without a lock. */
export const callsOf = (iommu: IommuDriver, machine: Machine, port: { begin(): void }): Calls =>
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

/** A domain for device 1. */
export const alloc = ({ calls }: Booted, more: Partial<DomainSpec> = {}): number =>
  valueOf(calls.domainAlloc({ type: 'paging', device: 1, flags: 0, ...more }));

/** A domain for device 1 on a nest parent, for a guest that hands `data` in. */
export const nestedOn = (booted: Booted, parent: number, data: UserData): number =>
  alloc(booted, { type: 'nested', parent: { kind: 'domain', handle: parent }, data });
