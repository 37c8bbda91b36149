/**
 * When an STE is ILLEGAL: the specification's conditions as a table, in its order. Conditions on ATS, MPAM, permission indirection
 * and overlay, substreams, DPT and the Secure and Realm states are left out: their features are absent, and the fields ignored.
 */
import type { ViewOf } from '#hw-models/core/bits';
import { inputSize, type Capabilities } from '#hw-models/smmu-v3/capabilities';
import { ADDRESS_SIZES } from '#hw-models/smmu-v3/id-registers';
import type { Ste, SteField } from '#hw-models/smmu-v3/ste';
import { GEOMETRY, startOf, T0SZ_LARGEST, type Granule } from '#hw-models/smmu-v3/tables';

/** An STE as read. */
export type SteView = ViewOf<typeof Ste>;

/** One condition. */
export interface Illegality {
  readonly field: SteField;
  readonly why: string;
  readonly when: (ste: SteView, part: Capabilities) => boolean;
}

const usesStage1 = ({ Config }: SteView): boolean => Config === 'stage1' || Config === 'nested';
const usesStage2 = ({ Config }: SteView): boolean => Config === 'stage2' || Config === 'nested';
/** Stage 2 with VMSAv8-32 long descriptors. */
const isAArch32 = (ste: SteView): boolean => usesStage2(ste) && !ste.S2AA64;
const isAArch64 = (ste: SteView): boolean => usesStage2(ste) && ste.S2AA64;

/** Effective output address size of stage 2, in bits. @spec SMMU-V3 "STE, Stream Table Entry" field S2PS */
export const outputSize = ({ S2PS }: SteView, { OAS }: Capabilities): number => Math.min(ADDRESS_SIZES[S2PS]!, OAS);

/** The granule of an STE that is not ILLEGAL for its S2TG. */
const granuleOf = ({ S2TG }: SteView): Granule => S2TG as Granule;

/** Which S2T0SZ values there are. @spec SMMU-V3 "Validity of STE" */
function sizeIsOutOfRange(ste: SteView, part: Capabilities): boolean {
  const [least, largest] = GEOMETRY[granuleOf(ste)].T0SZ;
  const smallest = part.ArchMinorRev === 0 ? 0 : least;
  return ste.S2T0SZ < Math.max(smallest, 64 - inputSize(part)) || ste.S2T0SZ > (part.STT ? largest : T0SZ_LARGEST);
}

/** S2TTB is in units of 16 bytes; without DS, addresses of more than 48 bits come with the 64K granule only. */
function tableIsOutOfRange(ste: SteView, part: Capabilities): boolean {
  const bits = Math.min(outputSize(ste, part), ste.S2TG === '64K' ? 52 : 48);
  return ste.S2TTB >= 2n ** BigInt(bits - 4);
}

/** S1ContextPtr is in units of 64 bytes; it is an IPA when stage 2 is used as well. */
function contextIsOutOfRange(ste: SteView, part: Capabilities): boolean {
  return ste.S1ContextPtr >= 2n ** BigInt((ste.Config === 'nested' ? inputSize(part) : part.OAS) - 6);
}

/** @spec SMMU-V3 "Validity of STE" */
export const ILLEGALITIES: readonly Illegality[] = [
  { field: 'V', why: 'it is clear', when: ({ V }) => !V },
  { field: 'Config', why: 'stage 1 is not implemented', when: (ste, { S1P }) => usesStage1(ste) && !S1P },
  { field: 'Config', why: 'stage 2 is not implemented', when: (ste, { S2P }) => usesStage2(ste) && !S2P },
  { field: 'STRW', why: 'the value is reserved', when: ({ Config, STRW }, { Hyp }) => Config === 'stage1' && Hyp && STRW % 2 === 1 },
  {
    field: 'S1STALLD',
    why: 'the fault model cannot be chosen',
    when: (ste, { STALL_MODEL }) => usesStage1(ste) && ste.S1STALLD && STALL_MODEL !== 'stallOrTerminate',
  },
  { field: 'S1ContextPtr', why: 'it is beyond the address size', when: (ste, part) => usesStage1(ste) && contextIsOutOfRange(ste, part) },
  { field: 'S2FWB', why: 'VMSAv8-32 does not have it', when: (ste, { FWB }) => isAArch32(ste) && FWB && ste.S2FWB },
  {
    field: 'S2S',
    why: 'stalls are not supported',
    when: (ste, { STALL_MODEL }) => usesStage2(ste) && ste.S2S && STALL_MODEL === 'terminate',
  },
  {
    field: 'S2S',
    why: 'only stalls are supported',
    when: (ste, { STALL_MODEL }) => usesStage2(ste) && !ste.S2S && STALL_MODEL === 'stall',
  },
  { field: 'S2AA64', why: 'VMSAv8-32 is not supported', when: (ste, { TTF }) => isAArch32(ste) && TTF === 'VMSAv8_64' },
  { field: 'S2AA64', why: 'VMSAv8-64 is not supported', when: (ste, { TTF }) => isAArch64(ste) && TTF === 'VMSAv8_32' },
  {
    field: 'S2HA',
    why: 'hardware updates are not supported',
    when: (ste, { HTTU }) => usesStage2(ste) && (ste.S2HA || ste.S2HD) && (HTTU === 'none' || isAArch32(ste)),
  },
  { field: 'S2HD', why: 'dirty state is not supported', when: (ste, { HTTU }) => usesStage2(ste) && ste.S2HD && HTTU === 'access' },
  { field: 'S2TG', why: 'the value is reserved', when: (ste) => isAArch64(ste) && ste.S2TG === 'reserved' },
  { field: 'S2TG', why: 'the granule is not supported', when: (ste, { granules }) => isAArch64(ste) && !granules.includes(granuleOf(ste)) },
  { field: 'S2TTB', why: 'it is beyond the output address size', when: (ste, part) => isAArch64(ste) && tableIsOutOfRange(ste, part) },
  { field: 'S2T0SZ', why: 'it is out of range', when: (ste, part) => isAArch64(ste) && sizeIsOutOfRange(ste, part) },
  {
    field: 'S2SL0',
    why: 'it does not go with S2T0SZ, S2TG and the output address size',
    when: (ste, part) => isAArch64(ste) && startOf(granuleOf(ste), ste.S2SL0, ste.S2T0SZ, part) === undefined,
  },
  { field: 'S2ENDI', why: 'tables are little-endian', when: (ste, { TTENDIAN }) => usesStage2(ste) && ste.S2ENDI && TTENDIAN === 'little' },
  { field: 'S2ENDI', why: 'tables are big-endian', when: (ste, { TTENDIAN }) => usesStage2(ste) && !ste.S2ENDI && TTENDIAN === 'big' },
  { field: 'S2VMID', why: 'VMIDs have 8 bits', when: (ste, part) => usesVmid(ste, part) && !part.VMID16 && ste.S2VMID >= 256 },
];

/** @spec SMMU-V3 "Validity of STE", what it says of ignoring S2VMID */
function usesVmid({ Config, STRW }: SteView, { S2P, Hyp }: Capabilities): boolean {
  if (!S2P || Config === 'bypass') return false;
  return Config !== 'stage1' || !Hyp || STRW === 0;
}

/** The first condition that an STE meets; an STE that stops its stream has none but V. */
export function illegality(ste: SteView, part: Capabilities): Illegality | undefined {
  const { Config } = ste;
  const stops = Config === 'abort' || Config === 'reserved';
  return (stops ? ILLEGALITIES.slice(0, 1) : ILLEGALITIES).find(({ when }) => when(ste, part));
}
