/** Chapter 5 of the catalogue, second part: whose caches are told, and under which tags. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const vtd = { of: 'vtd', system: 'vtd', by: 'step' } as const;
const COMMANDS = 'vtd/commands.ts';
const FLUSHES = 'vtd/flushes.ts';
const NESTED = 'vtd/nested-domain.ts';
const SLOTS = 'vtd/slots.ts';
const TAGS = 'vtd/cache-tags.ts';

const EACH_IOMMU = 'for (const iommu of this.tags.iommus) {';
const DEVICES = "...of(['devtlb']).flatMap(({ source }) => devTlbsOf(source, pages)),";
const DEVICES_ABOVE = "...of(['nesting-devtlb']).flatMap(({ source }) => devTlbsOf(source)),";
const TELL_DEVICE = 'pasid === undefined ? devTlb(id, pages) : pDevTlb(id, pasid, pages)';

export const CACHE_MUTANTS: readonly Mutant[] = [
  {
    ...vtd,
    id: 'guest-is-heard-by-one-iommu',
    rule: 'VTDN-INV-01',
    edits: edit(NESTED, EACH_IOMMU, EACH_IOMMU.replace('iommus', 'iommus.slice(0, 1)')),
  },
  {
    ...vtd,
    id: 'guest-is-heard-for-one-user',
    rule: 'VTDN-INV-01',
    edits: edit(NESTED, 'dropping(this.tags.on(iommu), 1, range)', 'dropping(this.tags.on(iommu).slice(0, 1), 1, range)'),
  },
  {
    ...vtd,
    id: 'guest-is-heard-for-other-domains',
    rule: 'VTDN-INV-01',
    edits: edit(NESTED, 'dropping(this.tags.on(iommu), 1, range)', 'dropping(this.parent.tags.on(iommu), 1, range)'),
  },
  { ...vtd, id: 'device-is-not-told', rule: 'VTDN-INV-07', edits: edit(FLUSHES, DEVICES, '') },
  {
    ...vtd,
    id: 'device-is-told-of-one-page',
    rule: 'VTDN-INV-07',
    edits: edit(FLUSHES, DEVICES, DEVICES.replace('pages)),', 'pages && { ...pages, order: 0 })),')),
  },
  {
    ...vtd,
    id: 'device-is-told-before-its-iommu',
    rule: 'VTDN-INV-07',
    edits: edit(
      COMMANDS,
      "['iotlb_inv', 'p_iotlb_inv'], ['dev_tlb_inv', 'p_dev_tlb_inv', 'page_grp_resp']",
      "['dev_tlb_inv', 'p_dev_tlb_inv', 'page_grp_resp'], ['iotlb_inv', 'p_iotlb_inv']",
    ),
  },
  {
    ...vtd,
    id: 'device-is-told-of-what-its-guest-calls-otherwise',
    rule: 'VTDN-INV-13',
    edits: edit(FLUSHES, DEVICES_ABOVE, DEVICES_ABOVE.replace('(source)', '(source, pages)')),
  },
  {
    ...vtd,
    id: 'tables-of-guests-are-kept',
    rule: 'VTDN-INV-13',
    edits: edit(FLUSHES, "kind === 'nesting-iotlb' ? { ...pages, leafOnly: false } : pages", 'pages'),
  },
  {
    ...vtd,
    id: 'tag-goes-with-its-first-user',
    rule: 'VTDN-INV-14',
    edits: edit(TAGS, 'if (--counted.users > 0) return;', 'counted.users--;'),
  },
  {
    ...vtd,
    id: 'tags-in-the-parents-list-alone',
    rule: 'VTDN-INV-14',
    edits: edit(NESTED, 'this.tags = new CacheTags(platform);', 'this.tags = parent.tags;'),
  },
  {
    ...vtd,
    id: 'guest-is-heard-for-pasid-0',
    rule: 'VTDN-INV-15',
    edits: edit(FLUSHES, 'const pasid = taggedPasid(source);', 'const pasid = 0;'),
  },
  { ...vtd, id: 'device-is-told-of-pasid-0', rule: 'VTDN-INV-15', edits: edit(SLOTS, TELL_DEVICE, 'pDevTlb(id, pasid ?? 0, pages)') },
  { ...vtd, id: 'device-is-told-of-no-pasid', rule: 'VTDN-INV-15', edits: edit(SLOTS, TELL_DEVICE, 'devTlb(id, pages)') },
];
