/**
 * The messages of `stdio:` drivers as a JSON Schema: `docs/schemas/stdio.json`. Of each method there are `<method>.params` and
 * `<method>.result`, for whoever knows which call a response answers; `toDriver` and `fromDriver` hold for any line of that direction.
 */
import { EXPORTS, IMPORTS } from '#drivers/adapters/abi/names';
import type { CFunction } from '#drivers/adapters/abi/names';
import type { Fields, Method, RecordShape, Shape, Union } from '#drivers/contract/shape';
import { messageName } from './c-stdio';
import { declared } from './declared';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Schema = Readonly<Record<string, Json>>;

/** Version of the protocol. */
const PROTOCOL = 1;
const WIDTH = 140;

const whole = (maximum: number): Schema => ({ type: 'integer', minimum: 0, maximum });
const ref = (name: string): Schema => ({ $ref: `#/definitions/${name}` });

const SCALARS: Readonly<Record<string, Schema>> = {
  u32: { description: 'A handle, an index, a count, flags.', ...whole(0xffffffff) },
  u53: { description: 'Bytes, frames or microseconds.', ...whole(Number.MAX_SAFE_INTEGER) },
  word: { description: 'A word, an address.', type: 'string', pattern: '^0x(?:0|[1-9a-f][0-9a-f]{0,15})$' },
  flag: { type: 'boolean' },
  text: {
    description: 'Text; what would begin like something else is marked.',
    type: 'string',
    pattern: '^(?:text:(?:0x|hex:|text:)|(?!0x|hex:|text:))',
  },
  bytes: { type: 'string', pattern: '^hex:(?:[0-9a-f]{2})*$' },
  nothing: { type: 'null' },
};

function schemaOf(shape: Shape): Schema {
  if (shape.kind === 'list') return { type: 'array', items: schemaOf(shape.of) };
  return ref('name' in shape ? shape.name : shape.kind);
}

const object = (required: readonly string[], properties: Schema): Schema => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
});

function fieldsOf(fields: Fields, more: Schema = {}): Schema {
  const entries = Object.entries(fields);
  const needed = entries.filter(([, field]) => field.kind !== 'optional').map(([name]) => name);
  const properties = entries.map(([name, field]) => [name, schemaOf(field.kind === 'optional' ? field.of : field)] as const);
  return object([...Object.keys(more), ...needed], { ...more, ...Object.fromEntries(properties) });
}

function structureOf(shape: RecordShape | Union): Schema {
  if (shape.kind === 'record') return fieldsOf(shape.fields);
  return { type: 'object', oneOf: Object.entries(shape.kinds).map(([kind, fields]) => fieldsOf(fields, { kind: { const: kind } })) };
}

function paramsOf(items: readonly Schema[]): Schema {
  if (items.length === 0) return { type: 'array', maxItems: 0 };
  return { type: 'array', items, additionalItems: false, minItems: items.length };
}

const REFUSAL = object(['ok', 'errno'], { ok: { const: false }, errno: ref('errno') });

const answerWith = (value: Schema): Schema => ({
  type: 'object',
  oneOf: [object(['ok', 'value'], { ok: { const: true }, value }), REFUSAL],
});

const resultOf = ({ gives, refuses }: Method): Schema => (refuses ? answerWith(schemaOf(gives)) : schemaOf(gives));

/** A method as messages have it. */
interface Message {
  readonly method: string;
  readonly params: Schema;
  readonly result: Schema;
}

const messageOf = (one: CFunction): Message => ({
  method: messageName(one),
  params: paramsOf(Object.values(one.method.params).map(schemaOf)),
  result: resultOf(one.method),
});

/** What the suite asks and no function of the contract stands for. */
const HANDSHAKE: readonly Message[] = [
  {
    method: 'hello',
    params: paramsOf([{ type: 'integer', minimum: 1 }]),
    result: object(['protocol', 'manifest'], { protocol: { const: PROTOCOL }, manifest: { type: 'object' } }),
  },
  {
    method: 'reset',
    params: paramsOf([]),
    result: object(['ok', 'value'], { ok: { const: true }, value: { type: 'null' } }),
  },
];

const TO_DRIVER = [...HANDSHAKE, ...EXPORTS.map(messageOf)];
const FROM_DRIVER = IMPORTS.map(messageOf);

/** @param required Whether a request needs an id. */
function requestOf(messages: readonly Message[], required: boolean): Schema {
  return {
    ...object(['jsonrpc', ...(required ? ['id'] : []), 'method', 'params'], {
      jsonrpc: { const: '2.0' },
      id: ref('id'),
      method: { enum: messages.map(({ method }) => method) },
      params: { type: 'array' },
    }),
    allOf: messages.map(({ method }) => ({
      if: { properties: { method: { const: method } } },
      then: { properties: { params: ref(`${method}.params`) } },
    })),
  };
}

/** A response to any of the messages. */
function responseTo(messages: readonly Message[]): Schema {
  const kinds = new Map(messages.map(({ method, result }) => [JSON.stringify(result), method]));
  return {
    type: 'object',
    additionalProperties: false,
    required: ['jsonrpc', 'id'],
    properties: {
      jsonrpc: { const: '2.0' },
      id: ref('id'),
      result: { anyOf: [...kinds.values()].map((method) => ref(`${method}.result`)) },
      error: ref('error'),
    },
    oneOf: [{ required: ['result'] }, { required: ['error'] }],
  };
}

const oneOrBatch = (name: string): Schema => ({ type: 'array', minItems: 1, items: ref(name) });

/** A line of one direction: a batch, or else a request where there is a method, or else a response. */
const lineOf = (batch: string, request: string, response: string): Schema => ({
  if: { type: 'array' },
  then: oneOrBatch(batch),
  else: {
    type: 'object',
    if: { required: ['method'] },
    then: ref(request),
    else: ref(response),
  },
});

function definitions(): Schema {
  const { names, structs } = declared();
  const methods = [...TO_DRIVER, ...FROM_DRIVER].flatMap(({ method, params, result }) => [
    [`${method}.params`, params] as const,
    [`${method}.result`, result] as const,
  ]);
  return {
    toDriver: { description: 'What the suite writes.', ...lineOf('responseToDriver', 'requestToDriver', 'responseToDriver') },
    fromDriver: { description: 'What the driver writes.', ...lineOf('requestFromDriver', 'requestFromDriver', 'responseFromDriver') },
    requestToDriver: requestOf(TO_DRIVER, true),
    responseToDriver: responseTo(FROM_DRIVER),
    requestFromDriver: { description: 'Without an id it is not answered.', ...requestOf(FROM_DRIVER, false) },
    responseFromDriver: responseTo(TO_DRIVER),
    id: whole(Number.MAX_SAFE_INTEGER),
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: { code: { type: 'integer' }, message: { type: 'string' }, data: {} },
    },
    ...SCALARS,
    ...Object.fromEntries(names.map((set) => [set.name, { enum: [...set.names] }])),
    ...Object.fromEntries(structs.map((shape) => [shape.name, structureOf(shape)])),
    ...Object.fromEntries(methods),
  };
}

export function stdioSchema(): string {
  const schema: Schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'urn:iommu-tck:schema:stdio',
    title: 'Stdio',
    description: 'A line between the suite and a `stdio:` driver, in either direction: docs/protocol.md.',
    anyOf: [ref('toDriver'), ref('fromDriver')],
    definitions: definitions(),
  };
  return `${jsonText(schema, '', 0)}\n`;
}

const isScalar = (value: Json): value is null | boolean | number | string => typeof value !== 'object' || value === null;
const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** What stands on one line wherever it fits: `{ "$ref": "#/definitions/word" }`. */
function flat(value: Json): string | undefined {
  if (isScalar(value)) return JSON.stringify(value);
  if (isList(value)) {
    const items = value.map(flat);
    return items.includes(undefined) ? undefined : `[${items.join(', ')}]`;
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return '{}';
  return entries.length === 1 && isScalar(entries[0]![1]) ? `{ ${keyed(entries[0]![0], JSON.stringify(entries[0]![1]))} }` : undefined;
}

const keyed = (key: string, text: string): string => `${JSON.stringify(key)}: ${text}`;

/** JSON as the project formats it. @param before Columns that are taken already on its first line. */
function jsonText(value: Json, indent: string, before: number): string {
  const short = flat(value);
  if (short !== undefined && (isScalar(value) || before + short.length < WIDTH)) return short;
  const inner = `${indent}  `;
  const lines = isList(value)
    ? value.map((item) => `${inner}${jsonText(item, inner, inner.length)}`)
    : Object.entries(value as Schema).map(([key, item]) => inner + keyed(key, jsonText(item, inner, inner.length + keyed(key, '').length)));
  const [open, close] = isList(value) ? '[]' : '{}';
  return `${open}\n${lines.join(',\n')}\n${indent}${close}`;
}
