/**
 * From a device_id to its device context. One procedure, for requests and for the question of where a request could be sent, because
 * what it reads it reads through a `ConfigurationReader`.
 */
import type { ViewOf } from '#hw-models/core/bits';
import type { MemoryMap } from '#hw-models/core/memory-map';
import type { ConfigurationReader } from '#hw-models/core/reach/facts';
import type { Capabilities } from '#hw-models/riscv-iommu/capabilities';
import {
  DC_WORDS,
  DcLast,
  DcTa,
  DdtEntry,
  DEVICE_INDEX_BITS,
  Iohgatp,
  Iosatp,
  MsiAddrMask,
  MsiAddrPattern,
  Msiptp,
  Pdtp,
  Tc,
} from '#hw-models/riscv-iommu/contexts';
import { SCHEMES, type SchemeName } from '#hw-models/riscv-iommu/tables';

const WORDS_PER_FRAME = 512;

/** Where the device directory is: `ddtp` while its mode is one of levels. */
export interface DeviceDirectory {
  readonly levels: 1 | 2 | 3;
  /** Physical frame of the root table. */
  readonly frame: number;
}

/** The words of a device context, each seen through its layout. */
export interface DeviceContext {
  readonly tc: ViewOf<typeof Tc>;
  readonly iohgatp: ViewOf<typeof Iohgatp>;
  readonly ta: ViewOf<typeof DcTa>;
  readonly iosatp: ViewOf<typeof Iosatp>;
  readonly pdtp: ViewOf<typeof Pdtp>;
  /** Undefined in the base format. */
  readonly msi?: Interrupts;
}

/** What the extended format adds. */
export interface Interrupts {
  readonly msiptp: ViewOf<typeof Msiptp>;
  readonly mask: bigint;
  readonly pattern: bigint;
  readonly raw: readonly bigint[];
}

/** Why no device context was found, as the fault record says it. */
export type DdtFault = 257 | 258 | 259 | 260;

/** A condition under which a device context, or a process context, is misconfigured. */
interface Misconfiguration<Context> {
  readonly why: string;
  readonly when: (context: Context, part: Capabilities) => boolean;
}

const hasScheme = (part: Capabilities, name: string): boolean => name === 'Bare' || (name in SCHEMES && part[name as SchemeName]);
const usesMsi = ({ msi }: DeviceContext): boolean => msi !== undefined;

/** Little-endian, 64-bit supervisors alone: SBE and SXL have one legal value each. @spec RISCV-IOMMU "Device-context configuration checks" */
export const DC_MISCONFIGURATIONS: readonly Misconfiguration<DeviceContext>[] = [
  { why: 'tc has reserved bits set', when: ({ tc }) => Tc.hasReserved(tc.raw) },
  { why: 'ta has reserved bits set', when: ({ ta }) => DcTa.hasReserved(ta.raw) },
  { why: 'fsc has reserved bits set', when: ({ iosatp }) => Iosatp.hasReserved(iosatp.raw) },
  { why: 'msiptp has reserved bits set', when: ({ msi }) => msi !== undefined && Msiptp.hasReserved(msi.raw[0]!) },
  { why: 'msi_addr_mask has reserved bits set', when: ({ msi }) => msi !== undefined && MsiAddrMask.hasReserved(msi.raw[1]!) },
  { why: 'msi_addr_pattern has reserved bits set', when: ({ msi }) => msi !== undefined && MsiAddrPattern.hasReserved(msi.raw[2]!) },
  { why: 'its last word is reserved', when: ({ msi }) => msi !== undefined && DcLast.hasReserved(msi.raw[3]!) },
  { why: 'there is no ATS', when: ({ tc }, { ATS }) => !ATS && (tc.EN_ATS || tc.EN_PRI || tc.PRPR) },
  { why: 'T2GPA takes EN_ATS', when: ({ tc }) => tc.T2GPA && !tc.EN_ATS },
  { why: 'EN_PRI takes EN_ATS', when: ({ tc }) => tc.EN_PRI && !tc.EN_ATS },
  { why: 'PRPR takes EN_PRI', when: ({ tc }) => tc.PRPR && !tc.EN_PRI },
  { why: 'there is no T2GPA', when: ({ tc }, { T2GPA }) => tc.T2GPA && !T2GPA },
  { why: 'T2GPA takes a second stage', when: ({ tc, iohgatp }) => tc.T2GPA && iohgatp.MODE === 'Bare' },
  { why: 'pdtp.MODE is reserved', when: ({ tc, pdtp }) => tc.PDTV && pdtp.MODE === 'reserved' },
  { why: 'pdtp.MODE is not supported', when: ({ tc, pdtp }, part) => tc.PDTV && !hasDirectory(part, pdtp.MODE) },
  { why: 'iosatp.MODE is reserved', when: ({ tc, iosatp }) => !tc.PDTV && iosatp.MODE === 'reserved' },
  { why: 'iosatp.MODE is not supported', when: ({ tc, iosatp }, part) => !tc.PDTV && !hasScheme(part, iosatp.MODE) },
  { why: 'DPE takes PDTV', when: ({ tc }) => tc.DPE && !tc.PDTV },
  { why: 'iohgatp.MODE is reserved', when: ({ iohgatp }) => iohgatp.MODE === 'reserved' },
  { why: 'iohgatp.MODE is not supported', when: ({ iohgatp }, part) => !hasScheme(part, iohgatp.MODE) },
  { why: 'msiptp.MODE is reserved', when: (dc) => usesMsi(dc) && dc.msi!.msiptp.MODE === 'reserved' },
  { why: 'the root of the second stage is not aligned to 16 KiB', when: ({ iohgatp }) => iohgatp.MODE !== 'Bare' && iohgatp.PPN % 4 !== 0 },
  { why: 'A and D are not updated by hardware', when: ({ tc }, { AMO_HWAD }) => !AMO_HWAD && (tc.SADE || tc.GADE) },
  { why: 'SBE is not fctl.BE', when: ({ tc }) => tc.SBE },
  { why: 'SXL is not legal', when: ({ tc }) => tc.SXL },
];

function hasDirectory(part: Capabilities, mode: 'Bare' | 'PD8' | 'PD17' | 'PD20' | 'reserved'): boolean {
  return mode === 'Bare' || (mode !== 'reserved' && part[mode]);
}

/** The first condition under which a valid device context is misconfigured. */
export const misconfiguration = (dc: DeviceContext, part: Capabilities): string | undefined =>
  DC_MISCONFIGURATIONS.find(({ when }) => when(dc, part))?.why;

/** The words of a device context as fields. */
export function decode(words: readonly bigint[]): DeviceContext {
  const [tc, iohgatp, ta, fsc, msiptp, mask, pattern] = words;
  return {
    tc: Tc.of(tc!),
    iohgatp: Iohgatp.of(iohgatp!),
    ta: DcTa.of(ta!),
    iosatp: Iosatp.of(fsc!),
    pdtp: Pdtp.of(fsc!),
    ...(msiptp !== undefined && {
      msi: {
        msiptp: Msiptp.of(msiptp),
        mask: MsiAddrMask.of(mask!).mask,
        pattern: MsiAddrPattern.of(pattern!).pattern,
        raw: words.slice(4),
      },
    }),
  };
}

/** The device_ids that one entry of each level stands for, the last level first, and behind them those that there are. */
const IDS_BELOW = { base: products(DEVICE_INDEX_BITS.base), extended: products(DEVICE_INDEX_BITS.extended) } as const;

function products(bits: readonly number[]): readonly number[] {
  return bits.reduce((ids, width) => [...ids, ids.at(-1)! * 2 ** width], [1]);
}

/** A valid entry of the last level that was read before: contexts are read far more often than they change. */
interface Known<Meaning> {
  readonly words: bigint[];
  meaning: Meaning | DdtFault;
}

/**
 * Reads device directories for one IOMMU. Nothing that is not valid is ever kept.
 * @spec RISCV-IOMMU "Process to locate the Device-context" and "Caching in-memory data structures"
 */
export class DeviceContexts<Meaning> {
  readonly #part: Capabilities;
  readonly #memory: MemoryMap;
  readonly #format: 'base' | 'extended';
  readonly #interpret: (dc: DeviceContext) => Meaning;
  readonly #known = new Map<number, Known<Meaning>>();

  /** @param interpret What a well-configured device context means to the caller. */
  constructor(part: Capabilities, memory: MemoryMap, interpret: (dc: DeviceContext) => Meaning) {
    this.#part = part;
    this.#memory = memory;
    this.#format = part.MSI_FLAT ? 'extended' : 'base';
    this.#interpret = interpret;
  }

  locate({ levels, frame }: DeviceDirectory, deviceId: number, see: ConfigurationReader): Meaning | DdtFault {
    const below = IDS_BELOW[this.#format];
    let rest = deviceId;
    if (rest >= below[levels]!) return 260;
    for (let level = levels - 1; level > 0; level--) {
      const index = Math.floor(rest / below[level]!);
      rest -= index * below[level]!;
      const word = frame * WORDS_PER_FRAME + index;
      if (this.#memory.refuses(word)) return 257;
      see.fetch(word, 1, 'directory', isValidEntry);
      const raw = see.read(word);
      const { V, PPN } = DdtEntry.of(raw);
      if (!V) return 258;
      if (DdtEntry.hasReserved(raw)) return 259;
      frame = PPN;
    }
    const words = DC_WORDS[this.#format];
    return this.#entry(frame * WORDS_PER_FRAME + rest * words, words, see);
  }

  #entry(word: number, count: number, see: ConfigurationReader): Meaning | DdtFault {
    if (this.#memory.refuses(word)) return 257;
    see.fetch(word, count, 'leaf', isValidContext);
    const tc = see.read(word);
    let known = this.#known.get(word);
    if (known?.words[0] !== tc && !isValidContext(tc)) return 258;
    if (known === undefined) this.#known.set(word, (known = { words: new Array<bigint>(count).fill(0n), meaning: 258 }));
    let isSame = known.words[0] === tc;
    known.words[0] = tc;
    for (let at = 1; at < count; at++) {
      const raw = see.read(word + at);
      if (known.words[at] === raw) continue;
      known.words[at] = raw;
      isSame = false;
    }
    if (!isSame) known.meaning = this.#meaningOf(known.words);
    return known.meaning;
  }

  #meaningOf(words: readonly bigint[]): Meaning | DdtFault {
    const dc = decode(words);
    return misconfiguration(dc, this.#part) === undefined ? this.#interpret(dc) : 259;
  }
}

// What is not valid is never cached. @spec RISCV-IOMMU "Caching in-memory data structures"
const isValidEntry = (raw: bigint): boolean => DdtEntry.fields.V.get(raw);
const isValidContext = (tc: bigint): boolean => Tc.fields.V.get(tc);

/** A number cut into indexes, the last level first. */
export function divide(id: number, bits: readonly number[]): number[] {
  return bits.map((width) => {
    const index = id % 2 ** width;
    id = (id - index) / 2 ** width;
    return index;
  });
}
