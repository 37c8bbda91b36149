/**
 * The reference driver made to do what the driver of Linux 7.0 does where a caller, a device or the command queue can tell them apart:
 * features/riscv/10-mainline.feature says what, and where in drivers/iommu/riscv it is read from. It is our rewrite and nobody else's
 * driver: a verdict on it is none on Linux. It has no second stages and no ATS, tells user space nothing of the hardware, and stops a
 * device for every change of its context, in two passes over all of its ids; what its translations left in the caches goes with the last
 * device of a domain. Page tables, queues, and what is done when hardware does not answer are the reference's.
 */
import type { DriverModule } from '#drivers/contract/driver';
import { loadEdited } from '#drivers/mutants/edited';
import type { Edit } from '#drivers/mutants/mutant';

const DEVICES = 'riscv/devices.ts';
const DOMAINS = 'riscv/domains.ts';
const DRIVER = 'riscv/driver.ts';
const SEQUENCER = 'riscv/sequencer.ts';

/** A pass forgets the contexts alone. Refused, what was stored is what was there before. */
const TWO_PASSES = `
  changeAll(slots, next) {
    const before = slots.map((slot) => this.read(slot));
    const valid = slots.filter((_slot, index) => isValid(before[index]));
    const passed = this.#pass(valid, BLOCKED, ['tc']);
    const changed = passed.ok ? this.#pass(slots, next, ['fsc', 'ta', 'tc']) : passed;
    if (changed.ok) return changed;
    for (const [index, slot] of slots.entries()) this.#store(slot, ['fsc', 'ta', 'tc'], before[index]);
    for (const slot of slots) this.#invalidations.context(slot, next);
    return changed;
  }

  #pass(slots, next, words) {
    for (const slot of slots) for (const word of words) this.#store(slot, [word], next);
    return this.#invalidations.issue(slots.map(({ id }) => invalDdt(id)));
  }`;

const EDITS: readonly Edit[] = [
  // One kind of domain with a page table, and no questions about the hardware.
  { file: DOMAINS, find: 'flags !== 0 && flags !== ALLOC_NEST_PARENT', replace: "flags !== 0 || type === 'nested'" },
  { file: DRIVER, find: 'hwInfo(device: number, type: number)', replace: 'registersOf(device: number, type: number)' },
  { file: DEVICES, find: 'ats: ats && iommu.capabilities.ATS', replace: 'ats: false' },
  // A device that is probed has a context that is not valid: a new table is empty, and a device that was released is blocked.
  {
    file: DEVICES,
    find: 'const blocked = this.#program({ iommu, slots }, BLOCKED); if (blocked !== undefined) return blocked.refusal;',
    replace: '',
  },
  {
    file: DEVICES,
    find: `const before = slots.map((slot) => sequencer.read(slot));
      for (const [count, slot] of slots.entries()) {
        const changed = sequencer.change(slot, contextFor(asked, slot.ats));
        if (changed.ok) continue;
        const undone = slots.slice(0, count).map((other, index) => sequencer.change(other, before[index]!).ok);
        return { refusal: changed, isMixed: undone.includes(false) };
      }
      return undefined;`,
    replace: `const changed = sequencer.changeAll(slots, asked);
      return changed.ok ? undefined : { refusal: changed, isMixed: false };`,
  },
  { file: SEQUENCER, find: '#store({ at }: Slot', replace: `${TWO_PASSES}\n\n  #store({ at }: Slot` },
  { file: SEQUENCER, find: "import type { Invalidations } from './invalidations';", replace: "import { invalDdt } from './commands';" },
];

const { driver: edited } = loadEdited('riscv/driver.ts', EDITS) as { readonly driver: DriverModule };

export const driver: DriverModule = {
  manifest: {
    ...edited.manifest,
    name: 'riscv-mainline',
    profile: 'riscv-mainline',
    supports: { ...edited.manifest.supports, nesting: false, ats: false },
  },
  start: edited.start,
};
