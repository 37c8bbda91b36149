/** Chapter 7 of the catalogue: initialisation, locking, trust. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const pkvm = { of: 'pkvm', system: 'pkvm', by: 'step' } as const;
const LAYER = 'pkvm/domain-layer.ts';
const TABLE = 'pkvm/domain-table.ts';
const BACK_END = 'pkvm/smmu-back-end.ts';
const OPERATIONS = 'pkvm/operations.ts';

const COMPLETE = 'KVM_IOMMU_OPS.every((operation) => offered.includes(operation))';
const CHECKED = "if (!isComplete(operations)) return refuse('ENODEV'); const mapped = this.#memcaches.map(memcaches, cpus);";
const ROOT_MAPPED = 'if (mapped.ok) this.#tables.set(iommu, table); else this.#operations.shutDown(iommu); return mapped;';
const LOCKED = 'const result = body(); this.#platform.unlock(LOCK);';

export const INIT_MUTANTS: readonly Mutant[] = [
  { ...pkvm, id: 'any-operation-is-enough', rule: 'PKVM-INIT-01', edits: edit(OPERATIONS, COMPLETE, COMPLETE.replace('every', 'some')) },
  {
    ...pkvm,
    id: 'detach-is-not-looked-for',
    rule: 'PKVM-INIT-01',
    edits: edit(OPERATIONS, COMPLETE, "KVM_IOMMU_OPS.every((operation) => operation === 'detachDev' || offered.includes(operation))"),
  },
  {
    ...pkvm,
    id: 'mapped-before-the-check',
    rule: 'PKVM-INIT-02',
    edits: edit(
      LAYER,
      CHECKED,
      "const mapped = this.#memcaches.map(memcaches, cpus); if (!isComplete(operations)) return refuse('ENODEV');",
    ),
  },
  {
    ...pkvm,
    id: 'memcache-mapping-error-ignored',
    rule: 'PKVM-INIT-03',
    edits: edit(LAYER, 'if (!mapped.ok) return mapped; this.#initialised = true;', 'this.#initialised = true;'),
  },
  {
    ...pkvm,
    id: 'root-mapping-error-ignored',
    rule: 'PKVM-INIT-04',
    edits: edit(LAYER, ROOT_MAPPED, 'if (mapped.ok) this.#tables.set(iommu, table); else this.#operations.shutDown(iommu); return done;'),
  },
  {
    ...pkvm,
    id: 'root-is-a-kernel-address',
    rule: 'PKVM-INIT-04',
    edits: edit(TABLE, 'this.#root = platform.kernHypVa(domains);', 'this.#root = domains;'),
  },
  {
    ...pkvm,
    id: 'unmapped-root-is-used',
    rule: 'PKVM-INIT-05',
    by: 'balance',
    edits: edit(LAYER, ROOT_MAPPED, 'this.#tables.set(iommu, table); if (!mapped.ok) this.#operations.shutDown(iommu); return mapped;'),
  },
  {
    ...pkvm,
    id: 'init-operation-is-required',
    rule: 'PKVM-INIT-06',
    edits: edit(OPERATIONS, COMPLETE, `offered.includes('init' as never) && ${COMPLETE}`),
  },
  {
    ...pkvm,
    id: 'format-of-the-first-iommu',
    rule: 'PKVM-INIT-07',
    edits: edit(
      BACK_END,
      'const parts = { platform: this.#platform, memory, pages, format,',
      'const parts = { platform: this.#platform, memory, pages, format: this.#smmus.values().next().value!.parts.format,',
    ),
  },

  {
    ...pkvm,
    id: 'lock-around-nothing',
    rule: 'PKVM-LOCK-01',
    edits: edit(LAYER, LOCKED, 'this.#platform.unlock(LOCK); const result = body();'),
  },
  { ...pkvm, id: 'no-locks', rule: 'PKVM-LOCK-01', port: () => ({ lock: () => undefined, unlock: () => undefined }) },
  {
    ...pkvm,
    id: 'lock-held-after-a-refusal',
    rule: 'PKVM-LOCK-02',
    by: 'locking',
    edits: edit(LAYER, LOCKED, 'const result = body(); if (result.ok) this.#platform.unlock(LOCK);'),
  },
  {
    ...pkvm,
    id: 'parameters-read-again',
    rule: 'PKVM-TRUST-01',
    edits: [
      {
        file: LAYER,
        find: 'if (mapped.ok) this.#tables.set(iommu, table);',
        replace: 'if (mapped.ok) this.#tables.set(iommu, Object.assign(table, { params }));',
      },
      {
        file: LAYER,
        find: 'return this.#operations.getIommuById(iommu) ? this.#tables.get(iommu) : undefined;',
        replace:
          'const table = this.#operations.getIommuById(iommu) ? (this.#tables.get(iommu) as DomainTable & { params: bigint }) : undefined; return table && new DomainTable(this.#platform, this.#memcaches, copyParameters(this.#platform, table.params));',
      },
    ],
  },
  {
    ...pkvm,
    id: 'attach-without-references-is-a-bug',
    rule: 'PKVM-TRUST-02',
    edits: edit(
      LAYER,
      'if (descriptor === undefined || descriptor.refs === 0 || descriptor.refs === UINT_MAX)',
      "if (descriptor?.refs === 0) throw new Error('BUG_ON'); if (descriptor === undefined || descriptor.refs === UINT_MAX)",
    ),
  },
];
