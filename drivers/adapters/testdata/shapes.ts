/** Every shape of the contract, and arbitrary values of a shape. For tests. */
import * as fc from 'fast-check';
import type { Fields, Method, Optional, RecordShape, Shape, Union } from '#drivers/contract/shape';
import { SURROUNDINGS } from '#drivers/contract/shapes';
import { isStruct, structOf } from '../abi/layout';
import { EXPORTS, IMPORTS } from '../abi/names';

/** `page_kind`, `word`, `list of u32`. */
export const describeShape = (shape: Shape): string =>
  'name' in shape ? shape.name : shape.kind === 'list' ? `list of ${describeShape(shape.of)}` : shape.kind;

/** Whatever a method takes or gives, and whatever that is made of, by what it is called. */
export const SHAPES: ReadonlyMap<string, Shape> = everyShape();
export const STRUCTS: readonly (RecordShape | Union)[] = [...SHAPES.values()].filter(isStruct);

function everyShape(): ReadonlyMap<string, Shape> {
  const found = new Map<string, Shape>();
  const visit = (shape: Shape): void => {
    if (shape.kind === 'list') visit(shape.of);
    else if (isStruct(shape)) for (const { shape: member } of structOf(shape).members) visit(member);
    found.set(describeShape(shape), shape);
  };
  const methods: readonly Method[] = [...IMPORTS, ...EXPORTS].map(({ method }) => method);
  for (const { params, gives } of methods) [...Object.values(params), gives].forEach(visit);
  visit(SURROUNDINGS);
  return found;
}

const MOST_U32 = 0xffff_ffff;
const MOST_WORD = (1n << 64n) - 1n;
const MOST_LIST = 4;

/** Text of any kind, lone surrogates among it, and such as begins like what is no text. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('0x10', '0x', 'hex:00', 'hex:', 'text:', 'text:0x1', '\ud800', '\0'),
);

/** Text that C can hold: well-formed, without a NUL. */
export const cText: fc.Arbitrary<string> = fc
  .oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme-ascii' }))
  .map((text) => text.replaceAll('\0', '.'));

/** Values of a shape. @param text Those of its text. */
export function valuesOf(shape: Shape, text: fc.Arbitrary<string> = anyText): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case 'u32':
      return fc.oneof(fc.nat(MOST_U32), fc.constantFrom(0, MOST_U32));
    case 'u53':
      return fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, Number.MAX_SAFE_INTEGER));
    case 'word':
      return fc.oneof(fc.bigInt(0n, MOST_WORD), fc.constantFrom(0n, MOST_WORD));
    case 'flag':
      return fc.boolean();
    case 'text':
      return text;
    case 'bytes':
      return fc.uint8Array({ maxLength: 64 });
    case 'nothing':
      return fc.constant(null);
    case 'oneOf':
      return fc.constantFrom(...shape.names);
    case 'list':
      return fc.array(valuesOf(shape.of, text), { maxLength: MOST_LIST });
    case 'record':
      return recordsOf(shape.fields, text);
    case 'union':
      return fc.oneof(
        ...Object.entries(shape.kinds).map(([kind, fields]) => recordsOf(fields, text).map((rest) => ({ kind, ...(rest as object) }))),
      );
  }
}

const isOptional = (field: Shape | Optional): field is Optional => field.kind === 'optional';

/** A field that may be left out is now and then. */
function recordsOf(fields: Fields, text: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  const entries = Object.entries(fields);
  const model = Object.fromEntries(entries.map(([name, field]) => [name, valuesOf(isOptional(field) ? field.of : field, text)]));
  const requiredKeys = entries.filter(([, field]) => !isOptional(field)).map(([name]) => name);
  return fc.record(model, { requiredKeys, noNullPrototype: true });
}
