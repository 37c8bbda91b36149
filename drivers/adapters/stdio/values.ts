/** Values of the contract as JSON, by their shapes: what does not fit is the driver's mistake, named by its place. */
import { DriverFailure } from '#drivers/contract/failure';
import { isErrno } from '#hw-models/core/result';
import type { Result } from '#hw-models/core/result';
import type { Fields, Optional, Shape } from '#drivers/contract/shape';
import { BYTES_MARK, MARKED, TEXT_MARK } from '../text';
import { quote } from './lines';

const WORD = /^0x(?:0|[1-9a-f][0-9a-f]{0,15})$/;
const BYTES = /^hex:(?:[0-9a-f]{2})*$/;
const MOST_U32 = 0xffff_ffff;
/** Characters of a name. */
const MOST_TEXT = 1024;

const NOUNS = {
  u32: 'no whole number below 2^32',
  u53: 'no whole number below 2^53',
  word: 'no word like "0x1f"',
  flag: 'neither true nor false',
  text: 'no text',
  bytes: 'no bytes like "hex:00ff"',
  list: 'no list',
  record: 'no object',
  union: 'no object',
  nothing: 'not null',
} as const;

const wrong = (at: string, value: unknown, what: string): DriverFailure =>
  new DriverFailure(
    `sent ${quote(JSON.stringify(value) ?? 'nothing')
      .slice(1, -1)
      .replaceAll('\\"', '"')} as ${at}, which is ${what}`,
  );

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value that the driver sent. @param at Where it stands, for the message. Throws `DriverFailure`. */
export function fromJson(shape: Shape, value: unknown, at: string): unknown {
  switch (shape.kind) {
    case 'u32':
      if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST_U32 && !Object.is(value, -0)) return value;
      break;
    case 'u53':
      if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0)) return value;
      break;
    case 'word':
      if (typeof value === 'string' && WORD.test(value)) return BigInt(value);
      break;
    case 'flag':
      if (typeof value === 'boolean') return value;
      break;
    case 'text':
      if (typeof value !== 'string') break;
      if (value.length > MOST_TEXT) throw wrong(at, value, `text of more than ${MOST_TEXT} characters`);
      if (!MARKED.test(value)) return value;
      if (value.startsWith(TEXT_MARK)) return value.slice(TEXT_MARK.length);
      break;
    case 'bytes':
      if (typeof value === 'string' && BYTES.test(value)) return new Uint8Array(Buffer.from(value.slice(BYTES_MARK.length), 'hex'));
      break;
    case 'nothing':
      if (value === null) return null;
      break;
    case 'oneOf':
      if (shape.names.some((name) => name === value)) return value;
      throw wrong(at, value, `none of ${shape.names.join(', ')}`);
    case 'list':
      if (Array.isArray(value)) return value.map((item: unknown, index) => fromJson(shape.of, item, `${at}[${index}]`));
      break;
    case 'record':
      if (isObject(value)) return fieldsFrom(shape.fields, value, at);
      break;
    case 'union': {
      if (!isObject(value)) break;
      const { kind, ...rest } = value;
      const fields = typeof kind === 'string' && Object.hasOwn(shape.kinds, kind) ? shape.kinds[kind] : undefined;
      if (fields === undefined) throw wrong(`${at}.kind`, kind, `none of ${Object.keys(shape.kinds).join(', ')}`);
      return { kind, ...fieldsFrom(fields, rest, at) };
    }
  }
  throw wrong(at, value, NOUNS[shape.kind]);
}

const isOptional = (field: Shape | Optional): field is Optional => field.kind === 'optional';

function fieldsFrom(fields: Fields, value: Json, at: string): Json {
  const stray = Object.keys(value).find((key) => !Object.hasOwn(fields, key));
  if (stray !== undefined) throw wrong(`${at}.${stray}`, value[stray], `no field of it; it has ${Object.keys(fields).join(', ')}`);
  const entries: [string, unknown][] = [];
  for (const [name, field] of Object.entries(fields)) {
    const item = value[name];
    if (isOptional(field)) {
      if (item !== undefined) entries.push([name, fromJson(field.of, item, `${at}.${name}`)]);
    } else entries.push([name, fromJson(field, item, `${at}.${name}`)]);
  }
  return Object.fromEntries(entries);
}

/** An answer that may be a refusal. Throws `DriverFailure`. */
export function resultFromJson(gives: Shape, value: unknown, at: string): Result<unknown> {
  if (!isObject(value) || typeof value['ok'] !== 'boolean') throw wrong(at, value, 'no answer, which has "ok"');
  const { ok, errno } = value;
  if (ok) return { ok, value: fromJson(gives, value['value'], `${at}.value`) };
  if (typeof errno !== 'string' || !isErrno(errno)) throw wrong(`${at}.errno`, errno, 'no errno of the contract');
  return { ok, errno };
}

/** A value of ours, as what `JSON.stringify` takes. */
export function toJson(shape: Shape, value: unknown): unknown {
  switch (shape.kind) {
    case 'word':
      return `0x${(value as bigint).toString(16)}`;
    case 'text':
      return MARKED.test(value as string) ? `${TEXT_MARK}${value as string}` : value;
    case 'bytes':
      return `${BYTES_MARK}${Buffer.from(value as Uint8Array).toString('hex')}`;
    case 'nothing':
      return null;
    case 'list':
      return (value as readonly unknown[]).map((item) => toJson(shape.of, item));
    case 'record':
      return fieldsTo(shape.fields, value as Json);
    case 'union': {
      const { kind } = value as { readonly kind: string };
      return { kind, ...fieldsTo(shape.kinds[kind]!, value as Json) };
    }
    case 'u32':
    case 'u53':
    case 'flag':
    case 'oneOf':
      return value;
  }
}

const fieldsTo = (fields: Fields, value: Json): Json =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, field]) => {
      const item = value[name];
      return item === undefined ? [] : [[name, toJson(isOptional(field) ? field.of : field, item)]];
    }),
  );

export const resultToJson = (gives: Shape, result: Result<unknown>): unknown =>
  result.ok ? { ok: true, value: toJson(gives, result.value) } : { ok: false, errno: result.errno };
