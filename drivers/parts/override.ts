/** `base` with some methods replaced; the others keep their own `this`. */
export function override<T extends object>(base: T, changes: Partial<T>): T {
  return new Proxy(base, {
    get: (on, name) => {
      const changed: unknown = Reflect.get(changes, name);
      if (changed !== undefined) return changed;
      const value: unknown = Reflect.get(on, name);
      return typeof value === 'function' ? (value.bind(on) as unknown) : value;
    },
  });
}
