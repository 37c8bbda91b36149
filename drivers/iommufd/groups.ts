/** Groups of devices that cannot be told apart: what one of them is attached to, all are. */
import { done, type Result } from '#drivers/contract/driver';
import { NO_PASID } from '#drivers/contract/iommu';
import type { BoundDevice } from './bound-device';
import type { Kernel } from './context';
import type { Hwpt } from './hwpt';

/** What the requests of a group with one PASID, or with none, are translated by. */
export interface Attachment {
  hwpt: Hwpt;
  /** Those that were attached by the user; the rest of the group follows. */
  readonly devices: Set<BoundDevice>;
}

export class Group {
  readonly id: number;
  /** By PASID. */
  readonly attachments = new Map<number, Attachment>();
  readonly #kernel: Kernel;

  constructor(kernel: Kernel, id: number) {
    this.#kernel = kernel;
    this.id = id;
  }

  /** Every device of it, whoever has bound it; those without PASIDs make no requests with one. */
  members(pasid: number): readonly number[] {
    return this.#kernel.devices
      .inGroup(this.id)
      .filter(({ pasidBits }) => pasid === NO_PASID || pasidBits > 0)
      .map(({ device }) => device);
  }

  attach(hwpt: Hwpt, pasid: number): Promise<Result<null>> {
    const { driver } = this.#kernel;
    return this.#all(
      pasid,
      async (device) => driver.attach(device, hwpt.domain, pasid),
      async (device) => driver.detach(device, hwpt.domain, pasid),
    );
  }

  replace(old: Hwpt, hwpt: Hwpt, pasid: number): Promise<Result<null>> {
    const { driver } = this.#kernel;
    return this.#all(
      pasid,
      async (device) => driver.replace(device, hwpt.domain, pasid),
      async (device) => driver.replace(device, old.domain, pasid),
    );
  }

  detach(hwpt: Hwpt, pasid: number): Promise<Result<null>> {
    const { driver } = this.#kernel;
    return this.#all(
      pasid,
      async (device) => driver.detach(device, hwpt.domain, pasid),
      async (device) => driver.attach(device, hwpt.domain, pasid),
    );
  }

  /** One device after another; where one is refused, those before it go back. */
  async #all(
    pasid: number,
    change: (device: number) => Promise<Result<null>>,
    back: (device: number) => Promise<Result<null>>,
  ): Promise<Result<null>> {
    const changed: number[] = [];
    for (const device of this.members(pasid)) {
      const answer = await change(device);
      if (!answer.ok) {
        for (const other of changed.reverse()) await back(other);
        return answer;
      }
      changed.push(device);
    }
    return done;
  }
}
