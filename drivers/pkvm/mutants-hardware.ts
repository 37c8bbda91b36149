/** Beyond the catalogue: what the SMMU may still see, which the sanitizer finds in scenarios about other things. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const pkvm = { of: 'pkvm', system: 'pkvm', by: 'staleness' } as const;
const BACK_END = 'pkvm/smmu-back-end.ts';
const PAGE_TABLE = 'pkvm/page-table.ts';
const SMMU = 'pkvm/smmu-v3.ts';

export const HARDWARE_MUTANTS: readonly Mutant[] = [
  {
    ...pkvm,
    id: 'attach-not-invalidated',
    rule: 'PKVM-ATT-07',
    by: 'step',
    edits: edit(
      SMMU,
      'const attached = this.#set(stream, entry.value, Ste.word(ste, 0));',
      'memory.write(entry.value, Ste.word(ste, 0)); memory.order(); const attached: Result<null> = { ok: true, value: null };',
    ),
  },
  {
    ...pkvm,
    id: 'stale-words-under-a-new-entry',
    rule: 'SAN-DANGLING',
    by: 'dangling',
    edits: edit(SMMU, 'const prepared = invalidations.stream(stream);', 'const prepared: Result<null> = { ok: true, value: null };'),
  },
  {
    ...pkvm,
    id: 'unmap-without-invalidation',
    rule: 'PKVM-ALLOC-07',
    edits: edit(PAGE_TABLE, 'batch.length === 0 ? ok(null) : this.#forget(batch)', 'ok(null)'),
  },
  {
    ...pkvm,
    id: 'free-without-invalidation',
    rule: 'PKVM-ALLOC-08',
    edits: edit(BACK_END, 'const forgotten = this.#smmu(domain.iommu).parts.invalidations.vmid(domain.domain);', 'const forgotten = done;'),
  },
  {
    ...pkvm,
    id: 'table-linked-before-its-zeros',
    rule: 'COM-MAP-01',
    // What was in the page leads to tables of nobody before it leads to pages.
    by: 'dangling',
    edits: edit(
      PAGE_TABLE,
      'this.#parts.memory.order(); this.#parts.memory.write(slot.at, tableDescriptor(this.#parts.format, table.value));',
      'this.#parts.memory.write(slot.at, tableDescriptor(this.#parts.format, table.value));',
    ),
  },
];
