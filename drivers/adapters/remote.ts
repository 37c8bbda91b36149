/** A driver of which each method is called through something: the ground of every form that changes how a call travels. */
import { OFFERED, type Started } from '#drivers/contract/driver';

type Method = (...args: unknown[]) => unknown;

/** How a call travels: `call` is the method itself. */
export type Via = (call: Method, args: readonly unknown[], method: string) => unknown;

/** The methods of `target` that are named and there, each called through `via`. Nothing else of it can be reached. */
export function remote<T extends object>(target: T, methods: readonly string[], via: Via): T {
  const far = methods.flatMap((method): [string, Method][] => {
    const found: unknown = Reflect.get(target, method);
    if (typeof found !== 'function') return [];
    const call = found.bind(target) as Method;
    return [[method, (...args) => via(call, args, method)]];
  });
  return Object.fromEntries(far) as T;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** What `start` answered, with every interface and `stop` behind `via`. What is no such answer stays as it is. */
export function remoteAnswer<A>(answer: A, via: Via): A {
  const value = isObject(answer) && 'ok' in answer && answer.ok === true && 'value' in answer ? answer.value : undefined;
  if (!isObject(value)) return answer;
  const interfaces = Object.values(OFFERED).flatMap(({ field, methods }) => {
    const offered: unknown = Reflect.get(value, field);
    return offered === undefined ? [] : [[field, isObject(offered) ? remote(offered, methods, via) : offered] as const];
  });
  const started = { ...Object.fromEntries(interfaces), ...remote(value as Started, ['stop'], via) };
  return { ...answer, value: started };
}
