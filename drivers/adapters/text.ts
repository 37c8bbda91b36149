/**
 * Values of the contract as text, and back. What is plain comes back the same and shares nothing with what was sent; what is not plain
 * is refused with its place.
 */

/** Deeper records are none of the contract's. */
const DEEPEST = 16;
const WORD_END = 1n << 64n;
/** Text that stands for something else; a string that begins like it is marked as itself. */
export const MARKED = /^(?:0x|hex:|text:)/;
export const BYTES_MARK = 'hex:';
export const TEXT_MARK = 'text:';
const WORD = /^0x[0-9a-f]+$/;

/** @param what What the value is, for refusals. Throws `TypeError`. */
export const toText = (value: unknown, what: string): string => JSON.stringify(plain(value, what, 0));

export const fromText = (text: string): unknown =>
  JSON.parse(text, (_key, item: unknown) => {
    if (typeof item !== 'string') return item;
    if (WORD.test(item)) return BigInt(item);
    if (item.startsWith(BYTES_MARK)) return new Uint8Array(Buffer.from(item.slice(BYTES_MARK.length), 'hex'));
    return item.startsWith(TEXT_MARK) ? item.slice(TEXT_MARK.length) : item;
  });

function plain(value: unknown, at: string, depth: number): unknown {
  if (depth > DEEPEST) throw new TypeError(`${at} is nested too deep to cross the contract`);
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      return MARKED.test(value) ? `${TEXT_MARK}${value}` : value;
    case 'number':
      if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw no(at, Object.is(value, -0) ? '-0' : String(value));
      return value;
    case 'bigint':
      if (value < 0n || value >= WORD_END) throw no(at, `${value}n`);
      return `0x${value.toString(16)}`;
    case 'object':
      return value === null ? null : structure(value, at, depth + 1);
    case 'undefined':
      throw no(at, 'undefined');
    case 'function':
    case 'symbol':
      throw no(at, `a ${typeof value}`);
  }
}

function structure(value: object, at: string, depth: number): unknown {
  if (value instanceof Uint8Array) return `${BYTES_MARK}${Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex')}`;
  if (Array.isArray(value)) return Array.from(value, (item: unknown, index) => plain(item, `${at}[${index}]`, depth));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw no(at, `a ${value.constructor.name}`);
  if (Object.getOwnPropertySymbols(value).length > 0) throw no(at, 'a symbol');
  // A key that holds undefined says what one that is left out says.
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]: [string, unknown]) => [key, plain(item, `${at}.${key}`, depth)]));
}

const no = (at: string, what: string): TypeError => new TypeError(`${at} is ${what}, which cannot cross the contract`);
