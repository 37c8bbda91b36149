/** Chapter 7 of the catalogue: initialisation, locking, trust. */
import { edit, type Edit, type Mutant } from '#drivers/mutants/mutant';

const pkvm = { of: 'pkvm', system: 'pkvm', by: 'step' } as const;
const LAYER = 'pkvm/domain-layer.ts';
const TABLE = 'pkvm/domain-table.ts';
const BACK_END = 'pkvm/smmu-back-end.ts';
const OPERATIONS = 'pkvm/operations.ts';
const STREAMS = 'pkvm/stream-table.ts';

const COMPLETE = 'KVM_IOMMU_OPS.every((operation) => offered.includes(operation))';
const CHECKED = "if (!isComplete(operations)) return refuse('ENODEV'); const mapped = this.#memcaches.map(memcaches, cpus);";
const ROOT_MAPPED = 'if (mapped.ok) this.#tables.set(iommu, table); else this.#operations.shutDown(iommu); return mapped;';
const LOCKED = 'const result = body(); this.#platform.unlock(LOCK);';
const ATTACH = 'attachDev(iommu: number, domain: number, endpoint: number): Result<null> {';
const ON_PAGE_TABLE =
  '#onPageTable(iommu: number, domain: number, use: (table: KvmDomain) => Result<bigint>): Result<bigint> { return this.#locked(';
/** Takes the place of `this.#locked`. */
const UNLOCKED = '(<T>(body: () => T): T => body())';
/** What the driver says of its locks: undeclared, a defect is found by what two calls do to each other and not at the first store. */
const UNDECLARED: Edit = {
  file: 'pkvm/driver.ts',
  find: "locks: { 'device-table': 'iommu_lock', donated: 'iommu_lock', queue: 'iommu_lock' },",
  replace: 'locks: {},',
};

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
    edits: [{ file: LAYER, find: LOCKED, replace: 'this.#platform.unlock(LOCK); const result = body();' }, UNDECLARED],
  },
  {
    ...pkvm,
    id: 'lock-around-the-lookup',
    rule: 'PKVM-LOCK-01',
    edits: [
      {
        file: LAYER,
        find: `${ATTACH} return this.#locked(() => { const descriptor = this.#tableOf(iommu)?.find(domain);`,
        replace: `${ATTACH} const found = this.#locked(() => ({ ok: true as const, value: this.#tableOf(iommu)?.find(domain) })); return ${UNLOCKED}(() => { const descriptor = found.ok ? found.value : undefined;`,
      },
      UNDECLARED,
    ],
  },
  {
    ...pkvm,
    id: 'references-checked-before-the-lock',
    rule: 'PKVM-LOCK-01',
    edits: edit(
      LAYER,
      "return this.#locked(() => { const descriptor = this.#tableOf(iommu)?.find(domain); if (descriptor === undefined || descriptor.refs !== OWN_REFERENCE) return refuse('EINVAL');",
      "const descriptor = this.#tableOf(iommu)?.find(domain); if (descriptor === undefined || descriptor.refs !== OWN_REFERENCE) return refuse('EINVAL'); return this.#locked(() => {",
    ),
  },
  {
    ...pkvm,
    id: 'reference-after-the-lock',
    rule: 'PKVM-LOCK-01',
    by: 'locking',
    edits: [
      {
        file: LAYER,
        find: `${ATTACH} return this.#locked(() => {`,
        replace: `${ATTACH} let late: Descriptor | undefined; const result = this.#locked<null>(() => {`,
      },
      {
        file: LAYER,
        find: 'descriptor.refs += 1; return done; });',
        replace: 'late = descriptor; return done; }); if (result.ok) late!.refs += 1; return result;',
      },
    ],
  },
  {
    ...pkvm,
    id: 'lock-of-each-processor',
    rule: 'PKVM-LOCK-01',
    edits: [
      {
        file: LAYER,
        find: 'this.#platform.lock(LOCK);',
        replace: 'const own = `${LOCK}${this.#platform.cpu()}`; this.#platform.lock(own);',
      },
      { file: LAYER, find: 'this.#platform.unlock(LOCK);', replace: 'this.#platform.unlock(own);' },
      UNDECLARED,
    ],
  },
  {
    ...pkvm,
    id: 'page-tables-without-the-lock',
    rule: 'PKVM-LOCK-01',
    by: 'balance',
    edits: [{ file: LAYER, find: ON_PAGE_TABLE, replace: ON_PAGE_TABLE.replace('this.#locked', UNLOCKED) }, UNDECLARED],
  },
  { ...pkvm, id: 'no-locks', rule: 'PKVM-LOCK-01', by: 'locking', port: () => ({ lock: () => undefined, unlock: () => undefined }) },
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
    id: 'granule-read-again',
    rule: 'PKVM-TRUST-01',
    edits: [
      {
        file: BACK_END,
        find: 'takeOver(iommu: number, parameters: Parameters)',
        replace: 'takeOver(iommu: number, parameters: Parameters, params = 0n)',
      },
      {
        file: BACK_END,
        find: 'this.#smmus.set(iommu, smmu.value);',
        replace: 'this.#smmus.set(iommu, Object.assign(smmu.value, { params }));',
      },
      {
        file: BACK_END,
        find: 'const { format } = this.#smmu(iommu).parts;',
        replace:
          "const { params } = this.#smmu(iommu) as SmmuV3 & { params: bigint }; const format = formatOf(copyParameters(this.#platform, params)); if (format === undefined) return refuse('EINVAL');",
      },
      {
        file: BACK_END,
        find: "import { levelOf } from './page-table-format';",
        replace: "import { formatOf, levelOf } from './page-table-format'; import { copyParameters } from './parameters';",
      },
      {
        file: LAYER,
        find: 'this.#operations.takeOver(iommu, parameters)',
        replace: '(this.#operations.takeOver as (...args: unknown[]) => Result<null>).call(this.#operations, iommu, parameters, params)',
      },
    ],
  },
  {
    ...pkvm,
    id: 'streams-beyond-the-table',
    rule: 'PKVM-TRUST-02',
    by: 'balance',
    edits: edit(STREAMS, 'return stream < 2 ** this.shape.LOG2SIZE;', 'return true;'),
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
