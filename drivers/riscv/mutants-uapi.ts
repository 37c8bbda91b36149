/** Chapter 6 of the catalogue: what user space says of a nested domain, and is told of the hardware. */
import { edit, type Mutant } from '#drivers/mutants/mutant';

const riscv = { of: 'riscv', system: 'riscv', by: 'step' } as const;
const GUEST = 'riscv/guest-context.ts';
const NESTED = 'riscv/nested-domain.ts';
const DEVICES = 'riscv/devices.ts';
const DRIVER = 'riscv/driver.ts';

const LENGTH = "if (length < HWPT_RISCV_BYTES.least || length > HWPT_RISCV_BYTES.most) return refuse('EINVAL');";
const COPY = 'const copied = platform.copyIn(address, length);';
const HOSTS = "HwptRiscv.mask('iohgatp', 'ta', 'msiptp', 'msi_addr_mask', 'msi_addr_pattern', 'reserved7')";
const GUESTS_TC = "Tc.mask('V', 'PDTV', 'DPE', 'SADE')";
const OWN = 'return Tc.of(tc).V ? { ...BLOCKED, tc, fsc } : BLOCKED;';
const CHECK = 'return Tc.of(given.tc).V ? REFUSED.find(({ when }) => when(given, capabilities))?.why : undefined;';
const CONTEXT = '{ ...own, iohgatp: parent.context.iohgatp, ta: DcTa.encode({ PSCID: pscid }) }';
const PROGRAM = 'const changed = sequencer.change(slot, contextFor(asked, slot.ats));';
const INFO = 'const iommu = this.#devices.iommuOf(device); if (iommu === undefined)';
const TOLD = 'return ok({ type: HW_INFO.RISCV_IOMMU,';

/** A record of the faults that the context would lead to, as far as it is filled. */
const RECORD = `${COPY} if (copied.ok) platform.copyOut(address, Uint8Array.from({ length: 32 }, (_none, at) => (at < 8 ? 0 : 0xaa)));`;

export const UAPI_MUTANTS: readonly Mutant[] = [
  { ...riscv, id: 'context-copied-twice', rule: 'RVN-UAPI-01', edits: edit(GUEST, COPY, `platform.copyIn(address, 8); ${COPY}`) },
  {
    ...riscv,
    id: 'event-written-by-an-allocation',
    rule: 'RVN-UAPI-02',
    edits: edit(GUEST, COPY, `${COPY} if (copied.ok) platform.copyOut(address, new Uint8Array(32));`),
  },
  {
    ...riscv,
    id: 'second-stage-from-the-guest',
    rule: 'RVN-UAPI-03',
    edits: [
      { file: GUEST, find: HOSTS, replace: HOSTS.replace("'iohgatp', ", '') },
      {
        file: NESTED,
        find: CONTEXT,
        replace: CONTEXT.replace('parent.context.iohgatp', 'BigInt.asUintN(64, guest / 2n ** 64n) || parent.context.iohgatp'),
      },
    ],
  },
  {
    ...riscv,
    id: 'tag-from-the-guest',
    rule: 'RVN-UAPI-03',
    edits: [
      { file: GUEST, find: HOSTS, replace: HOSTS.replace("'ta', ", '') },
      { file: NESTED, find: CONTEXT, replace: CONTEXT.replace('DcTa.encode({ PSCID: pscid })', 'BigInt.asUintN(64, guest / 2n ** 128n)') },
    ],
  },
  {
    ...riscv,
    id: 'whole-tc-from-the-guest',
    rule: 'RVN-UAPI-03',
    edits: edit(GUEST, GUESTS_TC, "Tc.mask('V', 'PDTV', 'DPE', 'SADE', 'GADE', 'EN_ATS', 'EN_PRI', 'T2GPA', 'PRPR', 'DTF', 'custom')"),
  },
  {
    ...riscv,
    id: 'interrupts-from-the-guest',
    rule: 'RVN-UAPI-03',
    edits: edit(GUEST, HOSTS, "HwptRiscv.mask('iohgatp', 'ta', 'reserved7')"),
  },
  {
    ...riscv,
    id: 'context-that-is-not-valid-made-valid',
    rule: 'RVN-UAPI-04',
    edits: edit(GUEST, OWN, 'return { ...BLOCKED, tc: Tc.with(tc, { V: true, DPE: false }), fsc };'),
  },
  {
    ...riscv,
    id: 'context-that-is-not-valid-refused',
    rule: 'RVN-UAPI-04',
    edits: edit(GUEST, CHECK, CHECK.replace(': undefined', ": 'it is not valid'")),
  },
  {
    ...riscv,
    id: 'context-that-is-not-valid-checked',
    rule: 'RVN-UAPI-04',
    edits: edit(GUEST, CHECK, CHECK.replace('return Tc.of(given.tc).V ?', 'return').replace(' : undefined', '')),
  },
  {
    ...riscv,
    id: 'context-given-to-the-hardware-unchecked',
    rule: 'RVN-UAPI-05',
    edits: edit(GUEST, CHECK, 'return given.raw < 0n && capabilities ? REFUSED[0]!.why : undefined;'),
  },
  {
    ...riscv,
    id: 'update-of-a-and-d-not-checked',
    rule: 'RVN-UAPI-05',
    edits: edit(GUEST, 'Tc.of(tc).SADE && !AMO_HWAD', 'Tc.of(tc).SADE && AMO_HWAD && !AMO_HWAD'),
  },
  {
    ...riscv,
    id: 'reserved-mode-not-checked',
    rule: 'RVN-UAPI-05',
    edits: edit(GUEST, "!Tc.of(tc).PDTV && Iosatp.of(fsc).MODE === 'reserved'", "!Tc.of(tc).V && Iosatp.of(fsc).MODE === 'reserved'"),
  },
  {
    ...riscv,
    id: 'default-process-without-a-directory',
    rule: 'RVN-UAPI-05',
    edits: edit(GUEST, 'Tc.of(tc).DPE && !Tc.of(tc).PDTV', 'Tc.of(tc).DPE && !Tc.of(tc).V'),
  },
  {
    ...riscv,
    id: 'short-context-accepted',
    rule: 'RVN-UAPI-06',
    edits: edit(GUEST, LENGTH, LENGTH.replace('length < HWPT_RISCV_BYTES.least ||', '')),
  },
  {
    ...riscv,
    id: 'long-context-accepted',
    rule: 'RVN-UAPI-06',
    edits: edit(
      GUEST,
      `${LENGTH} ${COPY}`,
      `${LENGTH.replace('|| length > HWPT_RISCV_BYTES.most', '')} ${COPY.replace('length', 'Math.min(length, HWPT_RISCV_BYTES.most)')}`,
    ),
  },
  {
    ...riscv,
    id: 'short-context-read-beyond-its-end',
    rule: 'RVN-UAPI-06',
    edits: edit(GUEST, COPY, COPY.replace('length', 'HWPT_RISCV_BYTES.most')),
  },
  {
    ...riscv,
    id: 'odd-length-refused',
    rule: 'RVN-UAPI-06',
    edits: edit(GUEST, LENGTH, LENGTH.replace('if (', 'if (length % 8 !== 0 || ')),
  },
  { ...riscv, id: 'event-filled-in-part', rule: 'RVN-UAPI-07', edits: edit(GUEST, COPY, RECORD) },
  {
    ...riscv,
    id: 'last-id-alone-programmed',
    rule: 'RVN-UAPI-08',
    edits: edit(DEVICES, PROGRAM, `if (count < slots.length - 1) continue; ${PROGRAM}`),
  },
  {
    ...riscv,
    id: 'first-id-alone-programmed',
    rule: 'RVN-UAPI-08',
    edits: edit(DEVICES, PROGRAM, `if (count > 0) continue; ${PROGRAM}`),
  },
  { ...riscv, id: 'hardware-without-a-type', rule: 'RVN-UAPI-09', edits: edit(DRIVER, TOLD, TOLD.replace('RISCV_IOMMU', 'NONE')) },
  {
    ...riscv,
    id: 'hardware-without-data',
    rule: 'RVN-UAPI-09',
    edits: edit(DRIVER, TOLD, 'return ok({ type: HW_INFO.RISCV_IOMMU, data: new Uint8Array(0) }); return ok({ type: HW_INFO.RISCV_IOMMU,'),
  },
  {
    ...riscv,
    id: 'hardware-of-the-first-iommu',
    rule: 'RVN-UAPI-09',
    edits: edit(DRIVER, INFO, 'const iommu = this.#iommus.get(0); if (iommu === undefined || device < 0)'),
  },
];
