/** A machine whose hardware is a translator behind a root pointer, without registers or queues. */
import { toWords, type ValuesOf } from '#hw-models/core/bits';
import type { Bus, Hardware, Outcome, Request } from '#hw-models/core/hardware';
import { hex } from '#hw-models/core/hex';
import { Machine } from '#hw-models/core/machine';
import type { ConfigurationReader, Destination, Invalidation, Requester } from '#hw-models/core/reach/facts';
import type { Mode } from '#hw-models/core/sight';
import { capabilities, type Capabilities } from '#hw-models/vtd/capabilities';
import type { RootPointer } from '#hw-models/vtd/control';
import { Destinations } from '#hw-models/vtd/destination';
import type { Found, Inbound, Refused } from '#hw-models/vtd/request';
import {
  CONTEXT_WORDS,
  ContextEntry,
  PASID_WORDS,
  PasidDirectoryEntry,
  PasidEntry,
  RootEntry,
  ScalableContextEntry,
  ScalableRootHalf,
} from '#hw-models/vtd/structures';
import { Translator } from '#hw-models/vtd/translate';
import type { TableMemory } from './translate-tables';

export type ContextValues = Partial<ValuesOf<(typeof ContextEntry)['fields']>>;
export type ScalableContextValues = Partial<ValuesOf<(typeof ScalableContextEntry)['fields']>>;
export type PasidValues = Partial<ValuesOf<(typeof PasidEntry)['fields']>>;

/** What differs from a lazy machine in scalable mode with the full part. */
export interface SceneOptions {
  readonly part?: Partial<Capabilities>;
  readonly mode?: Mode;
  readonly root?: 'legacy' | 'scalable';
}

/** What a device is called, and the first frame that tables get. */
export const DEVICE = 0x0108;
const FIRST_FRAME = 0x100;
const WORDS_PER_FRAME = 512;
const FRAME_BYTES = 4096n;

class Fixture implements Hardware {
  readonly name = 'the translator';
  root: RootPointer = { mode: 'off', address: 0n };
  readonly translator: Translator;
  readonly bus: Bus;
  readonly #destinations: Destinations;

  constructor(bus: Bus, part: Capabilities) {
    this.bus = bus;
    this.translator = new Translator(bus, part);
    this.#destinations = new Destinations(this.translator, bus.memory);
  }

  mmioRead(): bigint {
    return 0n;
  }

  mmioWrite(): void {
    // There are no registers.
  }

  advance(): void {
    // There is nothing to do.
  }

  access({ requester, id, pasid, iova, access, privileged }: Request): Outcome {
    const result = this.translate({ requester, id, pasid, iova, access, privileged, type: 'untranslated' });
    if (result.kind === 'refused')
      return { kind: 'faulted', fault: { cause: hex(result.reason), stage: result.stage, iova, id, record: 'recorded' } };
    const { pa, sizeLog2, prot, bypassed } = result;
    return bypassed ? { kind: 'bypassed', pa } : { kind: 'translated', pa, sizeLog2, prot };
  }

  translate(inbound: Inbound): Found | Refused {
    return this.translator.translate(this.root, inbound, this.bus.sight.configuration(inbound.requester));
  }

  resolve(requester: Requester, see: ConfigurationReader): Destination {
    return this.#destinations.of(this.root, this.bus.idOf(requester), see);
  }

  attention(): [] {
    return [];
  }

  buffers(): [] {
    return [];
  }
}

/** The machine, and tables in it that lead to one device. */
export class TranslateScene implements TableMemory {
  readonly machine: Machine;
  readonly iommu: Fixture;
  readonly rootMode: 'legacy' | 'scalable';
  readonly rootFrame: number;
  readonly contextFrame: number;
  readonly directoryFrame: number;
  readonly pasidFrame: number;
  #next = FIRST_FRAME;

  constructor({ part = {}, mode = 'lazy', root = 'scalable' }: SceneOptions = {}) {
    const all = capabilities(part);
    const built: Fixture[] = [];
    this.machine = new Machine({
      ...{ mode, cpus: 1, storeOrder: 'program', snooped: true },
      iommus: [(bus) => (built[0] = new Fixture(bus, all))],
    });
    this.iommu = built[0]!;
    this.rootMode = root;
    this.rootFrame = this.frame();
    this.contextFrame = this.frame();
    this.directoryFrame = this.frame();
    this.pasidFrame = this.frame();
    this.point({ mode: root, address: BigInt(this.rootFrame) * FRAME_BYTES });
    this.setRoot(root === 'legacy' ? RootEntry.encode({ P: true, CTP: this.contextFrame }) : ScalableRootHalf.encode({ P: true, CTP: this.contextFrame }));
    if (root === 'scalable') {
      this.context({});
      this.store(this.directoryFrame * WORDS_PER_FRAME, PasidDirectoryEntry.encode({ P: true, SMPTBLPTR: this.pasidFrame }));
    }
    this.machine.addDevice(0, 0, [DEVICE]);
    this.machine.requestersWith(0, 5);
  }

  /** Where root tables are looked for from now on. */
  point(root: RootPointer): void {
    this.iommu.root = root;
    this.machine.instance(0).reach.reconfigure();
  }

  frame(): number {
    return this.#next++;
  }

  /** A store by the CPU. */
  store(word: number, raw: bigint): void {
    this.machine.store(word, raw);
  }

  peek(word: number): bigint {
    return this.machine.memory.get(word);
  }

  setRoot(raw: bigint): void {
    this.#storeAll(this.rootWord, toWords(raw, 2));
  }

  get rootWord(): number {
    return this.rootFrame * WORDS_PER_FRAME + Math.floor(DEVICE / 256) * 2;
  }

  get contextWord(): number {
    return this.contextFrame * WORDS_PER_FRAME + (DEVICE % 256) * CONTEXT_WORDS[this.rootMode];
  }

  pasidWord(pasid: number): number {
    return this.pasidFrame * WORDS_PER_FRAME + (pasid % 64) * PASID_WORDS;
  }

  /** A context entry of legacy mode. */
  legacy(values: ContextValues): void {
    this.#entry(this.contextWord, ContextEntry.encode({ P: true, AW: 57, DID: 1, ...values }), CONTEXT_WORDS.legacy);
  }

  /** A context entry of scalable mode. */
  context(values: ScalableContextValues): void {
    const raw = ScalableContextEntry.encode({ P: true, PASIDE: true, PASIDDIRPTR: this.directoryFrame, ...values });
    this.#entry(this.contextWord, raw, CONTEXT_WORDS.scalable);
  }

  /** A PASID table entry; of requests without PASID unless told. */
  pasid(values: PasidValues, pasid = 0): void {
    this.#entry(this.pasidWord(pasid), PasidEntry.encode({ P: true, DID: 1, PWSNP: true, ...values }), PASID_WORDS);
  }

  /** Replaces an entry, and drops everything that caches have: it is not present in between. */
  #entry(word: number, raw: bigint, words: number): void {
    this.store(word, 0n);
    this.invalidateAll();
    const [first, ...rest] = toWords(raw, words);
    this.#storeAll(word + 1, rest);
    this.store(word, first!);
    this.iommu.translator.negative.clear();
  }

  #storeAll(word: number, raws: readonly bigint[]): void {
    raws.forEach((raw, at) => {
      this.store(word + at, raw);
    });
  }

  invalidate(...all: readonly Invalidation[]): void {
    for (const one of all) this.iommu.bus.invalidate(one);
    this.iommu.bus.complete();
  }

  /** Everything. Between two invalidations of one fence a cache may be filled again: what others are read through goes first. */
  invalidateAll(): void {
    this.invalidate({ of: 'configuration', requesters: undefined, leafOnly: false });
    for (const _stage of ['second', 'first']) this.invalidate({ of: 'translations', space: undefined, leafOnly: false });
  }

  /** A request; an untranslated read without PASID unless told. */
  translate(iova: bigint, inbound: Partial<Inbound> = {}): Found | Refused {
    const requester = inbound.pasid === undefined ? 0 : 1;
    return this.iommu.translate({
      ...{ requester, id: DEVICE, pasid: undefined, access: 'read', privileged: false, type: 'untranslated' },
      iova,
      ...inbound,
    });
  }

  /** The same, as an address or a reason in hexadecimal digits: `pa 12345123` or `0x59`. */
  ask(iova: bigint, inbound: Partial<Inbound> = {}): string {
    const result = this.translate(iova, inbound);
    return result.kind === 'refused' ? hex(result.reason) : `pa ${result.pa.toString(16)}`;
  }
}
