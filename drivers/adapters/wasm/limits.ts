/**
 * A module's memory and tables, held to limits. Whoever makes an instance can limit only what it passes in, and modules make their own:
 * so the limits are written into the module. What is not there cannot be had, whatever the module does.
 * @spec WASM-1.0 "Binary Format", "Memory Section", "Table Section" and "Limits"
 */
import { UsageError } from '#drivers/usage';

const PAGE_BYTES = 65_536;
const MEBIBYTE = 2 ** 20;
/** Bytes that an instance may have: far more than a driver needs that keeps its tables in the machine. */
const MOST_BYTES = 64 * MEBIBYTE;
/** Addresses of functions: those that a driver calls by address. */
const MOST_ENTRIES = 65_536;

const HEADER_BYTES = 8;
/** A table of addresses of functions. */
const FUNCTIONS = 0x70;
/** Flags of limits: no maximum, or one. Others are for what is shared or has addresses of 64 bits. */
const PLAIN = 0;
const WITH_MAXIMUM = 1;

/** What a section holds, at most one of it, and how it is limited. */
interface Limited {
  /** Bytes before the limits. */
  readonly type: readonly number[];
  readonly most: number;
  /** Of a flag or a type that is not the plain one. */
  readonly strange: string;
  readonly tooLarge: (least: number) => string;
}

const SECTIONS: Readonly<Record<number, Limited>> = {
  4: {
    type: [FUNCTIONS],
    most: MOST_ENTRIES,
    strange: 'it has several tables, or one of something else than functions; a driver has one of functions, or none',
    tooLarge: (least) => `it begins with a table of ${least} entries, and a driver may have ${MOST_ENTRIES}`,
  },
  5: {
    type: [],
    most: MOST_BYTES / PAGE_BYTES,
    strange: 'its memory is shared, one of several, or addressed by 64 bits; a driver has one plain memory',
    tooLarge: (least) => `it begins with ${(least * PAGE_BYTES) / MEBIBYTE} MiB of memory, and a driver may have ${MOST_BYTES / MEBIBYTE}`,
  },
};

/** Unsigned LEB128 at a position. */
function leb(bytes: Uint8Array, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let shift = 1, next = at; ; shift *= 128) {
    const byte = bytes[next++] ?? 0;
    value += (byte % 128) * shift;
    if (byte < 128) return { value, next };
  }
}

function toLeb(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

/** The module with its memory and its table limited. @param bytes Of a module that compiles. Throws `UsageError` for what cannot be limited. */
export function limit(bytes: Uint8Array, name: string): Uint8Array {
  const parts: Uint8Array[] = [bytes.subarray(0, HEADER_BYTES)];
  for (let at = HEADER_BYTES; at < bytes.length;) {
    const { value: size, next: start } = leb(bytes, at + 1);
    const id = bytes[at]!;
    const kind = SECTIONS[id];
    if (kind === undefined) parts.push(bytes.subarray(at, start + size));
    else {
      const section = limited(kind, bytes.subarray(start, start + size), name);
      parts.push(Buffer.from([id, ...toLeb(section.length), ...section]));
    }
    at = start + size;
  }
  return Buffer.concat(parts);
}

function limited({ type, most, strange, tooLarge }: Limited, section: Uint8Array, name: string): readonly number[] {
  const { value: count, next: typeAt } = leb(section, 0);
  const flagAt = typeAt + type.length;
  const flag = section[flagAt];
  const isPlain = count === 1 && type.every((byte, index) => section[typeAt + index] === byte) && (flag === PLAIN || flag === WITH_MAXIMUM);
  if (count === 0) return [0];
  if (!isPlain) throw new UsageError(`${name}: ${strange}`);
  const { value: least, next } = leb(section, flagAt + 1);
  if (least > most) throw new UsageError(`${name}: ${tooLarge(least)}`);
  const own = flag === WITH_MAXIMUM ? leb(section, next).value : most;
  return [1, ...type, WITH_MAXIMUM, ...toLeb(least), ...toLeb(Math.min(own, most))];
}
