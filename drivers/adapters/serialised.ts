/** The same driver behind text: every call, every answer and every platform access passes through JSON, as it would to another process. */
import { after, ok, type DriverModule } from '#drivers/contract/driver';
import { remote, type Via } from './remote';

/** JSON with 64-bit values and bytes as tagged strings. */
export function toText(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'bigint') return `0x${item.toString(16)}`;
    if (item instanceof Uint8Array) return `hex:${Buffer.from(item).toString('hex')}`;
    if (typeof item === 'function' || typeof item === 'symbol') throw new TypeError(`a ${typeof item} cannot cross the contract`);
    return item;
  });
}

export function fromText(text: string): unknown {
  return JSON.parse(text, (_key, item: unknown) => {
    if (typeof item !== 'string') return item;
    if (/^0x[0-9a-f]+$/.test(item)) return BigInt(item);
    return item.startsWith('hex:') ? new Uint8Array(Buffer.from(item.slice(4), 'hex')) : item;
  });
}

const copied = (value: unknown): unknown => (value === undefined ? undefined : fromText(toText(value)));

/** Calls `method` of `target` with what is left of the arguments when they have been text. */
const through =
  (target: (method: string) => (...args: unknown[]) => unknown): Via =>
  (_call, method, args) =>
    after(target(method)(...(copied(args) as unknown[])), copied);

const methodsOf = (target: object) => (method: string) => (Reflect.get(target, method) as (...args: unknown[]) => unknown).bind(target);

export const serialised = (module: DriverModule): DriverModule => ({
  manifest: module.manifest,
  start: (platform, surroundings) => {
    const { backEnd, upcalls } = surroundings;
    const far = {
      upcalls: remote(upcalls, through(methodsOf(upcalls))),
      ...(backEnd !== undefined && { backEnd: remote(backEnd, through(methodsOf(backEnd))) }),
    };
    return after(module.start(remote(platform, through(methodsOf(platform))), far), (started) => {
      if (!started.ok) return started;
      const interfaces = Object.entries(started.value).map(([name, value]: [string, unknown]) => [
        name,
        typeof value === 'object' && value !== null ? remote(value, through(methodsOf(value))) : value,
      ]);
      return ok(Object.fromEntries(interfaces) as typeof started.value);
    });
  },
});
