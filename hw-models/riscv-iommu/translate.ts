/**
 * The procedure from a request to its answer, step by step as the specification numbers it. What becomes of a fault, and what an ATS
 * Translation Request is told, is decided by the caller.
 */
import { addressOf, frameOf, PAGE_SHIFT } from '#hw-models/core/address';
import { MemoryMap } from '#hw-models/core/memory-map';
import type { ConfigurationReader } from '#hw-models/core/reach/facts';
import { DIRTY_PENDING, EXECUTE, frameAt, READ, rightsOf, WRITE, type LeafEntry } from '#hw-models/core/walk';
import type { Capabilities } from '#hw-models/riscv-iommu/capabilities';
import { DeviceContexts, type DeviceDirectory } from '#hw-models/riscv-iommu/device-context';
import { ACCESS_FAULT, Fault } from '#hw-models/riscv-iommu/fault';
import { isInterruptFile, MsiTables, type MsiTarget } from '#hw-models/riscv-iommu/msi';
import { hasPlaceFor, ProcessContexts } from '#hw-models/riscv-iommu/process-context';
import { GLOBAL, memoryTypeOf } from '#hw-models/riscv-iommu/pte';
import type { Inbound, Translated } from '#hw-models/riscv-iommu/request';
import { outputOf, RIGHT, Stages, type StageBus, type Use } from '#hw-models/riscv-iommu/stages';
import { wayOf, type FirstStage, type StageTag, type StageWay, type Way } from '#hw-models/riscv-iommu/ways';

/** What `ddtp` says now. */
export type DirectoryMode = 'off' | 'bare' | DeviceDirectory;

/** Where a request was found to go, and what an ATS Translation Request is told besides. */
export interface Found extends Translated {
  readonly way: Way | undefined;
  /** The frame that the second stage, or an MSI page table, was asked for. */
  readonly guestFrame: number;
  readonly global: boolean;
}

/** An MSI to a memory-resident interrupt file. */
export interface FoundFile {
  readonly kind: 'file';
  readonly way: Way;
  readonly target: MsiTarget & { readonly kind: 'file' };
}

/** A fault, and the device context if the procedure came so far. */
export interface NotFound {
  readonly kind: 'fault';
  readonly way: Way | undefined;
  readonly fault: Fault;
}

/** Bits that an address has behind two stages that are Bare. */
const ADDRESS_BITS = 56;
const ALL = READ | WRITE | EXECUTE;

/** The first stage of a request, and with which privileges it is used. */
interface FirstOf {
  readonly way: StageWay | undefined;
  readonly sum: boolean;
}
const BARE: FirstOf = { way: undefined, sum: false };

/** Translates requests. @spec RISCV-IOMMU "Process to translate an IOVA" */
export class Translator {
  readonly contexts: DeviceContexts<Way>;
  readonly #bus: StageBus;
  readonly processes: ProcessContexts;
  /** Of every stage that was met so far, by space. */
  readonly tags = new Map<string, StageTag>();
  readonly #stages: Stages;
  readonly #msi: MsiTables;

  constructor(bus: StageBus, part: Capabilities) {
    const map = new MemoryMap(bus.memory, part.PAS);
    this.#bus = bus;
    this.contexts = new DeviceContexts(part, map, (dc) => this.#met(wayOf(dc, part)));
    this.processes = new ProcessContexts(part, map, (first) => {
      this.#meet(first);
    });
    this.#stages = new Stages(bus, map);
    this.#msi = new MsiTables(part, map);
  }

  #met(way: Way): Way {
    this.#meet(way.first);
    if (way.second !== undefined) this.tags.set(way.second.space, way.second.tag);
    return way;
  }

  #meet(first: FirstStage): void {
    if (first.kind === 'table') this.tags.set(first.way.space, first.way.tag);
  }

  /** @param see How configuration is read. */
  translate(mode: DirectoryMode, inbound: Inbound, see: ConfigurationReader): Found | FoundFile | NotFound {
    if (mode === 'off') return notFound(256);
    if (mode === 'bare') return inbound.type === 'untranslated' ? passed(inbound.iova, undefined) : notFound(260);
    const way = this.contexts.locate(mode, inbound.deviceId, see);
    if (typeof way === 'number') return notFound(way);
    return this.through(way, inbound, see);
  }

  /** From step 7 on: the device context is known. */
  through(way: Way, inbound: Inbound, see: ConfigurationReader): Found | FoundFile | NotFound {
    const { type, iova } = inbound;
    if (isDisallowed(way, inbound)) return notFound(260, way);
    if (type === 'translated' && !way.t2gpa) return passed(iova, way);
    const first = type === 'translated' ? BARE : this.#firstOf(way, inbound, see);
    if (first instanceof Fault) return { kind: 'fault', way, fault: first };
    return this.#stagesOf(way, first, inbound);
  }

  /** Steps 10 to 16: which first stage it is. */
  #firstOf(way: Way, inbound: Inbound, see: ConfigurationReader): FirstOf | Fault {
    const { first, second } = way;
    const processId = inbound.processId ?? (way.defaultProcess ? 0 : undefined);
    if (first.kind !== 'directory') return { way: tableOf(first), sum: false };
    if (processId === undefined || first.directory === undefined) return BARE;
    const place = (word: number): number | Fault =>
      second === undefined ? word : this.#stages.guestWord(second, word, useOf(inbound, false));
    const pc = this.processes.locate(first.directory, processId, way.tags, place, see);
    if (pc instanceof Fault) return pc;
    return inbound.privileged && !pc.ENS ? new Fault(260) : { way: tableOf(pc.first), sum: pc.SUM };
  }

  /** Steps 17 to 20. */
  #stagesOf(way: Way, { way: first, sum }: FirstOf, inbound: Inbound): Found | FoundFile | NotFound {
    const { iova } = inbound;
    const use = useOf(inbound, sum);
    const { second, msi } = way;
    const iovaFrame = frameOf(iova);
    let leaf: LeafEntry | undefined;
    let guestFrame = iovaFrame;
    if (first !== undefined) {
      const found = this.#stages.first(first, iovaFrame, use, second);
      if (found instanceof Fault) return { kind: 'fault', way, fault: found };
      leaf = found;
      guestFrame = outputOf(first, leaf, iovaFrame);
    }
    if (msi !== undefined && isInterruptFile(msi, BigInt(guestFrame))) return this.#interrupt(way, guestFrame, leaf, inbound);
    if (second === undefined) return found(way, guestFrame, guestFrame, iova, leaf, undefined);
    const last = this.#stages.second(second, guestFrame, use, Number(BigInt.asUintN(PAGE_SHIFT, iova)));
    if (last instanceof Fault) return { kind: 'fault', way, fault: last };
    return found(way, frameAt(last, guestFrame), guestFrame, iova, leaf, last);
  }

  #interrupt(way: Way, guestFrame: number, first: LeafEntry | undefined, { iova, access, type }: Inbound): Found | FoundFile | NotFound {
    const space = `${way.second?.space ?? 'host'} MSI`;
    const target = this.#msi.translate(way.msi!, BigInt(guestFrame), this.#bus.sight.entries(space));
    if (target instanceof Fault) return { kind: 'fault', way, fault: target };
    if (access === 'execute' && type !== 'ats') return notFound(ACCESS_FAULT.execute, way);
    if (target.kind === 'file') return { kind: 'file', way, target };
    const leaf = { kind: 'page', page: target.frame, sizeLog2: PAGE_SHIFT, prot: READ | WRITE } as const;
    return { ...found(way, target.frame, guestFrame, iova, first, leaf), msi: true, global: false };
  }
}

/** Step 7. */
function isDisallowed({ enAts, first }: Way, { type, processId }: Inbound): boolean {
  if (type !== 'untranslated' && !enAts) return true;
  if (processId === undefined) return false;
  if (first.kind !== 'directory') return true;
  return first.directory !== undefined && !hasPlaceFor(first.directory, processId);
}

/** Only a PASID says of a translated request that it is for execution. @spec RISCV-IOMMU "Fault/Event-Queue (FQ)" */
export const accessOf = ({ access, type, processId }: Inbound): Inbound['access'] =>
  access === 'execute' && type === 'translated' && processId === undefined ? 'read' : access;

const tableOf = (first: FirstStage): StageWay | undefined => (first.kind === 'table' ? first.way : undefined);

/** An ATS Translation Request asks for rights without a fault where they are not given. */
function useOf(inbound: Inbound, sum: boolean): Use {
  const { privileged, type, noWrite } = inbound;
  const access = accessOf(inbound);
  if (type !== 'ats') return USES[access][privileged ? 1 : 0]![sum ? 1 : 0]!;
  return { access, needed: 0, wanted: noWrite === true ? READ : READ | WRITE, privileged, sum };
}

const BOTH = [false, true] as const;
const usesFor = (access: Inbound['access']): Use[][] =>
  BOTH.map((privileged) => BOTH.map((sum) => ({ access, needed: RIGHT[access], wanted: RIGHT[access], privileged, sum })));
/** Of everything but ATS Translation Requests, by access, privilege and SUM. */
const USES = { read: usesFor('read'), write: usesFor('write'), execute: usesFor('execute') } as const;

/** What two stages give together; without any, the address itself. */
function found(
  way: Way,
  frame: number,
  guestFrame: number,
  iova: bigint,
  first: LeafEntry | undefined,
  second: LeafEntry | undefined,
): Found {
  const type = first === undefined ? 'PMA' : memoryTypeOf(first);
  const bypassed = first === undefined && second === undefined;
  return {
    kind: 'translated',
    way,
    pa: bypassed ? BigInt.asUintN(ADDRESS_BITS, iova) : addressOf(frame, iova),
    guestFrame,
    sizeLog2: sizeOf(first, second),
    prot: givenBy(first) & givenBy(second),
    memoryType: type === 'PMA' && second !== undefined ? memoryTypeOf(second) : type,
    global: ((first?.attributes ?? 0) & GLOBAL) !== 0,
    msi: false,
    bypassed,
  };
}

/** Of the smaller leaf, where a stage that is Bare counts for one page. Each page of a NAPOT range is answered for itself. @spec RISCV-PRIV "Svnapot" */
const sizeOf = (first: LeafEntry | undefined, second: LeafEntry | undefined): number => Math.min(shiftOf(first), shiftOf(second));
const shiftOf = (leaf: LeafEntry | undefined): number => leaf?.level?.shift ?? PAGE_SHIFT;

/** The rights of a leaf as it is: a write would have set D first. */
function givenBy(leaf: LeafEntry | undefined): number {
  if (leaf === undefined) return ALL;
  return rightsOf(((leaf.pending ?? 0) & DIRTY_PENDING) === 0 ? leaf.prot : leaf.prot & ~WRITE);
}

const passed = (iova: bigint, way: Way | undefined): Found => ({
  kind: 'translated',
  way,
  pa: iova,
  guestFrame: frameOf(iova),
  sizeLog2: PAGE_SHIFT,
  prot: ALL,
  memoryType: 'PMA',
  global: false,
  msi: false,
  bypassed: true,
});

const notFound = (cause: number, way?: Way): NotFound => ({ kind: 'fault', way, fault: new Fault(cause) });
