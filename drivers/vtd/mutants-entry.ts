/** Chapter 4 of the catalogue, second part: what the entry of an attached device holds, and how it comes and goes. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const vtd = { of: 'vtd', system: 'vtd', by: 'step' } as const;
const COMMANDS = 'vtd/commands.ts';
const ENTRIES = 'vtd/entries.ts';
const INVALIDATIONS = 'vtd/invalidations.ts';
const NESTED = 'vtd/nested-domain.ts';
const SLOTS = 'vtd/slots.ts';
const WANTED = 'vtd/wanted.ts';

const FILL = `for (let word = 1; word < slot.kind.words; word++) this.#put(slot, word, next);
  this.#memory.barrier();
  this.#put(slot, 0, next);`;
const FIRST_WORD_FIRST = `this.#put(slot, 0, next);
  this.#memory.barrier();
  for (let word = 1; word < slot.kind.words; word++) this.#put(slot, word, next);`;
const STOP = 'this.#put(slot, 0, slot.kind.stopped(before)); this.#memory.barrier(); const forgotten = this.#forget(slot, before);';
const ANNOUNCED = '? this.#invalidations.announce(slot.kind.announcing(next, slot.source)) : done;';
const ANNOUNCING = 'return [pcPasid(DID, taggedPasid(source)), pIotlbPasid(DID, taggedPasid(source))];';
const FORGETTING = 'return [pcPasid(DID, taggedPasid(source)), translations, ...devTlbsOf(source)];';
const HAS_SECOND = "const hasSecondStage = PGTT === 'second-stage' || PGTT === 'nested';";
const PASID_CACHE_FIRST = "['pc_inv'], ['iotlb_inv', 'p_iotlb_inv'], ['dev_tlb_inv', 'p_dev_tlb_inv', 'page_grp_resp']";

export const ENTRY_MUTANTS: readonly Mutant[] = [
  {
    ...vtd,
    id: 'nested-entry-has-the-second-stage-alone',
    rule: 'VTDN-ATT-08',
    edits: edit(
      WANTED,
      "return second === undefined ? 'first-stage' : 'nested';",
      "return second === undefined ? 'first-stage' : 'second-stage';",
    ),
  },
  {
    ...vtd,
    id: 'nested-entry-has-the-first-stage-alone',
    rule: 'VTDN-ATT-08',
    by: 'dangling',
    edits: edit(WANTED, "return second === undefined ? 'first-stage' : 'nested';", "return 'first-stage';"),
  },
  {
    ...vtd,
    id: 'nested-domain-has-the-domain-id-of-its-parent',
    rule: 'VTDN-ATT-08',
    edits: [
      { file: NESTED, find: 'return this.#dids.take(iommu);', replace: 'return this.parent.takeDid(iommu);' },
      { file: NESTED, find: 'this.#dids.give(iommu);', replace: 'this.parent.giveDid(iommu);' },
    ],
  },
  ...(
    [
      ['entry-walks-snoop-always', 'PWSNP: walksSnoop && ecap.SMPWC,', 'PWSNP: true,'],
      ['entry-walks-never-snoop', 'PWSNP: walksSnoop && ecap.SMPWC,', 'PWSNP: false,'],
      ['entry-accesses-always-snoop', 'PGSNP: snoops,', 'PGSNP: true,'],
      ['entry-accesses-never-snoop', 'PGSNP: snoops,', 'PGSNP: false,'],
      ['entry-notes-nothing-dirty', 'SSADE: notesDirty }', 'SSADE: false }'],
      ['entry-has-four-levels', "FSPM: levels === 5 ? '5-level' : '4-level',", "FSPM: '4-level',"],
      ['entry-has-no-extended-flags', 'WPE: WPE && SRE, EAFE,', 'WPE: WPE && SRE,'],
      ['entry-records-no-faults', 'DID, P: true, });', 'DID, FPD: true, P: true, });'],
    ] as const
  ).map(([id, find, replace]): Mutant => ({ ...vtd, id, rule: 'VTDN-ATT-08', edits: edit(WANTED, find, replace) })),
  {
    ...vtd,
    id: 'entry-has-the-widest-second-stage',
    rule: 'VTDN-ATT-08',
    by: 'isolation',
    edits: edit(WANTED, 'AW: named(second?.width ?? widths.at(-1)!)', 'AW: named(widths.at(-1)!)'),
  },
  { ...vtd, id: 'present-before-the-rest', rule: 'VTDN-ATT-09', edits: edit(ENTRIES, FILL, FIRST_WORD_FIRST) },
  {
    ...vtd,
    id: 'changed-while-present',
    rule: 'VTDN-ATT-09',
    by: 'staleness',
    edits: edit(
      ENTRIES,
      'const stopped = this.#stop(slot, before);',
      'const stopped = slot.kind.isPresent(next) ? this.#forget(slot, before) : this.#stop(slot, before);',
    ),
  },
  { ...vtd, id: 'forgotten-before-it-is-stopped', rule: 'VTDN-ATT-09', edits: edit(ENTRIES, STOP, stopsAfterForgetting()) },
  { ...vtd, id: 'attach-is-not-announced', rule: 'VTDN-ATT-10', edits: edit(ENTRIES, ANNOUNCED, '? done : done;') },
  {
    ...vtd,
    id: 'attach-is-announced-to-the-pasid-cache-alone',
    rule: 'VTDN-ATT-10',
    edits: edit(SLOTS, ANNOUNCING, 'return [pcPasid(DID, taggedPasid(source))];'),
  },
  {
    ...vtd,
    id: 'stores-stay-in-the-write-buffer',
    rule: 'VTDN-ATT-10',
    edits: edit(INVALIDATIONS, 'return RWBF ? this.#control.flushWriteBuffer() : done;', 'return done;'),
  },
  {
    ...vtd,
    id: 'attach-is-announced-always',
    rule: 'VTDN-ATT-10',
    edits: edit(INVALIDATIONS, 'if (CM) return this.issue(descriptors);', 'if (!RWBF || CM) return this.issue(descriptors);'),
  },
  {
    ...vtd,
    id: 'domain-id-is-lost-before-it-is-needed',
    rule: 'VTDN-ATT-13',
    edits: edit(ENTRIES, STOP, STOP.replace('#forget(slot, before)', '#forget(slot, 0n)')),
  },
  {
    ...vtd,
    id: 'nested-translations-dropped-by-pasid',
    rule: 'VTDN-ATT-13',
    edits: edit(SLOTS, HAS_SECOND, "const hasSecondStage = PGTT === 'second-stage';"),
  },
  {
    ...vtd,
    id: 'first-stage-translations-dropped-by-domain',
    rule: 'VTDN-ATT-13',
    edits: edit(SLOTS, HAS_SECOND, HAS_SECOND.replace(';', " || PGTT !== 'pass-through';")),
  },
  {
    ...vtd,
    id: 'pasid-cache-kept-at-detach',
    rule: 'VTDN-ATT-13',
    edits: edit(SLOTS, FORGETTING, FORGETTING.replace('pcPasid(DID, taggedPasid(source)), ', '')),
  },
  {
    ...vtd,
    id: 'iotlb-kept-at-detach',
    rule: 'VTDN-ATT-13',
    edits: edit(SLOTS, FORGETTING, FORGETTING.replace('translations, ', '')),
  },
  {
    ...vtd,
    id: 'devices-translations-kept-at-detach',
    rule: 'VTDN-ATT-13',
    edits: edit(SLOTS, FORGETTING, FORGETTING.replace(', ...devTlbsOf(source)', '')),
  },
  {
    ...vtd,
    id: 'devices-translations-of-a-pasid-dropped-without',
    rule: 'VTDN-ATT-13',
    edits: edit(SLOTS, 'pasid === undefined ? devTlb(id, pages) : pDevTlb(id, pasid, pages)', 'devTlb(id, pages)'),
  },
  {
    ...vtd,
    id: 'iotlb-before-the-pasid-cache',
    rule: 'VTDN-ATT-13',
    edits: edit(COMMANDS, PASID_CACHE_FIRST, "['iotlb_inv', 'p_iotlb_inv'], ['pc_inv'], ['dev_tlb_inv', 'p_dev_tlb_inv', 'page_grp_resp']"),
  },
  {
    ...vtd,
    id: 'device-before-the-iotlb',
    rule: 'VTDN-ATT-13',
    edits: edit(COMMANDS, PASID_CACHE_FIRST, "['pc_inv'], ['dev_tlb_inv', 'p_dev_tlb_inv', 'page_grp_resp'], ['iotlb_inv', 'p_iotlb_inv']"),
  },
];

/** The caches may have it again by the time that it is not present. */
function stopsAfterForgetting(): string {
  return 'const forgotten = this.#forget(slot, before); if (forgotten.ok) this.#put(slot, 0, slot.kind.stopped(before)); this.#memory.barrier();';
}
