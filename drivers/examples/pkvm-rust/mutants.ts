/** Defects of the pKVM driver in Rust: those of the TypeScript driver, as edits of its sources. */
import { PKVM_MUTANTS } from '#drivers/pkvm/mutants';
import { mutantsLike } from '#drivers/mutants/like';
import { edit, type Edit, type Mutant } from '#drivers/mutants/mutant';

const SRC = 'examples/pkvm-rust/src';
const ADDRESSES = `${SRC}/addresses.rs`;
const BACK_END = `${SRC}/smmu_back_end.rs`;
const BITMAP = `${SRC}/bitmap.rs`;
const CALLS = `${SRC}/lib.rs`;
const EXTENTS = `${SRC}/table_extents.rs`;
const FORMAT = `${SRC}/page_table_format.rs`;
const INVALIDATIONS = `${SRC}/invalidations.rs`;
const LAYER = `${SRC}/domain_layer.rs`;
const LAYOUTS = `${SRC}/layouts.rs`;
const MEMCACHE = `${SRC}/memcache.rs`;
const OPERATIONS = `${SRC}/operations.rs`;
const PAGES = `${SRC}/table_pages.rs`;
const PAGE_TABLE = `${SRC}/page_table.rs`;
const PARAMETERS = `${SRC}/parameters.rs`;
const QUEUE = `${SRC}/command_queue.rs`;
const REGISTERS = `${SRC}/registers.rs`;
const SMMU = `${SRC}/smmu.rs`;
const STREAMS = `${SRC}/stream_table.rs`;
const TABLE = `${SRC}/domain_table.rs`;
const TAKE_OVER = `${SRC}/take_over.rs`;
const WALKER = `${SRC}/walker_memory.rs`;

/** Where an allocation checks that its id is in range. */
const CHECK = 'if domain >= self.nr_domains { return None; } let leaf';
const SPLIT = 'self.split = (addresses.page_bytes / DOMAIN_BYTES).trailing_zeros();';
const DONATE = 'host_donate_hyp(self.addresses.pfn(head), 1).map_err(|_| ENOMEM)?;';
const DONATE_ROOT = 'host_donate_hyp(addresses.pfn(root), 1)';
const ATTACH = 'known.back_end.attach_dev(&of, endpoint)?;';
const ATTACHED = 'descriptor.set_refs(refs + 1);';
const DETACH = 'known.back_end.detach_dev(&of, endpoint)?;';
const DETACHED = 'descriptor.set_refs(refs - 1);';
const BLOCK = 'let detached = self.block(stream, entry);';

/** Every endpoint gets its own copy of the root, so that what is mapped later is not there. */
const COPY =
  'let copy = self.pages.take()?; for at in (0..4096).step_by(8) { self.memory.write(copy + at, self.memory.read(root + at)); } self.attach(endpoint, domain.domain, copy)';

/** A call without the lock that keeps other processors out. */
const unlocked = (call: string): string => `let mut got = Err(iommu_tck::EINVAL); unsafe { DRIVER.begin(|driver| got = driver.${call}) };`;
/** What the driver says of its locks: undeclared, a defect is found by what two calls do to each other and not at the first store. */
const UNDECLARED: Edit = {
  file: CALLS,
  find: '"locks": { "device-table": "iommu_lock", "donated": "iommu_lock", "queue": "iommu_lock" }',
  replace: '"locks": {}',
};

const IDENTIFIERS: Readonly<Record<string, readonly Edit[]>> = {
  'limit-is-inclusive': edit(TABLE, CHECK, 'if domain > self.nr_domains { return None; } let leaf'),
  'one-table-for-all-iommus': edit(
    LAYER,
    'self.known(id).ok_or(EINVAL)',
    'self.known(id).ok_or(EINVAL)?; self.iommus.iter_mut().find(|iommu| iommu.used).ok_or(EINVAL)',
  ),
  'mask-off-by-one': edit(TABLE, 'domain & ((1 << self.split) - 1)', 'domain % ((1 << self.split) - 1)'),
  'geometry-of-4k-pages-on-64k': edit(TABLE, SPLIT, 'self.split = 8;'),
  'vmid-is-truncated': [
    { file: BACK_END, find: 'if !self.has_vmid(domain.domain) { return Err(EINVAL); }', replace: '' },
    { file: SMMU, find: 'u64::from(vmid)', replace: 'u64::from(vmid % (1 << self.vmid_bits))' },
  ],
};

const MEMCACHES: Readonly<Record<string, readonly Edit[]>> = {
  'page-not-cleared': edit(MEMCACHE, 'zero(head, self.addresses.page_bytes);', ''),
  'memcache-of-the-first-cpu': edit(MEMCACHE, 'let cpu = cpu();', 'let cpu = 0;'),
  'misaligned-page-is-taken': edit(ADDRESSES, 'address % self.page_bytes == 0', 'address != 1'),
  'memcache-read-twice': edit(MEMCACHE, DONATE, DONATE.replace('pfn(head)', 'pfn(read64(list + HEAD))')),
  'lookup-takes-a-page': edit(
    TABLE,
    '0 => None,',
    `0 => { let fresh = self.addresses.hyp_va_of(self.memcaches.take().ok()?); write64(self.pointer(domain), fresh); Some(self.descriptor(fresh, domain)) }`,
  ),
  'memcaches-not-shared': edit(MEMCACHE, 'abi::HYP_PROTECTION_SHARED_OWNED', 'abi::HYP_PROTECTION_OWNED'),
};

const LIFECYCLE: Readonly<Record<string, readonly Edit[]>> = {
  'allocated-again': edit(LAYER, 'if descriptor.refs() != 0 { return Err(EINVAL); }', ''),
  'cookie-of-another-domain': edit(BACK_END, 'vmid: domain.domain,', 'vmid: domain.domain + 1,'),
  'free-without-invalidation': edit(BACK_END, 'self.invalidations.vmid(domain.domain)?;', ''),
  'translations-of-8-bit-vmids': edit(LAYOUTS, 'CMD_TLBI_S12_VMALL | u64::from(vmid)', 'CMD_TLBI_S12_VMALL | u64::from(vmid % 256)'),
  'root-not-taken-from-the-host': edit(BACK_END, `${DONATE_ROOT}?;`, `let _ = ${DONATE_ROOT};`),
  'freed-while-attached': edit(LAYER, 'descriptor.refs() != OWN_REFERENCE', 'descriptor.refs() < OWN_REFERENCE'),
  'freed-root-is-kept': edit(TABLE, 'write64(descriptor.at + PGD, 0);', ''),
  'late-free-is-a-free': edit(
    BACK_END,
    'self.invalidations.vmid(domain.domain)?; self.abandon(domain); Ok(())',
    'let forgotten = self.invalidations.vmid(domain.domain); self.abandon(domain); forgotten',
  ),
  'references-of-8-bits': edit(TABLE, 'write64(self.at + REFS, refs.into());', 'write64(self.at + REFS, (refs % 256).into());'),
  'references-are-signed': edit(LAYER, 'if refs <= OWN_REFERENCE', 'if refs as i32 <= OWN_REFERENCE as i32'),
};

const ENDPOINTS: Readonly<Record<string, readonly Edit[]>> = {
  'references-wrap': [
    { file: LAYER, find: 'if refs == 0 || refs == u32::MAX', replace: 'if refs == 0' },
    { file: LAYER, find: ATTACHED, replace: 'descriptor.set_refs(refs.wrapping_add(1));' },
  ],
  'reference-before-the-attach': edit(LAYER, `${ATTACH} ${ATTACHED}`, `${ATTACHED} ${ATTACH}`),
  'stale-words-under-a-new-entry': edit(SMMU, 'self.invalidations.stream(stream)?; let attached', 'let attached'),
  'entries-pass-until-attached': edit(LAYOUTS, 'STE_CONFIG_ABORT: u64 = 0 << 1', 'STE_CONFIG_ABORT: u64 = 4 << 1'),
  'second-level-half-used': edit(STREAMS, 'u64::from(split + 1)', 'u64::from(split)'),
  'directory-stays-cached': edit(INVALIDATIONS, 'cfgi_ste(stream, false)', 'cfgi_ste(stream, true)'),
  'second-attach-counts': edit(SMMU, 'if self.memory.read(entry) != BLOCKED { return Err(EBUSY); }', ''),
  'failed-attach-stays': edit(SMMU, 'if attached.is_err() { let _ = self.block(stream, entry); }', ''),
  'reference-dropped-before-the-detach': edit(LAYER, `${DETACH} ${DETACHED}`, `${DETACHED} ${DETACH}`),
  'detached-into-bypass': edit(SMMU, BLOCK, 'let detached = self.set(stream, entry, STE_V | 4 << 1);'),
  'detached-entry-stays-cached': edit(SMMU, BLOCK, 'self.memory.write(entry, BLOCKED); let detached: Result<(), Errno> = Ok(());'),
  'detach-from-any-domain': edit(SMMU, 'if self.vmid_of(entry) != vmid { return Err(EACCES); }', ''),
  'endpoint-costs-a-page': edit(BACK_END, 'self.attach(endpoint, domain.domain, root)', COPY),
};

const MACHINE: Readonly<Record<string, readonly Edit[]>> = {
  'detach-is-not-looked-for': edit(OPERATIONS, 'NEEDED.iter().all(', 'NEEDED[..4].iter().all('),
  'root-is-a-kernel-address': edit(TABLE, 'addresses.hyp_va(parameters.domains)', 'parameters.domains'),
  'queue-not-ordered': edit(QUEUE, 'self.memory.order(); self.registers.write(CMDQ_PROD', 'self.registers.write(CMDQ_PROD'),
  'queue-without-wrap-flag': edit(QUEUE, '(self.producer + 1) % (2 * self.entries())', '(self.producer + 1) % self.entries()'),
  'enabled-with-unknown-caches': edit(TAKE_OVER, 'invalidations.everything()?;', 'let _ = invalidations;'),
  'disabled-smmu-lets-pass': edit(REGISTERS, 'GBPA_ABORT: u32 = 1 << 20', 'GBPA_ABORT: u32 = 0'),
  'late-answer-is-an-answer': edit(QUEUE, 'self.behind = waited.is_err(); waited', 'let _ = waited; Ok(())'),
  'lock-around-nothing': [
    {
      file: CALLS,
      find: 'answer(DRIVER.lock().attach_dev(iommu, domain, endpoint))',
      replace: `drop(DRIVER.lock()); ${unlocked('attach_dev(iommu, domain, endpoint)')} answer(got)`,
    },
    UNDECLARED,
  ],
  'page-tables-without-the-lock': [
    {
      file: CALLS,
      find: 'let mapped = DRIVER.lock().map_pages(iommu, domain, &Mapping { range, pa, prot });',
      replace: `let mapping = Mapping { range, pa, prot }; ${unlocked('map_pages(iommu, domain, &mapping)')} let mapped = got;`,
    },
    UNDECLARED,
  ],
  'lock-held-after-a-refusal': edit(
    CALLS,
    'answer(DRIVER.lock().alloc_domain(iommu, domain, pgd))',
    'let mut driver = DRIVER.lock(); let allocated = driver.alloc_domain(iommu, domain, pgd); if allocated.is_err() { core::mem::forget(driver); } answer(allocated)',
  ),
  'parameters-read-again': [
    { file: PARAMETERS, find: 'pub struct Parameters {', replace: 'pub struct Parameters { pub at: u64,' },
    { file: PARAMETERS, find: 'Parameters { domains: word(DOMAINS),', replace: 'Parameters { at, domains: word(DOMAINS),' },
    { file: TABLE, find: 'nr_domains: u32,', replace: 'nr_domains: u32, parameters: u64,' },
    { file: TABLE, find: 'nr_domains: 0,', replace: 'nr_domains: 0, parameters: 0,' },
    { file: TABLE, find: SPLIT, replace: `${SPLIT} self.parameters = parameters.at;` },
    { file: TABLE, find: CHECK, replace: 'if u64::from(domain) >= read64(self.parameters + 8) { return None; } let leaf' },
  ],
  'streams-beyond-the-table': edit(STREAMS, 'u64::from(stream) < 1 << self.shape.log2_size', 'u64::from(stream) < 1 << 32'),
  'stores-not-cleaned': edit(WALKER, 'if !self.coherent { clean(pa, 8); }', ''),
  'zeros-not-cleaned': edit(PAGES, 'self.memory.zeroed(page, self.page_bytes);', ''),
};

const MAPPINGS: Readonly<Record<string, readonly Edit[]>> = {
  'mapping-not-ordered': edit(PAGE_TABLE, 'self.memory.order(); Ok(size)', 'Ok(size)'),
  'table-linked-before-its-zeros': edit(PAGE_TABLE, 'self.memory.order(); self.enter(', 'self.enter('),
  'write-only-is-read-write': edit(FORMAT, 'when(prot & HYP_READ != 0, S2AP_READ)', 'when(prot != 0, S2AP_READ)'),
  'input-beyond-the-table-wraps': edit(BACK_END, 'if end > 1 << bits { return Err(ERANGE); }', 'let _ = (bits, ERANGE);'),
  'block-over-pages': edit(EXTENTS, '*end = (*end).max(index + 1);', '*end = (*end).max(index);'),
  'block-in-place-of-a-table-at-once': edit(
    PAGE_TABLE,
    'if let Err(errno) = self.invalidations.vmid(self.vmid) { self.memory.write(slot.at(), slot.raw); return Err(errno); }',
    '',
  ),
  'unmap-without-invalidation': edit(PAGE_TABLE, 'if leaves.is_empty() { return Ok(()); }', 'if leaves.len() <= BATCH { return Ok(()); }'),
  'translations-of-the-first-page': edit(INVALIDATIONS, '&commands[..count]', '&commands[..count.min(1)]'),
  'late-unmap-leaves-nothing-mapped': edit(PAGE_TABLE, 'for leaf in batch { self.memory.write(leaf.at, leaf.raw); }', ''),
  'mark-stays-after-unmap': edit(PAGE_TABLE, 'self.unmark(leaf.pa, leaf.bytes); at', 'at'),
  'mark-stays-after-free': edit(PAGE_TABLE, 'Meaning::Leaf(pa) => self.unmark(pa, self.format.bytes_at(level)),', 'Meaning::Leaf(_) => {}'),
};

/** Of what the TypeScript driver does not have: sets of what there is to give back. */
const OF_ITS_OWN: Mutant = {
  id: 'pages-stay-after-stop',
  of: 'pkvm-rust',
  system: 'pkvm',
  rule: 'SAN-BALANCE',
  by: 'balance',
  edits: edit(BITMAP, '|= 1 << (number % 64);', '|= 0 << (number % 64);'),
};

export const PKVM_RUST_MUTANTS: readonly Mutant[] = [
  ...mutantsLike('pkvm-rust', PKVM_MUTANTS, {
    ...IDENTIFIERS,
    ...MEMCACHES,
    ...LIFECYCLE,
    ...ENDPOINTS,
    ...MACHINE,
    ...MAPPINGS,
  }),
  OF_ITS_OWN,
];
