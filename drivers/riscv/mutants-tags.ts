/** Chapter 7 of the catalogue, second half: identifiers that caches know address spaces by. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const riscv = { of: 'riscv', system: 'riscv', by: 'step' } as const;
const DOMAINS = 'riscv/domains.ts';
const PAGING = 'riscv/paging-domain.ts';
const NESTED = 'riscv/nested-domain.ts';
const DEVICES = 'riscv/devices.ts';

const TAKEN = 'this.#platform.idAlloc(space, 1, last)';
const PSCIDS = "{ space: 'pscid', last: 2 ** 20 - 1 }";
const GSCIDS = "{ space: 'gscid', last: 2 ** 16 - 1 }";
const CONTEXT = '{ ...own, iohgatp: parent.context.iohgatp, ta: DcTa.encode({ PSCID: pscid }) }';
const TAG = 'const tag = { gscid: this.parent.gscid! };';
const OWN_TAG = 'if (!hasProcesses(this.context)) return { ...tag, pscid: this.#pscid };';

/** A nested domain gets the second stage that the device has at the moment. */
const LIVE = edit(
  DEVICES,
  'contextFor(asked, slot.ats)',
  'contextFor(asked.iohgatp !== 0n && asked.fsc !== 0n ? { ...asked, iohgatp: before[count]!.iohgatp } : asked, slot.ats)',
);

export const TAG_MUTANTS: readonly Mutant[] = [
  { ...riscv, id: 'identifiers-from-0', rule: 'RVN-TAG-01', edits: edit(DOMAINS, TAKEN, TAKEN.replace('1', '0')) },
  { ...riscv, id: 'pscids-of-16-bits', rule: 'RVN-TAG-01', edits: edit(PAGING, PSCIDS, PSCIDS.replace('20', '16')) },
  { ...riscv, id: 'pscids-beyond-20-bits', rule: 'RVN-TAG-01', edits: edit(PAGING, PSCIDS, PSCIDS.replace(' - 1', '')) },
  { ...riscv, id: 'gscids-of-14-bits', rule: 'RVN-TAG-01', edits: edit(PAGING, GSCIDS, GSCIDS.replace('16', '14')) },
  { ...riscv, id: 'gscids-beyond-16-bits', rule: 'RVN-TAG-01', edits: edit(PAGING, GSCIDS, GSCIDS.replace(' - 1', '')) },
  {
    ...riscv,
    id: 'nested-tag-not-programmed',
    rule: 'RVN-TAG-02',
    edits: edit(NESTED, CONTEXT, CONTEXT.replace('PSCID: pscid', 'PSCID: 0')),
  },
  {
    ...riscv,
    id: 'nested-domains-of-a-parent-share-a-tag',
    rule: 'RVN-TAG-02',
    edits: edit(NESTED, CONTEXT, CONTEXT.replace('PSCID: pscid', 'PSCID: parent.gscid! + 0 * pscid')),
  },
  { ...riscv, id: 'second-stage-as-the-device-has-it', rule: 'RVN-TAG-03', by: 'dangling', edits: LIVE },
  { ...riscv, id: 'second-stage-of-another-parent', rule: 'RVN-TAG-04', by: 'staleness', edits: LIVE },
  { ...riscv, id: 'invalidation-without-a-gscid', rule: 'RVN-TAG-05', edits: edit(NESTED, TAG, 'const tag = {} as Tag;') },
  {
    ...riscv,
    id: 'invalidation-with-the-guests-pscid',
    rule: 'RVN-TAG-05',
    edits: edit(NESTED, OWN_TAG, OWN_TAG.replace('this.#pscid', 'pscid ?? this.#pscid')),
  },
  { ...riscv, id: 'one-gscid-for-all', rule: 'RVN-TAG-05', edits: edit(PAGING, 'GSCID: id, PPN', 'GSCID: 1, PPN') },
];
