/** One thing that a scenario can ask of a driver: how it is called, and what the call changes of what is granted. */
import type { Answer } from '#drivers/contract/driver';
import type { Protection } from '#drivers/contract/iommu';
import { pageOf } from '#hw-models/core/address';
import type { AnswerKind } from './answers';
import type { Bench } from './bench';
import type { Settle } from './grants';

/** A range of input addresses, bytes. */
export interface Range {
  readonly iova: bigint;
  readonly size: bigint;
}

/** Whose requests: a device's, with a PASID or without one. */
export interface Sender {
  readonly device: number;
  readonly pasid?: number;
}

export interface Verb<A extends readonly unknown[]> {
  /** What the driver must answer with. */
  readonly answers: AnswerKind;
  /** Part of bringing the driver up: nothing is checked before it ends. */
  readonly initialises?: boolean;
  /** It may be several calls of a driver below, each of which is looked at for itself. */
  readonly composed?: boolean;
  /** Refused, it may have given back a part of what it was to give back. */
  partly?(this: void, ...args: A): boolean;
  /** The device that it is about, which exists and is probed before. */
  device?(this: void, ...args: A): number;
  /** For messages: `attach(d1, A)`. */
  say(this: void, ...args: A): string;
  call(this: void, bench: Bench, ...args: A): Answer<unknown>;
  /** What the scene itself needs for it, before anything is looked at. */
  prepare?(this: void, bench: Bench): Promise<void>;
  /** Before the call: what it may change. The default changes nothing. */
  grants?(this: void, bench: Bench, ...args: A): Settle;
  /** After a call that was carried out, with its value. */
  took?(this: void, bench: Bench, value: unknown, ...args: A): void;
}

/** Keeps the types of the arguments. */
export const verb = <A extends readonly unknown[]>(definition: Verb<A>): Verb<A> => definition;

/** Number of a 4 KiB frame, or of frames for a size. */
export const frame = pageOf;
export const bitsOf = ({ read, write, execute }: Protection): number => (read ? 1 : 0) + (write ? 2 : 0) + (execute ? 4 : 0);
export const showRange = ({ iova, size }: Range): string => `0x${iova.toString(16)} + 0x${size.toString(16)}`;
