/** Chapter 4 of the catalogue, third part: what a refused attach leaves, and what those who share a domain have of it. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const vtd = { of: 'vtd', system: 'vtd', by: 'step' } as const;
const CACHE_TAGS = 'vtd/cache-tags.ts';
const DEVICES = 'vtd/devices.ts';
const DIDS = 'vtd/domain-ids.ts';

const REPLACED = 'if (now.domain === domain) return done;';
const blocksFirst = (which: string): string =>
  `${REPLACED} const blocked = ${which} ? this.#move({ device, pasid, domain: undefined }) : done; if (!blocked.ok) return blocked;`;
const TIES_BACK = 'else for (const tie of ties.value) tie.release();';
const DID = 'const did = take(domain.takeDid(iommu), () => domain.giveDid(iommu));';
const TAG_BACK = '(given) => tags.unassign(given)';
const UNTIED = 'for (const unassign of undo) unassign(); domain.giveDid(iommu);';
const LAST_USER = 'const known = this.#taken.get(iommu)!; if (--known.users > 0) return;';
const LAST_TAG = 'if (--counted.users > 0) return;';

export const SHARING_MUTANTS: readonly Mutant[] = [
  {
    ...vtd,
    id: 'blocks-a-device-before-it-looks',
    rule: 'VTDN-ATT-11',
    by: 'all-or-nothing',
    edits: edit(DEVICES, REPLACED, blocksFirst('pasid === 0xffff_ffff')),
  },
  {
    ...vtd,
    id: 'blocks-a-pasid-before-it-looks',
    rule: 'VTDN-ATT-15',
    by: 'all-or-nothing',
    edits: edit(DEVICES, REPLACED, blocksFirst('pasid !== 0xffff_ffff')),
  },
  {
    ...vtd,
    id: 'no-domain-id-is-no-memory',
    rule: 'VTDN-ATT-12',
    edits: edit(DEVICES, `${DID} if (!did.ok) return did;`, `${DID} if (!did.ok) return refuse('ENOMEM');`),
  },
  {
    ...vtd,
    id: 'domain-id-of-a-failed-attach-kept',
    rule: 'VTDN-ATT-12',
    by: 'all-or-nothing',
    edits: edit(DEVICES, DID, 'const did = take(domain.takeDid(iommu), () => undefined);'),
  },
  {
    ...vtd,
    id: 'tags-of-a-failed-attach-kept',
    rule: 'VTDN-ATT-12',
    by: 'all-or-nothing',
    edits: edit(DEVICES, TAG_BACK, '() => undefined'),
  },
  {
    ...vtd,
    id: 'ties-of-a-refused-attach-kept',
    rule: 'VTDN-ATT-12',
    by: 'all-or-nothing',
    edits: edit(DEVICES, TIES_BACK, ''),
  },
  {
    ...vtd,
    id: 'domain-id-of-a-detached-device-kept',
    rule: 'VTDN-ATT-12',
    edits: edit(DEVICES, UNTIED, 'for (const unassign of undo) unassign();'),
  },
  {
    ...vtd,
    id: 'domain-id-goes-with-the-first-user',
    rule: 'VTDN-ATT-16',
    edits: edit(DIDS, LAST_USER, 'const known = this.#taken.get(iommu); if (known === undefined) return;'),
  },
  {
    ...vtd,
    id: 'tag-goes-with-the-first-user',
    rule: 'VTDN-ATT-16',
    by: 'staleness',
    edits: edit(CACHE_TAGS, `)!; ${LAST_TAG}`, '); if (counted === undefined) return;'),
  },
  {
    ...vtd,
    id: 'old-ties-go-before-the-entry',
    rule: 'VTDN-ATT-16',
    by: 'staleness',
    edits: [
      { file: DEVICES, find: 'for (const tie of before.ties) tie.release();', replace: '' },
      {
        file: DEVICES,
        find: 'const before = attachments.get(pasid);',
        replace: 'const before = attachments.get(pasid); for (const tie of before?.ties ?? []) tie.release();',
      },
    ],
  },
  {
    ...vtd,
    id: 'domain-id-is-never-shared',
    rule: 'VTDN-ATT-16',
    edits: edit(DIDS, 'if (known !== undefined) { known.users++;', 'if (known?.users === 0) { known.users++;'),
  },
  {
    ...vtd,
    id: 'attach-without-a-lock',
    rule: 'SAN-LOCKING',
    by: 'locking',
    edits: edit(DEVICES, 'return locked(this.#platform, LOCK, body);', 'return body();'),
  },
];
