/**
 * The contract's shapes as C has them: what each parameter and member is, and where members lie for a 32-bit target.
 *
 * Numbers, flags and names of alternatives are 32 bits, words and counts 64. Text is NUL-terminated. Bytes and lists are an address and
 * a count. A record with optional fields begins with `has`, a bit for each of them; a union is its kind and the fields of all kinds.
 */
import type { Method, Optional, RecordShape, Shape, Union } from '#drivers/contract/shape';
import { memberName } from './names';

/** One value of C: a scalar, a structure, or an address of one or of several. */
export type Slot =
  | { readonly name: string; readonly kind: 'u32' | 'u64' | 'text'; readonly shape?: Shape }
  | { readonly name: string; readonly kind: 'struct'; readonly shape: RecordShape | Union }
  /** Address of the first of several; the next slot is their number. */
  | { readonly name: string; readonly kind: 'items'; readonly shape: Shape };

export interface Member {
  /** The field of the record; `kind` of a union. Absent for `has`. */
  readonly field?: string;
  readonly shape: Shape;
  /** The bit of `has`, for a field that may be left out. */
  readonly bit?: number;
  /** For a union: the kinds that have it. */
  readonly kinds?: readonly string[];
  readonly slots: readonly Slot[];
  /** Bytes from the start of the structure. */
  readonly offset: number;
}

export interface Struct {
  readonly name: string;
  /** It begins with a word of bits for the optional fields. */
  readonly hasBits: boolean;
  readonly members: readonly Member[];
  readonly size: number;
  readonly align: number;
}

/** Where the bits of optional fields stand. */
export const HAS = { name: 'has', kind: 'u32' } as const satisfies Slot;
export const KIND = 'kind';
const POINTER = 4;

export const isStruct = (shape: Shape): shape is RecordShape | Union => shape.kind === 'record' || shape.kind === 'union';

/** What a value of a shape is in C, under a name. */
export function slotsOf(name: string, shape: Shape): readonly Slot[] {
  switch (shape.kind) {
    case 'u32':
    case 'flag':
    case 'oneOf':
      return [{ name, kind: 'u32', shape }];
    case 'u53':
    case 'word':
      return [{ name, kind: 'u64', shape }];
    case 'text':
      return [{ name, kind: 'text', shape }];
    case 'bytes':
      return [
        { name, kind: 'items', shape: { kind: 'bytes' } },
        { name: `${name}_size`, kind: 'u32' },
      ];
    case 'list':
      return [
        { name, kind: 'items', shape: shape.of },
        { name: `${name}_count`, kind: 'u32' },
      ];
    case 'record':
    case 'union':
      return [{ name, kind: 'struct', shape }];
    case 'nothing':
      return [];
  }
}

/** Bytes of an item of a list. */
export const itemSize = (shape: Shape): number =>
  shape.kind === 'bytes' ? 1 : slotsOf('', shape).reduce((sum, slot) => sum + sizeOfSlot(slot), 0);

function sizeOfSlot(slot: Slot): number {
  if (slot.kind === 'struct') return structOf(slot.shape).size;
  return slot.kind === 'u64' ? 8 : slot.kind === 'u32' ? 4 : POINTER;
}

const alignOfSlot = (slot: Slot): number => (slot.kind === 'struct' ? structOf(slot.shape).align : sizeOfSlot(slot));
const aligned = (at: number, to: number): number => Math.ceil(at / to) * to;

const known = new Map<RecordShape | Union, Struct>();

export function structOf(shape: RecordShape | Union): Struct {
  const struct = known.get(shape) ?? laidOut(shape);
  known.set(shape, struct);
  return struct;
}

type Unplaced = Omit<Member, 'offset'>;

function laidOut(shape: RecordShape | Union): Struct {
  const unplaced = shape.kind === 'record' ? membersOf(shape) : kindsOf(shape);
  const hasBits = unplaced.some(({ bit }) => bit !== undefined);
  let at = hasBits ? sizeOfSlot(HAS) : 0;
  let align = sizeOfSlot(HAS);
  const members = unplaced.map((member): Member => {
    const [first] = member.slots;
    at = aligned(at, alignOfSlot(first!));
    const offset = at;
    for (const slot of member.slots) {
      align = Math.max(align, alignOfSlot(slot));
      at = aligned(at, alignOfSlot(slot)) + sizeOfSlot(slot);
    }
    return { ...member, offset };
  });
  return { name: `tck_${shape.name}`, hasBits, members, align, size: aligned(at, align) };
}

const isOptional = (field: Shape | Optional): field is Optional => field.kind === 'optional';

function membersOf({ fields }: RecordShape): readonly Unplaced[] {
  let bits = 0;
  return Object.entries(fields).map(([field, declared]) => {
    const shape = isOptional(declared) ? declared.of : declared;
    return { field, shape, ...(isOptional(declared) && { bit: bits++ }), slots: slotsOf(memberName(field), shape) };
  });
}

/** The kind, and each field once: of several kinds it is the same. */
function kindsOf({ name, kinds }: Union): readonly Unplaced[] {
  const kind: Shape = { kind: 'oneOf', name: `${name}_${KIND}`, names: Object.keys(kinds) };
  const fields = new Map<string, Unplaced & { kinds: string[] }>();
  for (const [which, own] of Object.entries(kinds))
    for (const [field, shape] of Object.entries(own)) {
      if (isOptional(shape)) throw new TypeError(`${name}: a field of a union is never left out`);
      if (fields.has(field) && fields.get(field)?.shape !== shape) throw new TypeError(`${name}: ${field} has two shapes`);
      const one = fields.get(field) ?? { field, shape, kinds: [], slots: slotsOf(memberName(field), shape) };
      one.kinds.push(which);
      fields.set(field, one);
    }
  return [{ field: KIND, shape: kind, slots: slotsOf(KIND, kind) }, ...fields.values()];
}

/** How C calls a method. */
export interface Signature {
  readonly params: readonly CParam[];
  /** An errno below 0 or 0, the value itself, or nothing. */
  readonly returns: 'errno' | 'u32' | 'u64' | 'void';
}

export type CParam =
  | { readonly pass: 'value'; readonly slot: Slot }
  /** Address of a structure or of the first of several that the callee reads. */
  | { readonly pass: 'in'; readonly slot: Slot }
  /** Address that the callee puts a value at. */
  | { readonly pass: 'out'; readonly slot: Slot }
  /** Room for as many bytes as another parameter says. */
  | { readonly pass: 'room'; readonly slot: Slot };

/** What the value that a method gives is called. */
export const VALUE = 'value';

const signatures = new WeakMap<Method, Signature>();

/** Worked out once for each method. */
export function signatureOf(method: Method): Signature {
  const signature = signatures.get(method) ?? lowered(method);
  signatures.set(method, signature);
  return signature;
}

function lowered({ params, gives, refuses, sizedBy }: Method): Signature {
  const given = Object.entries(params).flatMap(([name, shape]) =>
    slotsOf(memberName(name), shape).map((slot): CParam => ({
      pass: slot.kind === 'struct' || slot.kind === 'items' ? 'in' : 'value',
      slot,
    })),
  );
  const [slot, ...more] = slotsOf(VALUE, gives);
  if (slot === undefined) return { params: given, returns: refuses ? 'errno' : 'void' };
  if (!refuses) {
    if (more.length > 0 || (slot.kind !== 'u32' && slot.kind !== 'u64'))
      throw new TypeError('a method that cannot refuse gives one number');
    return { params: given, returns: slot.kind };
  }
  const out: readonly CParam[] =
    sizedBy === undefined ? [slot, ...more].map((one) => ({ pass: 'out', slot: one })) : [{ pass: 'room', slot }];
  return { params: [...given, ...out], returns: 'errno' };
}
