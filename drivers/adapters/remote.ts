/** An object of which each method is called through `via`: the ground of every adapter that changes how a call travels. */
export type Via = (call: () => unknown, method: string, args: readonly unknown[]) => unknown;

export function remote<T extends object>(target: T, via: Via): T {
  return new Proxy(target, {
    get: (on, name): unknown => {
      const value: unknown = Reflect.get(on, name);
      if (typeof name === 'symbol' || name === 'then' || typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => via(() => value.apply(on, args) as unknown, name, args);
    },
  });
}

/** Each interface of a started driver through `via`. */
export function remoteInterfaces<S extends object>(started: S, via: Via): S {
  const wrapped = Object.entries(started).map(([name, value]) => [name, typeof value === 'object' && value !== null ? remote(value as object, via) : typeof value === 'function' ? (...args: unknown[]) => via(() => (value as (...args: unknown[]) => unknown).apply(started, args), name, args) : value]);
  return Object.fromEntries(wrapped) as S;
}
