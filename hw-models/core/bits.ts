/**
 * Words declared as tables of fields. A layout is declared once and offers two views: bigint for the edges
 * (contract, registers, features, reports) and 32-bit halves for walks and caches, where page numbers are numbers.
 */

import { ModelBug } from '#hw-models/core/errors';
import { hex } from '#hw-models/core/hex';

/** How software may change a field of a register. Memory words are all `'rw'`. */
export type Access = 'rw' | 'ro' | 'w1c' | 'reserved';

/** What the halves of a word give for a field: as the bigint view, but numbers instead of bigints. */
export type Halved<Value> = Value extends bigint ? number : Value;

/** Reads a field from the low and the high 32 bits of a 64-bit word, each in signed or unsigned form. */
export type HalvesReader<Value> = (lo: number, hi: number) => Halved<Value>;

/** One field of a word. `Value` is what software reads it as. */
export interface Field<Value> {
  readonly msb: number;
  readonly lsb: number;
  readonly access: Access;
  get(this: void, word: bigint): Value;
  /** The word's bits for `value`, in place. Throws `RangeError` when it does not fit. */
  put(this: void, value: Value): bigint;
  /** Reads the field from halves; absent when it has more than 53 bits or lies above bit 63. */
  readonly halves?: HalvesReader<Value>;
  /** The encodings that have a name. */
  readonly names?: Readonly<Record<string, number>>;
}

/** A word whose `width` lowest bits are set. */
export const ones = (width: number): bigint => (1n << BigInt(width)) - 1n;

const placed = (msb: number, lsb: number): bigint => ones(msb - lsb + 1) << BigInt(lsb);

// `BigInt.asUintN(64, …)` around a step changes no value below: it lets the compiler keep the step in a machine register,
// which reads fields of the low 64 bits about forty times faster. Hence one closure for those and one for fields above.

/** A flag, read as `boolean`. */
export function bit(at: number): Field<boolean> {
  const mask = 1n << BigInt(at);
  const half = 1 << (at % 32);
  const halves: HalvesReader<boolean> = at < 32 ? (lo) => (lo & half) !== 0 : (_lo, hi) => (hi & half) !== 0;
  const field = { msb: at, lsb: at, access: 'rw', put: (on: boolean) => (on ? mask : 0n) } as const;
  if (at > 63) return { ...field, get: (word) => (word & mask) !== 0n };
  return { ...field, get: (word) => BigInt.asUintN(64, word & mask) !== 0n, halves };
}

/** An unsigned number, read as `bigint`, from halves as `number`. */
export function bits(msb: number, lsb: number): Field<bigint> {
  const shift = BigInt(lsb);
  const mask = ones(msb - lsb + 1);
  const put = (value: bigint): bigint => {
    if (value < 0n || value > mask) throw new RangeError(`${hex(value)} does not fit [${msb}:${lsb}]`);
    return value << shift;
  };
  const field = { msb, lsb, access: 'rw', put } as const;
  if (msb > 63) return { ...field, get: (word) => (word >> shift) & mask };
  const halves = numberFromHalves(msb, lsb);
  return { ...field, get: (word) => BigInt.asUintN(64, (BigInt.asUintN(64, word) >> shift) & mask), ...(halves && { halves }) };
}

// One closure per position, so that a reader has no branch: three times faster than one reader for all.
function numberFromHalves(msb: number, lsb: number): ((lo: number, hi: number) => number) | undefined {
  const width = msb - lsb + 1;
  if (msb > 63 || width > 53) return undefined;
  const mask = (2 ** Math.min(width, 32) - 1) | 0;
  const shift = lsb % 32;
  if (msb < 32) return width === 32 ? (lo) => lo >>> 0 : (lo) => (lo >>> shift) & mask;
  if (lsb >= 32) return width === 32 ? (_lo, hi) => hi >>> 0 : (_lo, hi) => (hi >>> shift) & mask;
  const scale = 2 ** (32 - lsb);
  const upper = (2 ** (msb - 31) - 1) | 0;
  return (lo, hi) => (lo >>> shift) + ((hi & upper) >>> 0) * scale;
}

/** An unsigned number of at most 53 bits, read as `number`: identifiers, indexes, log2 sizes. */
export function uint(msb: number, lsb: number): Field<number> {
  if (msb - lsb >= 53) throw new RangeError(`[${msb}:${lsb}] has more than 53 bits`);
  const { get, put } = bits(msb, lsb);
  const halves = numberFromHalves(msb, lsb);
  return { msb, lsb, access: 'rw', get: (word) => Number(get(word)), put: (value) => put(BigInt(value)), ...(halves && { halves }) };
}

/**
 * A number with a name for each encoding; an encoding without a name reads as `'reserved'` and cannot be written.
 * Throws `RangeError` when two names share an encoding, one does not fit or is called `reserved`.
 */
export function oneOf<const Names extends Readonly<Record<string, number>>>(
  msb: number,
  lsb: number,
  names: Names,
): Field<(keyof Names & string) | 'reserved'> {
  type Name = (keyof Names & string) | 'reserved';
  const { get, put, halves } = uint(msb, lsb);
  const codes = new Map(Object.entries(names));
  const nameOf: (Name | undefined)[] = [];
  for (const [name, code] of codes) {
    put(code);
    if (name === 'reserved') throw new RangeError(`reserved is no name for encoding ${code} of [${msb}:${lsb}]`);
    if (nameOf[code] !== undefined) throw new RangeError(`${nameOf[code]} and ${name} share encoding ${code} of [${msb}:${lsb}]`);
    nameOf[code] = name;
  }
  const named: Field<Name> = {
    msb,
    lsb,
    access: 'rw',
    names,
    get: (word) => nameOf[get(word)] ?? 'reserved',
    put: (name) => {
      const code = codes.get(name);
      if (code === undefined) throw new RangeError(`no encoding of [${msb}:${lsb}] is named ${name}`);
      return put(code);
    },
  };
  return halves ? { ...named, halves: ((lo, hi) => nameOf[halves(lo, hi)] ?? 'reserved') as HalvesReader<Name> } : named;
}

/** Bits without a meaning; a software write clears them. */
export const reserved = (msb: number, lsb = msb): Field<bigint> => ({ ...bits(msb, lsb), access: 'reserved' });

/** A field that software cannot change. */
export const ro = <V>(field: Field<V>): Field<V> => ({ ...field, access: 'ro' });

/** A field whose bits software clears by writing 1, and leaves alone by writing 0. */
export const w1c = <V>(field: Field<V>): Field<V> => ({ ...field, access: 'w1c' });

/** The fields of a word by name. */
export type Fields = Readonly<Record<string, Field<unknown>>>;

/** What each field is read as. */
export type ValuesOf<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer V> ? V : never };

/** A word seen through a layout: a field is decoded when it is read. */
export type View<F extends Fields> = ValuesOf<F> & { readonly raw: bigint };

/** One reader per field, from the halves of a 64-bit word. */
export type HalvesOf<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Field<infer V> ? HalvesReader<V> : never;
};

/** A word of `width` bits in which every bit belongs to exactly one field. */
export interface Layout<F extends Fields> {
  readonly name: string;
  /** In bits. */
  readonly width: number;
  /** 64-bit words that hold the value, the last one perhaps in part. */
  readonly wordCount: number;
  readonly fields: F;
  readonly reservedMask: bigint;
  /**
   * Readers for a word of at most 64 bits in two halves: `Pte.halves.PPN(lo, hi)`. A reader throws `RangeError`
   * when its field has more than 53 bits or the word more than 64.
   */
  readonly halves: HalvesOf<F>;
  of(raw: bigint): View<F>;
  /** The word with these values and 0 elsewhere. Throws `RangeError` when a value does not fit. */
  encode(values: Partial<ValuesOf<F>>): bigint;
  /** `raw` with these values in place. Throws `RangeError` when a value does not fit. */
  with(raw: bigint, values: Partial<ValuesOf<F>>): bigint;
  /** What the register holds after software wrote `written` over `old`. */
  afterWrite(old: bigint, written: bigint): bigint;
  /** The bits of the named fields, in place. */
  mask(...names: readonly (keyof F & string)[]): bigint;
  /** Whether a reserved bit is set. */
  hasReserved(raw: bigint): boolean;
  /** The names of the fields in which two words differ. */
  changed(before: bigint, after: bigint): (keyof F & string)[];
  /** The 64-bit word number `index` of the value, 0 the least significant. */
  word(raw: bigint, index: number): bigint;
}

/** A layout whose fields do not matter here. */
export type AnyLayout = Layout<Fields>;

/** The view that a layout gives. */
export type ViewOf<L> = L extends Layout<infer F> ? View<F> : never;

/**
 * Declares a word, most significant field first as the specification prints it. Throws `RangeError` when a bit belongs to no
 * field or to two.
 */
export function word<const F extends Fields>(width: number, name: string, fields: F): Layout<F> {
  const masks: Record<Access, bigint> = { rw: 0n, ro: 0n, w1c: 0n, reserved: 0n };
  const halves: Record<string, HalvesReader<unknown>> = {};
  const maskByKey = new Map<string, bigint>();
  let declared = 0n;
  class WordView {
    readonly raw: bigint;
    constructor(raw: bigint) {
      this.raw = raw;
    }
  }
  for (const [key, field] of Object.entries(fields)) {
    const { msb, lsb, access, get } = field;
    if (key === 'raw') throw new RangeError(`${name}.raw: the name is taken by the whole word`);
    if (!(width > msb && msb >= lsb && lsb >= 0)) throw new RangeError(`${name}.${key}: [${msb}:${lsb}] is outside the word`);
    const mask = placed(msb, lsb);
    if (declared & mask) throw new RangeError(`${name}.${key}: [${msb}:${lsb}] overlaps another field`);
    declared |= mask;
    masks[access] |= mask;
    maskByKey.set(key, mask);
    Object.defineProperty(WordView.prototype, key, {
      enumerable: true,
      get(this: WordView) {
        return get(this.raw);
      },
    });
    halves[key] = (width <= 64 ? field.halves : undefined) ?? noHalves(`${name}.${key}`, width, msb, lsb);
  }
  const missing = ones(width) & ~declared;
  if (missing !== 0n) throw new RangeError(`${name}: bits ${hex(missing)} are not declared`);

  const maskOf = (key: string): bigint => {
    const mask = maskByKey.get(key);
    if (mask === undefined) throw new ModelBug(`${name} has no field ${key}`);
    return mask;
  };
  const replace = (raw: bigint, values: Partial<ValuesOf<F>>): bigint => {
    for (const key of Object.keys(values)) {
      raw = (raw & ~maskOf(key)) | putNamed(fields[key]!, values[key], name, key);
    }
    return raw;
  };

  return {
    name,
    width,
    fields,
    wordCount: Math.ceil(width / 64),
    reservedMask: masks.reserved,
    halves: halves as HalvesOf<F>,
    of: (raw) => new WordView(raw) as unknown as View<F>,
    encode: (values) => replace(0n, values),
    with: replace,
    afterWrite: (old, written) => (old & masks.ro) | (written & masks.rw) | (old & masks.w1c & ~written),
    mask: (...names) => names.reduce((mask, key) => mask | maskOf(key), 0n),
    hasReserved: (raw) => (raw & masks.reserved) !== 0n,
    changed: (before, after) => Object.keys(fields).filter((key) => ((before ^ after) & maskOf(key)) !== 0n),
    word: (raw, index) => BigInt.asUintN(64, raw >> BigInt(64 * index)),
  };
}

function putNamed(field: Field<unknown>, value: unknown, name: string, key: string): bigint {
  try {
    return field.put(value);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new RangeError(`${name}.${key}: ${cause.message}`, { cause });
  }
}

function noHalves(where: string, width: number, msb: number, lsb: number): HalvesReader<unknown> {
  const why = width > 64 ? `a word of ${width} bits has no halves` : `[${msb}:${lsb}] has more than 53 bits`;
  return () => {
    throw new RangeError(`${where}: ${why}`);
  };
}

/** One row of the documentation of a layout. */
export interface FieldRow {
  readonly field: string;
  readonly msb: number;
  readonly lsb: number;
  readonly access: Access;
  /** The encodings that have a name. */
  readonly names?: Readonly<Record<string, number>>;
}

/** The fields of a layout for generated documentation, most significant first. */
export function describe(layout: AnyLayout): readonly FieldRow[] {
  return Object.entries(layout.fields)
    .map(([field, { msb, lsb, access, names }]) => ({ field, msb, lsb, access, ...(names && { names }) }))
    .sort((a, b) => b.msb - a.msb);
}

/** A value as `count` words of 64 bits, least significant first, as entries lie in memory. Throws `RangeError` when it needs more. */
export function toWords(raw: bigint, count: number): bigint[] {
  if (raw < 0n || raw > ones(64 * count)) throw new RangeError(`${hex(raw)} does not fit ${count} words`);
  return Array.from({ length: count }, (_, index) => BigInt.asUintN(64, raw >> BigInt(64 * index)));
}

/** The value of words of 64 bits, least significant first. */
export function fromWords(words: readonly bigint[] | BigUint64Array): bigint {
  let raw = 0n;
  for (let index = words.length - 1; index >= 0; index--) raw = (raw << 64n) | words[index]!;
  return raw;
}

/** Bits 31 to 0 of a word, unsigned. */
export const lowHalf = (raw: bigint): number => Number(BigInt.asUintN(32, raw));

/** Bits 63 to 32 of a word, unsigned. */
export const highHalf = (raw: bigint): number => Number(BigInt.asUintN(32, raw >> 32n));

/** The 64-bit word of two halves, each in signed or unsigned form. */
export const fromHalves = (lo: number, hi: number): bigint => (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
