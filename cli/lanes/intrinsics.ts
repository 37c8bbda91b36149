/**
 * The language's own objects, which every scenario shares with the driver under test. What foreign code changes of them is put back
 * after each scenario, so that it cannot reach the next. A guard against accidents, not against a driver that means harm.
 */

const SHARED: readonly (readonly [string, object])[] = [
  ...[Object, Function, Array, Map, Set, WeakMap, WeakSet, Promise, RegExp, Date, String, Number, BigInt, Boolean, Symbol],
  ...[ArrayBuffer, DataView, Uint8Array, BigUint64Array],
].flatMap((constructor): [string, object][] => [
  [constructor.name, constructor],
  [`${constructor.name}.prototype`, constructor.prototype as object],
]);
const NAMESPACES: readonly (readonly [string, object])[] = [
  // Not Error itself: what traces of the stack look like is set there, by libraries too.
  ['Error.prototype', Error.prototype],
  ['JSON', JSON],
  ['Math', Math],
  ['Reflect', Reflect],
  ['Atomics', Atomics],
  ['%TypedArray%.prototype', Object.getPrototypeOf(Uint8Array.prototype) as object],
  ['%IteratorPrototype%', Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object],
];

// Our own copies: what is looked at may be what is used to look.
const { is } = Object;
const { ownKeys, getOwnPropertyDescriptor, defineProperty, deleteProperty } = Reflect;

type Properties = Map<PropertyKey, PropertyDescriptor>;

export class Intrinsics {
  readonly #known: readonly { readonly name: string; readonly object: object; readonly properties: Properties }[];

  constructor() {
    this.#known = [...SHARED, ...NAMESPACES].map(([name, object]) => ({ name, object, properties: propertiesOf(object) }));
  }

  /** Puts back what has changed since this was made. @returns The names of what had changed. */
  restore(): readonly string[] {
    const changed: string[] = [];
    for (const { name, object, properties } of this.#known) {
      const keys = ownKeys(object);
      for (let index = 0; index < keys.length; index++) {
        const key = keys[index]!;
        const before = properties.get(key);
        const now = getOwnPropertyDescriptor(object, key);
        if (before !== undefined && now !== undefined && sameAs(before, now)) continue;
        changed.push(`${name}.${String(key)}`);
        if (before === undefined) deleteProperty(object, key);
        else defineProperty(object, key, before);
      }
      if (keys.length === properties.size) continue;
      for (const [key, before] of properties) {
        if (getOwnPropertyDescriptor(object, key) !== undefined) continue;
        changed.push(`${name}.${String(key)}`);
        defineProperty(object, key, before);
      }
    }
    return changed;
  }
}

const propertiesOf = (object: object): Properties =>
  new Map(ownKeys(object).map((key) => [key, getOwnPropertyDescriptor(object, key)!] as const));

const FACETS = ['value', 'get', 'set', 'writable', 'enumerable', 'configurable'] as const;

function sameAs(one: PropertyDescriptor, other: PropertyDescriptor): boolean {
  for (let index = 0; index < FACETS.length; index++) if (!is(one[FACETS[index]!], other[FACETS[index]!])) return false;
  return true;
}
