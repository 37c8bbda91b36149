/** Beyond the catalogue: what the SMMU may still see, which the sanitizer finds in scenarios about other things. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const pkvm = { of: 'pkvm', system: 'pkvm', by: 'staleness' } as const;
const BACK_END = 'pkvm/smmu-back-end.ts';
const PAGE_TABLE = 'pkvm/page-table.ts';
const SMMU = 'pkvm/smmu-v3.ts';
const QUEUE = 'pkvm/command-queue.ts';
const INVALIDATIONS = 'pkvm/invalidations.ts';
const STREAMS = 'pkvm/stream-table.ts';
const TAKE_OVER = 'pkvm/smmu-take-over.ts';

const CFGI = 'CfgiSte.encode({ opcode: CMD_CFGI_STE.opcode, StreamID, Leaf: true })';
const TLBI = 'TlbiVmid.encode({ opcode: CMD_TLBI_S12_VMALL.opcode, VMID })';
const PREPARED = 'const prepared = invalidations.stream(stream);';

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
    edits: edit(SMMU, PREPARED, 'const prepared: Result<null> = { ok: true, value: null };'),
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
    id: 'sync-polled-at-the-producer',
    rule: 'PKVM-INIT-04',
    by: 'step',
    edits: edit(
      QUEUE,
      "const waited = this.#registers.waitFor('CMDQ_CONS', { RD: this.#producer });",
      "const waited = this.#registers.waitFor('CMDQ_PROD', { WR: this.#producer });",
    ),
  },
  {
    ...pkvm,
    id: 'table-linked-before-its-zeros',
    rule: 'COM-MAP-01',
    edits: edit(
      PAGE_TABLE,
      'this.#parts.memory.order(); this.#parts.memory.write(slot.at, tableDescriptor(this.#parts.format, table.value));',
      'this.#parts.memory.write(slot.at, tableDescriptor(this.#parts.format, table.value));',
    ),
  },

  // The command queue. Where PKVM-INIT-04 finds it: taking the SMMU over is the first that uses the queue.
  {
    ...pkvm,
    id: 'queue-without-wrap-flag',
    rule: 'PKVM-ATT-07',
    by: 'step',
    edits: edit(QUEUE, '(this.#producer + 1) % (2 * this.#entries)', '(this.#producer + 1) % this.#entries'),
  },
  {
    ...pkvm,
    id: 'queue-without-room-for-the-sync',
    rule: 'PKVM-DET-04',
    by: 'step',
    edits: edit(
      QUEUE,
      'first += this.#entries - 1) { for (const command of commands.slice(first, first + this.#entries - 1))',
      'first += this.#entries) { for (const command of commands.slice(first, first + this.#entries))',
    ),
  },
  {
    ...pkvm,
    id: 'queue-not-ordered',
    rule: 'PKVM-INIT-04',
    by: 'step',
    edits: edit(
      QUEUE,
      "this.#memory.order(); this.#registers.write('CMDQ_PROD', { WR: this.#producer });",
      "this.#registers.write('CMDQ_PROD', { WR: this.#producer });",
    ),
  },
  {
    ...pkvm,
    id: 'invalidation-without-sync',
    rule: 'PKVM-INIT-04',
    by: 'step',
    edits: edit(QUEUE, 'this.#push(SYNC); const waited', 'const waited'),
  },
  {
    ...pkvm,
    id: 'sync-before-the-commands',
    rule: 'PKVM-INIT-04',
    by: 'step',
    edits: edit(
      QUEUE,
      'for (const command of commands.slice(first, first + this.#entries - 1)) this.#push(command); this.#push(SYNC);',
      'this.#push(SYNC); for (const command of commands.slice(first, first + this.#entries - 1)) this.#push(command);',
    ),
  },
  {
    ...pkvm,
    id: 'late-unmap-is-an-unmap',
    rule: 'SAN-STALENESS',
    edits: edit(PAGE_TABLE, 'if (!forgotten.ok) { for (const leaf of batch)', 'if (false) { for (const leaf of batch)'),
  },
  {
    ...pkvm,
    id: 'late-unmap-leaves-nothing-mapped',
    rule: 'SAN-ALL-OR-NOTHING',
    by: 'all-or-nothing',
    edits: edit(PAGE_TABLE, 'for (const leaf of batch) this.#parts.memory.write(leaf.at, leaf.raw);', ''),
  },
  {
    ...pkvm,
    id: 'late-free-is-a-free',
    rule: 'PKVM-FREE-06',
    by: 'all-or-nothing',
    edits: edit(BACK_END, 'if (forgotten.ok) this.abandon(domain);', 'this.abandon(domain);'),
  },
  {
    ...pkvm,
    id: 'late-answer-is-an-answer',
    rule: 'PKVM-DET-02',
    edits: edit(QUEUE, 'return waited.ok ? done : waited; }', 'return done; }'),
  },

  // What is invalidated
  {
    ...pkvm,
    id: 'configuration-of-another-stream',
    rule: 'PKVM-ATT-07',
    by: 'dangling',
    edits: edit(INVALIDATIONS, CFGI, CFGI.replace('StreamID', 'StreamID: 0')),
  },
  {
    ...pkvm,
    id: 'configuration-of-8-bit-streams',
    rule: 'PKVM-ATT-08',
    by: 'dangling',
    edits: edit(INVALIDATIONS, CFGI, CFGI.replace('StreamID', 'StreamID: StreamID % 256')),
  },
  {
    ...pkvm,
    id: 'translations-of-another-vmid',
    rule: 'PKVM-ALLOC-08',
    edits: edit(INVALIDATIONS, TLBI, TLBI.replace('VMID }', 'VMID: VMID === 0 ? 1 : VMID - 1 }')),
  },
  {
    ...pkvm,
    id: 'translations-of-8-bit-vmids',
    rule: 'PKVM-ALLOC-08',
    edits: edit(INVALIDATIONS, TLBI, TLBI.replace('VMID }', 'VMID: VMID % 256 }')),
  },
  {
    ...pkvm,
    id: 'translations-of-the-page-beside',
    rule: 'COM-UNMAP-01',
    edits: edit(INVALIDATIONS, 'Address: iova >> 12n', 'Address: (iova >> 12n) + 1n'),
  },
  {
    ...pkvm,
    id: 'translations-of-the-first-page',
    rule: 'SAN-STALENESS',
    edits: edit(INVALIDATIONS, 'this.#issue(iovas.map(', 'this.#issue(iovas.slice(0, 1).map('),
  },

  // Stream table entries
  {
    ...pkvm,
    id: 'entry-valid-before-its-words',
    rule: 'PKVM-ATT-07',
    by: 'dangling',
    edits: edit(
      SMMU,
      'for (let word = 1; word < STE_WORDS; word++) memory.write(',
      'for (let word = 0; word < STE_WORDS; word++) memory.write(',
    ),
  },
  {
    ...pkvm,
    id: 'entry-with-8-bits-of-vmid',
    rule: 'PKVM-ATT-07',
    by: 'isolation',
    edits: edit(SMMU, 'S2VMID, S2T0SZ', 'S2VMID: S2VMID % 256, S2T0SZ'),
  },
  {
    ...pkvm,
    id: 'entry-with-an-address-of-the-hypervisor',
    rule: 'PKVM-ATT-07',
    by: 'step',
    edits: edit(BACK_END, 'attach(endpoint, domain, this.#platform.hypPhys(pgd))', 'attach(endpoint, domain, pgd)'),
  },
  {
    ...pkvm,
    id: 'entry-with-too-small-an-input',
    rule: 'PKVM-ATT-07',
    by: 'step',
    edits: edit(SMMU, 'S2T0SZ: format.T0SZ,', 'S2T0SZ: format.T0SZ + 1,'),
  },
  {
    ...pkvm,
    id: 'entries-pass-until-attached',
    rule: 'PKVM-ATT-07',
    by: 'isolation',
    edits: edit(STREAMS, "Ste.encode({ V: true, Config: 'abort' })", "Ste.encode({ V: true, Config: 'bypass' })"),
  },
  {
    ...pkvm,
    id: 'directory-stays-cached',
    rule: 'PKVM-ATT-08',
    by: 'step',
    edits: edit(INVALIDATIONS, 'StreamID, Leaf: false', 'StreamID, Leaf: true'),
  },
  {
    ...pkvm,
    id: 'second-level-not-ordered',
    rule: 'PKVM-ATT-08',
    by: 'isolation',
    edits: edit(STREAMS, 'block(memory, page.value, 2 ** SPLIT); memory.order();', 'block(memory, page.value, 2 ** SPLIT);'),
  },
  { ...pkvm, id: 'second-level-half-used', rule: 'PKVM-ATT-08', by: 'step', edits: edit(STREAMS, 'Span: SPLIT + 1 }', 'Span: SPLIT }') },

  // Taking an SMMU over, and letting it go
  {
    ...pkvm,
    id: 'disabled-smmu-lets-pass',
    rule: 'SAN-ISOLATION',
    by: 'isolation',
    edits: edit(TAKE_OVER, "{ Update: true, ABORT: true, SHCFG: 'incoming' }", "{ Update: true, SHCFG: 'incoming' }"),
  },
  {
    ...pkvm,
    id: 'enabled-with-unknown-caches',
    rule: 'PKVM-INIT-04',
    by: 'step',
    edits: edit(TAKE_OVER, 'const empty = invalidations.everything(); if (!empty.ok) return empty;', ''),
  },
];
