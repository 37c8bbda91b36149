/**
 * The toy IOMMU. A model in the small of how the larger ones are built: registers with effects, a procedure from request to
 * translation that follows the specification's steps, commands that take effect at a fence.
 *
 * Not modelled: nothing; docs/systems/toy.md is its whole specification.
 */
import { pageOf, pageOffset, pageStart } from '#hw-models/core/address';
import type { Bus, Attention, Glance, Hardware, Fault as FaultValue, Outcome, Request } from '#hw-models/core/hardware';
import { hex } from '#hw-models/core/hex';
import { RegisterFile } from '#hw-models/core/registers';
import type { ConfigurationReader, Destination, Requester } from '#hw-models/core/reach/facts';
import { EXECUTE, frameAt, READ, walk, WRITE, type LeafEntry, type Level, type TableAt } from '#hw-models/core/walk';
import {
  DEVICE_ENTRY_WORDS,
  DeviceEntry,
  DeviceRoot,
  DEVICES,
  INPUT_END,
  LEVEL_SHIFTS,
  MAP,
  TABLE_ENTRIES,
  TableEntry,
  type Command,
} from './layouts';
import type { ViewOf } from '#hw-models/core/bits';

const entry = TableEntry.halves;

const LEAVES: Level = {
  name: 'toy level 2',
  shift: LEVEL_SHIFTS[1],
  decode: (low, high) => {
    if (!entry.V(low, high)) return { kind: 'none', cause: 'translation' };
    return {
      kind: 'page',
      page: entry.page(low, high),
      sizeLog2: 12,
      prot: (entry.R(low, high) ? READ : 0) + (entry.W(low, high) ? WRITE : 0),
    };
  },
};

const ROOTS: Level = {
  name: 'toy level 1',
  shift: LEVEL_SHIFTS[0],
  decode: (low, high) => {
    if (!entry.V(low, high)) return { kind: 'none', cause: 'translation' };
    return { kind: 'table', table: { word: entry.page(low, high) * TABLE_ENTRIES, entries: TABLE_ENTRIES, level: LEAVES } };
  },
};

const showPage = (page: bigint): string => hex(pageStart(Number(page)));

const NEEDED = { read: READ, write: WRITE, execute: EXECUTE } as const;

export class ToyIommu implements Hardware {
  readonly name = 'the toy IOMMU';
  readonly #bus: Bus;
  readonly #registers: RegisterFile<typeof MAP>;

  constructor(bus: Bus) {
    this.#bus = bus;
    this.#registers = new RegisterFile(MAP, {
      control: () => bus.reach.reconfigure(),
      command: (command) => this.#command(command),
    });
  }

  mmioRead(offset: number, width: 32 | 64): bigint {
    return BigInt(this.#registers.read(offset, width));
  }

  mmioWrite(offset: number, value: bigint, width: 32 | 64): void {
    this.#registers.write(offset, value, width);
  }

  /** @spec TOY "Commands" 3: a command is complete when STATUS is read and busy is clear. */
  advance(why: Glance): void {
    if (why !== MAP.status.at || !this.#registers.view('status').busy) return;
    this.#bus.complete();
    this.#registers.set('status', { busy: false });
  }

  /** @spec TOY "Translation" */
  access(request: Request): Outcome {
    const { requester, iova } = request;
    const destination = this.resolve(requester, this.#bus.sight.configuration(requester));
    if (destination.kind !== 'translates') return this.#fault(request, 'device');
    if (iova >= INPUT_END) return this.#fault(request, 'input');
    const page = pageOf(iova);
    const leaf = this.#translate(destination.space, destination.root, page);
    if (leaf === undefined) return this.#fault(request, 'translation');
    if ((leaf.prot & NEEDED[request.access]) === 0) return this.#fault(request, 'permission');
    return { kind: 'translated', pa: pageStart(frameAt(leaf, page)) + BigInt(pageOffset(iova)), sizeLog2: leaf.sizeLog2, prot: leaf.prot };
  }

  /** @spec TOY "Translation" 1 and 2: the words of the entry are fetched, each at its own time. */
  resolve(requester: Requester, see: ConfigurationReader): Destination {
    const { table, enable } = this.#registers.view('control');
    const { id } = this.#bus.idOf(requester);
    if (!enable || id >= DEVICES) return { kind: 'stops', key: 'off' };
    const at = Number(table) * TABLE_ENTRIES + id * DEVICE_ENTRY_WORDS;
    see.fetch(at, DEVICE_ENTRY_WORDS, 'leaf');
    const { V, space, second } = DeviceEntry.of(see.read(at));
    if (!V) return { kind: 'stops', key: 'invalid' };
    const { root } = DeviceRoot.of(see.read(at + (second ? 2 : 1)));
    return {
      kind: 'translates',
      key: `space ${space} root ${showPage(root)}`,
      space,
      root: { word: Number(root) * TABLE_ENTRIES, entries: TABLE_ENTRIES, level: ROOTS },
    };
  }

  attention(): readonly Attention[] {
    const found: Attention[] = [];
    const { valid, cause, id, page } = this.#registers.view('fault');
    if (valid) found.push({ what: `fault record: ${cause} fault of id ${id} at ${showPage(page)}`, protocol: false });
    if (this.#registers.view('status').error) found.push({ what: 'STATUS.error: a command was illegal', protocol: true });
    return found;
  }

  *buffers(): Iterable<never> {
    // The toy has no queues.
  }

  #translate(space: number | string, root: TableAt, page: number): LeafEntry | undefined {
    const cached = this.#bus.sight.cached(space, page);
    if (cached !== undefined) return cached;
    const walked = walk(root, page, this.#bus.sight.entries(space)).entry;
    if (walked.kind !== 'page') return undefined;
    this.#bus.sight.fill(space, page, walked);
    return walked;
  }

  /** @spec TOY "Commands" 1 and 2 */
  #command({ op, id, page }: ViewOf<typeof Command>): void {
    if (op === 'none' || op === 'reserved') {
      this.#registers.set('status', { error: true });
      return;
    }
    this.#registers.set('status', { busy: true });
    this.#bus.note('command', `invalidate ${op} ${id}${op === 'page' ? ` at ${showPage(page)}` : ''}`);
    if (op === 'device') this.#bus.invalidate({ of: 'configuration', requesters: new Set(this.#bus.requestersOf(id)), leafOnly: false });
    else
      this.#bus.invalidate({
        of: 'translations',
        space: id,
        leafOnly: false,
        ...(op === 'page' && { range: { first: Number(page), frames: 1 } }),
      });
  }

  /** @spec TOY "Faults": one record; a fault while it is valid is lost. */
  #fault({ id, iova }: Request, cause: 'device' | 'translation' | 'permission' | 'input'): Outcome {
    const lost = this.#registers.view('fault').valid;
    if (lost) this.#registers.set('fault', { lost: true });
    else this.#registers.set('fault', { valid: true, cause, id, page: BigInt.asUintN(32, BigInt(pageOf(iova))) });
    this.#bus.note('fault', `${cause} fault of id ${id} at ${hex(iova)}`);
    const fault: FaultValue = { cause, stage: cause === 'device' ? 0 : 1, iova, id, record: lost ? 'lost' : 'recorded' };
    return { kind: 'faulted', fault };
  }
}
