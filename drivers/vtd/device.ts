/** One device: where the entries for its requests are, and what they lead to. */
import { done, ok, refuse, type Result } from '#drivers/contract/driver';
import { NO_PASID, type DeviceDescription } from '#drivers/contract/iommu';
import { unwinding } from '#drivers/parts/unwind';
import { toWords } from '#hw-models/core/bits';
import { ScalableContextEntry } from '#hw-models/vtd/structures';
import { ccDevice, devTlb, pcGlobal } from './commands';
import type { Attachment } from './domain';
import type { Iommu } from './iommu';
import { PasidTables } from './pasid-tables';
import { CONTEXT_SLOT, PASID_SLOT, RID_PASID, type Slot, type Source } from './slots';

const WORD_BYTES = 8;

/** A context entry of a source-id. */
interface Context {
  readonly id: number;
  /** Physical address. */
  readonly at: bigint;
}

/** What a device can do, as far as its unit can. */
interface Abilities {
  readonly ats: boolean;
  readonly pri: boolean;
  /** 0: it has no PASIDs. */
  readonly pasidBits: number;
}

interface Parts extends Abilities {
  readonly handle: number;
  readonly iommu: Iommu;
  readonly contexts: readonly Context[];
  /** In scalable mode. */
  readonly tables: PasidTables | undefined;
}

export class Device {
  readonly handle: number;
  readonly iommu: Iommu;
  readonly ids: readonly number[];
  /** Its entries are below context entries, and not these themselves. */
  readonly isScalable: boolean;
  /** Bits of its PASIDs; 0 when it has none. */
  readonly pasidBits: number;
  /** It can ask for pages. */
  readonly pri: boolean;
  /** By PASID, or `NO_PASID`. */
  readonly attachments = new Map<number, Attachment>();
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.handle = parts.handle;
    this.iommu = parts.iommu;
    this.ids = parts.contexts.map(({ id }) => id);
    this.isScalable = parts.tables !== undefined;
    this.pasidBits = parts.pasidBits;
    this.pri = parts.pri;
  }

  /** A device whose every request is blocked. `ENODEV`: an id is out of range. `ENOMEM`: tables that are shared stay. */
  static create(iommu: Iommu, description: DeviceDescription): Result<Device> {
    const { device: handle, ids } = description;
    const contexts: Context[] = [];
    for (const id of new Set(ids)) {
      const at = iommu.contexts.obtain(id);
      if (!at.ok) return at;
      contexts.push({ id, at: at.value });
    }
    const abilities = abilitiesOf(iommu, description);
    if (!iommu.features.isScalable) return ok(new Device({ ...abilities, handle, iommu, contexts, tables: undefined }));
    return unwinding((take) => {
      const settled = iommu.invalidations.settle();
      if (!settled.ok) return settled;
      const release = (unused: PasidTables): void => iommu.invalidations.whenSettled(() => unused.release());
      const tables = take(PasidTables.create(iommu.memory, handle, abilities.pasidBits), release);
      if (!tables.ok) return tables;
      const first = tables.value.obtain(RID_PASID);
      if (!first.ok) return first;
      const device = new Device({ ...abilities, handle, iommu, contexts, tables: tables.value });
      const linked = device.#link(tables.value);
      return linked.ok ? ok(device) : linked;
    });
  }

  /**
   * Lets nothing through any more, whatever is attached, and gives the tables back. Refused, with everything as before, when hardware does
   * not answer. In legacy mode entries are all that there is.
   */
  release(): Result<null> {
    const { tables, iommu, contexts } = this.#parts;
    if (tables === undefined) return done;
    const words = contexts.map(({ at }) => iommu.memory.read64(at));
    const slots = [...this.attachments.values()].flatMap((attachment) => attachment.slots);
    const unlinked = this.#unlink(slots.flatMap((slot) => slot.kind.forgetting(iommu.entries.read(slot), slot.source)));
    if (unlinked.ok) tables.release();
    else this.#putFirst(words);
    return unlinked;
  }

  /** Gives back what hardware does not use any more, whatever it may still hold. */
  abandon(): void {
    this.#parts.tables?.release();
  }

  /** The entries for requests with a PASID, or without one. `ENOMEM`. */
  slots(pasid: number): Result<readonly Slot[]> {
    const { tables, contexts, ats } = this.#parts;
    if (tables === undefined)
      return ok(contexts.map(({ id, at }) => ({ at, kind: CONTEXT_SLOT, source: { ids: [id], ats, pasid: undefined } })));
    const at = tables.obtain(pasid === NO_PASID ? RID_PASID : pasid);
    return at.ok ? ok([{ at: at.value, kind: PASID_SLOT, source: this.source(pasid) }]) : at;
  }

  /** Who sends requests with a PASID, or without one. */
  source(pasid: number): Source {
    return { ids: this.ids, ats: this.#parts.ats, pasid: pasid === NO_PASID ? undefined : pasid };
  }

  /** `EOPNOTSUPP`: it has no PASIDs. `EINVAL`: this is none of them, or the one of requests without. */
  checkPasid(pasid: number): Result<null> {
    if (pasid === NO_PASID) return done;
    if (this.pasidBits === 0) return refuse('EOPNOTSUPP');
    return pasid === RID_PASID || pasid >= 2 ** this.pasidBits ? refuse('EINVAL') : done;
  }

  /** Context entries lead to the PASID directory. */
  #link(tables: PasidTables): Result<null> {
    const { iommu, contexts, ats, pri, pasidBits } = this.#parts;
    const switches = { DTE: ats, PRE: pri, PASIDE: pasidBits > 0 };
    const raw = ScalableContextEntry.encode({ ...tables.pointer, ...switches, RID_PASID, P: true });
    const [first, ...others] = toWords(raw, ScalableContextEntry.wordCount);
    for (const { at } of contexts) others.forEach((word, index) => iommu.memory.write64(at + BigInt((index + 1) * WORD_BYTES), word));
    iommu.memory.barrier();
    this.#putFirst(contexts.map(() => first!));
    const announced = iommu.invalidations.announce(contexts.map(({ id }) => ccDevice(NO_DID, id)));
    if (!announced.ok) this.#unlink([]);
    return announced;
  }

  /** @param more What entries below led to. */
  #unlink(more: readonly bigint[]): Result<null> {
    const { iommu, contexts, ats } = this.#parts;
    this.#putFirst(contexts.map(() => 0n));
    const ids = contexts.map(({ id }) => id);
    return iommu.invalidations.issue([
      ...ids.map((id) => ccDevice(NO_DID, id)),
      pcGlobal,
      ...more,
      ...(ats ? ids.map((id) => devTlb(id)) : []),
    ]);
  }

  /** The words that say whether an entry is present. */
  #putFirst(words: readonly bigint[]): void {
    const { iommu, contexts } = this.#parts;
    for (const [index, { at }] of contexts.entries()) iommu.memory.write64(at, words[index]!);
    iommu.memory.barrier();
  }
}

/** A device-selective invalidation does not look at the domain-id in scalable mode. */
const NO_DID = 0;

function abilitiesOf({ features, pageRequests }: Iommu, { ats, pri, pasidBits }: DeviceDescription): Abilities {
  const { ecap, hasPasids } = features;
  return {
    ats: ats && ecap.DT,
    pri: pri && ats && ecap.DT && pageRequests !== undefined,
    pasidBits: hasPasids ? Math.min(pasidBits, features.pasidBits) : 0,
  };
}
