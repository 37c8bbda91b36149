/** The machines that drivers run on, by the hardware that a manifest names. */
import type { Hardware } from '#drivers/contract/manifest';
import { Machine } from '#hw-models/core/machine';
import type { Mode } from '#hw-models/core/sight';
import { ToyIommu } from '#hw-models/toy/iommu';

/** What a scene may ask of a machine before the driver starts. */
export interface Setup {
  /** IOMMU instances. */
  readonly iommus: number;
}

export const DEFAULT_SETUP: Setup = { iommus: 1 };

const MACHINES: Readonly<Record<Hardware, (mode: Mode, setup: Setup) => Machine>> = {
  toy: (mode, { iommus }) => new Machine({ mode, cpus: 2, storeOrder: 'weak', snooped: true, iommus: Array.from({ length: iommus }, () => (bus) => new ToyIommu(bus)) }),
};

export function build(hardware: Hardware, mode: Mode, setup: Setup): Machine {
  return MACHINES[hardware](mode, setup);
}
