/** The procedure from a request to where it goes, or why it does not. What becomes of a fault is decided by the caller. */
import { addressOf, frameOf, PAGE_SHIFT } from '#hw-models/core/address';
import { MemoryMap } from '#hw-models/core/memory-map';
import type { ConfigurationReader } from '#hw-models/core/reach/facts';
import { canonicalFrame, DIRTY_PENDING, EXECUTE, frameAt, READ, rightsOf, WRITE, type LeafEntry } from '#hw-models/core/walk';
import type { Capabilities } from '#hw-models/vtd/capabilities';
import { Contexts, leadsToTables, type Context, type TablePointer } from '#hw-models/vtd/contexts';
import { Fault } from '#hw-models/vtd/contexts-fault';
import type { RootPointer } from '#hw-models/vtd/control';
import { NegativeCache } from '#hw-models/vtd/negative';
import { blockedBy, PasidTables } from '#hw-models/vtd/pasid-table';
import type { Found, Inbound, Refused } from '#hw-models/vtd/request';
import { Stages, type StageBus, type Use } from '#hw-models/vtd/stages';
import type { StageTag, Way } from '#hw-models/vtd/ways';

const ALL = READ | WRITE | EXECUTE;

/** Frames of the range of interrupts. @spec VT-D "Handling Requests to Interrupt Address Range" */
const INTERRUPTS = { first: 0xf_ee00, end: 0xf_ef00 } as const;
const isOfInterrupts = (frame: number): boolean => frame >= INTERRUPTS.first && frame < INTERRUPTS.end;

/** How untranslated requests of a source-id are translated, with their PASID or without one. */
export interface Located {
  readonly way: Way;
  /** Requests without PASID are a supervisor's. */
  readonly RID_PRIV: boolean;
  readonly deviceTlb: boolean;
  readonly FPD: boolean;
}

/** Translates requests for one remapping unit. @spec VT-D "DMA Remapping" */
export class Translator {
  readonly contexts: Contexts;
  readonly pasids: PasidTables;
  readonly negative: NegativeCache;
  /** Of every stage that was met so far, by space. */
  readonly tags = new Map<string, StageTag>();
  readonly #stages: Stages;
  readonly #endFrame: number;

  constructor(bus: StageBus, part: Capabilities) {
    const map = new MemoryMap(bus.memory, part.HAW);
    const met = ({ first, second }: Way): void => {
      for (const way of [first, second]) if (way !== undefined) this.tags.set(way.space, way.tag);
    };
    this.contexts = new Contexts(part, map, met);
    this.pasids = new PasidTables(part, map, met);
    this.negative = new NegativeCache(part);
    this.#stages = new Stages(bus, map, part.erratum772415);
    this.#endFrame = 2 ** (part.HAW - PAGE_SHIFT);
  }

  /** @param see How configuration is read. @param found Is told the way of an untranslated request. */
  translate(root: RootPointer, inbound: Inbound, see: ConfigurationReader, found?: (located: Located) => void): Found | Refused {
    if (root.mode === 'off') return passed(inbound, false);
    const answer = ofInterrupts(inbound, frameOf(inbound.iova));
    if (answer !== undefined) return answer;
    // Nothing is recorded of requests in abort mode.
    if (!leadsToTables(root)) return root.mode === 'abort' ? { ...refused(new Fault(0x33)), silent: true } : refused(new Fault(0x30));
    if (inbound.type === 'translated') return this.#asTold(root, inbound, see);
    const located = this.#locate(root, inbound, see);
    if (located instanceof Fault) return refused(located);
    found?.(located);
    return this.#through(located, inbound);
  }

  /** An untranslated request whose way is known. */
  known(located: Located, inbound: Inbound): Found | Refused {
    return ofInterrupts(inbound, frameOf(inbound.iova)) ?? this.#through(located, inbound);
  }

  /** What a translated request brings is an address of the host. */
  #asTold(root: TablePointer, inbound: Inbound, see: ConfigurationReader): Found | Refused {
    const context = this.#context(root, inbound, see);
    if (context instanceof Fault) return refused(context);
    return this.#outwards(passed(inbound, true), frameOf(inbound.iova), context.mode, context.FPD);
  }

  /** One that lets the request through. */
  #context(root: TablePointer, inbound: Inbound, see: ConfigurationReader): Context | Fault {
    const { id, pasid } = inbound;
    if (root.mode === 'legacy' && pasid !== undefined) return new Fault(0x31);
    const known = this.negative.context(id);
    if (known !== undefined) return known;
    const context = this.contexts.locate(root, id, see);
    if (context instanceof Fault) {
      this.negative.keepContext(id, context);
      return context;
    }
    const blocked = blockedBy(context, inbound);
    return blocked === undefined ? context : new Fault(blocked, context.FPD);
  }

  /** The steps that read configuration. */
  #locate(root: TablePointer, inbound: Inbound, see: ConfigurationReader): Located | Fault {
    const context = this.#context(root, inbound, see);
    if (context instanceof Fault) return context;
    const { deviceTlb, FPD } = context;
    if (context.mode === 'legacy') return { way: context.way, RID_PRIV: false, deviceTlb, FPD };
    const { RID_PASID, RID_PRIV } = context.entry;
    const pasid = inbound.pasid ?? RID_PASID;
    const found = this.negative.pasid(inbound.id, pasid) ?? this.pasids.locate(context.entry, pasid, see);
    if (found instanceof Fault) {
      this.negative.keepPasid(inbound.id, pasid, found);
      return found.under(FPD);
    }
    return { way: found.way, RID_PRIV, deviceTlb, FPD: FPD || found.FPD };
  }

  #through(located: Located, inbound: Inbound): Found | Refused {
    const { way, deviceTlb, FPD } = located;
    const { first, second } = way;
    const frame = frameOf(inbound.iova);
    const use = useOf(located, inbound);
    const reason = notEnabled(way, use);
    if (reason !== undefined) return refused(new Fault(reason, FPD));
    const outer = first ?? second;
    if (outer === undefined) return this.#outwards(passed(inbound, deviceTlb), frame, way.mode, FPD);
    const input = first === undefined ? frame : (canonicalFrame(first.endFrame, frame) ?? frame);
    const known = this.negative.translation(outer.space, input);
    const leaves = known ?? this.#leaves(way, frame, input, use);
    if (leaves instanceof Fault) {
      this.negative.keepTranslation(outer.space, input, leaves);
      return refused(leaves.under(FPD));
    }
    return this.#outwards(foundIn(leaves, inbound, located), leaves.frame, way.mode, FPD);
  }

  /** The leaves of the stages that there are. */
  #leaves({ first, second, mode }: Way, frame: number, input: number, use: Use): Leaves | Fault {
    let output = frame;
    let outer: LeafEntry | undefined;
    if (first !== undefined) {
      const leaf = this.#stages.first(first, frame, use, second);
      if (leaf instanceof Fault) return leaf;
      outer = leaf;
      output = frameAt(leaf, input);
    }
    if (second === undefined) return { frame: output, first: outer, second };
    const purpose = mode === 'legacy' ? 'legacy' : first === undefined ? 'alone' : 'output';
    const inner = this.#stages.second(second, output, use, purpose);
    return inner instanceof Fault ? inner : { frame: frameAt(inner, output), first: outer, second: inner };
  }

  /** Neither beyond the host address width, nor into the range of interrupts. @param frame That it was found in. */
  #outwards(found: Found, frame: number, mode: Way['mode'], FPD: boolean): Found | Refused {
    if (frame >= this.#endFrame) return refused(new Fault(mode === 'legacy' ? 0x04 : 0x83, FPD));
    return isOfInterrupts(frame) ? refused(new Fault(mode === 'legacy' ? 0x0e : 0x87, FPD)) : found;
  }
}

/** What two stages give. */
interface Leaves {
  readonly frame: number;
  readonly first: LeafEntry | undefined;
  readonly second: LeafEntry | undefined;
}

/** Undefined: the request is none to the range of interrupts. */
function ofInterrupts(inbound: Inbound, frame: number): Found | Refused | undefined {
  if (!isOfInterrupts(frame) || inbound.pasid !== undefined || inbound.type !== 'untranslated') return undefined;
  return inbound.access === 'write' ? { ...passed(inbound, false), isInterrupt: true } : refused(new Fault(0x29));
}

/** As whom a request goes through the stages. */
function useOf({ RID_PRIV }: Located, { requester, pasid, access, privileged }: Inbound): Use {
  if (pasid !== undefined) return { requester, access, privileged };
  return { requester, access: access === 'execute' ? 'read' : access, privileged: RID_PRIV };
}

/** ERE and SRE are fields of first stages. */
function notEnabled({ first }: Way, { access, privileged }: Use): number | undefined {
  if (first === undefined) return undefined;
  if (access === 'execute' && !first.format.ERE) return 0x5c;
  return privileged && !first.format.SRE ? 0x5d : undefined;
}

const refused = ({ reason, stage, silent }: Fault): Refused => ({ kind: 'refused', reason, stage, silent });

const passed = ({ iova }: Inbound, deviceTlb: boolean): Found => ({
  kind: 'translated',
  pa: iova,
  sizeLog2: PAGE_SHIFT,
  prot: ALL,
  bypassed: true,
  isInterrupt: false,
  deviceTlb,
  spaces: NO_SPACES,
});
const NO_SPACES: readonly string[] = [];

const foundIn = ({ frame, first, second }: Leaves, { iova }: Inbound, { way, deviceTlb }: Located): Found => ({
  kind: 'translated',
  pa: addressOf(frame, iova),
  sizeLog2: Math.min(shiftOf(first), shiftOf(second)),
  prot: rightsIn(first) & asRead(rightsIn(second)),
  bypassed: false,
  isInterrupt: false,
  deviceTlb,
  spaces: way.spaces,
});

/** Of a page that a cache gives, the level says how large its entry was. */
const shiftOf = (leaf: LeafEntry | undefined): number => leaf?.level?.shift ?? ANY_SHIFT;
const ANY_SHIFT = 64;

/** The rights of a leaf as it is: a write would have set D first. */
function rightsIn(leaf: LeafEntry | undefined): number {
  if (leaf === undefined) return ALL;
  return rightsOf(((leaf.pending ?? 0) & DIRTY_PENDING) === 0 ? leaf.prot : leaf.prot & ~WRITE);
}

/** To execute, a second stage that lets read is enough. */
const asRead = (prot: number): number => ((prot & READ) === 0 ? prot : prot | EXECUTE);
