/** Where a device's configuration sends its untranslated requests: what can be known of them before they come. */
import { GuestTables } from '#hw-models/core/guest-tables';
import { hex } from '#hw-models/core/hex';
import type { ConfigurationReader, Destination } from '#hw-models/core/reach/facts';
import type { EntryReader } from '#hw-models/core/walk';
import { Fault } from '#hw-models/riscv-iommu/fault';
import { hasPlaceFor, type ProcessContexts } from '#hw-models/riscv-iommu/process-context';
import type { DeviceContexts } from '#hw-models/riscv-iommu/device-context';
import type { DirectoryMode } from '#hw-models/riscv-iommu/translate';
import { msiTableExtent } from '#hw-models/riscv-iommu/msi';
import type { FirstStage, StageWay, Way } from '#hw-models/riscv-iommu/ways';

/** Who asks: a device, perhaps with one of its processes. */
export interface Origin {
  readonly id: number;
  readonly pasid: number | undefined;
}

/** Answers for one IOMMU. */
export class Destinations {
  readonly #contexts: DeviceContexts<Way>;
  readonly #processes: ProcessContexts;
  readonly #guests: GuestTables;

  /** @param memory Where tables of guests are looked for. */
  constructor(contexts: DeviceContexts<Way>, processes: ProcessContexts, memory: EntryReader) {
    this.#contexts = contexts;
    this.#processes = processes;
    this.#guests = new GuestTables(memory);
  }

  /** The steps of "Process to translate an IOVA" that read configuration. */
  of(mode: DirectoryMode, { id, pasid }: Origin, see: ConfigurationReader): Destination {
    if (mode === 'off') return stops(256);
    if (mode === 'bare') return { kind: 'passes', key: 'ddtp Bare' };
    const way = this.#contexts.locate(mode, id, see);
    if (typeof way === 'number') return stops(way);
    if (way.msi !== undefined) see.fetch(...msiTableExtent(way.msi), 'leaf');
    const first = this.#firstOf(way, pasid, see);
    return first instanceof Fault ? stops(first.cause) : this.#through(way, first);
  }

  /** What a guest's process directory says is the guest's affair: it cannot lead out of the second stage. */
  #firstOf(
    { first, second, defaultProcess, tags }: Way,
    pasid: number | undefined,
    see: ConfigurationReader,
  ): StageWay | undefined | Fault {
    if (first.kind !== 'directory') return pasid === undefined ? tableOf(first) : new Fault(260);
    const processId = pasid ?? (defaultProcess ? 0 : undefined);
    if (processId === undefined || first.directory === undefined || second !== undefined) return undefined;
    if (!hasPlaceFor(first.directory, processId)) return new Fault(260);
    const pc = this.#processes.locate(first.directory, processId, tags, (word) => word, see);
    return pc instanceof Fault ? pc : tableOf(pc.first);
  }

  #through({ key, second }: Way, first: StageWay | undefined): Destination {
    const last = second ?? first;
    if (last === undefined) return { kind: 'passes', key: key === '' ? 'both stages Bare' : key };
    const { space, root } = last;
    if (first === undefined || second === undefined) return { kind: 'translates', key, space, root };
    const guest = {
      space: first.space,
      root: this.#guests.place(first.root, second),
      input: Math.floor(first.root.word / WORDS_PER_FRAME),
    };
    const where = guest.root === undefined ? 'not mapped' : `at PA ${hex(guest.root.word * 8)}`;
    return { kind: 'translates', key: `${key}; the guest's tables are ${where}`, space, root, guest };
  }
}

const WORDS_PER_FRAME = 512;

const tableOf = (first: FirstStage): StageWay | undefined => (first.kind === 'table' ? first.way : undefined);

const stops = (cause: number): Destination => ({ kind: 'stops', key: `cause ${cause}` });
