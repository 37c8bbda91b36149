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

// Our own copies, and nothing but indexes: what is looked at may be what is used to look.
const { is, create } = Object;
const { ownKeys, getOwnPropertyDescriptor, defineProperty, deleteProperty } = Reflect;

/** By their names, without a prototype. */
type Properties = Record<PropertyKey, PropertyDescriptor>;

interface Known {
  readonly name: string;
  readonly object: object;
  readonly keys: readonly PropertyKey[];
  readonly properties: Properties;
}

export class Intrinsics {
  readonly #known: readonly Known[] = [...SHARED, ...NAMESPACES].map(([name, object]) => ({
    name,
    object,
    keys: ownKeys(object),
    properties: propertiesOf(object),
  }));

  /** Puts back what has changed since this was made. @returns The names of what had changed. */
  restore(): readonly string[] {
    const changed: string[] = [];
    for (let index = 0; index < this.#known.length; index++) restore(this.#known[index]!, changed);
    return changed;
  }
}

function propertiesOf(object: object): Properties {
  const properties = create(null) as Properties;
  for (const key of ownKeys(object)) properties[key] = getOwnPropertyDescriptor(object, key)!;
  return properties;
}

function restore({ name, object, keys, properties }: Known, changed: string[]): void {
  const note = (key: PropertyKey): void => {
    changed[changed.length] = `${name}.${typeof key === 'symbol' ? (key.description ?? '') : key}`;
  };
  const present = ownKeys(object);
  for (let index = 0; index < present.length; index++) {
    const key = present[index]!;
    const before = properties[key];
    if (before !== undefined && sameAs(before, getOwnPropertyDescriptor(object, key)!)) continue;
    note(key);
    if (before === undefined) deleteProperty(object, key);
    else defineProperty(object, key, before);
  }
  if (present.length === keys.length) return;
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!;
    if (getOwnPropertyDescriptor(object, key) !== undefined) continue;
    note(key);
    defineProperty(object, key, properties[key]!);
  }
}

const FACETS = ['value', 'get', 'set', 'writable', 'enumerable', 'configurable'] as const;

function sameAs(one: PropertyDescriptor, other: PropertyDescriptor): boolean {
  for (let index = 0; index < FACETS.length; index++) if (!is(one[FACETS[index]!], other[FACETS[index]!])) return false;
  return true;
}
