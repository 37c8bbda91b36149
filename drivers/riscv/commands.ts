/** The commands that this driver gives, as they lie in the queue. */
import { AtsInval, COMMANDS, Iodir, Iofence, Iotinval } from '#hw-models/riscv-iommu/commands';
import { Iohgatp, DcTa } from '#hw-models/riscv-iommu/contexts';
import { hasFirstStage, hasProcesses, hasSecondStage, isValid, type DeviceContext } from './device-context';

const headerOf = (name: keyof typeof COMMANDS): { readonly opcode: number; readonly func3: number } => {
  const { opcode, func3 } = COMMANDS[name];
  return { opcode, func3 };
};

/** Waits for every command before it, and for the accesses that devices had begun: memory that they reached can be used anew after it. */
export const FENCE = Iofence.encode({ ...headerOf('IOFENCE.C'), PR: true, PW: true });

/** Address spaces, as their entries are tagged. Left out: every one; without a GSCID, of the host's. */
export interface Tag {
  readonly gscid?: number;
  readonly pscid?: number;
}

/** With an address, its leaf alone; the tables that lead there may stay cached. */
export const vma = ({ gscid, pscid }: Tag = {}, address?: bigint): bigint =>
  Iotinval.encode({
    ...headerOf('IOTINVAL.VMA'),
    ...guest(gscid),
    ...(pscid !== undefined && { PSCV: true, PSCID: pscid }),
    ...page(address),
  });

export const gvma = ({ gscid }: Pick<Tag, 'gscid'> = {}, address?: bigint): bigint =>
  Iotinval.encode({ ...headerOf('IOTINVAL.GVMA'), ...guest(gscid), ...page(address) });

const guest = (gscid: number | undefined): Parameters<typeof Iotinval.encode>[0] => (gscid === undefined ? {} : { GV: true, GSCID: gscid });
const page = (address: bigint | undefined): Parameters<typeof Iotinval.encode>[0] =>
  address === undefined ? {} : { AV: true, ADDR: address / PAGE };

/** The context of one device, or all and what leads to them. */
export const invalDdt = (id?: number): bigint =>
  Iodir.encode({ ...headerOf('IODIR.INVAL_DDT'), ...(id !== undefined && { DV: true, DID: id }) });

/** Everything that a device keeps: a range of 2^63 bytes from 0, as PCIe encodes it. @spec RISCV-IOMMU "IOMMU PCIe ATS commands" */
export const atsInval = (id: number): bigint =>
  AtsInval.encode({
    ...headerOf('ATS.INVAL'),
    DSV: true,
    DSEG: Math.floor(id / IDS_PER_SEGMENT),
    RID: id % IDS_PER_SEGMENT,
    S: true,
    Address: WHOLE_RANGE,
  });

const PAGE = 4096n;
const IDS_PER_SEGMENT = 2 ** 16;
const WHOLE_RANGE = 2n ** 51n - 1n;

/**
 * What drops every translation that a context led to.
 * @spec RISCV-IOMMU "Changing device directory table entry"
 */
export function translationsOf(context: DeviceContext): readonly bigint[] {
  if (!isValid(context)) return [];
  if (hasSecondStage(context)) {
    const tag = { gscid: Iohgatp.of(context.iohgatp).GSCID };
    return [vma(tag), gvma(tag)];
  }
  if (hasProcesses(context)) return [vma()];
  return hasFirstStage(context) ? [vma({ pscid: DcTa.of(context.ta).PSCID })] : [];
}
