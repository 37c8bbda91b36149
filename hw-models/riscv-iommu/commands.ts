/** Commands of the command queue: 128 bits each, what they say, and which of them are illegal. */
import { bit, bits, oneOf, reserved, uint, word, type AnyLayout } from '#hw-models/core/bits';
import type { Capabilities } from '#hw-models/riscv-iommu/capabilities';
import { DEVICE_INDEX_BITS } from '#hw-models/riscv-iommu/contexts';
import type { IommuMode } from '#hw-models/riscv-iommu/control';

const header = { func3: uint(9, 7), opcode: uint(6, 0) };

/** What every command has. @spec RISCV-IOMMU "Command-Queue (CQ)" */
export const CommandWord = word(128, 'command', { operands: bits(127, 10), ...header });

/** The address is in units of 4 KiB. @spec RISCV-IOMMU "IOMMU Page-Table cache invalidation commands" */
export const Iotinval = word(128, 'IOTINVAL', {
  rsv126: reserved(127, 126),
  ADDR: bits(125, 74),
  rsv64: reserved(73, 64),
  rsv60: reserved(63, 60),
  GSCID: uint(59, 44),
  rsv34: reserved(43, 34),
  GV: bit(33),
  PSCV: bit(32),
  PSCID: uint(31, 12),
  rsv11: reserved(11),
  AV: bit(10),
  ...header,
});

/** The address is in units of 4 bytes. @spec RISCV-IOMMU "IOMMU Command-queue Fence commands" */
export const Iofence = word(128, 'IOFENCE', {
  rsv126: reserved(127, 126),
  ADDR: bits(125, 64),
  DATA: uint(63, 32),
  rsv14: reserved(31, 14),
  PW: bit(13),
  PR: bit(12),
  WSI: bit(11),
  AV: bit(10),
  ...header,
});

/** @spec RISCV-IOMMU "IOMMU directory cache invalidation commands" */
export const Iodir = word(128, 'IODIR', {
  rsv64: reserved(127, 64),
  DID: uint(63, 40),
  rsv34: reserved(39, 34),
  DV: bit(33),
  rsv32: reserved(32),
  PID: uint(31, 12),
  rsv10: reserved(11, 10),
  ...header,
});

const ats = {
  DSEG: uint(63, 56),
  RID: uint(55, 40),
  rsv34: reserved(39, 34),
  DSV: bit(33),
  PV: bit(32),
  PID: uint(31, 12),
  rsv10: reserved(11, 10),
  ...header,
};

/** The payload is of the message, and its zeros are the message's. @spec RISCV-IOMMU "IOMMU PCIe ATS commands" */
export const AtsInval = word(128, 'ATS.INVAL', { Address: bits(127, 76), S: bit(75), zero65: uint(74, 65), G: bit(64), ...ats });

/** As above. */
export const AtsPrgr = word(128, 'ATS.PRGR', {
  zero112: uint(127, 112),
  ResponseCode: oneOf(111, 108, { success: 0, 'invalid-request': 1, 'response-failure': 15 }),
  zero105: uint(107, 105),
  PageRequestGroupIndex: uint(104, 96),
  zero64: uint(95, 64),
  ...ats,
});

/** Every command. @spec RISCV-IOMMU "IOMMU command opcodes" */
export const COMMANDS = {
  'IOTINVAL.VMA': { opcode: 1, func3: 0, layout: Iotinval },
  'IOTINVAL.GVMA': { opcode: 1, func3: 1, layout: Iotinval },
  'IOFENCE.C': { opcode: 2, func3: 0, layout: Iofence },
  'IODIR.INVAL_DDT': { opcode: 3, func3: 0, layout: Iodir },
  'IODIR.INVAL_PDT': { opcode: 3, func3: 1, layout: Iodir },
  'ATS.INVAL': { opcode: 4, func3: 0, layout: AtsInval },
  'ATS.PRGR': { opcode: 4, func3: 1, layout: AtsPrgr },
} as const satisfies Readonly<Record<string, { readonly opcode: number; readonly func3: number; readonly layout: AnyLayout }>>;

export type CommandName = keyof typeof COMMANDS;

/** Drops what first-stage leaves gave. Operands that are not valid are undefined. */
export interface InvalidateFirstStage {
  readonly kind: 'IOTINVAL.VMA';
  /** Undefined: host address spaces. */
  readonly gscid: number | undefined;
  readonly pscid: number | undefined;
  /** An IOVA. */
  readonly address: bigint | undefined;
}

/** Drops what second-stage tables gave. */
export interface InvalidateSecondStage {
  readonly kind: 'IOTINVAL.GVMA';
  /** Undefined: all. */
  readonly gscid: number | undefined;
  /** A guest physical address; only with a GSCID. */
  readonly address: bigint | undefined;
}

/** Waits for the commands before it, and tells software. */
export interface Fence {
  readonly kind: 'IOFENCE.C';
  /** What it writes. */
  readonly write: { readonly address: bigint; readonly data: number } | undefined;
  readonly wsi: boolean;
  /** Earlier reads and writes of devices are ordered too. */
  readonly pr: boolean;
  readonly pw: boolean;
}

/** Drops device contexts, with their process contexts. */
export interface InvalidateDevice {
  readonly kind: 'IODIR.INVAL_DDT';
  /** Undefined: all, and what leads to them. */
  readonly deviceId: number | undefined;
}

/** Drops a process context. */
export interface InvalidateProcess {
  readonly kind: 'IODIR.INVAL_PDT';
  readonly deviceId: number;
  readonly processId: number;
}

/** To whom a PCIe message goes. */
export interface Recipient {
  readonly segment: number | undefined;
  readonly rid: number;
  readonly processId: number | undefined;
}

/** Sends a PCIe "Invalidation Request". */
export interface InvalidateAtc extends Recipient {
  readonly kind: 'ATS.INVAL';
  readonly global: boolean;
  /** The size is in the address, as PCIe encodes it. */
  readonly sized: boolean;
  readonly address: bigint;
}

/** Sends a PCIe "Page Request Group Response". */
export interface RespondToGroup extends Recipient {
  readonly kind: 'ATS.PRGR';
  /** 9 bits. */
  readonly group: number;
  readonly status: 'success' | 'invalid-request' | 'response-failure' | 'reserved';
}

/** A legal command other than a fence. */
export type Order = InvalidateFirstStage | InvalidateSecondStage | InvalidateDevice | InvalidateProcess | InvalidateAtc | RespondToGroup;
export type Command = Order | Fence;

/** What decides whether a command is legal, besides itself. */
export interface Circumstances {
  readonly part: Capabilities;
  readonly mode: IommuMode;
  /** fctl.WSI. */
  readonly isWired: boolean;
}

const PAGE = 4096n;
const DEVICE_ID_BITS = 24;

/** A command as it lies in memory. @spec RISCV-IOMMU "Command-Queue (CQ)" */
export function decode(raw: bigint, circumstances: Circumstances): Command | 'illegal' | 'unsupported' {
  const { opcode, func3 } = CommandWord.of(raw);
  // Opcodes for custom use, too: this part has none.
  const name = NAMES.get(`${opcode}.${func3}`);
  if (name === undefined || COMMANDS[name].layout.hasReserved(raw)) return 'illegal';
  return DECODERS[name](raw, circumstances);
}

const NAMES: ReadonlyMap<string, CommandName> = new Map(
  Object.entries(COMMANDS).map(([name, { opcode, func3 }]) => [`${opcode}.${func3}`, name as CommandName]),
);

type Decoder = (raw: bigint, circumstances: Circumstances) => Command | 'illegal' | 'unsupported';

const DECODERS: Readonly<Record<CommandName, Decoder>> = {
  'IOTINVAL.VMA': (raw) => {
    const { GV, GSCID, PSCV, PSCID, AV, ADDR } = Iotinval.of(raw);
    return { kind: 'IOTINVAL.VMA', gscid: when(GV, GSCID), pscid: when(PSCV, PSCID), address: when(AV, ADDR * PAGE) };
  },
  'IOTINVAL.GVMA': (raw) => {
    const { GV, GSCID, PSCV, AV, ADDR } = Iotinval.of(raw);
    return PSCV ? 'illegal' : { kind: 'IOTINVAL.GVMA', gscid: when(GV, GSCID), address: when(GV && AV, ADDR * PAGE) };
  },
  'IOFENCE.C': (raw, { isWired }) => {
    const { AV, ADDR, DATA, WSI, PR, PW } = Iofence.of(raw);
    if (WSI && !isWired) return 'illegal';
    return { kind: 'IOFENCE.C', write: when(AV, { address: ADDR * 4n, data: DATA }), wsi: WSI, pr: PR, pw: PW };
  },
  'IODIR.INVAL_DDT': (raw, circumstances) => {
    const { DV, DID, PID } = Iodir.of(raw);
    if (PID !== 0 || (DV && isTooWide(DID, deviceIdBits(circumstances)))) return 'illegal';
    return { kind: 'IODIR.INVAL_DDT', deviceId: when(DV, DID) };
  },
  'IODIR.INVAL_PDT': (raw, circumstances) => {
    const { DV, DID, PID } = Iodir.of(raw);
    if (!DV || isTooWide(DID, deviceIdBits(circumstances)) || isTooWide(PID, processIdBits(circumstances.part))) return 'illegal';
    return { kind: 'IODIR.INVAL_PDT', deviceId: DID, processId: PID };
  },
  'ATS.INVAL': (raw, { part }) => {
    const { G, S, Address } = AtsInval.of(raw);
    return part.ATS ? { kind: 'ATS.INVAL', ...recipientOf(raw), global: G, sized: S, address: Address * PAGE } : 'unsupported';
  },
  'ATS.PRGR': (raw, { part }) => {
    const { PageRequestGroupIndex: group, ResponseCode: status } = AtsPrgr.of(raw);
    return part.ATS ? { kind: 'ATS.PRGR', ...recipientOf(raw), group, status } : 'unsupported';
  },
};

const when = <T>(valid: boolean, operand: T): T | undefined => (valid ? operand : undefined);

function recipientOf(raw: bigint): Recipient {
  const { DSV, DSEG, RID, PV, PID } = AtsInval.of(raw);
  return { segment: when(DSV, DSEG), rid: RID, processId: when(PV, PID) };
}

const isTooWide = (id: number, width: number): boolean => id >= 2 ** width;

/** Bits of a device_id that a mode supports; without a directory nothing limits it. @spec RISCV-IOMMU "Data Structures" */
function deviceIdBits({ mode, part }: Circumstances): number {
  if (mode === 'off' || mode === 'bare') return DEVICE_ID_BITS;
  const levels: readonly number[] = DEVICE_INDEX_BITS[part.MSI_FLAT ? 'extended' : 'base'];
  return levels.slice(0, mode).reduce((sum, width) => sum + width, 0);
}

/** Bits of the widest process_id. @spec RISCV-IOMMU "IOMMU capabilities (capabilities)" fields PD8, PD17 and PD20 */
function processIdBits({ PD8, PD17, PD20 }: Capabilities): number {
  if (PD20) return 20;
  if (PD17) return 17;
  return PD8 ? 8 : 0;
}
