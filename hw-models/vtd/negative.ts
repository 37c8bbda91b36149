/**
 * What a remapping unit keeps of entries that are not present, or not valid: only where CM or RWBF says that it may.
 * @spec VT-D "Caching Mode" and "Write Buffer Flushing"
 */
import type { Invalidation } from '#hw-models/core/reach/facts';
import type { Capabilities } from '#hw-models/vtd/capabilities';
import type { Fault } from '#hw-models/vtd/contexts-fault';

/** Faults by what was found to be missing. Filled on use. */
export class NegativeCache {
  /** Whether anything is ever kept. */
  readonly isOn: boolean;
  readonly #ofFirstStages: boolean;
  readonly #contexts = new Map<number, Fault>();
  /** By source-id, and by PASID there. */
  readonly #pasids = new Map<number, Map<number, Fault>>();
  /** By space of the outer stage, and by frame of its input there. */
  readonly #translations = new Map<string, Map<number, Fault>>();

  constructor({ CM, RWBF }: Capabilities) {
    this.isOn = CM || RWBF;
    this.#ofFirstStages = RWBF;
  }

  context(id: number): Fault | undefined {
    return this.#contexts.get(id);
  }

  pasid(id: number, pasid: number): Fault | undefined {
    return this.#pasids.get(id)?.get(pasid);
  }

  translation(space: string, frame: number): Fault | undefined {
    return this.isOn ? this.#translations.get(space)?.get(frame) : undefined;
  }

  keepContext(id: number, fault: Fault): void {
    if (this.isOn && ABSENT_CONTEXTS.has(fault.reason)) this.#contexts.set(id, fault);
  }

  keepPasid(id: number, pasid: number, fault: Fault): void {
    if (this.isOn && ABSENT_PASIDS.has(fault.reason)) within(this.#pasids, id).set(pasid, fault);
  }

  /** Caching mode is not about entries of first stages. */
  keepTranslation(space: string, frame: number, fault: Fault): void {
    const mayKeep = fault.stage === 1 ? this.#ofFirstStages : this.isOn;
    if (mayKeep && fault.isOfEntry) within(this.#translations, space).set(frame, fault);
  }

  /** The domain-id of an entry that is not present counts as 0: whichever is named, it goes. */
  dropContexts(isCovered: (id: number) => boolean = ALL): void {
    for (const id of this.#contexts.keys()) if (isCovered(id)) this.#contexts.delete(id);
  }

  /** As `dropContexts`. */
  dropPasids(isCovered: (id: number, pasid: number) => boolean = ALL): void {
    for (const [id, faults] of this.#pasids) for (const pasid of faults.keys()) if (isCovered(id, pasid)) faults.delete(pasid);
  }

  dropTranslations({ space, range }: Pick<Invalidation & { readonly of: 'translations' }, 'space' | 'range'>): void {
    for (const [name, faults] of this.#translations) {
      if (space !== undefined && name !== space) continue;
      if (range === undefined) faults.clear();
      else for (const frame of faults.keys()) if (frame >= range.first && frame < range.first + range.frames) faults.delete(frame);
    }
  }

  clear(): void {
    this.#contexts.clear();
    this.#pasids.clear();
    this.#translations.clear();
  }
}

/** Reasons for which a root or context entry, and a PASID directory or table entry, is missing or not valid. */
const ABSENT_CONTEXTS = new Set([0x01, 0x02, 0x03, 0x0a, 0x0b, 0x39, 0x3a, 0x41, 0x42, 0x43]);
const ABSENT_PASIDS = new Set([0x51, 0x52, 0x59, 0x5a, 0x5b]);
const ALL = (): boolean => true;

function within<Key, Inner>(maps: Map<Key, Map<number, Inner>>, key: Key): Map<number, Inner> {
  let inner = maps.get(key);
  if (inner === undefined) maps.set(key, (inner = new Map<number, Inner>()));
  return inner;
}
