/** What users of Intel VT-d hand in: first stages of 4 or 5 levels or of none, their tables, ranges. */
import * as fc from 'fast-check';
import { HwptVtdS1, HwptVtdS1Invalidate, VTD_INV_FLAGS_LEAF } from '#drivers/contract/uapi';
import { FsPte } from '#hw-models/vtd/pte';
import { VTD } from '#steps/bench/systems/vtd';
import type { Users } from './user-data';
import { frame, near, often, rarely, root, weighted, word } from './user-data-random';

const PAGE = 4096n;
const BYTES = HwptVtdS1.width / 8;
const pageOrWord = (frames: fc.Arbitrary<number>): fc.Arbitrary<bigint> => weighted([5, frames.map((n) => BigInt(n) * PAGE)], [1, word]);
const width = weighted([5, fc.constantFrom(48, 48, 57)], [1, fc.nat()]);

export const VTD_USERS: Users = {
  driver: 'vtd',
  system: VTD,
  refusals: {
    alloc: ['EINVAL', 'EOPNOTSUPP', 'EFAULT'],
    attach: ['EINVAL'],
    invalidate: ['EINVAL', 'EOPNOTSUPP', 'EFAULT'],
  },
  dataBytes: { least: BYTES, most: BYTES },
  entry: ['addr 0x1000', 'npages 1'],
  random: {
    // Nothing is mapped read-only, so that the erratum harms nobody.
    parts: fc.record({
      erratum772415: fc.constantFrom('off', 'top-level', 'any-level'),
      FL5LP: often,
      SRS: often,
      EAFS: often,
      CM: fc.boolean(),
    }),
    data: near(
      fc
        .record({ flags: fc.constantFrom(0n, 0n, 1n, 2n, 4n, 5n, 7n), pgtbl_addr: pageOrWord(root), addr_width: width })
        .map((values) => HwptVtdS1.encode(values)),
      HwptVtdS1.width,
    ),
    tables: near(
      fc
        .record({
          P: often,
          RW: often,
          US: often,
          XD: rarely,
          PS: rarely,
          G: rarely,
          EA: fc.boolean(),
          A: fc.boolean(),
          D: fc.boolean(),
          ADDR: frame,
        })
        .map((entry) => FsPte.encode(entry)),
      FsPte.width,
    ),
    entries: near(
      fc
        .record({
          addr: pageOrWord(fc.nat({ max: 8 })),
          npages: fc.oneof(fc.bigInt({ min: 0n, max: 0x1000n }), word, fc.constant(2n ** 64n - 1n)),
          flags: fc.constantFrom(0, VTD_INV_FLAGS_LEAF),
        })
        .map((values) => HwptVtdS1Invalidate.encode(values)),
      HwptVtdS1Invalidate.width,
    ),
  },
};
