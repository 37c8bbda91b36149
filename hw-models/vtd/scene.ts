/**
 * A machine with one VT-d remapping unit that is programmed through the platform port as the least of drivers would. For tests.
 */
import { toWords, type ValuesOf } from '#hw-models/core/bits';
import type { Outcome } from '#hw-models/core/hardware';
import { Machine } from '#hw-models/core/machine';
import type { Requester } from '#hw-models/core/reach/facts';
import type { Mode } from '#hw-models/core/sight';
import { capabilities, type Capabilities } from '#hw-models/vtd/capabilities';
import type { Endpoints } from '#hw-models/vtd/device-messages';
import { VtdIommu } from '#hw-models/vtd/iommu';
import type { PageRequest } from '#hw-models/vtd/page-request-queue';
import type { GroupResponse } from '#hw-models/vtd/page-requests';
import type { Found, Inbound, Refused } from '#hw-models/vtd/request';
import { Rtaddr } from '#hw-models/vtd/registers';
import { INVALIDATE_ALL, Software } from '#hw-models/vtd/software';
import {
  CONTEXT_WORDS,
  CONTEXTS_PER_TABLE,
  ContextEntry,
  PASID_WORDS,
  PasidDirectoryEntry,
  PasidEntry,
  PASIDS_PER_TABLE,
  RootEntry,
  ScalableContextEntry,
  ScalableRootHalf,
} from '#hw-models/vtd/structures';

/** What differs from a lazy machine in scalable mode with the full part and one device. */
export interface SceneOptions {
  readonly mode?: Mode;
  readonly part?: Partial<Capabilities>;
  readonly tables?: 'legacy' | 'scalable';
  /** Source-ids, of one device each: their requesters are 0, 1, … */
  readonly ids?: readonly number[];
  readonly endpoints?: Endpoints;
}

/** Fields of a legacy context entry, and of a scalable-mode one. */
export type ContextValues = Partial<ValuesOf<(typeof ContextEntry)['fields']>>;
export type ScalableContextValues = Partial<ValuesOf<(typeof ScalableContextEntry)['fields']>>;
export type PasidValues = Partial<ValuesOf<(typeof PasidEntry)['fields']>>;

const IOMMU = 0;
const PAGE = 4096n;
const FUNCTIONS_PER_BUS = 256;
/** A PASID directory of one page. */
const PDTS = 2;

const frameOf = (address: bigint): number => Number(address / PAGE);

/** The machine, and the least of drivers for it. */
export class Scene extends Software {
  readonly iommu: VtdIommu;
  readonly part: Capabilities;
  readonly tables: 'legacy' | 'scalable';
  readonly root: bigint;

  /** Sets everything up and lets the hardware translate. */
  constructor({ mode = 'lazy', part = {}, tables = 'scalable', ids = [8], endpoints }: SceneOptions = {}) {
    const all = capabilities(part);
    const built: VtdIommu[] = [];
    const snooped = all.C && (tables === 'legacy' || all.SMPWC);
    super(
      new Machine({
        ...{ mode, cpus: 1, storeOrder: 'program', snooped },
        iommus: [(bus) => (built[0] = new VtdIommu(bus, all, endpoints))],
      }),
      tables === 'scalable',
    );
    this.iommu = built[0]!;
    this.part = all;
    this.tables = tables;
    this.root = this.pages('context-table', Number(PAGE));
    this.write('RTADDR', Rtaddr.encode({ TTM: tables, RTA: frameOf(this.root) }));
    this.command({ SRTP: true });
    this.enableQueue();
    this.invalidateAll();
    this.command({ TE: true });
    ids.forEach((id, device) => this.machine.addDevice(device, IOMMU, [id]));
  }

  /** Drops everything that caches have. */
  invalidateAll(): void {
    const [contexts, pasids, translations] = INVALIDATE_ALL as readonly [bigint, bigint, bigint];
    this.complete(contexts);
    if (this.tables === 'scalable') this.complete(pasids);
    this.complete(translations);
  }

  /** Where the context entry of a source-id is. Tables are made on the way. */
  contextOf(id: number): bigint {
    const devfn = id % FUNCTIONS_PER_BUS;
    const entry = this.root + BigInt(Math.floor(id / FUNCTIONS_PER_BUS) * 16);
    const count = CONTEXTS_PER_TABLE[this.tables];
    const at = entry + BigInt(devfn < count ? 0 : 8);
    const table =
      this.tables === 'legacy'
        ? this.#next(
            at,
            (raw) => RootEntry.of(raw).CTP,
            (CTP) => RootEntry.encode({ P: true, CTP }),
          )
        : this.#next(
            at,
            (raw) => ScalableRootHalf.of(raw).CTP,
            (CTP) => ScalableRootHalf.encode({ P: true, CTP }),
          );
    return table + BigInt((devfn % count) * CONTEXT_WORDS[this.tables] * 8);
  }

  /** Where the PASID table entry of a source-id is. Tables are made on the way, with a context entry that leads to them. */
  pasidOf(id: number, pasid = 0): bigint {
    const context = this.contextOf(id);
    if (this.peek(context) % 2n === 0n) this.installContext(id, {});
    const directory = BigInt(ScalableContextEntry.of(this.peek(context)).PASIDDIRPTR) * PAGE;
    const table = this.#next(
      directory + BigInt(Math.floor(pasid / PASIDS_PER_TABLE) * 8),
      (raw) => PasidDirectoryEntry.of(raw).SMPTBLPTR,
      (SMPTBLPTR) => PasidDirectoryEntry.encode({ P: true, SMPTBLPTR }),
    );
    return table + BigInt((pasid % PASIDS_PER_TABLE) * PASID_WORDS * 8);
  }

  /** The table that an entry leads to; a new one where it is not present. */
  #next(entry: bigint, frameIn: (raw: bigint) => number, made: (frame: number) => bigint): bigint {
    const raw = this.peek(entry);
    if (raw % 2n === 1n) return BigInt(frameIn(raw)) * PAGE;
    const table = this.pages('context-table', Number(PAGE));
    this.poke(entry, made(frameOf(table)));
    return table;
  }

  /** Replaces a scalable-mode context entry: it is not present in between. It keeps its directory unless told. */
  installContext(id: number, values: ScalableContextValues): void {
    const at = this.contextOf(id);
    const before = ScalableContextEntry.of(this.peek(at));
    const PASIDDIRPTR = before.P ? before.PASIDDIRPTR : frameOf(this.pages('context-table', Number(PAGE)));
    this.#replace(
      at,
      toWords(ScalableContextEntry.encode({ P: true, PASIDE: true, PDTS, PASIDDIRPTR, ...values }), CONTEXT_WORDS.scalable),
    );
  }

  /** Replaces a legacy context entry. */
  installLegacy(id: number, values: ContextValues): void {
    this.#replace(this.contextOf(id), toWords(ContextEntry.encode({ P: true, ...values }), CONTEXT_WORDS.legacy));
  }

  /** Replaces the PASID table entry of a device's requests without a PASID, or of those with one. */
  install(id: number, values: PasidValues, pasid = 0): void {
    this.installWords(id, toWords(PasidEntry.encode({ P: true, ...values }), PASID_WORDS), pasid);
  }

  installWords(id: number, words: readonly bigint[], pasid = 0): void {
    this.#replace(this.pasidOf(id, pasid), words);
  }

  #replace(at: bigint, [first, ...others]: readonly bigint[]): void {
    this.poke(at, 0n);
    this.invalidateAll();
    this.store(at + 8n, others);
    this.poke(at, first!);
    this.invalidateAll();
  }

  /** A process of a device becomes a requester of its own. */
  addProcess(device: number, pasid: number): Requester {
    return this.machine.requestersWith(device, pasid)[0]!;
  }

  access(requester: Requester, iova: bigint, access: Inbound['access'] = 'read', privileged = false): Outcome {
    return this.machine.access(requester, iova, access, privileged);
  }

  /** A request as the bus brings it; an untranslated read of the first device unless told. */
  translate(iova: bigint, inbound: Partial<Inbound> = {}): Found | Refused {
    const [first] = this.machine.requesters;
    return this.iommu.translate({
      ...{ requester: 0, id: first!.id, pasid: undefined, privileged: false, access: 'read', type: 'untranslated' },
      iova,
      ...inbound,
    });
  }

  requestPage(request: Partial<PageRequest> = {}): GroupResponse | undefined {
    const { id } = this.machine.requesters[0]!;
    return this.iommu.requestPage({ ...PAGE_REQUEST, id, ...request }, this.machine.instance(IOMMU).sight.configuration(0));
  }

  /** Where tables of either stage get memory, and how their entries are stored. */
  get tableMemory(): { frame(this: void): number; store(this: void, word: number, raw: bigint): void } {
    return {
      frame: () => frameOf(this.pages('page-table', Number(PAGE))),
      store: (word, raw) => this.machine.store(word, raw),
    };
  }
}

const PAGE_REQUEST: PageRequest = {
  ...{ id: 0, pasid: undefined, privileged: false, execute: false, read: true, write: false, last: true, group: 5 },
  iova: 0x1000n,
};
