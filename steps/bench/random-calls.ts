/** A host that calls the hypervisor with numbers of every kind, in any order. */
import type { Protection } from '#drivers/contract/iommu';
import { Random } from '#hw-models/core/random';
import type { Bench } from './bench';
import { act, type Act } from './verbs';

const IDS = [0, 1, 2, 255, 256, 65_535, 65_536, 65_537, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
const IOMMUS = [0, 0, 0, 0, 1, 2, 0xffff_ffff];
const ENDPOINTS = [0, 1, 2, 3, 255, 65_535, 65_536, 0xffff_ffff];
const ADDRESSES = [
  0n,
  0xfffn,
  0x1000n,
  0x8000_0000n,
  0x8000_0800n,
  0x9000_0000n,
  0xffff_0000_0000_0000n,
  0xffff_0000_0900_0000n,
  0xffff_ffff_ffff_f000n,
  0xffff_ffff_ffff_ffffn,
];
const SIZES = [0n, 1n, 0x1000n, 0x1_0000n, 0x20_0000n];
const PROTS: readonly Protection[] = [true, false].flatMap((read) =>
  [true, false].map((write) => ({ read, write, execute: false, privileged: false, coherent: true, mmio: false })),
);

/** Makes `count` calls. Each must answer; what it answers is the hypervisor's affair, and the sanitizer watches what comes of it. */
export async function randomCalls(bench: Bench, count: number): Promise<void> {
  const random = new Random(count);
  // A back end that refuses at random also refuses what is given back in the end.
  bench.hyp.tampered = bench.hyp.backEnd !== undefined;
  for (let n = 0; n < count; n++) {
    bench.machine.cpu = random.below(bench.machine.config.cpus);
    await bench.perform(call(random), false);
  }
}

function call(random: Random): Act {
  const smmu = random.pick(IOMMUS);
  const domain = random.pick(IDS);
  switch (random.below(7)) {
    case 0:
      return act('hypAlloc', smmu, domain);
    case 1:
      return act('hypAllocAt', smmu, domain, random.pick(ADDRESSES));
    case 2:
      return act('hypFree', smmu, domain);
    case 3:
      return act('hypDetach', smmu, domain, random.pick(ENDPOINTS));
    case 4:
      return act(
        'hypMap',
        smmu,
        domain,
        { iova: random.pick(ADDRESSES), size: random.pick(SIZES) },
        random.pick(ADDRESSES),
        random.pick(PROTS),
      );
    case 5:
      return act('hypUnmap', smmu, domain, { iova: random.pick(ADDRESSES), size: random.pick(SIZES) });
    default:
      return act('hypAttach', smmu, domain, random.pick(ENDPOINTS));
  }
}
