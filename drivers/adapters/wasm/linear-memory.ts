/**
 * Values of the contract in a module's linear memory, as `layout.ts` lays them out. What the module wrote is judged here: an address
 * outside its memory, text without an end, or a number that names nothing is the driver's mistake and throws `DriverFailure`.
 */
import { DriverFailure } from '#drivers/contract/failure';
import type { OneOf, Shape } from '#drivers/contract/shape';
import { isStruct, itemSize, structOf } from '../abi/layout';
import type { Member } from '../abi/layout';
import { numberOf } from '../abi/names';

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Longer text or longer lists are none of the contract's. */
const MOST_ITEMS = 2 ** 20;
/** Bytes of a name; the manifest is one that is longer. */
const MOST_TEXT = 1024;
const MOST_MANIFEST = 65_536;

export class LinearMemory {
  /** The first mistake: a module may catch what is thrown through it, and has made it all the same. */
  failure: DriverFailure | undefined;
  readonly #memory: WebAssembly.Memory;
  #view: DataView;
  #bytes: Uint8Array;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#view = new DataView(memory.buffer);
    this.#bytes = new Uint8Array(memory.buffer);
  }

  /** Views of a memory that has grown since are of no memory. */
  get view(): DataView {
    if (this.#view.buffer !== this.#memory.buffer) this.#refresh();
    return this.#view;
  }

  get bytes(): Uint8Array {
    if (this.#bytes.buffer !== this.#memory.buffer) this.#refresh();
    return this.#bytes;
  }

  #refresh(): void {
    this.#view = new DataView(this.#memory.buffer);
    this.#bytes = new Uint8Array(this.#memory.buffer);
  }

  /** @param what As of `DriverFailure`. */
  mistake(what: string): DriverFailure {
    const failure = new DriverFailure(what);
    this.failure ??= failure;
    return failure;
  }

  /** Whether `[at, at + size)` lies in it. @param what For the message. */
  check(at: number, size: number, what: string): void {
    if (at + size > this.bytes.length) throw this.mistake(`passed ${what} at 0x${at.toString(16)}, outside the memory of the module`);
  }

  /** A manifest may be longer than the text of a call. */
  manifest(at: number, what: string): string {
    return this.text(at, what, MOST_MANIFEST);
  }

  text(at: number, what: string, most = MOST_TEXT): string {
    const { bytes } = this;
    const end = bytes.indexOf(0, at);
    if (end < 0 || end - at > most) throw this.mistake(`passed ${what} at 0x${at.toString(16)}, where no text is`);
    // Names are short and plain; a decoder costs more than it takes.
    let plain = '';
    for (let index = at; index < end; index++) {
      const byte = bytes[index]!;
      if (byte > 0x7f) return this.#utf8(bytes.subarray(at, end), what);
      plain += String.fromCharCode(byte);
    }
    return plain;
  }

  take(at: number, size: number, what: string): Uint8Array {
    this.check(at, size, what);
    return this.bytes.slice(at, at + size);
  }

  /** The value of a shape that begins at an address. */
  read(at: number, shape: Shape, what: string): unknown {
    const { view } = this;
    switch (shape.kind) {
      case 'u32':
        return view.getUint32(at, true);
      case 'flag':
        return view.getUint32(at, true) !== 0;
      case 'oneOf':
        return this.nameOf(view.getUint32(at, true), shape, what);
      case 'word':
        return view.getBigUint64(at, true);
      case 'u53':
        return this.exact(view.getBigUint64(at, true), what);
      case 'text':
        return this.text(view.getUint32(at, true), what);
      case 'bytes':
        return this.take(view.getUint32(at, true), view.getUint32(at + 4, true), what);
      case 'list':
        return this.#list(view.getUint32(at, true), view.getUint32(at + 4, true), shape.of, what);
      case 'record':
      case 'union':
        return this.#struct(at, shape, what);
      case 'nothing':
        return null;
    }
  }

  #list(at: number, count: number, shape: Shape, what: string): readonly unknown[] {
    const size = itemSize(shape);
    if (count > MOST_ITEMS) throw this.mistake(`passed ${what} with ${count} items`);
    this.check(at, count * size, what);
    return Array.from({ length: count }, (_none, index) => this.read(at + index * size, shape, `${what}[${index}]`));
  }

  #struct(at: number, shape: Parameters<typeof structOf>[0], what: string): Readonly<Record<string, unknown>> {
    const { hasBits, members, size } = structOf(shape);
    this.check(at, size, what);
    const has = hasBits ? this.view.getUint32(at, true) : 0;
    const value: Record<string, unknown> = {};
    for (const { field, shape: own, bit, kinds, offset } of members as readonly (Member & { field: string })[]) {
      if (bit !== undefined && Math.floor(has / 2 ** bit) % 2 === 0) continue;
      if (kinds !== undefined && !kinds.includes(value['kind'] as string)) continue;
      value[field] = this.read(at + offset, own, `${what}.${field}`);
    }
    return value;
  }

  #utf8(bytes: Uint8Array, what: string): string {
    try {
      return DECODER.decode(bytes);
    } catch {
      throw this.mistake(`passed ${what} that is no UTF-8`);
    }
  }

  nameOf(number: number, { name, names, numbers }: OneOf, what: string): string {
    const found = numbers === undefined ? names[number] : names[numbers.indexOf(number)];
    if (found === undefined) throw this.mistake(`passed ${number} as ${what}, which is no ${name.replaceAll('_', ' ')}`);
    return found;
  }

  exact(value: bigint, what: string): number {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw this.mistake(`passed 0x${value.toString(16)} as ${what}, more than 53 bits`);
    return number;
  }
}

/** Where the stack of a module ends: it grows down, and everything below is in use. */
export interface Stack {
  value: number;
}

const ALIGNED = 16;

/** Room for what the suite passes by address: on the module's own stack, and free again when the call is over. */
export class Arena {
  readonly #memory: LinearMemory;
  readonly #stack: Stack;
  readonly #least: number;

  /** @param least Lowest address that may be used. */
  constructor(memory: LinearMemory, stack: Stack, least: number) {
    this.#memory = memory;
    this.#stack = stack;
    this.#least = least;
  }

  get mark(): number {
    return this.#stack.value;
  }

  /** Everything taken since is free again. */
  release(mark: number): void {
    this.#stack.value = mark;
  }

  /** Zeros. Throws `DriverFailure` when the stack has no room. */
  take(size: number): number {
    const at = Math.floor((this.#stack.value - size) / ALIGNED) * ALIGNED;
    if (at < this.#least || at + size > this.#memory.bytes.length)
      throw new DriverFailure(`has no room on its stack for ${size} bytes of arguments`);
    this.#stack.value = at;
    this.#memory.bytes.fill(0, at, at + size);
    return at;
  }

  /** Puts a value where its structure or slots begin. */
  write(at: number, shape: Shape, value: unknown): void {
    const { view } = this.#memory;
    switch (shape.kind) {
      case 'u32':
        return view.setUint32(at, value as number, true);
      case 'flag':
        return view.setUint32(at, value === true ? 1 : 0, true);
      case 'oneOf':
        return view.setUint32(at, numberOf(shape, value as string), true);
      case 'word':
        return view.setBigUint64(at, value as bigint, true);
      case 'u53':
        return view.setBigUint64(at, BigInt(value as number), true);
      case 'text':
        return view.setUint32(at, this.text(value as string), true);
      case 'bytes':
        return this.#pair(at, this.bytes(value as Uint8Array), (value as Uint8Array).length);
      case 'list':
        return this.#pair(at, this.items(shape.of, value as readonly unknown[]), (value as readonly unknown[]).length);
      case 'record':
      case 'union':
        return this.#struct(at, shape, value as Readonly<Record<string, unknown>>);
      case 'nothing':
        return undefined;
    }
  }

  #pair(at: number, first: number, count: number): void {
    const { view } = this.#memory;
    view.setUint32(at, first, true);
    view.setUint32(at + 4, count, true);
  }

  /** @returns Its address. */
  text(value: string): number {
    return this.bytes(new TextEncoder().encode(`${value}\0`));
  }

  bytes(value: Uint8Array): number {
    const at = this.take(value.length);
    this.#memory.bytes.set(value, at);
    return at;
  }

  items(shape: Shape, values: readonly unknown[]): number {
    const size = itemSize(shape);
    const at = this.take(size * values.length);
    values.forEach((value, index) => this.write(at + index * size, shape, value));
    return at;
  }

  /** A structure of its own. @returns Its address. */
  struct(shape: Parameters<typeof structOf>[0], value: unknown): number {
    const at = this.take(structOf(shape).size);
    this.write(at, shape, value);
    return at;
  }

  #struct(at: number, shape: Parameters<typeof structOf>[0], value: Readonly<Record<string, unknown>>): void {
    const { hasBits, members } = structOf(shape);
    let has = 0;
    for (const { field, shape: own, bit, offset } of members as readonly (Member & { field: string })[]) {
      const item = value[field];
      if (item === undefined) continue;
      if (bit !== undefined) has += 2 ** bit;
      this.write(at + offset, own, item);
    }
    if (hasBits) this.#memory.view.setUint32(at, has, true);
  }
}

export const sizeOf = (shape: Shape): number => (isStruct(shape) ? structOf(shape).size : itemSize(shape));
