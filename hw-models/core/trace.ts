/**
 * The trace: one event for each port call, kept in typed columns, since a scenario may make a million of them (about 20 bytes each).
 */
import { hex } from './hex';

export const EVENT_KINDS = [
  'read',
  'write',
  'cmpxchg',
  'fetch-and',
  'fetch-or',
  'clean',
  'barrier',
  'mmio-read',
  'mmio-write',
  'poll',
  'page-alloc',
  'page-free',
  'object-alloc',
  'object-free',
  'id-alloc',
  'id-free',
  'lock',
  'unlock',
  'delay',
  'copy-in',
  'copy-out',
  'host-donate',
  'hyp-donate',
  'create-mappings',
  'call',
  'return',
  'access',
  'command',
  'hardware-write',
  'fault',
  'scene',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

const CODE = Object.fromEntries(EVENT_KINDS.map((kind, code) => [kind, code])) as Record<EventKind, number>;
const FIRST_SIZE = 256;
/** Older events are forgotten: a scenario may make millions, and a failure is told by its last ones. A power of two times the first size. */
const MOST_KEPT = 65_536;

export interface TraceEvent {
  readonly n: number;
  readonly kind: EventKind;
  readonly cpu: number;
  readonly at: number;
  readonly value: bigint;
  readonly label?: string;
}

/** What a line says instead of address and value. An object is asked only when a person reads the line. */
export type Label = string | { toString(): string };

/** A label that is put together only when somebody reads it. */
export const later = (say: () => string): Label => ({ toString: say });

export class Trace {
  #kind = new Uint8Array(FIRST_SIZE);
  #cpu = new Uint8Array(FIRST_SIZE);
  #at = new Float64Array(FIRST_SIZE);
  #value = new BigUint64Array(FIRST_SIZE);
  readonly #label: (Label | undefined)[] = [];
  #length = 0;

  /** Events so far, the forgotten ones included. */
  get length(): number {
    return this.#length;
  }

  /** Number of the oldest event that is still known. */
  get first(): number {
    return Math.max(0, this.#length - MOST_KEPT);
  }

  /** @param at Address, offset or number, as the kind says. @returns The event's number. */
  add(kind: EventKind, cpu: number, at: number, value: bigint, label?: Label): number {
    if (this.#length === this.#kind.length && this.#length < MOST_KEPT) this.#grow();
    const n = this.#length++;
    const slot = n % MOST_KEPT;
    this.#kind[slot] = CODE[kind];
    this.#cpu[slot] = cpu;
    this.#at[slot] = at;
    this.#value[slot] = value;
    this.#label[slot] = label;
    return n;
  }

  /** @param n From `first` on. */
  event(n: number): TraceEvent {
    const slot = n % MOST_KEPT;
    const label = this.#label[slot];
    return {
      n,
      kind: EVENT_KINDS[this.#kind[slot]!]!,
      cpu: this.#cpu[slot]!,
      at: this.#at[slot]!,
      value: this.#value[slot]!,
      ...(label !== undefined && { label: String(label) }),
    };
  }

  /** One line for people: `#12 cpu0 write 0x8000_1000 = 0x7`. */
  line(n: number): string {
    const { kind, cpu, at, value, label } = this.event(n);
    return `#${n} cpu${cpu} ${kind} ${label ?? `${hex(at)} = ${hex(value)}`}`;
  }

  /** The events that say most about a failure: the last `count` that changed something. */
  tail(count: number, from = 0): string[] {
    const lines: string[] = [];
    for (let n = this.#length - 1; n >= Math.max(from, this.first) && lines.length < count; n--)
      if (TELLING.has(EVENT_KINDS[this.#kind[n % MOST_KEPT]!]!)) lines.unshift(this.line(n));
    return lines;
  }

  #grow(): void {
    const size = this.#length * 2;
    this.#kind = widen(new Uint8Array(size), this.#kind);
    this.#cpu = widen(new Uint8Array(size), this.#cpu);
    this.#at = widen(new Float64Array(size), this.#at);
    this.#value = widen(new BigUint64Array(size), this.#value);
  }
}

const TELLING: ReadonlySet<EventKind> = new Set(
  EVENT_KINDS.filter((kind) => !['read', 'poll', 'mmio-read', 'object-alloc', 'object-free'].includes(kind)),
);

function widen<T extends { set(from: T): void }>(to: T, from: T): T {
  to.set(from);
  return to;
}
