/** One instance of a module: its imports are the platform port, its exports the driver. A fresh one for each `start`. */
import { done, errnoNamed, ok, refuse, type Result } from '#hw-models/core/result';
import { DriverFailure } from '#drivers/contract/failure';
import type { Shape } from '#drivers/contract/shape';
import { LIFE } from '#drivers/contract/shapes';
import { signatureOf } from '../abi/layout';
import { EXPORTS, IMPORT_MODULE, numberOf } from '../abi/names';
import type { CFunction } from '../abi/names';
import { importsOf, withoutMachine } from './imports';
import type { Machine, Method, Native } from './imports';
import { Arena, LinearMemory, sizeOf } from './linear-memory';
import type { Stack } from './linear-memory';

/** A page of WebAssembly. */
const PAGE_BYTES = 65_536;
/** Below it no stack of a linker reaches. */
const LEAST_STACK = 16;

export class Instance {
  readonly exports: WebAssembly.Exports;
  readonly memory: LinearMemory;
  readonly #arena: Arena;

  /** @param machine Absent for a module that is only asked for its manifest. */
  constructor(module: WebAssembly.Module, machine?: Machine) {
    const wanted = WebAssembly.Module.imports(module).map(({ name }) => name);
    const imports = machine === undefined ? withoutMachine(wanted) : importsOf(wanted, machine, () => this.memory);
    this.exports = new WebAssembly.Instance(module, { [IMPORT_MODULE]: imports }).exports;
    this.memory = new LinearMemory(this.exports['memory'] as WebAssembly.Memory);
    this.#arena = arenaOf(this.exports, this.memory);
    (this.exports['_initialize'] as Native | undefined)?.();
  }

  /** The driver's methods of an interface, by their names in the contract. */
  methodsOf(of: string, isPartial: boolean): Readonly<Record<string, Method>> {
    const own = EXPORTS.filter((one) => one.of === of);
    return Object.fromEntries(
      own.map((one) => [one.member, isPartial && this.exports[one.name] === undefined ? () => refuse('EOPNOTSUPP') : this.#method(one)]),
    );
  }

  start({ surroundings: { iommus, backEnd } }: Machine): Result<null> {
    const name = 'driver_start';
    return this.#method({ name, of: 'driver', member: 'start', method: LIFE.start })({
      iommus,
      scripted: backEnd !== undefined,
    }) as Result<null>;
  }

  stop(): Result<null> {
    return this.#method({ name: 'driver_stop', of: 'driver', member: 'stop', method: LIFE.stop })() as Result<null>;
  }

  #method({ name, method }: CFunction): Method {
    const native = this.exports[name] as Native;
    const { params, gives } = method;
    const into = Object.values(params).map((shape) => this.#passer(shape));
    const outs = signatureOf(method).params.filter(({ pass }) => pass === 'out');
    const size = outs.length > 1 ? 8 : outs.length === 1 ? sizeOf(gives) : 0;
    const isWord = gives.kind === 'word';
    return (...args) => {
      // What is thrown through the module leaves its stack as it was then.
      const mark = this.#arena.mark;
      try {
        const lowered: (number | bigint)[] = [];
        for (let index = 0; index < into.length; index++) into[index]!(args[index], lowered);
        if (outs.length === 0) return this.#resultOf(name, native(...lowered));
        const at = this.#arena.take(size);
        // Of several, each is at an address of its own; they lie as a list or bytes in a structure do.
        outs.forEach((_out, index) => lowered.push(at + index * 4));
        const result = this.#resultOf(name, native(...lowered));
        if (!result.ok) return result;
        return ok(isWord ? this.memory.view.getBigUint64(at, true) : this.memory.read(at, gives, `the value of ${name}`));
      } catch (error) {
        throw error instanceof WebAssembly.RuntimeError ? new DriverFailure(`trapped: ${error.message}`) : error;
      } finally {
        this.#arena.release(mark);
      }
    };
  }

  #resultOf(name: string, returned: number | bigint | undefined): Result<null> {
    if (this.memory.failure !== undefined) throw this.memory.failure;
    const code = returned as number;
    if (code === 0) return done;
    const errno = code < 0 ? errnoNamed(code) : undefined;
    if (errno === undefined)
      throw new DriverFailure(`returned ${code} from ${name}, which is neither 0 nor an errno of the contract below 0`);
    return refuse(errno);
  }

  /** How an argument of a shape is passed: as scalars, or by address. */
  #passer(shape: Shape): (value: unknown, lowered: (number | bigint)[]) => void {
    const arena = this.#arena;
    switch (shape.kind) {
      case 'u32':
        return (value, lowered) => void lowered.push(value as number);
      case 'flag':
        return (value, lowered) => void lowered.push(value === true ? 1 : 0);
      case 'oneOf':
        return (value, lowered) => void lowered.push(numberOf(shape, value as string));
      case 'word':
        return (value, lowered) => void lowered.push(value as bigint);
      case 'u53':
        return (value, lowered) => void lowered.push(BigInt(value as number));
      case 'text':
        return (value, lowered) => void lowered.push(arena.text(value as string));
      case 'bytes':
        return (value, lowered) => void lowered.push(arena.bytes(value as Uint8Array), (value as Uint8Array).length);
      case 'list':
        return (value, lowered) =>
          void lowered.push(arena.items(shape.of, value as readonly unknown[]), (value as readonly unknown[]).length);
      case 'record':
      case 'union':
        return (value, lowered) => void lowered.push(arena.struct(shape, value));
      case 'nothing':
        return () => undefined;
    }
  }
}

/** A linker's stack pointer: a mutable i32 that begins in the memory. */
function isStack(shown: unknown, memory: LinearMemory): shown is Stack {
  if (!(shown instanceof WebAssembly.Global)) return false;
  const { value } = shown;
  if (typeof value !== 'number' || value < LEAST_STACK || value > memory.bytes.length) return false;
  try {
    shown.value = value;
    return true;
  } catch {
    return false;
  }
}

/** A module that does not show its stack gets a page of its own for arguments. */
function arenaOf(exports: WebAssembly.Exports, memory: LinearMemory): Arena {
  const shown = exports['__stack_pointer'];
  if (isStack(shown, memory)) return new Arena(memory, shown, LEAST_STACK);
  const start = (exports['memory'] as WebAssembly.Memory).grow(1) * PAGE_BYTES;
  return new Arena(memory, { value: start + PAGE_BYTES }, start);
}
