/** No test: how the tests of this folder boot a driver on a machine. */
import { assert } from 'chai';

import { refuse, type DriverModule, type Result, type Started } from '#drivers/contract/driver';
import { HYP_READ, HYP_WRITE, KVM_IOMMU_OPS, type HypIommuDriver } from '#drivers/contract/hyp';
import type { Platform } from '#drivers/contract/platform';
import { driver as reference } from '#drivers/pkvm/driver';
import type { Mode } from '#hw-models/core/sight';
import { el2Machine, type El2Machine } from '#hw-models/hyp/el2-machine';
import type { HypPageBytes } from '#hw-models/hyp/hyp';
import { smmuV3, type SmmuV3Config } from '#hw-models/smmu-v3/factory';

/** A driver that answers at once, as the tests call it. */
export type Calls = { readonly [K in keyof HypIommuDriver]: (...args: Parameters<HypIommuDriver[K]>) => Result<unknown> };

export interface Options {
  readonly module?: DriverModule;
  readonly pageBytes?: HypPageBytes;
  readonly part?: SmmuV3Config;
  readonly mode?: Mode;
  readonly snooped?: boolean;
  readonly granule?: number;
  readonly ias?: number;
  readonly oas?: number;
  readonly nrDomains?: number;
  readonly rootOffset?: number;
  readonly pages?: number;
  readonly port?: (platform: Platform) => Partial<Platform>;
}

export interface Booted extends El2Machine {
  readonly calls: Calls;
  readonly started: Started;
  readonly page: bigint;
  readonly root: bigint;
  /** What initialising the SMMU answered. */
  readonly initialised: string;
}

export const LINEAR: SmmuV3Config = { ST_LEVEL: 'linear', SIDSIZE: 6 };
export const RW = HYP_READ + HYP_WRITE;
export const PA = 0x8000_0000n;

export const answerOf = (result: Result<unknown>): string =>
  result.ok ? (typeof result.value === 'bigint' ? `0x${result.value.toString(16)}` : 'ok') : result.errno;

/** Boots a driver and finalises the hypervisor; CPU 0's memcache is filled, and everything is granted. */
export function boot(options: Options = {}): Booted {
  const { module = reference, pageBytes = 4096, part = LINEAR, mode = 'eager', snooped = true, pages = 32 } = options;
  const el2 = el2Machine({ iommus: [smmuV3(part)], pageBytes, mode, snooped });
  const { machine, hyp, host, port } = el2;
  port.lockOf = module.manifest.locks;
  const changes = options.port?.(port) ?? {};
  const platform = new Proxy(port, { get: (on, name): unknown => Reflect.get(changes, name) ?? bound(on, name) }) as Platform;
  const nobody = () => refuse('EOPNOTSUPP');
  const surroundings = { iommus: [], upcalls: { reportEvent: nobody, reportPageFault: nobody } };
  const started = (module.start(platform, surroundings) as { value: Started }).value;
  const calls = new Proxy(started.hyp!, {
    get: (on, name) => {
      return (...args: unknown[]) => {
        port.begin();
        const answer = (Reflect.get(on, name) as (...args: unknown[]) => Result<unknown>).apply(on, args);
        assert.deepEqual(machine.locks.heldBy(machine.cpu), [], `locks after ${String(name)}`);
        return answer;
      };
    },
  }) as unknown as Calls;
  const memcaches = host.setUpMemcaches(2);
  const root = host.placeRoot(options.rootOffset);
  const { ias = 40, oas = 40, nrDomains = 65_536, granule = pageBytes } = options;
  const params = host.placeParams({ domains: root, nrDomains, ias, oas, granule, mmio: 0 });
  assert.equal(answerOf(calls.init({ memcaches, cpus: 2, operations: KVM_IOMMU_OPS })), 'ok');
  const initialised = answerOf(calls.initDevice({ iommu: 0, params }));
  hyp.finalise();
  machine.grants = { granted: () => true, mayPass: () => false };
  machine.arm();
  host.topUp(0, pages);
  return { ...el2, calls, started, page: BigInt(granule), root, initialised };
}

function bound(on: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(on, name);
  return typeof value === 'function' ? (value.bind(on) as unknown) : value;
}

/** A device, and what its reads come to. */
export function device({ machine }: Booted, endpoint: number): (iova: bigint) => string {
  const [requester] = machine.addDevice(endpoint, 0, [endpoint]);
  return (iova) => {
    const outcome = machine.access(requester!, iova, 'read');
    return outcome.kind === 'translated' ? `0x${outcome.pa.toString(16)}` : outcome.kind;
  };
}

export const fresh = ({ host }: Booted): bigint => host.takePages().address;
export const donated = ({ machine }: Booted): number => machine.resources.held().get('page:donated') ?? 0;
