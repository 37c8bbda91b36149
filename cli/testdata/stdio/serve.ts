/** The driver's side of the protocol for a driver in TypeScript, as simple as can be: what tests run as a child process. */
import { readSync, writeSync } from 'node:fs';
import { fromJson, resultFromJson, resultToJson, toJson } from '#drivers/adapters/stdio/values';
import { OFFERED } from '#drivers/contract/driver';
import type { DriverModule, Result, Started, Surroundings } from '#drivers/contract/driver';
import type { Method, Shape } from '#drivers/contract/shape';
import { BACK_END, INTERFACE_SHAPES, PLATFORM, SURROUNDINGS, UPCALLS } from '#drivers/contract/shapes';

interface Request {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}
type Methods = Readonly<Record<string, (...args: unknown[]) => unknown>>;

const STDIN = 0;
const STDOUT = 1;

let unread = Buffer.alloc(0);

/** The next line of standard input; the program ends where it does. */
export function readLine(): string {
  const chunk = Buffer.alloc(65_536);
  for (;;) {
    const end = unread.indexOf('\n');
    if (end >= 0) {
      const line = unread.subarray(0, end).toString();
      unread = unread.subarray(end + 1);
      return line;
    }
    const length = readSync(STDIN, chunk);
    if (length === 0) process.exit(0);
    unread = Buffer.concat([unread, chunk.subarray(0, length)]);
  }
}

export function write(bytes: string | Uint8Array): void {
  const all = Buffer.from(bytes as string);
  for (let done = 0; done < all.length;) {
    try {
      done += writeSync(STDOUT, all, done);
    } catch (error) {
      // Nobody has read what is in the pipe.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

export const send = (message: object): void => write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

/** Places where a fault may be put: each is called with the request that is at work. */
export interface Faults {
  hello?(): void;
  /** After the answer to a reset that comes after a stop. */
  end?(): void;
  /** In the call, before the driver works. */
  before?(request: Request): void;
  /** Instead of the plain answer. */
  answer?(request: Request, result: unknown): void;
}

/** Serves `driver` until standard input ends. @param isFaulty Which requests have the faults. */
export function serve(driver: DriverModule, faults: Faults = {}, isFaulty: (request: Request) => boolean = () => true): void {
  let started: Started | undefined;
  let last = '';
  faults.hello?.();
  for (;;) {
    const request = JSON.parse(readLine()) as Request;
    const { id, method, params } = request;
    const before = last;
    last = method;
    const answer = (result: unknown): void => send({ id, result });
    if (method === 'hello') answer({ protocol: 1, manifest: driver.manifest });
    else if (method === 'reset') {
      answer({ ok: true, value: null });
      if (before === 'stop') faults.end?.();
    }
    else if (method === 'start') {
      const result = driver.start(far('platform', PLATFORM) as never, surroundings(params[0])) as Result<Started>;
      if (result.ok) started = result.value;
      answer(result.ok ? { ok: true, value: null } : result);
    } else if (method === 'stop') answer(started!.stop());
    else {
      const faulty = isFaulty(request);
      if (faulty) faults.before?.(request);
      const result = called(started!, method, params);
      if (faulty && faults.answer) faults.answer(request, result);
      else answer(result);
    }
  }
}

function called(started: Started, name: string, params: readonly unknown[]): unknown {
  const [of, member] = name.split('.') as [keyof typeof OFFERED, string];
  const shape = (INTERFACE_SHAPES[of] as Readonly<Record<string, Method>>)[member]!;
  const shapes = Object.values<Shape>(shape.params);
  const args = params.map((value, index) => fromJson(shapes[index]!, value, name));
  const methods = started[OFFERED[of].field] as unknown as Methods;
  return resultToJson(shape.gives, methods[member]!(...args) as Result<unknown>);
}

function surroundings(sent: unknown): Surroundings {
  const { iommus, scripted } = fromJson(SURROUNDINGS, sent, 'surroundings') as Pick<Surroundings, 'iommus'> & { readonly scripted: boolean };
  const upcalls = far('upcalls', UPCALLS) as unknown as Surroundings['upcalls'];
  return { iommus, upcalls, ...(scripted && { backEnd: far('backEnd', BACK_END) as never }) };
}

let asked = 0;

/** The methods of the suite, each a request that is waited for. */
function far(owner: string, methods: Readonly<Record<string, Method>>): Methods {
  return Object.fromEntries(
    Object.entries(methods).map(([name, { params, gives, refuses }]) => {
      const shapes = Object.values<Shape>(params);
      return [
        name,
        (...args: unknown[]) => {
          const id = ++asked;
          send({ id, method: `${owner}.${name}`, params: args.map((value, index) => toJson(shapes[index]!, value)) });
          const { result } = JSON.parse(readLine()) as { readonly result: unknown };
          return refuses ? resultFromJson(gives, result, name) : fromJson(gives, result, name);
        },
      ];
    }),
  );
}
