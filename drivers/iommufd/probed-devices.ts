/** The devices that the driver below has probed, as firmware describes them: whoever watches the driver lets it probe them. */
import { after, type Answer, type Result } from '#drivers/contract/driver';
import type { DeviceDescription, IommuDriver, ReservedRegion } from '#drivers/contract/iommu';
import { override } from '#drivers/parts/override';

export class ProbedDevices {
  /** The driver below, which is heard. */
  readonly driver: IommuDriver;
  readonly #known = new Map<number, DeviceDescription>();

  constructor(driver: IommuDriver) {
    const note = (answer: Answer<null>, change: () => void): Answer<null> =>
      after(answer, (result: Result<null>) => {
        if (result.ok) change();
        return result;
      });
    this.driver = override(driver, {
      probeDevice: (device) => note(driver.probeDevice(device), () => this.#known.set(device.device, device)),
      releaseDevice: (device) => note(driver.releaseDevice(device), () => this.#known.delete(device)),
    });
  }

  get(device: number): DeviceDescription | undefined {
    return this.#known.get(device);
  }

  /** Devices that cannot be told apart go together. */
  inGroup(group: number): readonly DeviceDescription[] {
    return [...this.#known.values()].filter((device) => device.group === group);
  }
}

/** IOVAs that a device cannot use, of firmware and of the driver; those that may be mapped over are left out. */
export async function reservedRegions(driver: IommuDriver, { device, reserved }: DeviceDescription): Promise<readonly ReservedRegion[]> {
  const own = await driver.reservedRegions(device);
  const regions = own.ok ? [...reserved, ...own.value] : reserved;
  return regions.filter(({ kind, length }) => kind !== 'direct-relaxable' && length > 0n);
}

/** Where interrupts are written is the hardware's to say, or software's, which says it once. */
export function agree(regions: readonly ReservedRegion[]): boolean {
  const count = (which: ReservedRegion['kind']): number => regions.filter(({ kind }) => kind === which).length;
  return count('sw-msi') === 0 || (count('sw-msi') === 1 && count('msi') === 0);
}
