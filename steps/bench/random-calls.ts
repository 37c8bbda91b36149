/** A host that calls the hypervisor in any order, with numbers that make sense and with numbers of every kind. */
import type { Protection } from '#drivers/contract/iommu';
import { sizeOf } from '#hw-models/core/address';
import { Random } from '#hw-models/core/random';
import type { Bench } from './bench';
import { randomOf } from './bounds';
import { act, type Act } from './verbs';

/** What a number may be: by far the most calls say something `usual`, so that there is something to spoil; the others `any`. */
interface Choice<T> {
  readonly usual: readonly T[];
  readonly any: readonly T[];
}
const UNUSUAL_IN = 5;

const IOMMUS: Choice<number> = { usual: [0], any: [0, 1, 2, 0xffff_ffff] };
const DOMAINS: Choice<number> = {
  usual: [0, 1, 2],
  any: [0, 1, 2, 255, 256, 65_535, 65_536, 65_537, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff],
};
const ENDPOINTS: Choice<number> = { usual: [1, 2, 3], any: [0, 1, 2, 3, 255, 65_535, 65_536, 0xffff_ffff] };
const ADDRESSES = [
  0n,
  0xfffn,
  0x8000_0000n,
  0x8000_0800n,
  0xffff_ffff_f000n,
  0x1_0000_0000_0000n,
  0xffff_0000_0000_0000n,
  0xffff_0000_0900_0000n,
  0xffff_ffff_ffff_f000n,
  0xffff_ffff_ffff_ffffn,
];
const IOVAS: Choice<bigint> = { usual: [0n, 0x1000n, 0x20_0000n], any: ADDRESSES };
const PAS: Choice<bigint> = { usual: [0x9000_0000n, 0x9020_0000n], any: ADDRESSES };
/** Pages of a call. */
const COUNTS: Choice<bigint> = { usual: [1n, 2n, 3n], any: [0n, 16n, 513n] };
const PAGE_SIZES: Choice<bigint> = {
  usual: [0x1000n, 0x20_0000n],
  any: [0n, 1n, 8n, 0x800n, 0x1001n, 0x4000n, 0x4000_0000n, sizeOf(39), sizeOf(63)],
};
const PROTS: readonly Protection[] = [true, false].flatMap((read) =>
  [true, false].map((write) => ({ read, write, execute: false, privileged: false, coherent: true, mmio: false })),
);

/** Makes `count` calls. Each must answer; what it answers is the hypervisor's affair, and the sanitizer watches what comes of it. */
export async function randomCalls(bench: Bench, count: number): Promise<void> {
  const random = new Random(count);
  // A back end that refuses at random also refuses what is given back in the end.
  bench.hyp.tampered = bench.hyp.backEnd !== undefined;
  const calls = randomOf(bench, count);
  for (let n = 0; n < calls; n++) {
    bench.machine.cpu = random.below(bench.machine.config.cpus);
    await bench.perform(call(random), false);
  }
}

function call(random: Random): Act {
  const one = <T>({ usual, any }: Choice<T>): T => random.pick(random.below(UNUSUAL_IN) === 0 ? any : usual);
  const smmu = one(IOMMUS);
  const domain = one(DOMAINS);
  const pageSize = one(PAGE_SIZES);
  const count = one(COUNTS);
  const range = { iova: one(IOVAS), size: BigInt.asUintN(64, pageSize === 0n ? count : count * pageSize) };
  // What builds something comes twice.
  const calls: readonly (() => Act)[] = [
    () => act('hypInitDevice', 0),
    () => act('hypAlloc', smmu, domain),
    () => act('hypAllocAt', smmu, domain, random.pick(ADDRESSES)),
    () => act('hypFree', smmu, domain),
    () => act('hypAttach', smmu, domain, one(ENDPOINTS)),
    () => act('hypAttach', smmu, domain, one(ENDPOINTS)),
    () => act('hypDetach', smmu, domain, one(ENDPOINTS)),
    () => act('hypMap', smmu, domain, range, one(PAS), random.pick(PROTS), pageSize),
    () => act('hypMap', smmu, domain, range, one(PAS), random.pick(PROTS), pageSize),
    () => act('hypUnmap', smmu, domain, range, pageSize),
  ];
  return random.pick(calls)();
}
