/** What a module imports: the platform port, and what the module passes made into values of the contract, judged on the way. */
import { ERRNO_NUMBERS, type Result } from '#hw-models/core/result';
import type { Surroundings } from '#drivers/contract/driver';
import { DriverFailure } from '#drivers/contract/failure';
import type { Platform } from '#drivers/contract/platform';
import type { Shape } from '#drivers/contract/shape';
import { signatureOf } from '../abi/layout';
import type { CParam } from '../abi/layout';
import { IMPORTS } from '../abi/names';
import type { CFunction } from '../abi/names';
import { Arena, sizeOf } from './linear-memory';
import type { LinearMemory, Stack } from './linear-memory';

/** A function of a module. */
export type Native = (...args: (number | bigint)[]) => number | bigint | undefined;
/** One of the contract. */
export type Method = (...args: unknown[]) => unknown;

/** What an instance is started on. */
export interface Machine {
  readonly platform: Platform;
  readonly surroundings: Surroundings;
}

/** A module is asked for its manifest before there is a machine. */
export const withoutMachine = (wanted: readonly string[]): Record<string, Native> =>
  Object.fromEntries(
    wanted.map((name) => [
      name,
      () => {
        throw new DriverFailure(`called ${name} before driver_start`);
      },
    ]),
  );

export function importsOf(
  wanted: readonly string[],
  { platform, surroundings: { upcalls, backEnd } }: Machine,
  memory: () => LinearMemory,
): Record<string, Native> {
  const owners: Readonly<Record<string, object | undefined>> = { platform, upcalls, backEnd };
  return Object.fromEntries(
    wanted.map((name) => {
      const crossing = CROSSINGS.get(name)!;
      return [name, importOf(crossing, owners[crossing.of], memory)];
    }),
  );
}

/** How an import crosses, worked out once. */
interface Crossing extends CFunction {
  readonly lifted: readonly Lifter[];
  readonly give: Giver;
  readonly isPlain: boolean;
}

const CROSSINGS: ReadonlyMap<string, Crossing> = new Map(
  IMPORTS.map((one) => {
    const { name, method } = one;
    const { params, returns } = signatureOf(method);
    const lifted = liftersOf(method.params, name);
    const give: Giver = returns === 'errno' ? resultGiver(one, params) : giverOf(method.gives);
    // What gives its value takes scalars: a call of the platform is the commonest thing there is.
    return [name, { ...one, lifted, give, isPlain: returns !== 'errno' && lifted.every(({ width }) => width === 1) }];
  }),
);

function importOf({ name, of, member, lifted, give, isPlain }: Crossing, owner: object | undefined, memory: () => LinearMemory): Native {
  const found: unknown = owner === undefined ? undefined : Reflect.get(owner, member);
  if (typeof found !== 'function')
    return () => {
      throw memory().mistake(`called ${name}, and driver_start was told of no ${of === 'backEnd' ? 'back end' : of}`);
    };
  const call = found.bind(owner) as Method;
  const [first, second, third] = lifted;
  if (isPlain && first === undefined) return () => give(call(), memory);
  if (isPlain && first !== undefined && second === undefined) return (a) => give(call(first.lift(memory, a)), memory);
  if (isPlain && first !== undefined && second !== undefined && third === undefined)
    return (a, b) => give(call(first.lift(memory, a), second.lift(memory, b)), memory);
  return (...args) => {
    const values: unknown[] = [];
    let at = 0;
    for (const { lift, width } of lifted) {
      values.push(lift(memory, args[at], args[at + 1]));
      at += width;
    }
    return give(call(...values), memory, args.at(-1));
  };
}

type Lowered = number | bigint | undefined;

/** How an argument comes back from scalars and addresses; `width` is the number of them. */
interface Lifter {
  readonly width: number;
  readonly lift: (memory: () => LinearMemory, value: Lowered, count?: Lowered) => unknown;
}

/** What an import returns. @param last Its last argument: where a value goes that is not returned. */
type Giver = (given: unknown, memory: () => LinearMemory, last?: Lowered) => Lowered;

function liftersOf(params: Readonly<Record<string, Shape>>, name: string): readonly Lifter[] {
  return Object.entries(params).map(([param, shape]) => lifterOf(shape, `${name}: ${param}`));
}

const unsigned = (value: Lowered): number => (value as number) >>> 0;

function lifterOf(shape: Shape, what: string): Lifter {
  switch (shape.kind) {
    case 'u32':
      return { width: 1, lift: (_memory, value) => unsigned(value) };
    case 'flag':
      return { width: 1, lift: (_memory, value) => value !== 0 };
    case 'oneOf':
      return { width: 1, lift: (memory, value) => memory().nameOf(unsigned(value), shape, what) };
    case 'word':
      return { width: 1, lift: (_memory, value) => BigInt.asUintN(64, value as bigint) };
    case 'u53':
      return { width: 1, lift: (memory, value) => memory().exact(BigInt.asUintN(64, value as bigint), what) };
    case 'text':
      return { width: 1, lift: (memory, value) => memory().text(unsigned(value), what) };
    case 'bytes':
      return { width: 2, lift: (memory, value, count) => memory().take(unsigned(value), unsigned(count), what) };
    case 'record':
    case 'union':
      return { width: 1, lift: (memory, value) => memory().read(unsigned(value), shape, what) };
    case 'list':
    case 'nothing':
      throw new TypeError(`${what}: no method of the platform takes a ${shape.kind}`);
  }
}

/** The value itself, as a scalar. */
function giverOf(shape: Shape): Giver {
  switch (shape.kind) {
    case 'flag':
      return (given) => (given === true ? 1 : 0);
    case 'u53':
      return (given) => BigInt(given as number);
    case 'nothing':
      return () => undefined;
    case 'u32':
    case 'word':
      return (given) => given as number | bigint;
    case 'oneOf':
    case 'text':
    case 'bytes':
    case 'list':
    case 'record':
    case 'union':
      throw new TypeError(`a method that cannot refuse gives no ${shape.kind}`);
  }
}

/** What the platform gives has all of it in one place. */
const NOWHERE: Stack = { value: 0 };

/** An errno, and the value where the last parameter says. */
function resultGiver({ name, method: { gives } }: CFunction, params: readonly CParam[]): Giver {
  const last = params.at(-1);
  const isRoom = last?.pass === 'room';
  const isOut = isRoom || last?.pass === 'out';
  const what = `${name}: ${last?.slot.name ?? ''}`;
  return (given, memory, address) => {
    const result = given as Result<unknown>;
    if (!result.ok) return -ERRNO_NUMBERS[result.errno];
    if (!isOut) return 0;
    const at = unsigned(address);
    const own = memory();
    const bytes = isRoom ? (result.value as Uint8Array) : undefined;
    own.check(at, bytes?.length ?? sizeOf(gives), what);
    if (bytes === undefined) new Arena(own, NOWHERE, 0).write(at, gives, result.value);
    else own.bytes.set(bytes, at);
    return 0;
  };
}
