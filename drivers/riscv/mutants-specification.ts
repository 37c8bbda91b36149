/** Chapter 8 of the catalogue, second half: what hardware of this architecture asks of a driver. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const riscv = { of: 'riscv', system: 'riscv', by: 'step' } as const;
const PAGING = 'riscv/paging-domain.ts';
const NESTED = 'riscv/nested-domain.ts';
const FORMAT = 'riscv/page-table-format.ts';
const TABLE = 'parts/page-table.ts';
const GUEST = 'riscv/guest-context.ts';
const CONTEXT = 'riscv/device-context.ts';
const COMMANDS = 'riscv/commands.ts';
const DIRECTORY = 'riscv/device-directory.ts';
const SEQUENCER = 'riscv/sequencer.ts';

const IDENTITY = 'tc: Tc.encode({ V: true })';
const NESTED_CONTEXT = '{ ...own, iohgatp: parent.context.iohgatp,';
const FORMAT_OF = "registers.read('capabilities').MSI_FLAT ? 'extended' : 'base'";
const OWN = 'return Tc.of(tc).V ? { ...BLOCKED, tc, fsc } : BLOCKED;';
const LEAF = 'Pte.encode({ PPN: Number(pa / PAGE), D: write, A: true, U: true, X: execute, W: write, R: read, V: true })';
const INPUT_END = '2n ** BigInt(stage === 1 ? inputBits - 1 : inputBits)';
const GVMA = "Iotinval.encode({ ...headerOf('IOTINVAL.GVMA'), ...guest(gscid), ...page(address) })";
const DDT = '{ DV: true, DID: id }';
const FORGET = 'iommu.invalidations.issue(commands, contextsOf(through), devicesOf([...this.bonds.on(iommu), ...through]))';
const STORE = 'for (const word of words) this.#platform.write64(at + offsetOf(word), from[word]);';
const LEAVES = 'for (const { at, raw } of leaves) this.#memory.write64(at, raw);';

export const SPECIFICATION_MUTANTS: readonly Mutant[] = [
  { ...riscv, id: 'reserved-bit-in-a-context', rule: 'RVN-SP-01', edits: edit(CONTEXT, IDENTITY, `${IDENTITY} | 4096n`) },
  {
    ...riscv,
    id: 'update-of-a-and-d-that-hardware-lacks',
    rule: 'RVN-SP-01',
    edits: edit(NESTED, NESTED_CONTEXT, `${NESTED_CONTEXT} tc: own.tc | 128n,`),
  },
  { ...riscv, id: 'extended-format-always', rule: 'RVN-SP-02', edits: edit(DIRECTORY, FORMAT_OF, "'extended'") },
  { ...riscv, id: 'base-format-always', rule: 'RVN-SP-02', edits: edit(DIRECTORY, FORMAT_OF, "'base'") },
  {
    ...riscv,
    id: 'default-process-left-out',
    rule: 'RVN-SP-03',
    edits: edit(GUEST, OWN, OWN.replace('tc, fsc', 'tc: Tc.with(tc, { DPE: false }), fsc')),
  },
  {
    ...riscv,
    id: 'process-directory-at-a-host-address',
    rule: 'RVN-SP-04',
    by: 'dangling',
    edits: edit(NESTED, NESTED_CONTEXT, '{ ...own, iohgatp: hasProcesses(own) ? 0n : parent.context.iohgatp,'),
  },
  {
    ...riscv,
    id: 'every-page-executes',
    rule: 'RVN-SP-05',
    by: 'isolation',
    edits: edit(FORMAT, LEAF, LEAF.replace('X: execute', 'X: true')),
  },
  {
    ...riscv,
    id: 'second-stage-invalidated-as-a-first',
    rule: 'RVN-SP-06',
    by: 'staleness',
    edits: edit(PAGING, 'gvma(this.#tag, iova)', 'vma(this.#tag, iova)'),
  },
  { ...riscv, id: 'pages-for-supervisors', rule: 'RVN-SP-07', edits: edit(FORMAT, LEAF, LEAF.replace('U: true', 'U: false')) },
  {
    ...riscv,
    id: 'second-stage-as-narrow-as-a-first',
    rule: 'RVN-SP-08',
    edits: edit(FORMAT, INPUT_END, INPUT_END.replace(': inputBits)', ': inputBits - 2)')),
  },
  {
    ...riscv,
    id: 'second-stage-wraps',
    rule: 'RVN-SP-08',
    by: 'isolation',
    edits: edit(FORMAT, INPUT_END, INPUT_END.replace(': inputBits)', ': inputBits + 1)')),
  },
  { ...riscv, id: 'pages-not-accessed', rule: 'RVN-SP-09', edits: edit(FORMAT, LEAF, LEAF.replace('A: true', 'A: false')) },
  { ...riscv, id: 'pages-not-dirty', rule: 'RVN-SP-09', edits: edit(FORMAT, LEAF, LEAF.replace('D: write', 'D: false')) },
  {
    ...riscv,
    id: 'second-stage-with-a-pscid',
    rule: 'RVN-SP-10',
    edits: edit(COMMANDS, GVMA, GVMA.replace('...guest', '...(gscid !== undefined && { PSCV: true }), ...guest')),
  },
  { ...riscv, id: 'context-of-an-id-too-wide', rule: 'RVN-SP-11', edits: edit(COMMANDS, DDT, '{ DV: true, DID: id + 64 }') },
  { ...riscv, id: 'context-with-a-process', rule: 'RVN-SP-11', edits: edit(COMMANDS, DDT, '{ DV: true, DID: id, PID: 1 }') },
  {
    ...riscv,
    id: 'context-kept-with-a-guest-address',
    rule: 'RVN-SP-12',
    by: 'staleness',
    edits: edit(PAGING, FORGET, FORGET.replace(' contextsOf(through),', '')),
  },
  {
    ...riscv,
    id: 'caches-of-devices-first',
    rule: 'RVN-SP-13',
    edits: edit(
      PAGING,
      FORGET,
      FORGET.replace(
        '(commands, contextsOf(through), devicesOf([...this.bonds.on(iommu), ...through]))',
        '(devicesOf([...this.bonds.on(iommu), ...through]), commands, contextsOf(through))',
      ),
    ),
  },
  {
    ...riscv,
    id: 'caches-of-devices-together',
    rule: 'RVN-SP-13',
    edits: edit(
      PAGING,
      FORGET,
      FORGET.replace(
        '(commands, contextsOf(through), devicesOf([...this.bonds.on(iommu), ...through]))',
        '([...devicesOf([...this.bonds.on(iommu), ...through]), ...commands], contextsOf(through))',
      ),
    ),
  },
  {
    ...riscv,
    id: 'interrupts-without-a-second-stage',
    rule: 'RVN-SP-14',
    by: 'dangling',
    edits: edit(SEQUENCER, STORE, `${STORE} if (from.tc !== 0n) this.#platform.write64(at + 32n, 2n ** 60n);`),
  },
  { ...riscv, id: 'leaf-without-a-barrier', rule: 'RVN-SP-16', edits: edit(TABLE, `${LEAVES} this.#memory.barrier();`, LEAVES) },
];
