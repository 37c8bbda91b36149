/** Defects of the pKVM driver in C: those of the TypeScript driver, as edits of its sources. Here those of domains and their calls. */
import { mutantsLike } from '#drivers/mutants/like';
import { edit, type Edit, type Mutant } from '#drivers/mutants/mutant';
import { PKVM_MUTANTS } from '#drivers/pkvm/mutants';
import { HARDWARE_EDITS } from './mutants-hardware';

const DRIVER = 'examples/pkvm-c/driver.c';
const LAYER = 'examples/pkvm-c/domain_layer.c';
const TABLE = 'examples/pkvm-c/domain_table.c';
const TABLE_LAYOUT = 'examples/pkvm-c/domain_table.h';
const MEMCACHE = 'examples/pkvm-c/memcache.c';
const OPERATIONS = 'examples/pkvm-c/operations.c';
const PARAMETERS = 'examples/pkvm-c/parameters.c';

/** By the id of the mutant that they are like. */
type Edits = Readonly<Record<string, readonly Edit[]>>;

const REFUSED = 'if (err) return err;';

/** Where an allocation checks that its id is in range; the text before it tells it from the other calls. */
const CHECK = 'uint64_t page; if (domain >= table->nr_domains) return false;';
const NR_DOMAINS = 'parameters->nr_domains = parameter(at, PARAM_NR_DOMAINS);';
const ROOT_BYTES = '(MAX_DOMAINS >> table->split) * POINTER_BYTES';

const IDENTIFIERS: Edits = {
  'no-domains-means-unlimited': edit(
    PARAMETERS,
    NR_DOMAINS,
    `${NR_DOMAINS} if (parameters->nr_domains == 0) parameters->nr_domains = UINT64_MAX;`,
  ),
  'one-table-for-all-iommus': edit(
    LAYER,
    'ops_get_iommu_by_id(iommu) ? find_iommu(iommu) : NULL',
    'ops_get_iommu_by_id(iommu) ? iommus : NULL',
  ),
  'unknown-iommu-is-no-device': edit(LAYER, 'if (!obtain_domain(', 'if (!table_of(iommu)) return -TCK_ENODEV; if (!obtain_domain('),
  'page-before-the-range-check': edit(
    TABLE,
    CHECK,
    'uint64_t page; if (memcache_take(&page) || domain >= table->nr_domains) return false;',
  ),
  'mask-off-by-one': edit(TABLE, 'domain & ((1u << table->split) - 1)', 'domain % ((1u << table->split) - 1)'),
  'descriptors-of-24-bytes': [
    {
      file: TABLE_LAYOUT,
      find: '#define MAX_LEAVES (MAX_DOMAINS / (LEAST_HYP_PAGE_BYTES / DOMAIN_BYTES))',
      replace: '#define MAX_LEAVES 512u',
    },
    { file: TABLE_LAYOUT, find: '#define DOMAIN_BYTES 16u', replace: '#define DOMAIN_BYTES 24u' },
    { file: TABLE, find: 'log2_of(hyp_page_bytes() / DOMAIN_BYTES)', replace: '31 - __builtin_clz(hyp_page_bytes() / DOMAIN_BYTES)' },
    { file: TABLE, find: ROOT_BYTES, replace: 'MAX_DOMAINS / (hyp_page_bytes() / DOMAIN_BYTES) * POINTER_BYTES' },
  ],
  'number-of-domains-of-32-bits': edit(PARAMETERS, NR_DOMAINS, NR_DOMAINS.replace('parameter(', '(uint32_t)parameter(')),
};

const EMPTY = 'if (nr_pages == 0) {';
const ASK = 'tck_write64(list + MEMCACHE_NEEDS_PAGE, 1);';
const DONATED = 'if (tck_host_donate_hyp(hyp_pfn(head), 1)) return -TCK_ENOMEM;';

const MEMCACHES: Edits = {
  'missing-page-leaves-a-marker': edit(
    TABLE,
    'if (memcache_take(&page)) return false;',
    'if (memcache_take(&page)) { tck_write64(pointer_to(table, index), (uint64_t)-TCK_ENOMEM); return false; }',
  ),
  'page-needed-too-early': edit(MEMCACHE, EMPTY, `if (nr_pages == 1) ${ASK} ${EMPTY}`),
  'page-not-cleared': edit(MEMCACHE, 'tck_zero(head, hyp_page_bytes());', ''),
  'memcache-of-the-first-cpu': edit(MEMCACHE, '*list = lists + (uint64_t)cpu * MEMCACHE_BYTES;', '*list = lists;'),
  'memcache-read-twice': edit(MEMCACHE, DONATED, DONATED.replace('head', 'tck_read64(list + MEMCACHE_HEAD)')),
  'memcaches-not-shared': edit(MEMCACHE, 'TCK_HYP_PROTECTION_SHARED_OWNED', 'TCK_HYP_PROTECTION_OWNED'),
};

const IN_USE = '|| descriptor.refs != 0) return -TCK_EINVAL;';
const RECORD = 'err = ops_alloc_iopt(&fresh, pgd, &iopt); if (err) return err; descriptor_record(&descriptor, iopt.pgd);';
const NOT_FREE = 'descriptor.refs != OWN_REFERENCE';
/** From the end of the comment on, which tells it from the other calls. */
const FREED = 'its domain keeps it, and its id. */ if (err) return err; descriptor_clear(&descriptor); return 0;';
const CLEAR = 'tck_write64(descriptor->at + DOMAIN_PGD, 0); tck_write64(descriptor->at + DOMAIN_REFS, 0);';
const LAST = 'descriptor.refs <= OWN_REFERENCE';

const LIFECYCLE: Edits = {
  'allocated-again': edit(LAYER, IN_USE, ') return -TCK_EINVAL;'),
  'reference-before-the-page-table': edit(LAYER, RECORD, `descriptor_set_refs(&descriptor, 1); ${RECORD}`),
  'root-of-the-host-recorded': edit(LAYER, RECORD, RECORD.replace('iopt.pgd', 'pgd')),
  'freed-while-attached': edit(LAYER, NOT_FREE, 'descriptor.refs < OWN_REFERENCE'),
  'free-error-is-swallowed': edit(LAYER, FREED, FREED.replace('return err', 'return 0')),
  'detach-takes-the-own-reference': edit(LAYER, LAST, 'descriptor.refs == 0'),
  'references-of-8-bits': edit(TABLE, 'field_put(DOMAIN_REFS_REFS, refs)', 'field_put(DOMAIN_REFS_REFS, (uint8_t)refs)'),
  'freed-id-keeps-its-reference': edit(TABLE, CLEAR, 'tck_write64(descriptor->at + DOMAIN_PGD, 0);'),
  'references-are-signed': edit(LAYER, LAST, '(int32_t)descriptor.refs <= (int32_t)OWN_REFERENCE'),
};

const UNATTACHABLE = 'descriptor.refs == 0 || descriptor.refs == UINT32_MAX';
const NOT_ATTACHABLE = `if (!find_domain(iommu, domain, &descriptor) || ${UNATTACHABLE})`;
const ATTACH = 'err = ops_attach_dev(&attached, endpoint);';
const ATTACHED = 'if (err) return err; descriptor_set_refs(&descriptor, descriptor.refs + 1);';
const DETACHED = 'if (err) return err; descriptor_set_refs(&descriptor, descriptor.refs - 1);';
const TO_BACK_END = 'scripted ? tck_backend_attach_dev(domain, endpoint) : smmu_attach_dev(domain, endpoint)';

const ATTACHING: Edits = {
  'unallocated-domain-is-attached': edit(LAYER, UNATTACHABLE, 'descriptor.refs == UINT32_MAX'),
  'references-wrap': edit(LAYER, UNATTACHABLE, 'descriptor.refs == 0'),
  'reference-before-the-attach': edit(
    LAYER,
    `${ATTACH} ${ATTACHED}`,
    `descriptor_set_refs(&descriptor, descriptor.refs + 1); ${ATTACH} ${REFUSED}`,
  ),
  'attach-error-flattened': edit(OPERATIONS, TO_BACK_END, `(${TO_BACK_END}) ? -TCK_EINVAL : 0`),
  'endpoint-of-16-bits': edit(OPERATIONS, TO_BACK_END, TO_BACK_END.replaceAll('endpoint)', '(uint16_t)endpoint)')),
  'detach-drops-all-references': edit(LAYER, DETACHED, DETACHED.replace('descriptor.refs - 1', 'OWN_REFERENCE')),
};

const COMPLETE = 'if (!is_complete(parameters->operations, parameters->operations_count)) return -TCK_ENODEV;';
const MAP_MEMCACHES = 'err = memcaches_map(parameters->memcaches, parameters->cpus);';
const ROOT_NOT_MAPPED = 'ops_shut_down(device->iommu); return err; }';
const KNOWN = 'slot->iommu = device->iommu; slot->is_there = true;';

const INIT: Edits = {
  'any-operation-is-enough': edit(LAYER, 'missing &= ~(1u << offered[index]);', 'if (missing & (1u << offered[index])) return true;'),
  'mapped-before-the-check': edit(LAYER, `${COMPLETE} ${MAP_MEMCACHES}`, `${MAP_MEMCACHES} ${COMPLETE}`),
  'unmapped-root-is-used': edit(LAYER, `${ROOT_NOT_MAPPED} ${KNOWN} return 0;`, `ops_shut_down(device->iommu); } ${KNOWN} return err;`),
  'parameters-read-again': [
    { file: LAYER, find: 'struct domain_table table; }', replace: 'struct domain_table table; uint64_t params; }' },
    { file: LAYER, find: KNOWN, replace: `${KNOWN} slot->params = device->params;` },
    {
      file: LAYER,
      find: 'return found ? &found->table : NULL;',
      replace:
        'if (!found) return NULL; struct parameters again; parameters_copy(&again, found->params); found->table.root = tck_kern_hyp_va(again.domains); found->table.nr_domains = (uint32_t)again.nr_domains; return &found->table;',
    },
  ],
  'attach-without-references-is-a-bug': edit(
    LAYER,
    NOT_ATTACHABLE,
    `bool is_there = find_domain(iommu, domain, &descriptor); if (is_there && descriptor.refs == 0) __builtin_trap(); if (!is_there || descriptor.refs == UINT32_MAX)`,
  ),
};

const HOLD = 'HOLD_LOCK();';
const RELEASE = 'tck_unlock(*held);';
const BACK_END_CALLS = [
  'err = ops_alloc_iopt(&fresh, pgd, &iopt);',
  'err = ops_free_iopt(&freed);',
  ATTACH,
  'err = ops_detach_dev(&detached, endpoint);',
] as const;
const PAGE_TABLE_CALLS = ['map_pages', 'unmap_pages', 'iova_to_phys'].map(
  (call) => `err = allocated_domain(iommu, domain, &found); return err ? err : ops_${call}(`,
);

/** What the driver says of its locks: undeclared, a defect is found by what two calls do to each other and not at the first store. */
const UNDECLARED: Edit = {
  file: DRIVER,
  find: String.raw`{\"device-table\":\"iommu_lock\",\"donated\":\"iommu_lock\",\"queue\":\"iommu_lock\"}`,
  replace: '{}',
};

const LOCKING: Edits = {
  'reference-after-the-lock': edit(
    LAYER,
    ATTACHED,
    `${REFUSED} tck_unlock(LOCK); if (find_domain(iommu, domain, &descriptor)) descriptor_set_refs(&descriptor, descriptor.refs + 1); tck_lock(LOCK);`,
  ),
  'lock-of-each-processor': [
    { file: LAYER, find: '#define LOCK "iommu_lock"', replace: '#define LOCK (tck_cpu() == 0 ? "iommu_lock0" : "iommu_lock1")' },
    UNDECLARED,
  ],
  'page-tables-without-the-lock': [
    ...PAGE_TABLE_CALLS.map((call) => ({ file: LAYER, find: `${HOLD} ${call}`, replace: call })),
    UNDECLARED,
  ],
  'lock-held-after-a-refusal': [
    { file: LAYER, find: 'static void release_lock(', replace: 'static int32_t refused; static void release_lock(' },
    { file: LAYER, find: RELEASE, replace: `if (!refused) ${RELEASE} refused = 0;` },
    ...BACK_END_CALLS.map((call) => ({ file: LAYER, find: call, replace: `${call} refused = err;` })),
  ],
};

export const PKVM_C_MUTANTS: readonly Mutant[] = mutantsLike('pkvm-c', PKVM_MUTANTS, {
  ...IDENTIFIERS,
  ...MEMCACHES,
  ...LIFECYCLE,
  ...ATTACHING,
  ...INIT,
  ...LOCKING,
  ...HARDWARE_EDITS,
});
