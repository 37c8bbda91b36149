/** Records of the fault queue: 256 bits each, causes and types of transactions. */
import { bit, bits, reserved, uint, word } from '#hw-models/core/bits';

/** What TTYP says of the transaction. @spec RISCV-IOMMU "Fault record TTYP field encodings" */
export const TRANSACTION_TYPES = {
  none: 0,
  'untranslated execute': 1,
  'untranslated read': 2,
  'untranslated write': 3,
  'translated execute': 5,
  'translated read': 6,
  'translated write': 7,
  ats: 8,
  message: 9,
} as const;

/** @spec RISCV-IOMMU "Fault/Event-Queue (FQ)" */
export const FaultRecord = word(256, 'fault record', {
  iotval2: bits(255, 192),
  iotval: bits(191, 128),
  rsv96: reserved(127, 96),
  custom: uint(95, 64),
  DID: uint(63, 40),
  TTYP: uint(39, 34),
  PRIV: bit(33),
  PV: bit(32),
  PID: uint(31, 12),
  CAUSE: uint(11, 0),
});

/** A row of the table of causes. */
interface Cause {
  readonly name: string;
  /** Not recorded while DC.tc.DTF is 1. */
  readonly suppressible: boolean;
}

const always = (name: string): Cause => ({ name, suppressible: false });
const unlessDtf = (name: string): Cause => ({ name, suppressible: true });

/** @spec RISCV-IOMMU "Fault record CAUSE field encodings" */
export const CAUSES: Readonly<Partial<Record<number, Cause>>> = {
  1: unlessDtf('instruction access fault'),
  4: unlessDtf('read address misaligned'),
  5: unlessDtf('read access fault'),
  6: unlessDtf('write/AMO address misaligned'),
  7: unlessDtf('write/AMO access fault'),
  12: unlessDtf('instruction page fault'),
  13: unlessDtf('read page fault'),
  15: unlessDtf('write/AMO page fault'),
  20: unlessDtf('instruction guest-page fault'),
  21: unlessDtf('read guest-page fault'),
  23: unlessDtf('write/AMO guest-page fault'),
  256: always('all inbound transactions disallowed'),
  257: always('DDT entry load access fault'),
  258: always('DDT entry not valid'),
  259: always('DDT entry misconfigured'),
  260: unlessDtf('transaction type disallowed'),
  261: unlessDtf('MSI PTE load access fault'),
  262: unlessDtf('MSI PTE not valid'),
  263: unlessDtf('MSI PTE misconfigured'),
  264: unlessDtf('MRIF access fault'),
  265: unlessDtf('PDT entry load access fault'),
  266: unlessDtf('PDT entry not valid'),
  267: unlessDtf('PDT entry misconfigured'),
  268: always('DDT data corruption'),
  269: unlessDtf('PDT data corruption'),
  270: unlessDtf('MSI PT data corruption'),
  271: unlessDtf('MSI MRIF data corruption'),
  272: always('internal data path error'),
  273: always('IOMMU MSI write access fault'),
  274: unlessDtf('first/second-stage PT data corruption'),
};

/** The IOMMU's own message was not accepted. */
export const MSI_WRITE_FAULT = 273;

/** A cause as it is shown. */
export const causeNamed = (cause: number): string => CAUSES[cause]?.name ?? `cause ${cause}`;
