/** Beyond the catalogue: page tables, what is given back, and what a walker sees that does not snoop. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const pkvm = { of: 'pkvm', system: 'pkvm' } as const;
const PAGE_TABLE = 'pkvm/page-table.ts';
const FORMAT = 'pkvm/page-table-format.ts';
const BACK_END = 'pkvm/smmu-back-end.ts';
const WALKER = 'pkvm/walker-memory.ts';

const CLEAN = 'if (!this.#coherent) this.#platform.clean(pa, 8);';

export const MAPPING_MUTANTS: readonly Mutant[] = [
  {
    ...pkvm,
    id: 'mapping-not-ordered',
    rule: 'COM-MAP-01',
    by: 'step',
    edits: edit(PAGE_TABLE, 'this.#parts.memory.order(); return ok(size);', 'return ok(size);'),
  },
  {
    ...pkvm,
    id: 'write-only-is-read-write',
    rule: 'COM-MAP-01',
    by: 'isolation',
    edits: edit(FORMAT, '((prot & HYP_READ) !== 0 ? 1 : 0)', '1'),
  },
  {
    ...pkvm,
    id: 'mapping-stays-when-refused',
    rule: 'SAN-ALL-OR-NOTHING',
    by: 'all-or-nothing',
    edits: edit(PAGE_TABLE, 'this.unmap(iova, done);', ''),
  },
  {
    ...pkvm,
    id: 'input-beyond-the-table-wraps',
    rule: 'PKVM-TRUST-02',
    by: 'isolation',
    edits: edit(BACK_END, "return end > 1n << BigInt(format.ias) ? refuse('ERANGE') : done;", 'return done;'),
  },
  {
    ...pkvm,
    id: 'first-batch-invalidated',
    rule: 'COM-UNMAP-01',
    by: 'staleness',
    edits: edit(PAGE_TABLE, 'batch.length === 0 ? ok(null)', 'at !== iova ? ok(null)'),
  },
  {
    ...pkvm,
    id: 'first-batch-unmapped',
    rule: 'COM-UNMAP-01',
    by: 'staleness',
    edits: edit(PAGE_TABLE, 'if (batch.length < BATCH) return ok(at - iova);', 'return ok(size);'),
  },
  {
    ...pkvm,
    id: 'block-over-pages',
    rule: 'PKVM-TRUST-02',
    by: 'isolation',
    edits: edit(PAGE_TABLE, "if (meaning.kind === 'table' && !this.#isEmpty(meaning.pa, (reached + 1) as LookupLevel)) return false;", ''),
  },
  {
    ...pkvm,
    id: 'block-in-place-of-a-table-at-once',
    rule: 'PKVM-TRUST-02',
    by: 'dangling',
    edits: edit(
      PAGE_TABLE,
      'const forgotten = invalidations.vmid(vmid);',
      'void invalidations; void vmid; const forgotten: Result<null> = ok(null);',
    ),
  },
  {
    ...pkvm,
    id: 'mark-stays-after-unmap',
    rule: 'SAN-BALANCE',
    by: 'balance',
    edits: edit(PAGE_TABLE, 'for (const { pa, bytes } of batch) this.#unmark(pa, bytes);', ''),
  },
  {
    ...pkvm,
    id: 'mark-stays-after-free',
    rule: 'SAN-BALANCE',
    by: 'balance',
    edits: edit(PAGE_TABLE, "if (meaning.kind === 'leaf') this.#unmark(meaning.pa, this.#bytesAt(level));", ''),
  },

  // Walkers that do not snoop
  { ...pkvm, id: 'stores-not-cleaned', rule: 'PKVM-ATT-07', by: 'step', edits: edit(WALKER, CLEAN, '') },
  {
    ...pkvm,
    id: 'cleaned-before-the-store',
    rule: 'PKVM-ATT-07',
    by: 'step',
    edits: edit(WALKER, `this.#platform.write64(pa, value); ${CLEAN}`, `${CLEAN} this.#platform.write64(pa, value);`),
  },
  {
    ...pkvm,
    id: 'zeros-not-cleaned',
    rule: 'PKVM-ATT-07',
    by: 'staleness',
    edits: edit(WALKER, 'if (!this.#coherent) this.#platform.clean(pa, bytes);', ''),
  },
];
