/** The registers of one SMMU by name. A register that is polled is read until its fields have given values. */
import type { Platform, Result } from '#drivers/contract/driver';
import type { ViewOf } from '#hw-models/core/bits';
import { MAP, type RegisterName } from '#hw-models/smmu-v3/registers';

/** Values for some fields of a register. */
type Values<N extends RegisterName> = Parameters<(typeof MAP)[N]['layout']['encode']>[0];
type View<N extends RegisterName> = ViewOf<(typeof MAP)[N]['layout']>;

/** Microseconds after which the hardware counts as broken. */
const TIMEOUT_US = 1000;

export class Registers {
  readonly #platform: Platform;
  readonly #iommu: number;

  /** @param iommu Index of the IOMMU instance. */
  constructor(platform: Platform, iommu: number) {
    this.#platform = platform;
    this.#iommu = iommu;
  }

  read<N extends RegisterName>(name: N): View<N> {
    const { at, layout } = MAP[name];
    const raw = layout.width === 64 ? this.#platform.mmioRead64(this.#iommu, at) : BigInt(this.#platform.mmioRead32(this.#iommu, at));
    return layout.of(raw) as View<N>;
  }

  /** Fields that are left out become 0. */
  write<N extends RegisterName>(name: N, values: Values<N>): void {
    this.#store(name, (MAP[name].layout.encode as (values: Values<N>) => bigint)(values));
  }

  /** Fields that are left out stay as they are. */
  change<N extends RegisterName>(name: N, values: Values<N>): void {
    this.#store(name, (MAP[name].layout.with as (raw: bigint, values: Values<N>) => bigint)(this.read(name).raw, values));
  }

  /** Reads a 32-bit register until the fields that are given have their values. `ETIMEDOUT`. */
  waitFor<N extends RegisterName>(name: N, values: Values<N>): Result<number> {
    const { at, layout } = MAP[name];
    const mask = (layout.mask as (...names: string[]) => bigint)(...Object.keys(values));
    const want = (layout.encode as (values: Values<N>) => bigint)(values);
    return this.#platform.pollUntil(this.#iommu, at, Number(mask), Number(want), TIMEOUT_US);
  }

  #store(name: RegisterName, raw: bigint): void {
    const { at, layout } = MAP[name];
    if (layout.width === 64) this.#platform.mmioWrite64(this.#iommu, at, raw);
    else this.#platform.mmioWrite32(this.#iommu, at, Number(raw));
  }
}
