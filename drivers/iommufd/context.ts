/** One open /dev/iommu, and what all of them have in common. */
import type { Result } from '#drivers/contract/driver';
import type { Capability } from '#drivers/contract/manifest';
import type { Files } from './files';
import type { Group } from './groups';
import type { Ioas, Machinery } from './ioas';
import { ObjectTable } from './objects';
import type { ProbedDevices } from './probed-devices';
import type { UserMemory } from './user-memory';

export interface Kernel extends Machinery {
  readonly users: UserMemory;
  readonly devices: ProbedDevices;
  readonly files: Files;
  /** What the driver below offers. */
  readonly supports: Readonly<Record<Capability, boolean>>;
  /** Refuses what Linux lets pass and should not. */
  readonly hardened: boolean;
  /** By group: which /dev/iommu has its devices, and how many of them. */
  readonly owners: Map<number, Owner>;
}

export interface Owner {
  readonly context: Context;
  devices: number;
}

export class Context {
  readonly kernel: Kernel;
  readonly objects: ObjectTable;
  /** Groups with devices that are bound here. */
  readonly groups = new Map<number, Group>();
  /** Pinned pages are charged to the process, and not to the user. */
  chargesProcess = false;
  /** What the interface of VFIO would use. */
  compatible: Ioas | undefined;
  /** Files that keep it: itself, and the queues that it gave. */
  files = 0;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.objects = new ObjectTable(kernel.platform);
  }

  /** From user memory. */
  copyIn(address: bigint, length: number): Result<Uint8Array> {
    return this.kernel.platform.copyIn(address, length);
  }

  copyOut(address: bigint, bytes: Uint8Array): Result<null> {
    return this.kernel.platform.copyOut(address, bytes);
  }
}
