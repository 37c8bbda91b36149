/** An object of which each method is called through `via`: the ground of every adapter that changes how a call travels. */
export type Via = (call: () => unknown, method: string, args: readonly unknown[]) => unknown;

type Method = (...args: unknown[]) => unknown;

export function remote<T extends object>(target: T, via: Via): T {
  return new Proxy(target, {
    get: (on, name) => {
      const value: unknown = Reflect.get(on, name);
      // Awaiting the object must not look like calling it.
      if (typeof name === 'symbol' || name === 'then' || typeof value !== 'function') return value;
      return (...args: unknown[]) => via(() => (value as Method).apply(on, args), name, args);
    },
  });
}

/** A record of interfaces and functions, each through `via`: what a driver's `start` answers with. */
export function remoteInterfaces<S extends object>(started: S, via: Via): S {
  const far = Object.entries(started).map(([name, value]: [string, unknown]): [string, unknown] => {
    if (typeof value === 'function') return [name, (...args: unknown[]) => via(() => (value as Method).apply(started, args), name, args)];
    return [name, typeof value === 'object' && value !== null ? remote(value, via) : value];
  });
  return Object.fromEntries(far) as S;
}
