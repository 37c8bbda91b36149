/**
 * What Linux's driver once did and does not do any more, under the commits that tell of it: those that put it right, but for one.
 *
 * | Mutant | What it was | What became of it |
 * | --- | --- | --- |
 * | `75ed00055c05` | an entry was zeroed while hardware could still fetch it in pieces | P alone is cleared, the entry forgotten, and zeroed then |
 * | `7543ee63e811` | brought it in: a new entry was put over one that was present | c3b1edea3791 stops the old one first |
 * | `821985301124` | what was unmapped in a parent was forgotten under its own domain-id alone | under those of the nested domains, too |
 * | `5e54e861f16f` | and devices behind nested domains were not told | they forget everything |
 * | `f1e1610950ea` | tracking was switched for the parent's own devices alone | for those of the nested domains, too |
 * | `1f0198fce683` | a nested domain was attached without the tracking that its parent had | SSADE is set from the beginning |
 * | `04b1b069f151` | what a guest had changed was dropped as if a second stage had | by PASID, as for other first stages |
 * | `v4-ih-hard-coded` | series 4 said of every range that only leaves had changed | f6f3721244a8, as merged, says it where the guest does |
 */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const vtd = { of: 'vtd', system: 'vtd', by: 'step' } as const;
const DIRTY = 'vtd/dirty.ts';
const ENTRIES = 'vtd/entries.ts';
const FLUSHES = 'vtd/flushes.ts';
const GUEST = 'vtd/guest-invalidations.ts';
const NESTED = 'vtd/nested-domain.ts';

const STOPPED = 'this.#put(slot, 0, slot.kind.stopped(before)); this.#memory.barrier();';
const ZEROED = 'for (let word = 0; word < slot.kind.words; word++) this.#put(slot, word, 0n); this.#memory.barrier();';
const STOP = 'const stopped = this.#stop(slot, before);';
const OVERWRITE = `if (slot.kind.isPresent(before) && slot.kind.isPresent(next)) {
  this.#store(slot, next, before);
  const forgotten = this.#forget(slot, before);
  return forgotten.ok ? undefined : { refusal: forgotten, isMixed: true };
}`;

export const HISTORY_MUTANTS: readonly Mutant[] = [
  { ...vtd, id: '75ed00055c05', rule: 'VTDN-ATT-13', by: 'dangling', edits: edit(ENTRIES, STOPPED, ZEROED) },
  { ...vtd, id: '7543ee63e811', rule: 'VTDN-ATT-09', by: 'isolation', edits: edit(ENTRIES, STOP, `${OVERWRITE} ${STOP}`) },
  {
    ...vtd,
    id: '821985301124',
    rule: 'VTDN-INV-13',
    by: 'staleness',
    edits: edit(NESTED, "{ tags: parent.tags, kinds: ['nesting-iotlb', 'nesting-devtlb'] },", ''),
  },
  {
    ...vtd,
    id: '5e54e861f16f',
    rule: 'VTDN-INV-13',
    edits: edit(FLUSHES, "...of(['nesting-devtlb']).flatMap(({ source }) => devTlbsOf(source)),", ''),
  },
  {
    ...vtd,
    id: 'f1e1610950ea',
    rule: 'VTDN-DIRTY-01',
    edits: edit(DIRTY, 'devices.refresh(domain.users)', 'devices.refresh([...domain.attachments])'),
  },
  {
    ...vtd,
    id: '1f0198fce683',
    rule: 'VTDN-DIRTY-02',
    edits: edit(NESTED, 'snoops: this.parent.snoops };', 'snoops: this.parent.snoops, notesDirty: false };'),
  },
  {
    ...vtd,
    id: '04b1b069f151',
    rule: 'VTDN-INV-15',
    edits: edit(NESTED, 'dropping(this.tags.on(iommu), 1, range)', 'dropping(this.tags.on(iommu), 2, range)'),
  },
  { ...vtd, id: 'v4-ih-hard-coded', rule: 'VTDN-INV-06', edits: edit(GUEST, 'leafOnly: flags === VTD_INV_FLAGS_LEAF', 'leafOnly: true') },
];
