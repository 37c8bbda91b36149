/** From a process_id to its process context, and to the first stage that this gives. */
import type { ViewOf } from '#hw-models/core/bits';
import type { MemoryMap } from '#hw-models/core/memory-map';
import type { ConfigurationReader } from '#hw-models/core/reach/facts';
import type { Capabilities } from '#hw-models/riscv-iommu/capabilities';
import { Iosatp, PC_WORDS, PcTa, PdtEntry, PROCESS_INDEX_BITS } from '#hw-models/riscv-iommu/contexts';
import { divide } from '#hw-models/riscv-iommu/device-context';
import { Fault } from '#hw-models/riscv-iommu/fault';
import { SCHEMES, type SchemeName } from '#hw-models/riscv-iommu/tables';
import { firstStage, type FirstStage, type ProcessDirectory, type Tags } from '#hw-models/riscv-iommu/ways';

const WORDS_PER_FRAME = 512;

/** What a process context says. */
export interface ProcessContext {
  /** Whether supervisor privilege may be requested. */
  readonly ENS: boolean;
  readonly SUM: boolean;
  readonly first: FirstStage;
}

interface Words {
  readonly ta: ViewOf<typeof PcTa>;
  readonly iosatp: ViewOf<typeof Iosatp>;
}

/** @spec RISCV-IOMMU "Process-context configuration checks" */
export const PC_MISCONFIGURATIONS: readonly { readonly why: string; readonly when: (pc: Words, part: Capabilities) => boolean }[] = [
  { why: 'ta has reserved bits set', when: ({ ta }) => PcTa.hasReserved(ta.raw) },
  { why: 'fsc has reserved bits set', when: ({ iosatp }) => Iosatp.hasReserved(iosatp.raw) },
  { why: 'fsc.MODE is reserved', when: ({ iosatp }) => iosatp.MODE === 'reserved' },
  {
    why: 'fsc.MODE is not supported',
    when: ({ iosatp: { MODE } }, part) => MODE in SCHEMES && !part[MODE as SchemeName],
  },
];

/** Whether a directory of so many levels has a place for a process_id. @spec RISCV-IOMMU "Process to translate an IOVA" */
export const hasPlaceFor = ({ levels }: ProcessDirectory, processId: number): boolean =>
  divide(processId, PROCESS_INDEX_BITS)
    .slice(levels)
    .every((index) => index === 0);

/** Where a word of a process directory lies: physical, or a fault of the second stage. */
export type Place = (word: number) => number | Fault;

/** Reads process directories for one IOMMU. @spec RISCV-IOMMU "Process to locate the Process-context" */
export class ProcessContexts {
  readonly #part: Capabilities;
  readonly #memory: MemoryMap;
  readonly #met: (first: FirstStage) => void;

  /** @param met Is told of every first stage that a process context gives. */
  constructor(part: Capabilities, memory: MemoryMap, met: (first: FirstStage) => void) {
    this.#part = part;
    this.#memory = memory;
    this.#met = met;
  }

  locate(
    { levels, frame }: ProcessDirectory,
    processId: number,
    tags: Tags,
    place: Place,
    see: ConfigurationReader,
  ): ProcessContext | Fault {
    const indexes = divide(processId, PROCESS_INDEX_BITS);
    for (let level = levels - 1; level > 0; level--) {
      const word = this.#place(frame * WORDS_PER_FRAME + indexes[level]!, place);
      if (word instanceof Fault) return word;
      see.fetch(word, 1, 'leaf', isValid);
      const raw = see.read(word);
      const { V, PPN } = PdtEntry.of(raw);
      if (!V) return new Fault(266);
      if (PdtEntry.hasReserved(raw)) return new Fault(267);
      frame = PPN;
    }
    const word = this.#place(frame * WORDS_PER_FRAME + indexes[0]! * PC_WORDS, place);
    return word instanceof Fault ? word : this.#entry(word, tags, see);
  }

  #place(word: number, place: Place): number | Fault {
    const at = place(word);
    return at instanceof Fault || !this.#memory.refuses(at) ? at : new Fault(265);
  }

  #entry(word: number, tags: Tags, see: ConfigurationReader): ProcessContext | Fault {
    see.fetch(word, PC_WORDS, 'leaf', isValid);
    const ta = PcTa.of(see.read(word));
    if (!ta.V) return new Fault(266);
    const iosatp = Iosatp.of(see.read(word + 1));
    if (PC_MISCONFIGURATIONS.some(({ when }) => when({ ta, iosatp }, this.#part))) return new Fault(267);
    const { ENS, SUM, PSCID } = ta;
    const first = firstStage(iosatp, PSCID, tags, this.#part);
    this.#met(first);
    return { ENS, SUM, first };
  }
}

/** Entries of both kinds have it at the same place. @spec RISCV-IOMMU "Caching in-memory data structures" */
const isValid = (raw: bigint): boolean => PcTa.fields.V.get(raw);
