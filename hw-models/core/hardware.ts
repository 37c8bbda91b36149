/**
 * The hardware port: what a machine asks of an IOMMU behind it, and what that IOMMU sees of the machine. Our models are the default;
 * an emulator may be another implementation.
 */
import type { Memory } from './memory';
import type { ConfigurationReader, Destination, Invalidation, Requester } from './reach/facts';
import type { Reach } from './reach/reach';
import type { Sight } from './sight';
import type { Label } from './trace';

/** What a device asks for. */
export interface Request {
  readonly requester: Requester;
  /** Stream, requester or device id. */
  readonly id: number;
  readonly pasid: number | undefined;
  readonly iova: bigint;
  readonly access: 'read' | 'write' | 'execute';
  readonly privileged: boolean;
}

/** What became of it. */
export type Outcome =
  | { readonly kind: 'translated'; readonly pa: bigint; readonly sizeLog2: number; readonly prot: number }
  | { readonly kind: 'bypassed'; readonly pa: bigint }
  | { readonly kind: 'faulted'; readonly fault: Fault }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'stalled'; readonly fault: Fault; readonly tag: number };

export interface Fault {
  /** As the architecture names it. */
  readonly cause: string;
  readonly stage: 0 | 1 | 2;
  readonly iova: bigint;
  readonly id: number;
  readonly record: 'recorded' | 'suppressed' | 'lost';
}

/** Something the hardware reported that software has not looked at. */
export interface Attention {
  readonly what: string;
  /** A refusal or protocol violation by software rather than a device's fault. */
  readonly protocol: boolean;
}

/** Memory that the hardware uses other than tables: queues and completion addresses. */
export interface Buffer {
  readonly page: number;
  /** Frames from there on; 1 unless told. */
  readonly frames?: number;
  readonly what: string;
  /** Only messages go there. That may be a register of somebody else's: it need not be the driver's, only not a page that it gave back. */
  readonly message?: true;
}

/** What a device keeps of a translation that it was told: as many frames from an input frame on, and where they lead. */
export interface Told {
  readonly input: number;
  readonly page: number;
  readonly frames: number;
  /** READ, WRITE and EXECUTE. */
  readonly prot: number;
}

/** The machine as an IOMMU sees it. */
export interface Bus {
  readonly memory: Memory;
  readonly sight: Sight;
  readonly reach: Reach;
  /** A queue entry or other word that software hands over: the newest ordered value, or an older one while stores are not ordered. */
  fetch(word: number): bigint;
  /** A write by the hardware; visible at once. */
  write(word: number, value: bigint): void;
  /**
   * A write into a table of a guest's, as one who makes requests has it written: into a page that he may write to. Visible at once.
   * @param input Frame of the guest that the table lies in.
   */
  writeFor(requester: Requester, input: number, word: number, value: bigint): void;
  /** Tells the trace of something that no port call shows. */
  note(kind: 'command' | 'fault', label: Label): void;
  /** The invalidation takes effect in caches at a time of the mode's choice; `complete` is the fence. */
  invalidate(invalidation: Invalidation): void;
  complete(): void;
  requestersOf(id: number): Iterable<Requester>;
  idOf(requester: Requester): { readonly id: number; readonly pasid: number | undefined };
  interrupt(line: string): void;
  now(): number;
}

/** What lets the hardware go on: software is about to read the register at an offset, or where the hardware answers, or time passes. */
export type Glance = number | 'answer' | 'time';

/** How long hardware is silent: until the scene ends it, or until software gives up waiting. */
export type SilenceKind = 'lasting' | 'late';

/** A time in which the hardware does not answer. */
export interface Silence {
  /** Whether it has begun: software waits, or has waited, in vain. */
  readonly hasCome: boolean;
  /** Whether it lasts. */
  readonly isHere: boolean;
  end(): void;
}

export interface Hardware {
  readonly name: string;
  mmioRead(offset: number, width: 32 | 64): bigint;
  mmioWrite(offset: number, value: bigint, width: 32 | 64): void;
  /** Whether software may be waiting for a write of the hardware into this frame: reading it lets the hardware go on. */
  answersIn?(page: number): boolean;
  /** Work that was handed over may go on. It need not be seen to be done by software that looks elsewhere. */
  advance(why: Glance): void;
  /** For scenes: after so many answers more it stops in the middle of its work. */
  fallsSilent?(after: number, kind: SilenceKind): Silence;
  /** Software has waited as long as it wanted to. */
  givenUp?(): void;
  /** Whether reads, or writes, that were let through before the last invalidation may still be on their way. */
  mayBeAccessing?(how: 'read' | 'write'): boolean;
  /** What the device of a requester keeps of its host's translations, and uses without asking again. Not: those of a guest's. */
  told?(requester: Requester): Iterable<Told>;
  access(request: Request): Outcome;
  /** From a requester to where its configuration sends it; the procedure that `access` itself follows. */
  resolve(requester: Requester, see: ConfigurationReader): Destination;
  /** What software has not looked at yet. */
  attention(): readonly Attention[];
  buffers(): Iterable<Buffer>;
}

/** Builds an IOMMU on a bus. */
export type HardwareFactory = (bus: Bus) => Hardware;
