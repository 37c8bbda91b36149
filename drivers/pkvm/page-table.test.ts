import { assert } from 'chai';
import * as fc from 'fast-check';
import { suite, test } from 'node:test';

import { HYP_READ } from '#drivers/contract/hyp';
import { GEOMETRY, type Granule } from '#hw-models/smmu-v3/tables';
import { answerOf, boot, device, donated, fresh, PA, RW, type Booted } from './boot.test';

const GRANULES: readonly { readonly granule: Granule; readonly pageBytes: 4096 | 16_384 | 65_536; readonly ias: number }[] = [
  { granule: '4K', pageBytes: 4096, ias: 40 },
  { granule: '4K', pageBytes: 4096, ias: 32 },
  { granule: '4K', pageBytes: 65_536, ias: 48 },
  { granule: '16K', pageBytes: 16_384, ias: 40 },
  { granule: '64K', pageBytes: 65_536, ias: 42 },
];

const bytesOf = (granule: Granule): number => 2 ** GEOMETRY[granule].pageShift;
/** Memory that nothing else is in, aligned to any block. */
const BLOCKS = 0x8_0000_0000n;
/** Bytes of a block of the level above pages. */
const blockOf = (granule: Granule): bigint => 1n << BigInt(GEOMETRY[granule].levels[2]!.index[1]);

interface Step {
  readonly verb: 'map' | 'unmap';
  readonly block: boolean;
  /** Where, in blocks and in pages from there on. */
  readonly at: number;
  readonly page: number;
  readonly count: number;
  readonly to: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  verb: fc.constantFrom('map', 'map', 'unmap'),
  block: fc.boolean(),
  at: fc.nat(3),
  page: fc.nat(3),
  count: fc.integer({ min: 1, max: 4 }),
  to: fc.nat(3),
});

/** What is mapped, by page: the oracle. */
class Oracle {
  readonly #page: bigint;
  readonly #pages = new Map<bigint, { readonly pa: bigint; readonly leaf: bigint; readonly bytes: bigint }>();

  constructor(page: bigint) {
    this.#page = page;
  }

  map(iova: bigint, pa: bigint, leafBytes: bigint, count: number): boolean {
    const end = iova + leafBytes * BigInt(count);
    for (let at = iova; at < end; at += this.#page) if (this.#pages.has(at)) return false;
    for (let at = iova; at < end; at += this.#page)
      this.#pages.set(at, { pa: pa + at - iova, leaf: at - (at % leafBytes), bytes: leafBytes });
    return true;
  }

  /** Leaves without a gap from `iova` on, whole ones only. @returns Bytes. */
  unmap(iova: bigint, size: bigint): bigint {
    let at = iova;
    for (let entry = this.#pages.get(at); entry?.leaf === at && at + entry.bytes <= iova + size; entry = this.#pages.get(at)) {
      for (const end = at + entry.bytes; at < end; at += this.#page) this.#pages.delete(at);
    }
    return at - iova;
  }

  at(iova: bigint): bigint | undefined {
    return this.#pages.get(iova)?.pa;
  }

  /** Whether a translation is what was mapped, for the sanitizer: frames of 4 KiB. */
  covers(input: number, page: number, frames: number): boolean {
    const first = BigInt(input) << 12n;
    for (let at = first; at < first + (BigInt(frames) << 12n); at += 4096n) {
      const entry = this.#pages.get(at - (at % this.#page));
      if (entry === undefined || entry.pa + (at % this.#page) !== (BigInt(page) << 12n) + at - first) return false;
    }
    return true;
  }
}

/** A domain with one endpoint, whose grants are what the oracle says, during a call and between calls. */
function scene(
  pageBytes: 4096 | 16_384 | 65_536,
  granule: Granule,
  ias: number,
): { readonly booted: Booted; readonly oracle: Oracle; readonly read: (iova: bigint) => string } {
  const booted = boot({ pageBytes, granule: bytesOf(granule), ias, oas: 48, pages: 60 });
  const read = device(booted, 1);
  const oracle = new Oracle(BigInt(bytesOf(granule)));
  booted.machine.grants = { granted: (_requester, input, page, frames) => oracle.covers(input, page, frames), mayPass: () => false };
  assert.equal(answerOf(booted.calls.allocDomain(0, 5, fresh(booted))), 'ok');
  assert.equal(answerOf(booted.calls.attachDev(0, 5, 1)), 'ok');
  return { booted, oracle, read };
}

for (const { granule, pageBytes, ias } of GRANULES) {
  suite(`a ${granule} granule on pages of ${pageBytes}, ${ias} bits`, () => {
    const page = BigInt(bytesOf(granule));
    const block = blockOf(granule);
    const base = 1n << BigInt(ias - 1);

    test('any sequence of maps and unmaps is what one table of pages says', () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
          const { booted, oracle, read } = scene(pageBytes, granule, ias);
          const { calls, hyp } = booted;
          for (const { verb, block: isBlock, at, page: offset, count, to } of steps) {
            const leaf = isBlock ? block : page;
            const iova = base + BigInt(at) * block + (isBlock ? 0n : BigInt(offset) * page);
            if (verb === 'map') {
              const pa = BLOCKS + BigInt(to) * block;
              // Granted first: the sanitizer looks during the call.
              const fits = oracle.map(iova, pa, leaf, count);
              assert.equal(
                answerOf(calls.mapPages(0, 5, iova, pa, leaf, BigInt(count), RW)),
                fits ? `0x${(leaf * BigInt(count)).toString(16)}` : 'EEXIST',
              );
            } else {
              const unmapped = calls.unmapPages(0, 5, iova, leaf, BigInt(count));
              assert.equal(answerOf(unmapped), `0x${oracle.unmap(iova, leaf * BigInt(count)).toString(16)}`);
              booted.machine.reachOf(0).checkRange(0, 0, Infinity);
            }
          }
          for (let at = base; at < base + 4n * block; at += block) {
            for (const iova of [at, at + page, at + 3n * page, at + block - page]) {
              const pa = oracle.at(iova);
              assert.equal(read(iova), pa === undefined ? 'faulted' : `0x${pa.toString(16)}`);
              assert.equal(answerOf(calls.iovaToPhys(0, 5, iova + 9n)), pa === undefined ? 'ENOENT' : `0x${(pa + 9n).toString(16)}`);
            }
          }
          assert.equal(answerOf(calls.detachDev(0, 5, 1)), 'ok');
          assert.equal(answerOf(calls.freeDomain(0, 5)), 'ok');
          assert.equal(donated(booted), pageBytes / 4096, 'the leaf of the domain table is all that stays');
          for (let pa = BLOCKS; pa < BLOCKS + 4n * block; pa += block / 4n) assert.equal(hyp.ownership.dmaCount(hyp.pfnOf(pa)), 0);
        }),
        { numRuns: 25 },
      );
    });

    test('a block takes the place of an empty table and not of a used one', () => {
      const { booted, oracle, read } = scene(pageBytes, granule, ias);
      const { calls, host } = booted;
      oracle.map(base, BLOCKS, page, 2);
      calls.mapPages(0, 5, base, BLOCKS, page, 2n, RW);
      assert.equal(read(base + page), `0x${(BLOCKS + page).toString(16)}`);
      const before = host.memcache(0).pages;
      assert.equal(answerOf(calls.mapPages(0, 5, base, BLOCKS, block, 1n, RW)), 'EEXIST');
      oracle.unmap(base, 2n * page);
      calls.unmapPages(0, 5, base, page, 2n);
      oracle.map(base, BLOCKS, block, 1);
      assert.equal(answerOf(calls.mapPages(0, 5, base, BLOCKS, block, 1n, RW)), `0x${block.toString(16)}`);
      assert.equal(host.memcache(0).pages, before + 1n);
      assert.equal(read(base + block - 8n), `0x${(BLOCKS + block - 8n).toString(16)}`);
      assert.equal(answerOf(calls.mapPages(0, 5, base + page, BLOCKS, page, 1n, RW)), 'EEXIST');
      assert.equal(answerOf(calls.unmapPages(0, 5, base, page, 1n)), '0x0');
    });
  });
}

suite('a block of a level above that at which walks start', () => {
  for (const [granule, ias, block] of [
    [4096, 30, 1n << 30n],
    [16_384, 25, 1n << 25n],
    [65_536, 29, 1n << 29n],
  ] as const) {
    test(`is refused: ${block} bytes of ${ias} bits`, () => {
      const booted = boot({ pageBytes: 65_536, granule, ias, oas: 48 });
      const { calls } = booted;
      calls.allocDomain(0, 5, fresh(booted));
      assert.equal(answerOf(calls.mapPages(0, 5, 0n, BLOCKS, block, 1n, RW)), 'EINVAL');
      assert.equal(answerOf(calls.unmapPages(0, 5, 0n, block, 1n)), 'EINVAL');
      assert.equal(answerOf(calls.iovaToPhys(0, 5, block - 8n)), 'ENOENT');
    });
  }
});

suite('table pages', () => {
  test('when they run out, what was mapped is answered, and the call goes on from there', () => {
    const booted = boot({ pages: 4 });
    const { calls, host } = booted;
    calls.allocDomain(0, 5, fresh(booted));
    // One page for the leaf of the domain table, three for the tables of the first page; the second table of pages is not to be had.
    assert.equal(answerOf(calls.mapPages(0, 5, 0x1f_e000n, PA, 4096n, 4n, RW)), '0x2000');
    assert.isTrue(host.memcache(0).needsPage);
    assert.equal(answerOf(calls.mapPages(0, 5, 0x20_0000n, PA, 4096n, 2n, RW)), '0x0');
    host.topUp(0, 1);
    assert.equal(answerOf(calls.mapPages(0, 5, 0x20_0000n, PA + 0x2000n, 4096n, 2n, RW)), '0x2000');
    assert.equal(answerOf(calls.iovaToPhys(0, 5, 0x20_1000n)), '0x80003000');
  });

  test('pages that the SMMU cannot address are given back', () => {
    const booted = boot({ oas: 32, pages: 0 });
    const { calls, host } = booted;
    host.topUp(0, 1);
    calls.allocDomain(0, 5, fresh(booted));
    const far = 2n ** 32n;
    host.push(0, far);
    assert.equal(answerOf(calls.mapPages(0, 5, 0n, PA, 4096n, 1n, RW)), '0x0');
    assert.deepEqual(host.memcache(0), { head: far, pages: 1n, needsPage: false });
    assert.equal(host.read64(far).kind, 'done');
  });

  test('a device gets no more than was asked for', () => {
    const booted = boot();
    const { calls, machine } = booted;
    const [requester] = machine.addDevice(1, 0, [1]);
    calls.allocDomain(0, 5, fresh(booted));
    calls.attachDev(0, 5, 1);
    calls.mapPages(0, 5, 0x1000n, PA, 4096n, 1n, HYP_READ);
    assert.deepEqual(
      (['read', 'write', 'execute'] as const).map((access) => machine.access(requester!, 0x1000n, access).kind),
      ['translated', 'faulted', 'faulted'],
    );
  });
});
