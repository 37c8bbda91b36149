/** The models that vectors are replayed on. */
import type { Answer, Inbound } from '#hw-models/riscv-iommu/request';
import { Witness as RiscvIommu } from '#hw-models/riscv-iommu/witness';
import { UsageError } from '#drivers/usage';

/** One IOMMU with its memory, which answers each request without what it remembers of those before. */
export interface Witness {
  /** By its name in the specification. Throws `RangeError` when there is none of this name. */
  write(register: string, value: bigint): void;
  /** @param address Physical, a multiple of 8. */
  store(address: bigint, word: bigint): void;
  load(address: bigint): bigint;
  translate(inbound: Inbound): Answer;
  /** The 256-bit records in its fault queue, oldest first. */
  records(): readonly bigint[];
}

export interface Model {
  /** Throws `RangeError` for capabilities that the specification rules out, `NotModelled` for those that the model leaves out. */
  begin(caps: Readonly<Record<string, number>>): Witness;
}

const MODELS: ReadonlyMap<string, Model> = new Map([['riscv-iommu', { begin: (caps) => new RiscvIommu(caps) }]]);

/** Throws `UsageError`. */
export function modelOf(name: string): Model {
  const model = MODELS.get(name);
  if (model === undefined) throw new UsageError(`no model with vectors is called "${name}"; use one of: ${[...MODELS.keys()].join(' ')}`);
  return model;
}
