/**
 * What one SMMU supports, decoded from its identification registers, and nothing else that could be configured. Field names are
 * the registers'. What the model never offers (ATS, PRI, substreams, …) has no field here and reads as absent.
 */
import { NotModelled } from '#hw-models/core/errors';
import type { ResetValues } from '#hw-models/core/registers';
import { ADDRESS_SIZES } from '#hw-models/smmu-v3/id-registers';
import type { MAP } from '#hw-models/smmu-v3/registers';
import type { Granule } from '#hw-models/smmu-v3/tables';

/** The capabilities of an implementation. */
export interface Capabilities {
  /** SMMUv3.`minor`; from 2 on, writes of guarded registers are ignored by rule and not by our choice. */
  readonly ArchMinorRev: 0 | 1 | 2 | 3;
  readonly S1P: boolean;
  readonly S2P: boolean;
  readonly TTF: 'VMSAv8_32' | 'VMSAv8_64' | 'both';
  readonly COHACC: boolean;
  readonly HTTU: 'none' | 'access' | 'accessAndDirty' | 'accessOfTablesToo';
  readonly Hyp: boolean;
  readonly MSI: boolean;
  readonly SEV: boolean;
  readonly VMW: boolean;
  readonly VMID16: boolean;
  readonly TTENDIAN: 'mixed' | 'little' | 'big';
  readonly STALL_MODEL: 'stallOrTerminate' | 'terminate' | 'stall';
  readonly ST_LEVEL: 'linear' | 'twoLevel';
  /** log2 of the number of StreamIDs, 0 to 32. */
  readonly SIDSIZE: number;
  /** log2 of the entries of the largest queue, 0 to 19. */
  readonly CMDQS: number;
  readonly EVENTQS: number;
  readonly ATTR_TYPES_OVR: boolean;
  readonly ATTR_PERMS_OVR: boolean;
  readonly XNX: boolean;
  readonly FWB: boolean;
  readonly STT: boolean;
  readonly RIL: boolean;
  readonly BBML: 0 | 1 | 2;
  /** Output address size in bits. */
  readonly OAS: 32 | 36 | 40 | 42 | 44 | 48 | 52;
  readonly granules: readonly Granule[];
  /** What SMMU_GBPA.ABORT resets to, which the specification leaves open. */
  readonly GBPA_ABORT: boolean;
}

/** A part of SMMUv3.2 with both stages, all granules and 48-bit addresses, which bypasses after reset and never stalls. */
export const MODERN: Capabilities = {
  ArchMinorRev: 2,
  S1P: true,
  S2P: true,
  TTF: 'VMSAv8_64',
  COHACC: true,
  HTTU: 'accessAndDirty',
  Hyp: true,
  MSI: true,
  SEV: true,
  VMW: false,
  VMID16: true,
  TTENDIAN: 'little',
  STALL_MODEL: 'terminate',
  ST_LEVEL: 'twoLevel',
  SIDSIZE: 16,
  CMDQS: 19,
  EVENTQS: 19,
  ATTR_TYPES_OVR: true,
  ATTR_PERMS_OVR: true,
  XNX: true,
  FWB: true,
  STT: false,
  RIL: true,
  BBML: 2,
  OAS: 48,
  granules: ['4K', '16K', '64K'],
  GBPA_ABORT: false,
};

/** Every combination that the specification rules out, by its statement. @spec SMMU-V3 "SMMU_IDR0" to "SMMU_IDR5" */
const RULED_OUT: readonly { readonly why: string; readonly when: (part: Capabilities) => boolean }[] = [
  { why: 'neither stage is implemented', when: ({ S1P, S2P }) => !S1P && !S2P },
  { why: 'SIDSIZE is not 0 to 32', when: ({ SIDSIZE }) => !Number.isInteger(SIDSIZE) || SIDSIZE < 0 || SIDSIZE > 32 },
  { why: 'SIDSIZE of 7 or more takes two-level Stream tables', when: ({ SIDSIZE, ST_LEVEL }) => SIDSIZE >= 7 && ST_LEVEL === 'linear' },
  {
    why: 'a queue size is not 0 to 19',
    when: ({ CMDQS, EVENTQS }) => [CMDQS, EVENTQS].some((size) => !Number.isInteger(size) || size < 0 || size > 19),
  },
  { why: 'there is no granule', when: ({ granules }) => granules.length === 0 },
  { why: 'VMSAv8-32 takes the 4K granule', when: ({ TTF, granules }) => TTF !== 'VMSAv8_64' && !granules.includes('4K') },
  { why: '52-bit addresses take the 64K granule', when: ({ OAS, granules }) => OAS === 52 && !granules.includes('64K') },
  { why: 'Hyp takes both stages', when: ({ Hyp, S1P, S2P }) => Hyp && !(S1P && S2P) },
  { why: 'VMW takes stage 2', when: ({ VMW, S2P }) => VMW && !S2P },
  { why: 'SMMUv3.0 has no XNX', when: ({ ArchMinorRev, XNX }) => ArchMinorRev === 0 && XNX },
  { why: 'SMMUv3.1 with stage 2 has XNX', when: ({ ArchMinorRev, XNX, S2P }) => ArchMinorRev >= 1 && S2P && !XNX },
  { why: 'SMMUv3.0 has no 52-bit addresses', when: ({ ArchMinorRev, OAS }) => ArchMinorRev === 0 && OAS === 52 },
  {
    why: 'SMMUv3.2 has RIL and FWB, and BBML of 1 or 2',
    when: ({ ArchMinorRev, RIL, FWB, BBML }) => ArchMinorRev >= 2 && !(RIL && FWB && BBML > 0),
  },
  { why: 'SMMUv3.2 with both stages has Hyp', when: ({ ArchMinorRev, S1P, S2P, Hyp }) => ArchMinorRev >= 2 && S1P && S2P && !Hyp },
];

/** `part` over the modern defaults. Throws `RangeError` for what the specification rules out, `NotModelled` for what we leave out. */
export function capabilities(part: Partial<Capabilities> = {}): Capabilities {
  const all: Capabilities = { ...MODERN, ...part };
  for (const { why, when } of RULED_OUT) if (when(all)) throw new RangeError(`capabilities of an SMMUv3: ${why}`);
  if (all.HTTU === 'accessOfTablesToo') throw new NotModelled('SMMU_IDR0.HTTU = 3, the Access flag of Table descriptors');
  if (all.BBML < 2) throw new NotModelled(`SMMU_IDR3.BBML = ${all.BBML}, conflicts in the TLB`);
  return all;
}

/** Input address size in bits, of addresses that stage 1 leaves alone. @spec SMMU-V3 "Address sizes" */
export const inputSize = ({ TTF, OAS }: Capabilities): number => Math.max(TTF === 'VMSAv8_64' ? 0 : 40, TTF === 'VMSAv8_32' ? 0 : OAS);

/** What the registers hold after reset; UNKNOWN values are 0. @spec SMMU-V3 "Register formats" */
export function resetValues(part: Capabilities): ResetValues<typeof MAP> {
  const { ArchMinorRev, S1P, S2P, TTF, COHACC, HTTU, Hyp, MSI, SEV, VMW, VMID16, TTENDIAN, STALL_MODEL, ST_LEVEL } = part;
  const { SIDSIZE, CMDQS, EVENTQS, ATTR_TYPES_OVR, ATTR_PERMS_OVR, XNX, FWB, STT, RIL, BBML, OAS, granules, GBPA_ABORT } = part;
  const has = (granule: Granule): boolean => granules.includes(granule);
  return {
    IDR0: { S1P, S2P, TTF, COHACC, HTTU, Hyp, MSI, SEV, VMW, VMID16, TTENDIAN, STALL_MODEL, ST_LEVEL },
    IDR1: { SIDSIZE, CMDQS, EVENTQS, ATTR_TYPES_OVR, ATTR_PERMS_OVR },
    // The last three come with the version, and act nowhere here: they are about stage 1.
    IDR3: { XNX, FWB, STT, RIL, BBML, HAD: S1P && ArchMinorRev >= 1, PTWNNC: S2P && ArchMinorRev >= 3, E0PD: ArchMinorRev >= 3 },
    IDR5: { OAS: ADDRESS_SIZES.indexOf(OAS), GRAN4K: has('4K'), GRAN16K: has('16K'), GRAN64K: has('64K') },
    AIDR: { ArchMinorRev },
    GBPA: { ABORT: GBPA_ABORT, SHCFG: 'incoming' },
  };
}
