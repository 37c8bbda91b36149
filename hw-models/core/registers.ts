/**
 * A register file: where each register is, what software may do to it, and what a write sets in motion.
 */

import { ones } from '#hw-models/core/bits';
import type { AnyLayout, Layout, ValuesOf, ViewOf } from '#hw-models/core/bits';
import { ModelBug, UnspecifiedBehaviour } from '#hw-models/core/errors';
import { hex } from '#hw-models/core/hex';

/** Where a register is, in bytes from the start of the file, and what it consists of: 32, 64 or 128 bits. */
export interface RegisterPlace {
  readonly at: number;
  readonly layout: AnyLayout;
}

/** The registers of a file by name. */
export type RegisterMap = Readonly<Record<string, RegisterPlace>>;

/** What register `N` of a file is read as. */
export type RegisterView<M extends RegisterMap, N extends keyof M> = ViewOf<M[N]['layout']>;

/** Values for some fields of register `N`. */
export type RegisterValues<M extends RegisterMap, N extends keyof M> =
  M[N]['layout'] extends Layout<infer F> ? Partial<ValuesOf<F>> : never;

/**
 * What a software write sets in motion, after the access rules were applied. `now` is what the register holds,
 * `before` what it held. A write of a part of a register counts as a write.
 */
export type Effects<M extends RegisterMap> = {
  readonly [N in keyof M]?: (now: RegisterView<M, N>, before: RegisterView<M, N>) => void;
};

/** What registers hold after reset; fields left out are 0. */
export type ResetValues<M extends RegisterMap> = { readonly [N in keyof M]?: RegisterValues<M, N> };

/** Bits of one access. */
export type AccessWidth = 32 | 64;

interface Register {
  readonly name: string;
  readonly layout: AnyLayout;
  readonly reset: bigint;
  readonly effect: ((now: never, before: never) => void) | undefined;
  raw: bigint;
}

/** The part of a register that one access reaches. */
interface Window {
  readonly register: Register;
  /** Of the lowest bit that the access reaches. */
  readonly shift: bigint;
  /** The bits of the register that the access reaches, in place. */
  readonly mask: bigint;
}

/**
 * The registers of one device. `read` and `write` are software's side and obey the access rules of the fields; `view`
 * and `set` are the hardware's. Wide registers are also reached by their aligned parts of 32 and 64 bits, the low part
 * at the lower offset.
 */
export class RegisterFile<const M extends RegisterMap> {
  readonly #registers: Readonly<Record<keyof M, Register>>;
  readonly #windows: Readonly<Record<AccessWidth, Map<number, Window>>> = { 32: new Map(), 64: new Map() };

  /** Throws `RangeError` when two registers overlap, one is not aligned to its size or has another width than 32, 64 or 128 bits. */
  constructor(map: M, effects: Effects<M> = {}, resets: ResetValues<M> = {}) {
    const registers: Record<string, Register> = {};
    for (const [name, { at, layout }] of Object.entries(map)) {
      const bytes = layout.width / 8;
      if (![4, 8, 16].includes(bytes)) throw new RangeError(`${name}: a register of ${layout.width} bits`);
      if (at < 0 || at % bytes !== 0) throw new RangeError(`${name}: offset ${hex(at, 4)} is not a multiple of ${bytes}`);
      const reset = layout.encode(resets[name] ?? {});
      const register: Register = { name, layout, reset, effect: effects[name], raw: reset };
      registers[name] = register;
      this.#open(register, at, 32);
      this.#open(register, at, 64);
    }
    this.#registers = registers as Record<keyof M, Register>;
  }

  /**
   * What software reads, `width` bits from offset `at`. Throws `UnspecifiedBehaviour` when no register is there or the
   * access is not of the width of a register or of a half.
   */
  read(at: number, width: AccessWidth): bigint {
    const { register, shift, mask } = this.#reach('read', at, width);
    return (register.raw & mask) >> shift;
  }

  /**
   * Software writes `width` bits at offset `at`; then the effect of the register runs. Refusals as for `read`; throws
   * `RangeError` for a value of more bits.
   */
  write(at: number, value: bigint, width: AccessWidth): void {
    const { register, shift, mask } = this.#reach('write', at, width);
    if (value < 0n || value > mask >> shift) throw new RangeError(`${register.name}: ${hex(value)} does not fit ${width} bits`);
    const { layout, raw: before } = register;
    register.raw = (layout.afterWrite(before, value << shift) & mask) | (before & ~mask);
    register.effect?.(layout.of(register.raw) as never, layout.of(before) as never);
  }

  /** What a register holds. The view is of this moment and does not follow later writes. */
  view<N extends keyof M>(name: N): RegisterView<M, N> {
    const { layout, raw } = this.#named(name);
    return layout.of(raw) as RegisterView<M, N>;
  }

  /** The hardware changes fields of a register, whatever software may do to them; no effect runs. */
  set<N extends keyof M>(name: N, values: RegisterValues<M, N>): void {
    const register = this.#named(name);
    register.raw = register.layout.with(register.raw, values);
  }

  /** Every register holds its reset value again; no effect runs. */
  reset(): void {
    for (const register of Object.values<Register>(this.#registers)) register.raw = register.reset;
  }

  /** The name of the register that software reaches at offset `at`; `undefined` where there is none. For traces. */
  nameAt(at: number): (keyof M & string) | undefined {
    return this.#windows[32].get(at)?.register.name;
  }

  #named(name: keyof M): Register {
    if (!Object.hasOwn(this.#registers, name)) throw new ModelBug(`no register is named ${String(name)}`);
    return this.#registers[name];
  }

  #open(register: Register, at: number, width: AccessWidth): void {
    for (let shift = 0; shift + width <= register.layout.width; shift += width) {
      const offset = at + shift / 8;
      const other = this.#windows[width].get(offset);
      if (other !== undefined) throw new RangeError(`${register.name}: offset ${hex(offset, 4)} belongs to ${other.register.name}`);
      this.#windows[width].set(offset, { register, shift: BigInt(shift), mask: ones(width) << BigInt(shift) });
    }
  }

  #reach(verb: 'read' | 'write', at: number, width: AccessWidth): Window {
    // Callers outside TypeScript may ask for any width.
    const window = (this.#windows[width] as Map<number, Window> | undefined)?.get(at);
    if (window !== undefined) return window;
    const name = this.nameAt(at);
    const reason = name === undefined ? 'no register or half of one starts there' : `${name} is not accessed so`;
    throw new UnspecifiedBehaviour(`${width}-bit ${verb} at ${hex(at, 4)}`, reason);
  }
}
