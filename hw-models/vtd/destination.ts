/** Where a device's configuration sends its untranslated requests: what can be known of them before they come. */
import { GuestTables } from '#hw-models/core/guest-tables';
import { hex } from '#hw-models/core/hex';
import type { ConfigurationReader, Destination } from '#hw-models/core/reach/facts';
import type { EntryReader } from '#hw-models/core/walk';
import { Fault } from '#hw-models/vtd/contexts-fault';
import { leadsToTables, type Contexts, type TablePointer } from '#hw-models/vtd/contexts';
import type { RootPointer } from '#hw-models/vtd/control';
import { reasonNamed } from '#hw-models/vtd/fault-reasons';
import { blockedBy, type PasidTables } from '#hw-models/vtd/pasid-table';
import type { Translator } from '#hw-models/vtd/translate';
import type { Way } from '#hw-models/vtd/ways';

/** Who asks: a device, perhaps with one of its processes. */
export interface Origin {
  readonly id: number;
  readonly pasid: number | undefined;
}

/** Answers for one remapping unit. */
export class Destinations {
  readonly #contexts: Contexts;
  readonly #pasids: PasidTables;
  readonly #guests: GuestTables;

  /** @param memory Where tables of guests are looked for. */
  constructor({ contexts, pasids }: Pick<Translator, 'contexts' | 'pasids'>, memory: EntryReader) {
    this.#contexts = contexts;
    this.#pasids = pasids;
    this.#guests = new GuestTables(memory);
  }

  /** The steps of the procedure that read configuration. */
  of(root: RootPointer, origin: Origin, see: ConfigurationReader): Destination {
    if (root.mode === 'off') return { kind: 'passes', key: 'translation not enabled' };
    if (!leadsToTables(root)) return stops(root.mode === 'abort' ? 0x33 : 0x30);
    const way = this.#wayOf(root, origin, see);
    return typeof way === 'number' ? stops(way) : this.#through(way);
  }

  /** Or the reason why there is none. */
  #wayOf(root: TablePointer, { id, pasid }: Origin, see: ConfigurationReader): Way | number {
    if (root.mode === 'legacy' && pasid !== undefined) return 0x31;
    const context = this.#contexts.locate(root, id, see);
    if (context instanceof Fault) return context.reason;
    const blocked = blockedBy(context, { type: 'untranslated', pasid });
    if (blocked !== undefined) return blocked;
    if (context.mode === 'legacy') return context.way;
    const { entry } = context;
    const found = this.#pasids.locate(entry, pasid ?? entry.RID_PASID, see);
    return found instanceof Fault ? found.reason : found.way;
  }

  #through({ key, first, second }: Way): Destination {
    const last = second ?? first;
    if (last === undefined) return { kind: 'passes', key };
    const { space, root } = last;
    if (first === undefined || second === undefined) return { kind: 'translates', key, space, root };
    const guest = {
      space: first.space,
      root: this.#guests.place(first.root, second),
      input: Math.floor(first.root.word / WORDS_PER_FRAME),
    };
    const where = guest.root === undefined ? 'not mapped' : `at PA ${hex(guest.root.word * 8)}`;
    return { kind: 'translates', key: `${key}; the guest's tables are ${where}`, settings: key, space, root, guest };
  }
}

const WORDS_PER_FRAME = 512;

const stops = (reason: number): Destination => ({ kind: 'stops', key: reasonNamed(reason) });
