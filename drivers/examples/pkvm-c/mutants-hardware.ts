/** Defects of the pKVM driver in C in what the SMMU sees: page tables, stream tables, commands. */
import { edit, type Edit } from '#drivers/mutants/mutant';

const BACK_END = 'examples/pkvm-c/smmu_back_end.c';
const PAGE_TABLE = 'examples/pkvm-c/page_table.c';
const FORMAT = 'examples/pkvm-c/page_table_format.c';
const SMMU = 'examples/pkvm-c/smmu_v3.c';
const LAYOUTS = 'examples/pkvm-c/smmu_v3_layouts.h';
const TAKE_OVER = 'examples/pkvm-c/smmu_take_over.c';
const STREAMS = 'examples/pkvm-c/stream_table.c';
const QUEUE = 'examples/pkvm-c/command_queue.c';
const INVALIDATIONS = 'examples/pkvm-c/invalidations.c';
const WALKER = 'examples/pkvm-c/walker_memory.h';

/** By the id of the mutant that they are like. */
type Edits = Readonly<Record<string, readonly Edit[]>>;

/** STE.Config of a stream that is not translated. */
const BYPASS = '4u';

const PROGRAM = 'return smmu_attach(smmu_of(domain->iommu), endpoint, domain->domain, hyp_phys(domain->pgd));';
/** Every endpoint gets its own copy of the root. */
const COPY =
  'uint64_t copy; int32_t err = table_page_take(smmu_of(domain->iommu)->pages, &copy); if (err) return err; for (uint64_t at = 0; at < FRAME_BYTES; at += 8) walker_write(smmu_of(domain->iommu)->memory, copy + at, walker_read(hyp_phys(domain->pgd) + at));';

const DOMAINS: Edits = {
  'vmid-is-truncated': [
    { file: BACK_END, find: 'if (!smmu_has_vmid(smmu, domain->domain)) return -TCK_EINVAL;', replace: '' },
    { file: SMMU, find: 'field_put(STE2_S2VMID, vmid)', replace: 'field_put(STE2_S2VMID, vmid & ((1u << smmu->vmid_bits) - 1))' },
  ],
  'root-not-cleared': edit(BACK_END, 'tck_zero(root, hyp_page_bytes()); walker_zeroed', 'walker_zeroed'),
  'cookie-of-another-domain': edit(BACK_END, '.vmid = domain->domain,', '.vmid = domain->domain + 1,'),
  'free-without-invalidation': edit(
    BACK_END,
    'int32_t err = invalidate_vmid(&smmu_of(domain->iommu)->invalidations, domain->domain);',
    'int32_t err = 0;',
  ),
  'late-free-is-a-free': edit(BACK_END, 'if (!err) smmu_abandon(domain);', 'smmu_abandon(domain);'),
  'endpoint-costs-a-page': edit(BACK_END, PROGRAM, `${COPY} ${PROGRAM.replace('hyp_phys(domain->pgd)', 'copy')}`),
  'format-of-the-first-iommu': edit(BACK_END, '.format = &smmu->format,', '.format = &smmus[0].smmu.format,'),
  'input-beyond-the-table-wraps': edit(BACK_END, 'range->page_count, format->ias)', 'range->page_count, 63)'),
};

const BUSY = 'if (walker_read(entry) != STE0_BLOCKED) return -TCK_EBUSY;';
const INVALIDATE = 'err = invalidate_stream(&smmu->invalidations, stream);';
/** From the end of its comment on, which tells it from the other one. */
const UNSET = 'nor a stream attached. */ if (err) block_stream(smmu, stream, entry);';
const BLOCK = 'err = block_stream(smmu, stream, entry);';
const NOT_ITS_DOMAIN = 'if (vmid_of(entry) != vmid) return -TCK_EACCES;';
const TAKE_LEVEL = 'int32_t err = table_page_take(table->pages, page);';
const BLOCK_LEVEL = 'block(table->memory, *page, 1u << table->split);';

const ENTRIES: Edits = {
  'second-attach-replaces': edit(SMMU, BUSY, 'if (walker_read(entry) != STE0_BLOCKED) block_stream(smmu, stream, entry);'),
  'failed-attach-stays': edit(SMMU, UNSET, 'nor a stream attached. */'),
  'stale-words-under-a-new-entry': edit(SMMU, `${INVALIDATE} if (err) return err;`, ''),
  'entry-valid-before-its-words': edit(SMMU, 'uint32_t word = 1; word < STE_WORDS', 'uint32_t word = 0; word < STE_WORDS'),
  'entry-with-too-small-an-input': edit(SMMU, 'field_put(STE2_S2T0SZ, format->t0sz)', 'field_put(STE2_S2T0SZ, format->t0sz + 1)'),
  'entries-pass-until-attached': edit(LAYOUTS, '#define STE0_CONFIG_ABORT 0u', `#define STE0_CONFIG_ABORT ${BYPASS}`),
  'detached-into-bypass': edit(SMMU, BLOCK, `err = set_first_word(smmu, stream, entry, STE0_V | field_put(STE0_CONFIG, ${BYPASS}));`),
  'detached-entry-stays-cached': edit(SMMU, BLOCK, 'walker_write(smmu->memory, entry, STE0_BLOCKED); walker_order(); err = 0;'),
  'blocked-before-its-domain-is-checked': edit(SMMU, `${NOT_ITS_DOMAIN} ${BLOCK}`, `${BLOCK} ${NOT_ITS_DOMAIN}`),

  'streams-beyond-the-table': edit(STREAMS, 'return stream >> table->log2size == 0;', '(void)table; (void)stream; return true;'),
  'directory-before-its-page': edit(
    STREAMS,
    TAKE_LEVEL,
    `walker_write(table->memory, directory(table, second_level), field_put(L1STD_SPAN, table->split + 1)); ${TAKE_LEVEL}`,
  ),
  'second-level-not-ordered': edit(STREAMS, `${BLOCK_LEVEL} walker_order();`, BLOCK_LEVEL),
};

const LINK = 'write_entry(table, slot, format_table(fresh));';
const RESTORE = 'for (uint32_t leaf = 0; leaf < batch.count; leaf++) write_entry(table, &batch.leaves[leaf], batch.leaves[leaf].raw);';

const PAGE_TABLES: Edits = {
  'mapping-not-ordered': edit(PAGE_TABLE, 'walker_order(); if (err && !keeps_part(', 'if (err && !keeps_part('),
  'table-linked-before-its-zeros': edit(PAGE_TABLE, `walker_order(); ${LINK}`, LINK),
  'write-only-is-read-write': edit(FORMAT, '(prot & TCK_HYP_READ ? DESCRIPTOR_S2AP_READ : 0)', 'DESCRIPTOR_S2AP_READ'),
  'mapping-stays-when-refused': edit(
    PAGE_TABLE,
    'page_table_unmap(table, iova, size, &unmapped);',
    '(void)table; (void)iova; (void)size; (void)unmapped;',
  ),
  'unmap-without-invalidation': edit(
    PAGE_TABLE,
    'err = invalidate_leaves(table->invalidations, table->vmid, batch.iovas, batch.count);',
    'err = 0;',
  ),
  'late-unmap-leaves-nothing-mapped': edit(PAGE_TABLE, `${RESTORE} walker_order();`, ''),
  'first-batch-unmapped': edit(
    PAGE_TABLE,
    'while (batch.count == INVALIDATION_BATCH); *bytes = at - iova;',
    'while (false); *bytes = size;',
  ),
  'block-over-pages': edit(
    PAGE_TABLE,
    'if (slot.meaning.kind == MEANS_TABLE && !is_empty(table, slot.meaning.pa, slot.level + 1)) return false;',
    '(void)is_empty;',
  ),
  'block-in-place-of-a-table-at-once': edit(PAGE_TABLE, 'err = invalidate_vmid(table->invalidations, table->vmid);', 'err = 0;'),
  'mark-stays-after-unmap': edit(PAGE_TABLE, 'unmark(batch.leaves[leaf].meaning.pa, bytes);', ''),
  'mark-stays-after-free': edit(PAGE_TABLE, 'if (meaning.kind == MEANS_LEAF) unmark(meaning.pa, bytes_at(table, level));', ''),
};

const HAND_OVER = 'mmio_write(queue->registers, SMMU_CMDQ_PROD,';
const ANSWER = 'return err && has_stopped(queue) ? skip(queue) : err;';
const CFGI_DIRECTORY = 'field_put(CMD0_STREAM_ID, stream), 0 }';
const CLEAN = 'if (!memory.coherent) tck_clean(pa, 8);';

const COMMANDS: Edits = {
  'queue-without-wrap-flag': edit(QUEUE, '(queue->producer + 1) % (2 * queue->entries)', '(queue->producer + 1) % queue->entries'),
  'queue-not-ordered': edit(QUEUE, `walker_order(); ${HAND_OVER}`, HAND_OVER),
  'late-answer-is-an-answer': edit(QUEUE, ANSWER, ANSWER.replace(': err', ': 0')),

  'configuration-of-8-bit-streams': edit(LAYOUTS, '#define CMD0_STREAM_ID FIELD(63, 32)', '#define CMD0_STREAM_ID FIELD(39, 32)'),
  'directory-stays-cached': edit(INVALIDATIONS, CFGI_DIRECTORY, CFGI_DIRECTORY.replace('0 }', 'CMD1_LEAF }')),
  'translations-of-the-page-beside': edit(INVALIDATIONS, 'iovas[leaf] & CMD1_IPA', '(iovas[leaf] + 4096) & CMD1_IPA'),
  'translations-of-the-first-page': edit(INVALIDATIONS, 'issue(invalidations, commands, count);', 'issue(invalidations, commands, 1);'),

  // Walkers that do not snoop
  'stores-not-cleaned': edit(WALKER, CLEAN, '(void)memory;'),
  'zeros-not-cleaned': edit(WALKER, 'if (!memory.coherent) tck_clean(pa, bytes);', '(void)memory; (void)pa; (void)bytes;'),

  // Taking an SMMU over
  'disabled-smmu-lets-pass': edit(TAKE_OVER, 'GBPA_UPDATE | GBPA_ABORT |', 'GBPA_UPDATE |'),
  'enabled-with-unknown-caches': edit(TAKE_OVER, 'err = invalidate_everything(&smmu->invalidations); if (err) return err;', ''),
};

export const HARDWARE_EDITS: Edits = { ...DOMAINS, ...ENTRIES, ...PAGE_TABLES, ...COMMANDS };
