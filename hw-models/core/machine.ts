/**
 * A machine: memory, IOMMU instances, devices, and what its driver holds. Its driver's side is the platform port (`port.ts`), its
 * devices' side is `access`. Deterministic: the same calls in the same order give the same trace.
 */
import { Buffers } from './buffers';
import { UnspecifiedBehaviour } from './errors';
import type { Attention, Bus, Hardware, HardwareFactory, Outcome } from './hardware';
import { hex } from './hex';
import { Locks } from './locks';
import { pageOfWord, wordStart } from './address';
import { Memory } from './memory';
import { Random } from './random';
import type { Facts, Fetched, Invalidation, Requester } from './reach/facts';
import { Reach } from './reach/reach';
import { Violation, type Check } from './reach/violation';
import { showFrame } from './reach/wording';
import { Resources } from './resources';
import { sightOf, type Mode, type Sight } from './sight';
import { Trace, type EventKind } from './trace';
import { UserMemory } from './user-memory';
import { WRITE } from './walk';

export interface MachineConfig {
  readonly mode: Mode;
  readonly cpus: number;
  /** When a store becomes visible to the hardware: see rules of the architecture in docs/specifications.md. */
  readonly storeOrder: 'program' | 'weak';
  /** False where the IOMMU's walkers do not snoop the CPU's caches. */
  readonly snooped: boolean;
  readonly iommus: readonly HardwareFactory[];
  /** For tests: another reach graph, such as the one that is recomputed after every event. */
  readonly reach?: (facts: Facts) => Reach;
}

/** Who makes requests: one id of a device, with or without a PASID. */
export interface RequesterInfo {
  readonly device: number;
  readonly iommu: number;
  readonly id: number;
  readonly pasid: number | undefined;
}

/** What the caller has granted; the Bench answers. */
export interface Grants {
  granted: Facts['granted'];
  mayPass: Facts['mayPass'];
}

export interface Instance {
  readonly hardware: Hardware;
  readonly reach: Reach;
  readonly sight: Sight;
  readonly fetched: Fetched[];
}

/** Frames that the hypervisor owns; absent on a machine without one. */
export interface FrameOwner {
  owns(page: number): boolean;
}

const NO_GRANTS: Grants = { granted: () => false, mayPass: () => false };

export class Machine {
  readonly config: MachineConfig;
  readonly memory: Memory;
  readonly trace = new Trace();
  readonly resources = new Resources(() => this.trace.length - 1);
  readonly locks = new Locks();
  readonly users = new UserMemory();
  readonly iommus: readonly Instance[];
  readonly requesters: RequesterInfo[] = [];
  grants: Grants = NO_GRANTS;
  /** Frames that the driver owns other than by allocation. */
  owner: FrameOwner | undefined;
  /** From the end of the driver's `start` on, its structures and reach are checked. */
  armed = false;
  cpu = 0;
  /** Number of the driver's current call, and of its calls so far. */
  call = 0;
  time = 0;
  /** What was first thrown into a call of the driver: kept, since a driver may swallow it. */
  thrown: Error | undefined;
  /** Hardware interrupts that nobody has handled. */
  readonly interrupts: { readonly iommu: number; readonly line: string }[] = [];
  readonly #random: Random;
  readonly #buffers = new Buffers(() => this.iommus.map(({ hardware }) => hardware), {
    owns: (page) => this.owns(page),
    violated: (check, message) => this.violate(check, message),
  });

  constructor(config: MachineConfig) {
    this.config = config;
    this.memory = new Memory(config.snooped);
    this.#random = new Random(config.mode.startsWith('seeded:') ? Number(config.mode.slice(7)) : 0);
    this.iommus = config.iommus.map((factory, index) => this.#instance(factory, index));
  }

  /** A device behind an IOMMU becomes known, with one requester for each of its ids. @returns Their numbers. */
  addDevice(device: number, iommu: number, ids: readonly number[]): Requester[] {
    return ids.map((id) => this.#add({ device, iommu, id, pasid: undefined }));
  }

  /** Those of a device, with each PASID that it has used so far. */
  requestersOf(device: number): Requester[] {
    return [...this.requesters.keys()].filter((requester) => this.requesters[requester]!.device === device);
  }

  /** Those of a device's requests with a PASID, or without one. A PASID that is used for the first time becomes known. */
  requestersWith(device: number, pasid: number | undefined): Requester[] {
    const all = this.requestersOf(device);
    const wanted = all.filter((requester) => this.requesters[requester]!.pasid === pasid);
    if (wanted.length > 0 || pasid === undefined) return wanted;
    return all
      .map((requester) => this.requesters[requester]!)
      .filter((known) => known.pasid === undefined)
      .map((plain) => this.#add({ ...plain, pasid }));
  }

  #add(info: RequesterInfo): Requester {
    const requester = this.requesters.length;
    this.requesters.push(info);
    this.instance(info.iommu).reach.add(requester);
    return requester;
  }

  /** Checks begin: all that the driver has set up is looked at. */
  arm(): void {
    this.armed = true;
    for (const { reach } of this.iommus) reach.armed();
    this.checkBuffers();
  }

  /** Whether the driver owns the frame, by allocation or otherwise. */
  owns(page: number): boolean {
    return this.resources.owns(page) || this.owner?.owns(page) === true;
  }

  /** The hardware may have been told to use other memory than before. */
  checkBuffers(): void {
    if (this.armed) this.#buffers.check();
  }

  reachOf(requester: Requester): Reach {
    return this.instance(this.requesters[requester]!.iommu).reach;
  }

  /** A device makes an access of one 8-byte word; a write that gets through changes memory. */
  access(
    requester: Requester,
    iova: bigint,
    access: 'read' | 'write' | 'execute',
    privileged = false,
    value = 0xdddd_dddd_dddd_ddddn,
  ): Outcome {
    const { iommu, id, pasid } = this.requesters[requester]!;
    const outcome = this.instance(iommu).hardware.access({ requester, id, pasid, iova, access, privileged });
    this.trace.add('access', this.cpu, Number(iova), 0n, `${this.nameOf(requester)} ${access}s ${hex(iova)}: ${showOutcome(outcome)}`);
    if (access === 'write' && (outcome.kind === 'translated' || outcome.kind === 'bypassed')) this.write(Number(outcome.pa >> 3n), value);
    return outcome;
  }

  nameOf(requester: Requester): string {
    const { device, id, pasid } = this.requesters[requester]!;
    const several = this.requesters.some((other) => other.device === device && other.id !== id);
    return `d${device}${several ? ` (id ${hex(id)})` : ''}${pasid === undefined ? '' : ` with PASID ${pasid}`}`;
  }

  /** A store by a CPU. */
  store(word: number, value: bigint): void {
    const old = this.memory.store(word, value);
    if (this.config.storeOrder === 'program') this.memory.barrier();
    this.#changed(word, old);
  }

  /** A store by hardware or by the scene: visible at once. */
  write(word: number, value: bigint): void {
    this.#changed(word, this.memory.set(word, value));
  }

  barrier(): void {
    this.memory.barrier();
    for (const { reach } of this.iommus) reach.barrier();
  }

  /** A frame leaves the driver's hands: nothing that hardware uses may lie in it. */
  frameLeaves(page: number): void {
    this.#buffers.leaving(page);
    for (const { reach } of this.iommus) reach.freed(page);
  }

  /** @param at The event that is to blame; the last one unless told. */
  violate(check: Check, message: string, at = this.trace.length - 1): never {
    return this.threw(new Violation(check, at < this.trace.first ? message : `${message}; at ${this.trace.line(at)}`));
  }

  /** Throws `error` through the driver, and keeps it. */
  threw(error: unknown): never {
    const kept = error instanceof Error ? error : new Error(String(error));
    this.thrown ??= kept;
    throw kept;
  }

  /** Everything that software should have looked at by now. */
  attention(): Attention[] {
    return this.iommus.flatMap(({ hardware }) => hardware.attention());
  }

  instance(iommu: number): Instance {
    const instance = this.iommus[iommu];
    if (instance === undefined) throw new UnspecifiedBehaviour(`there is no IOMMU ${iommu}: the machine has ${this.iommus.length}`);
    return instance;
  }

  #changed(word: number, old: bigint): void {
    try {
      for (const { reach } of this.iommus) reach.store(word, old);
    } catch (error) {
      this.threw(error);
    }
  }

  #instance(factory: HardwareFactory, index: number): Instance {
    const fetched: Fetched[] = [];
    // The hardware exists only once it is on the bus, and the bus only once there is a reach graph that asks the hardware.
    const parts: { hardware?: Hardware } = {};
    const facts = this.#facts(() => parts.hardware!);
    const reach = this.config.reach?.(facts) ?? new Reach(facts);
    const sight = sightOf(this.config.mode, this.memory, reach);
    const hardware = factory(this.#bus(index, reach, sight, fetched));
    parts.hardware = hardware;
    return { hardware, reach, sight, fetched };
  }

  #facts(hardware: () => Hardware): Facts {
    const isArmed = (): boolean => this.armed;
    return {
      get armed() {
        return isArmed();
      },
      memory: this.memory,
      owns: (page) => this.owns(page),
      granted: (...question) => this.grants.granted(...question),
      mayPass: (requester) => this.grants.mayPass(requester),
      resolve: (requester, see) => hardware().resolve(requester, see),
      nameOf: (requester) => this.nameOf(requester),
      now: () => this.trace.length - 1,
      storedAt: (word, before) => this.#storedAt(word, before),
      violated: (check, message) => this.violate(check, message),
    };
  }

  #bus(index: number, reach: Reach, sight: Sight, fetched: Fetched[]): Bus {
    return {
      memory: this.memory,
      reach,
      sight,
      fetch: (word) => this.#fetch(word),
      write: (word, value) => {
        this.trace.add('hardware-write', this.cpu, word * 8, value);
        const page = pageOfWord(word);
        if (this.armed && this.resources.wasGivenBack(page))
          this.violate('dangling', `${this.instance(index).hardware.name} writes to frame ${showFrame(page)}, which the driver gave back`);
        this.write(word, value);
      },
      writeFor: (requester, input, word, value) => {
        const page = pageOfWord(word);
        this.trace.add('hardware-write', this.cpu, word * 8, value);
        if (this.armed && !this.grants.granted(requester, input, page, 1, WRITE)) {
          const where = `frame ${showFrame(input)} of the guest, at frame ${showFrame(page)}`;
          this.violate(
            'isolation',
            `${this.instance(index).hardware.name} writes for ${this.nameOf(requester)} to ${where}, which it may not write to`,
          );
        }
        this.write(word, value);
      },
      note: (kind, label) => this.trace.add(kind, this.cpu, 0, 0n, label),
      invalidate: (invalidation: Invalidation) => {
        fetched.push(reach.fetched(invalidation));
        sight.invalidate(invalidation);
      },
      complete: () => reach.complete(fetched.splice(0)),
      requestersOf: (id) =>
        [...this.requesters.keys()].filter(
          (requester) => this.requesters[requester]!.iommu === index && this.requesters[requester]!.id === id,
        ),
      idOf: (requester) => this.requesters[requester]!,
      interrupt: (line) => this.interrupts.push({ iommu: index, line }),
      now: () => this.time,
    };
  }

  /** What software hands over must have been ordered: otherwise the hardware reads one value or the other. */
  #fetch(word: number): bigint {
    const older = this.memory.older(word);
    if (older.length === 0) return this.memory.get(word);
    if (this.armed) {
      const values = `${hex(older[0]!)} or ${hex(this.memory.get(word))}`;
      const stored = this.#storedAt(word, Infinity);
      const store = stored === undefined ? 'the store to it' : `the store to it, ${this.trace.line(stored)}`;
      this.violate('attention', `the hardware fetched ${hex(wordStart(word))} before a barrier ordered ${store}: it may read ${values}`);
    }
    if (this.config.mode === 'lazy') return this.memory.get(word);
    const options = [...older, this.memory.get(word)];
    return options[this.config.mode === 'eager' ? 0 : this.#random.below(options.length)]!;
  }

  /** The last event before `before` that stored to the word, if it is still known. */
  #storedAt(word: number, before: number): number | undefined {
    for (let n = Math.min(before, this.trace.length) - 1; n >= this.trace.first; n--) {
      const { kind, at } = this.trace.event(n);
      if (STORES.has(kind) && Math.floor(at / 8) === word) return n;
    }
    return undefined;
  }
}

const STORES: ReadonlySet<EventKind> = new Set<EventKind>(['write', 'cmpxchg', 'fetch-and', 'fetch-or', 'hardware-write']);

export function showOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'translated':
    case 'bypassed':
      return `${outcome.kind} to PA ${hex(outcome.pa)}`;
    case 'faulted':
    case 'stalled':
      return `${outcome.kind} with ${outcome.fault.cause}`;
    case 'aborted':
      return 'aborted';
  }
}
