/** Chapter 3 of the catalogue, and its fences: attaching, tags of caches, and invalidations. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const riscv = { of: 'riscv', system: 'riscv', by: 'step' } as const;
const COMMANDS = 'riscv/commands.ts';
const DEVICES = 'riscv/devices.ts';
const INVALIDATIONS = 'riscv/invalidations.ts';
const PAGING = 'riscv/paging-domain.ts';
const QUEUE = 'riscv/command-queue.ts';
const SEQUENCER = 'riscv/sequencer.ts';

const FITS = 'const fit = domain.fits(device.iommu);';
const FORGET_BEFORE = "this.#invalidations.context(slot, what === 'translations' ? before : BLOCKED)";
const FORGET_LAST = 'if (!domain.isUsedOn(bond.iommu) && !domain.forget(bond.iommu).ok) domain.bonds.unsettled.add(bond.iommu);';
const PROGRAM = 'const unchanged = this.#program(device, domain?.context ?? BLOCKED);';
const TIE = 'const ties = this.#tie(device, domain);';

const FENCED = 'this.#push(FENCE); const waited';
/** Where leaves are forgotten, whose commands have AV set: what is unmapped, and not what devices had before. */
const fencedWithout = (bits: string): string =>
  `this.#push((commands.at(-1) ?? 0n) % 0x800n >= 0x400n ? FENCE - ${bits} : FENCE); const waited`;

export const FLUSH_MUTANTS: readonly Mutant[] = [
  {
    ...riscv,
    id: 'attach-wipes-its-tag',
    rule: 'RVN-FLUSH-01',
    edits: edit(DEVICES, FITS, `${FITS} domain.forget(device.iommu);`),
  },
  {
    ...riscv,
    id: 'tag-is-never-cleaned',
    rule: 'RVN-FLUSH-02',
    by: 'staleness',
    edits: [
      { file: SEQUENCER, find: FORGET_BEFORE, replace: 'this.#invalidations.context(slot, BLOCKED)' },
      { file: DEVICES, find: FORGET_LAST, replace: '' },
    ],
  },
  {
    ...riscv,
    id: 'forgets-the-new-words',
    rule: 'RVN-FLUSH-03',
    edits: edit(
      SEQUENCER,
      'const forgotten = this.#forget(slot, step.forget, before);',
      'const forgotten = this.#forget(slot, step.forget, next);',
    ),
  },
  {
    ...riscv,
    id: 'change-forgets-no-second-stage',
    rule: 'RVN-FLUSH-03',
    edits: edit(COMMANDS, 'return [vma(tag), gvma(tag)];', 'return [vma(tag)];'),
  },
  {
    ...riscv,
    id: 'change-forgets-no-first-stage',
    rule: 'RVN-FLUSH-03',
    edits: edit(COMMANDS, 'return [vma(tag), gvma(tag)];', 'return [gvma(tag)];'),
  },
  {
    ...riscv,
    id: 'fence-is-missing',
    rule: 'RVN-FLUSH-05',
    edits: edit(QUEUE, 'this.#push(FENCE); const waited', 'const waited'),
  },
  {
    ...riscv,
    id: 'fence-is-not-awaited',
    rule: 'RVN-FLUSH-05',
    by: 'staleness',
    edits: edit(
      QUEUE,
      'const consumed = this.#consumed(); if (consumed.ok) return done;',
      'const consumed = done; if (consumed.ok) return done;',
    ),
  },
  {
    ...riscv,
    id: 'bond-after-the-context',
    rule: 'RVN-FLUSH-06',
    by: 'staleness',
    edits: [
      { file: DEVICES, find: 'domain.bonds.link(bond);', replace: '' },
      { file: DEVICES, find: PROGRAM, replace: `${PROGRAM} for (const tie of ties.value) tie.domain.bonds.link(tie.bond);` },
    ],
  },
  {
    ...riscv,
    id: 'old-bond-goes-first',
    rule: 'RVN-FLUSH-06',
    by: 'staleness',
    edits: edit(DEVICES, PROGRAM, `for (const tie of device.ties) tie.domain.bonds.unlink(tie.bond); ${PROGRAM}`),
  },
  {
    ...riscv,
    id: 'bond-is-lost-when-another-fails',
    rule: 'RVN-FLUSH-07',
    by: 'all-or-nothing',
    edits: edit(DEVICES, TIE, `const old = device.ties; device.ties = []; this.#untie(old); ${TIE}`),
  },
  {
    ...riscv,
    id: 'context-before-the-bond',
    rule: 'RVN-FLUSH-07',
    by: 'all-or-nothing',
    edits: edit(DEVICES, TIE, `this.#program(device, domain?.context ?? BLOCKED); ${TIE}`),
  },
  {
    ...riscv,
    id: 'second-stage-unmapped-by-vma',
    rule: 'RVN-FLUSH-08',
    by: 'staleness',
    edits: edit(PAGING, 'gvma(this.#tag, iova)', 'vma(this.#tag, iova)'),
  },
  {
    ...riscv,
    id: 'leaf-forgotten-where-a-table-went',
    rule: 'RVN-FLUSH-08',
    by: 'dangling',
    edits: edit(PAGING, 'bytesOf(cuts) >= MANY || cuts.some(({ table }) => table !== undefined)', 'bytesOf(cuts) >= MANY'),
  },
  {
    ...riscv,
    id: 'fence-of-no-accesses',
    rule: 'RVN-FENCE-01',
    by: 'staleness',
    edits: edit(QUEUE, FENCED, fencedWithout('0x3000n')),
  },
  {
    ...riscv,
    id: 'fence-of-reads-only',
    rule: 'RVN-FENCE-01',
    by: 'staleness',
    edits: edit(QUEUE, FENCED, fencedWithout('0x2000n')),
  },
  {
    ...riscv,
    id: 'device-and-iommu-in-one-batch',
    rule: 'RVN-FENCE-02',
    edits: edit(INVALIDATIONS, 'for (const batch of batches) {', 'for (const batch of [batches.flat()]) {'),
  },
];
