/** The device contexts of a device as memory has them, for steps that look at one. */
import { decode, type DeviceContext } from '#hw-models/riscv-iommu/device-context';
import { DC_WORDS, DdtEntry, DEVICE_INDEX_BITS } from '#hw-models/riscv-iommu/contexts';
import { MAP } from '#hw-models/riscv-iommu/registers';
import { capabilities } from '#hw-models/riscv-iommu/capabilities';
import type { Bench } from './bench';
import { expectSame, NotTested } from './outcomes';

const WORDS_PER_FRAME = 512;
const LEVELS = { Off: 0, Bare: 0, '1LVL': 1, '2LVL': 2, '3LVL': 3, reserved: 0 } as const;

/** A word of a device context and what a field of it reads as: a number, a name, or 0 and 1 for flags. */
export interface Expected {
  readonly word: string;
  readonly field: string;
  readonly value: string;
}

/** Expects the same of the device context of each id of a device. */
export function expectContext(bench: Bench, device: number, { word, field, value }: Expected): void {
  for (const id of bench.describe(device).ids) {
    const { msi, ...context } = contextOf(bench, bench.describe(device).iommu, id);
    const words: Readonly<Record<string, unknown>> = { ...context, msiptp: msi?.msiptp };
    const actual = (words[word] as Readonly<Record<string, boolean | number | string>> | undefined)?.[field];
    if (actual === undefined) throw new Error(`a device context has no ${word}.${field}`);
    expectSame(`${word}.${field} of d${device}`, `${typeof actual === 'boolean' ? Number(actual) : actual}`, value);
  }
}

/** Where the device directory in memory leads for an id, whatever caches have. */
function contextOf({ machine, setup }: Bench, iommu: number, id: number): DeviceContext {
  const { hardware } = machine.instance(iommu);
  const { iommu_mode, PPN } = MAP.ddtp.layout.of(hardware.mmioRead(MAP.ddtp.at, 64));
  const format = capabilities(setup.parts[iommu]).MSI_FLAT ? 'extended' : 'base';
  const [first, ...above] = DEVICE_INDEX_BITS[format];
  const words = DC_WORDS[format];
  let frame = PPN;
  for (let level = LEVELS[iommu_mode] - 1; level > 0; level--) {
    const shift = first + above.slice(0, level - 1).reduce((sum, bits) => sum + bits, 0);
    const entry = DdtEntry.of(machine.memory.get(frame * WORDS_PER_FRAME + (Math.floor(id / 2 ** shift) % 2 ** above[level - 1]!)));
    if (!entry.V) throw new NotTested(`setup: the device directory leads nowhere for device_id ${id}`);
    frame = entry.PPN;
  }
  const at = frame * WORDS_PER_FRAME + (id % 2 ** first) * words;
  return decode(Array.from({ length: words }, (_none, word) => machine.memory.get(at + word)));
}
