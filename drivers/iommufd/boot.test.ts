/** No test: how the tests of this folder start the core above a driver, on a machine of its own, and call it as a process does. */
import { assert } from 'chai';
import type { DriverModule, Result, Started } from '#drivers/contract/driver';
import { NO_PASID, type DeviceDescription, type IommuDriver } from '#drivers/contract/iommu';
import type { Iommufd } from '#drivers/contract/iommufd';
import type { DriverUpcalls } from '#drivers/contract/upcalls';
import { bytesOf, IOCTLS, requestOf, type FieldsOf, type IoctlName } from '#drivers/contract/uapi-iommufd';
import { MAP_FIXED_IOVA, MAP_READABLE, MAP_WRITEABLE } from '#drivers/contract/uapi-iommufd-values';
import { driver as riscv } from '#drivers/riscv/driver';
import { driver as toy } from '#drivers/toy/driver';
import type { HardwareFactory } from '#hw-models/core/hardware';
import { Machine } from '#hw-models/core/machine';
import { Port } from '#hw-models/core/port';
import { done, refuse } from '#hw-models/core/result';
import { riscvIommu } from '#hw-models/riscv-iommu/factory';
import { ToyIommu } from '#hw-models/toy/iommu';
import { bytesFrom, numberOf } from './bytes';
import { iommufdOver, type Options } from './driver';

export const PAGE = 4096n;
export const FIXED = MAP_FIXED_IOVA | MAP_READABLE | MAP_WRITEABLE;
export const ANYWHERE = MAP_READABLE | MAP_WRITEABLE;

/** A driver below, and the hardware that it programs. */
export interface Below {
  readonly module: DriverModule;
  readonly iommu: HardwareFactory;
}

export const RISCV: Below = { module: riscv, iommu: riscvIommu({}) };
export const TOY: Below = { module: toy, iommu: (bus) => new ToyIommu(bus) };

/** `RISCV`, but for what is replaced of it. */
export const riscvWith = (
  change: (driver: IommuDriver) => Partial<IommuDriver>,
  supports: Partial<DriverModule['manifest']['supports']> = {},
): Below => ({
  ...RISCV,
  module: {
    ...riscv,
    manifest: { ...riscv.manifest, supports: { ...riscv.manifest.supports, ...supports } },
    start: (platform, surroundings) => {
      const started = riscv.start(platform, surroundings) as Result<Started>;
      return started.ok
        ? { ok: true, value: { ...started.value, iommu: { ...started.value.iommu!, ...change(started.value.iommu!) } } }
        : started;
    },
  },
});

type Values<N extends IoctlName> = Partial<Omit<FieldsOf<N>, 'raw'>>;

/** What came of an ioctl. */
export interface Came<N extends IoctlName> {
  /** Or `ok`. */
  readonly answer: string;
  /** The structure afterwards. */
  readonly fields: FieldsOf<N>;
}

export class Process {
  readonly machine: Machine;
  readonly iommufd: Iommufd;
  /** The driver below. */
  readonly below: IommuDriver;
  readonly upcalls: DriverUpcalls;
  readonly started: Started;
  readonly held: () => string;
  file = 0;

  constructor(parts: Pick<Process, 'machine' | 'below' | 'upcalls' | 'started' | 'held'>) {
    Object.assign(this, parts);
    this.machine = parts.machine;
    this.below = parts.below;
    this.upcalls = parts.upcalls;
    this.started = parts.started;
    this.held = parts.held;
    this.iommufd = parts.started.iommufd!;
  }

  /** A device that the machine has. */
  async probe(device: number, more: Partial<DeviceDescription> = {}): Promise<void> {
    const description: DeviceDescription = {
      ...{ device, iommu: 0, ids: [device], group: device, reserved: [], ats: false, pri: false, stall: false, pasidBits: 0 },
      ...{ coherent: true, alwaysCoherent: false, ...more },
    };
    this.machine.addDevice(device, description.iommu, description.ids);
    assert.equal(answerOf(await this.below.probeDevice(description)), 'ok');
  }

  async bound(device: number, more: Partial<DeviceDescription> = {}): Promise<number> {
    await this.probe(device, more);
    return valueOf(await this.iommufd.bind(this.file, device));
  }

  async memory(pages = 1, writable = true): Promise<bigint> {
    return valueOf(await this.iommufd.userAlloc(pages * 4096, writable));
  }

  /** @param size What the structure says, and how much of it there is. */
  async ioctl<N extends IoctlName>(name: N, values: Values<N> = {}, size: number = bytesOf(IOCTLS[name])): Promise<Came<N>> {
    const { layout } = IOCTLS[name];
    const raw = (layout as { encode(given: object): bigint }).encode({ size, ...values });
    const address = valueOf<bigint>(await this.iommufd.userAlloc(Math.max(size, bytesOf(IOCTLS[name])), true));
    await this.iommufd.userWrite(address, bytesFrom(raw, bytesOf(IOCTLS[name])));
    const answer = await this.iommufd.ioctl(this.file, requestOf(IOCTLS[name]), address);
    const bytes = valueOf<Uint8Array>(await this.iommufd.userRead(address, bytesOf(IOCTLS[name])));
    await this.iommufd.munmap(address, Math.max(size, bytesOf(IOCTLS[name])));
    return { answer: answer.ok ? 'ok' : answer.errno, fields: layout.of(numberOf(bytes)) as FieldsOf<N> };
  }

  async answer<N extends IoctlName>(name: N, values: Values<N> = {}, size?: number): Promise<string> {
    return (await this.ioctl(name, values, size)).answer;
  }

  async ioas(): Promise<number> {
    return (await this.ioctl('IOMMU_IOAS_ALLOC')).fields.out_ioas_id;
  }

  /** Maps user memory at an IOVA, read and write. */
  map(ioas_id: number, iova: bigint, user_va: bigint, length = PAGE, flags = FIXED): Promise<string> {
    return this.answer('IOMMU_IOAS_MAP', { flags, ioas_id, user_va, length, iova });
  }

  async hwpt(dev_id: number, pt_id: number, flags = 0): Promise<number> {
    const { answer, fields } = await this.ioctl('IOMMU_HWPT_ALLOC', { dev_id, pt_id, flags });
    assert.equal(answer, 'ok');
    return fields.out_hwpt_id;
  }

  async attach(device: number, pt: number, pasid = NO_PASID): Promise<string> {
    return shown(await this.iommufd.attach(this.file, device, pt, pasid));
  }

  async replace(device: number, pt: number, pasid = NO_PASID): Promise<string> {
    return shown(await this.iommufd.replace(this.file, device, pt, pasid));
  }

  async detach(device: number, pasid = NO_PASID): Promise<string> {
    return answerOf(await this.iommufd.detach(this.file, device, pasid));
  }

  destroy(id: number): Promise<string> {
    return this.answer('IOMMU_DESTROY', { id });
  }

  /** What a device's write of 8 bytes comes to. */
  write(device: number, iova: bigint, value = 0x1122_3344_5566_7788n): string {
    return this.machine.access(this.machine.requestersOf(device)[0]!, iova, 'write', false, value).kind;
  }

  /** 8 bytes of user memory. */
  async word(address: bigint): Promise<bigint> {
    return numberOf(valueOf<Uint8Array>(await this.iommufd.userRead(address, 8)));
  }
}

/** A process with /dev/iommu open. */
export async function boot({ module, iommu }: Below = RISCV, options: Options = {}): Promise<Process> {
  const machine = new Machine({ mode: 'eager', cpus: 1, storeOrder: 'weak', snooped: true, iommus: [iommu] });
  const port = new Port(machine);
  port.lockOf = module.manifest.locks;
  const seen: { below?: IommuDriver; upcalls?: DriverUpcalls } = {};
  const spied: DriverModule = {
    ...module,
    start: (platform, surroundings) => {
      seen.upcalls = surroundings.upcalls;
      return module.start(platform, surroundings);
    },
  };
  const answer = await iommufdOver(spied, options).start(port, {
    iommus: [{ iommu: 0, coherent: true, interrupts: [] }],
    upcalls: { reportEvent: () => done, reportPageFault: () => refuse('EOPNOTSUPP') },
    watched: (below) => (seen.below = below),
  });
  const started = valueOf<Started>(answer);
  machine.grants = { granted: () => true, mayPass: () => true };
  machine.arm();
  const held = (): string => [...machine.resources.held()].map(([kind, count]) => `${count} ${kind}`).join(', ');
  const process = new Process({ machine, below: seen.below!, upcalls: seen.upcalls!, started, held });
  process.file = valueOf(await process.iommufd.open());
  return process;
}

export const answerOf = (result: Result<unknown>): string => (result.ok ? 'ok' : result.errno);
/** The number that a call gave. */
export const shown = (result: Result<number>): string => (result.ok ? `${result.value}` : result.errno);

/** The value of a call that must be carried out. */
export function valueOf<T = number>(result: Result<unknown>): T {
  if (!result.ok) throw new Error(result.errno);
  return result.value as T;
}
