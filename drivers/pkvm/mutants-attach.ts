/** Chapters 5 and 6 of the catalogue: attaching and detaching endpoints. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const pkvm = { of: 'pkvm', system: 'pkvm', by: 'step' } as const;
const LAYER = 'pkvm/domain-layer.ts';
const BACK_END = 'pkvm/smmu-back-end.ts';
const SMMU = 'pkvm/smmu-v3.ts';
const STREAMS = 'pkvm/stream-table.ts';

const ATTACH = 'const attached = this.#operations.attachDev({ iommu, domain, pgd: descriptor.pgd }, endpoint);';
const ATTACHED = 'if (!attached.ok) return attached; descriptor.refs += 1;';
const DETACH = 'const detached = this.#operations.detachDev({ iommu, domain, pgd: descriptor.pgd }, endpoint);';
const DETACHED = 'if (!detached.ok) return detached; descriptor.refs -= 1;';
const PROGRAM = 'return this.#smmu(iommu).attach(endpoint, domain, this.#platform.hypPhys(pgd));';
const BUSY = "if (memory.read(entry.value) !== BLOCKED) return refuse('EBUSY');";
const BLOCK = 'const detached = this.#block(stream, entry);';
const NOT_ITS_DOMAIN = "if (this.#vmidOf(entry) !== vmid) return refuse('EACCES');";

/** Every endpoint gets its own copy of the root, so that what is mapped later is not there. */
const COPY =
  'const { parts } = this.#smmu(iommu); const copy = parts.pages.take(); if (!copy.ok) return copy; for (let at = 0n; at < 4096n; at += 8n) parts.memory.write(copy.value + at, parts.memory.read(this.#platform.hypPhys(pgd) + at)); return this.#smmu(iommu).attach(endpoint, domain, copy.value);';

export const ATTACH_MUTANTS: readonly Mutant[] = [
  {
    ...pkvm,
    id: 'unallocated-domain-is-attached',
    rule: 'PKVM-ATT-01',
    edits: edit(LAYER, 'descriptor.refs === 0 || descriptor.refs === UINT_MAX', 'descriptor.refs === UINT_MAX'),
  },
  {
    ...pkvm,
    id: 'references-wrap',
    rule: 'PKVM-ATT-02',
    edits: [
      { file: LAYER, find: 'descriptor.refs === 0 || descriptor.refs === UINT_MAX', replace: 'descriptor.refs === 0' },
      {
        file: LAYER,
        find: ATTACHED,
        replace: 'if (!attached.ok) return attached; descriptor.refs = (descriptor.refs + 1) % (UINT_MAX + 1);',
      },
    ],
  },
  {
    ...pkvm,
    id: 'limit-of-references-too-low',
    rule: 'PKVM-ATT-03',
    edits: edit(LAYER, 'descriptor.refs === UINT_MAX', 'descriptor.refs >= UINT_MAX - 1'),
  },
  {
    ...pkvm,
    id: 'reference-before-the-attach',
    rule: 'PKVM-ATT-04',
    edits: edit(LAYER, `${ATTACH} ${ATTACHED}`, `descriptor.refs += 1; ${ATTACH} if (!attached.ok) return attached;`),
  },
  {
    ...pkvm,
    id: 'attach-error-flattened',
    rule: 'PKVM-ATT-04',
    edits: edit(LAYER, ATTACHED, "if (!attached.ok) return refuse('EINVAL'); descriptor.refs += 1;"),
  },
  {
    ...pkvm,
    id: 'attach-takes-two-references',
    rule: 'PKVM-ATT-05',
    edits: edit(LAYER, ATTACHED, 'if (!attached.ok) return attached; descriptor.refs += 2;'),
  },
  {
    ...pkvm,
    id: 'attach-sets-two-references',
    rule: 'PKVM-ATT-05',
    edits: edit(LAYER, ATTACHED, 'if (!attached.ok) return attached; descriptor.refs = 2;'),
  },
  {
    ...pkvm,
    id: 'attach-counts-signed',
    rule: 'PKVM-ATT-05',
    edits: edit(
      LAYER,
      'descriptor.refs === 0 || descriptor.refs === UINT_MAX',
      '(descriptor.refs | 0) <= 0 || descriptor.refs === UINT_MAX',
    ),
  },
  {
    ...pkvm,
    id: 'attach-counts-16-bits',
    rule: 'PKVM-ATT-05',
    edits: edit(
      LAYER,
      'descriptor.refs === 0 || descriptor.refs === UINT_MAX',
      'descriptor.refs === 0 || descriptor.refs % 65536 === 65535',
    ),
  },
  {
    ...pkvm,
    id: 'one-endpoint-for-a-domain',
    rule: 'PKVM-ATT-06',
    edits: edit(LAYER, 'descriptor.refs === UINT_MAX', 'descriptor.refs > 1'),
  },
  { ...pkvm, id: 'endpoint-with-a-root-of-its-own', rule: 'PKVM-ATT-06', edits: edit(BACK_END, PROGRAM, COPY) },
  { ...pkvm, id: 'attach-programs-nothing', rule: 'PKVM-ATT-07', edits: edit(BACK_END, PROGRAM, 'return done;') },
  { ...pkvm, id: 'endpoint-of-16-bits', rule: 'PKVM-ATT-08', edits: edit(LAYER, ATTACH, ATTACH.replace('endpoint)', 'endpoint % 65536)')) },
  { ...pkvm, id: 'stream-of-8-bits', rule: 'PKVM-ATT-08', edits: edit(BACK_END, PROGRAM, PROGRAM.replace('endpoint,', 'endpoint % 256,')) },
  {
    ...pkvm,
    id: 'stream-of-16-bits',
    rule: 'PKVM-ATT-08',
    by: 'isolation',
    edits: edit(BACK_END, PROGRAM, PROGRAM.replace('endpoint,', 'endpoint % 65536,')),
  },
  { ...pkvm, id: 'second-attach-counts', rule: 'PKVM-ATT-09', edits: edit(SMMU, BUSY, '') },
  {
    ...pkvm,
    id: 'second-attach-replaces',
    rule: 'PKVM-ATT-10',
    edits: edit(SMMU, BUSY, 'if (memory.read(entry.value) !== BLOCKED) this.#block(stream, entry.value);'),
  },
  {
    ...pkvm,
    id: 'directory-before-its-page',
    rule: 'PKVM-ATT-11',
    by: 'dangling',
    edits: edit(
      STREAMS,
      'const page = pages.take();',
      'memory.write(this.#directory(stream), L1Std.encode({ L2Ptr: 0n, Span: SPLIT + 1 })); const page = pages.take();',
    ),
  },
  {
    ...pkvm,
    id: 'failed-attach-stays',
    rule: 'PKVM-ATT-11',
    by: 'all-or-nothing',
    edits: edit(SMMU, 'if (!attached.ok) this.#block(stream, entry.value); return attached;', 'return attached;'),
  },
  {
    ...pkvm,
    id: 'domain-of-any-iommu',
    rule: 'PKVM-ATT-12',
    edits: edit(
      LAYER,
      'const descriptor = this.#tableOf(iommu)?.find(domain); if (descriptor === undefined || descriptor.refs === 0 || descriptor.refs === UINT_MAX)',
      'const descriptor = [...this.#tables.values()].map((table) => table.find(domain)).find((found) => found !== undefined && found.refs > 0); if (descriptor === undefined || descriptor.refs === UINT_MAX)',
    ),
  },

  {
    ...pkvm,
    id: 'reference-dropped-before-the-detach',
    rule: 'PKVM-DET-02',
    edits: edit(LAYER, `${DETACH} ${DETACHED}`, `descriptor.refs -= 1; ${DETACH} if (!detached.ok) return detached;`),
  },
  {
    ...pkvm,
    id: 'detach-error-flattened',
    rule: 'PKVM-DET-02',
    edits: edit(LAYER, DETACHED, "if (!detached.ok) return refuse('EINVAL'); descriptor.refs -= 1;"),
  },
  {
    ...pkvm,
    id: 'failed-detach-cannot-be-made-again',
    rule: 'PKVM-DET-02',
    edits: edit(SMMU, 'if (!detached.ok) this.#set(stream, entry, first); return detached;', 'return detached;'),
  },
  {
    ...pkvm,
    id: 'detach-drops-all-references',
    rule: 'PKVM-DET-03',
    edits: edit(LAYER, DETACHED, 'if (!detached.ok) return detached; descriptor.refs = 1;'),
  },
  {
    ...pkvm,
    id: 'detached-into-bypass',
    rule: 'PKVM-DET-04',
    by: 'isolation',
    edits: edit(
      SMMU,
      BLOCK,
      "memory.write(entry, Ste.encode({ V: true, Config: 'bypass' })); const detached = this.parts.invalidations.stream(stream);",
    ),
  },
  {
    ...pkvm,
    id: 'detached-entry-stays',
    rule: 'PKVM-DET-04',
    by: 'staleness',
    edits: edit(SMMU, BLOCK, 'const detached = this.parts.invalidations.stream(stream);'),
  },
  {
    ...pkvm,
    id: 'detached-entry-stays-cached',
    rule: 'PKVM-DET-04',
    by: 'staleness',
    edits: edit(SMMU, BLOCK, 'memory.write(entry, BLOCKED); memory.order(); const detached = { ok: true, value: null } as const;'),
  },
  {
    ...pkvm,
    id: 'detach-of-the-unattached-counts',
    rule: 'PKVM-DET-05',
    edits: edit(
      SMMU,
      "if (entry === undefined || first === BLOCKED) return refuse('ENODEV'); if (this.#vmidOf(entry) !== vmid) return refuse('EACCES');",
      'if (entry === undefined || first === BLOCKED) return { ok: true, value: null };',
    ),
  },
  {
    ...pkvm,
    id: 'detach-from-any-domain',
    rule: 'PKVM-DET-06',
    edits: edit(SMMU, NOT_ITS_DOMAIN, ''),
  },
  {
    ...pkvm,
    id: 'blocked-before-its-domain-is-checked',
    rule: 'PKVM-DET-06',
    edits: edit(SMMU, `${NOT_ITS_DOMAIN} ${BLOCK}`, `${BLOCK} ${NOT_ITS_DOMAIN}`),
  },
  { ...pkvm, id: 'endpoint-costs-a-page', rule: 'PKVM-DES-01', edits: edit(BACK_END, PROGRAM, COPY) },
];
