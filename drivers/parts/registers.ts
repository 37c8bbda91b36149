/** The registers of one IOMMU by name. A register that is polled is read until its fields have given values. */
import type { Platform, Result } from '#drivers/contract/driver';
import type { AnyLayout, ViewOf } from '#hw-models/core/bits';

/** Registers by name, as models declare them. */
export type RegisterMap = Readonly<Record<string, { readonly at: number; readonly layout: AnyLayout }>>;

/** Values for some fields of a register. */
type Values<M extends RegisterMap, N extends keyof M> = Parameters<M[N]['layout']['encode']>[0];
type View<M extends RegisterMap, N extends keyof M> = ViewOf<M[N]['layout']>;

/** Microseconds after which the hardware counts as broken. */
const TIMEOUT_US = 1000;

export class NamedRegisters<M extends RegisterMap> {
  readonly #platform: Platform;
  readonly #iommu: number;
  readonly #map: M;

  /** @param iommu Index of the IOMMU instance. */
  constructor(platform: Platform, iommu: number, map: M) {
    this.#platform = platform;
    this.#iommu = iommu;
    this.#map = map;
  }

  read<N extends keyof M & string>(name: N): View<M, N> {
    const { at, layout } = this.#at(name);
    const raw = layout.width === 64 ? this.#platform.mmioRead64(this.#iommu, at) : BigInt(this.#platform.mmioRead32(this.#iommu, at));
    return layout.of(raw) as View<M, N>;
  }

  /** Fields that are left out become 0. */
  write<N extends keyof M & string>(name: N, values: Values<M, N>): void {
    this.#store(name, this.#at(name).layout.encode(values));
  }

  /** Fields that are left out stay as they are. */
  change<N extends keyof M & string>(name: N, values: Values<M, N>): void {
    const { raw } = this.read(name) as { readonly raw: bigint };
    this.#store(name, this.#at(name).layout.with(raw, values));
  }

  /** Reads the low half of a register until the fields that are given have their values. `ETIMEDOUT`. */
  waitFor<N extends keyof M & string>(name: N, values: Values<M, N>): Result<number> {
    const { at, layout } = this.#at(name);
    const mask = layout.mask(...Object.keys(values));
    return this.#platform.pollUntil(this.#iommu, at, Number(mask), Number(layout.encode(values)), TIMEOUT_US);
  }

  #at(name: keyof M & string): { readonly at: number; readonly layout: AnyLayout } {
    return this.#map[name]!;
  }

  #store(name: keyof M & string, raw: bigint): void {
    const { at, layout } = this.#at(name);
    if (layout.width === 64) this.#platform.mmioWrite64(this.#iommu, at, raw);
    else this.#platform.mmioWrite32(this.#iommu, at, Number(raw));
  }
}
