import { suite, test } from 'node:test';
import { assert } from 'chai';
import fc from 'fast-check';
import { NO_PASID, type InvalidationArray } from '#drivers/contract/iommu';
import { HwptVtdS1Invalidate, INVALIDATE_DATA } from '#drivers/contract/uapi';
import { LEGACY } from '#hw-models/vtd/capabilities';
import { alloc, allocNested, answerOf, boot, bytesOf, commandsOf, MEMORY, probe, valueOf, type Booted } from './boot.test';
import { covering } from './flushes';

const PAGE = 4096n;
const LARGE = 1n << 21n;
const EVERYTHING = 2n ** 64n - 1n;

/** Without the waits, which stand behind everything that has to be complete before the next. */
const told = (booted: Booted, run: () => unknown): readonly string[] =>
  commandsOf(booted, run).filter((label) => !label.startsWith('inv_wait'));

/** Two devices behind one unit and one behind another, the first with PASID 5, all in one domain. */
function three(part = {}): Booted {
  const booted = boot({ parts: [part, part] });
  probe(booted, 1, { pasidBits: 16, ats: true });
  probe(booted, 2);
  probe(booted, 3, { iommu: 1 });
  return booted;
}

function attachAll({ calls }: Booted, domain: number): void {
  for (const [device, pasid] of [
    [1, NO_PASID],
    [1, 5],
    [2, NO_PASID],
    [3, NO_PASID],
  ] as const)
    assert.equal(answerOf(calls.attach(device, domain, pasid)), 'ok');
}

suite('the pages that cover a range', () => {
  test('are the fewest, of a size and place that can be named', () => {
    const rows = [
      [0x1000n, 1n, 0x1000n, 0],
      [0x3000n, 3n, 0n, 3],
      [0x3000n, 2n, 0n, 3],
      [0x4000n, 4n, 0x4000n, 2],
      [0xffff_ffff_ffff_f000n, 1n, 0xffff_ffff_ffff_f000n, 0],
    ] as const;
    for (const [start, pages, address, order] of rows)
      assert.deepEqual(covering({ start, last: start + pages * PAGE - 1n, leafOnly: true }), { address, order, leafOnly: true });
  });

  test('cover it, and half of them would not', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 52n - 1n), fc.bigInt(0n, 2n ** 20n), (first, more) => {
        const end = first + more < 2n ** 52n ? first + more : 2n ** 52n - 1n;
        const { address, order } = covering({ start: first * PAGE, last: end * PAGE + 4095n, leafOnly: false });
        const size = 2n ** BigInt(order);
        assert.isTrue(address % (size * PAGE) === 0n && address / PAGE <= first && end < address / PAGE + size);
        assert.isTrue(order === 0 || first / (size / 2n) !== end / (size / 2n));
      }),
    );
  });
});

suite('what is dropped', () => {
  test('by unmapping in a first stage: by domain-id and PASID, the pages, and what devices keep of them', () => {
    const booted = three();
    const A = alloc(booted);
    booted.calls.map(A, { ...MEMORY, size: LARGE });
    attachAll(booted, A);
    const unmap = (iova: bigint, size: bigint) => () => assert.equal(answerOf(booted.calls.unmap(A, iova, size)), `0x${size.toString(16)}`);
    assert.deepEqual(told(booted, unmap(0n, LARGE)), [
      'p_iotlb_inv page did 0x2 pasid 0x0 address 0x0 am 0x9 ih',
      'p_iotlb_inv page did 0x2 pasid 0x5 address 0x0 am 0x9 ih',
      'dev_tlb_inv sid 0x1 qdep 0x0 address 0xf_f000 size',
      'p_dev_tlb_inv sid 0x1 pasid 0x5 qdep 0x0 address 0xf_f000 size',
      'p_iotlb_inv page did 0x2 pasid 0x0 address 0x0 am 0x9 ih',
    ]);
    booted.calls.map(A, { ...MEMORY, iova: PAGE });
    booted.calls.map(A, { ...MEMORY, iova: 3n * PAGE });
    assert.include(told(booted, unmap(3n * PAGE, PAGE)), 'p_iotlb_inv page did 0x2 pasid 0x0 address 0x3000 am 0x0 ih');
  });

  test('by unmapping in a nest parent: under the domain-ids of guests too, and all that their devices keep', () => {
    const booted = three();
    const S = alloc(booted, { flags: 1 });
    const N = allocNested(booted, S);
    booted.calls.map(S, { ...MEMORY, size: 16n * PAGE });
    booted.calls.attach(2, S, NO_PASID);
    booted.calls.attach(1, N, 5);
    assert.deepEqual(
      told(booted, () => booted.calls.unmap(S, 3n * PAGE, 3n * PAGE)),
      [
        'iotlb_inv page did 0x2 address 0x0 am 0x3 ih',
        'iotlb_inv page did 0x3 address 0x0 am 0x3',
        'p_dev_tlb_inv sid 0x1 pasid 0x5 qdep 0x0 address 0x7fff_ffff_ffff_f000 size',
      ],
    );
  });

  test('by unmapping: everything, where pages cannot be named', () => {
    for (const [part, size] of [
      [{ PSI: false }, PAGE],
      [{ MAMV: 2 }, 8n * PAGE],
    ] as const) {
      const booted = three(part);
      const D = alloc(booted, { flags: 2 });
      booted.calls.map(D, { ...MEMORY, size });
      booted.calls.attach(2, D, NO_PASID);
      assert.deepEqual(
        told(booted, () => booted.calls.unmap(D, 0n, size)),
        ['iotlb_inv domain did 0x2'],
      );
    }
  });

  test('by a detach: the entry first, and then what it led to', () => {
    const rows = [
      [{}, 0, ['pc_inv pasid did 0x2 pasid 0x0', 'p_iotlb_inv pasid did 0x2 pasid 0x0']],
      [{}, 2, ['pc_inv pasid did 0x2 pasid 0x0', 'iotlb_inv domain did 0x2']],
      [LEGACY, 0, ['cc_inv device did 0x2 sid 0x2 fm 0x0', 'iotlb_inv domain did 0x2']],
    ] as const;
    for (const [part, flags, commands] of rows) {
      const booted = three(part);
      const A = alloc(booted, { flags });
      assert.deepEqual(
        told(booted, () => booted.calls.attach(2, A, NO_PASID)),
        [],
      );
      const all = commandsOf(booted, () => booted.calls.detach(2, A, NO_PASID));
      assert.deepEqual(
        all.map((label) => label.replace(/(inv_wait).*/, '$1')),
        [commands[0], 'inv_wait', commands[1], 'inv_wait'],
      );
    }
  });

  test('by an attach or a mapping: nothing, unless what is not present may be cached', () => {
    const rows = [
      [{ RWBF: true }, [], []],
      [
        { CM: true },
        ['pc_inv pasid did 0x2 pasid 0x0', 'p_iotlb_inv pasid did 0x2 pasid 0x0'],
        ['p_iotlb_inv page did 0x2 pasid 0x0 address 0x0 am 0x0'],
      ],
    ] as const;
    for (const [part, attached, mapped] of rows) {
      const booted = three(part);
      const A = alloc(booted);
      assert.deepEqual(
        told(booted, () => booted.calls.attach(2, A, NO_PASID)),
        attached,
      );
      assert.deepEqual(
        told(booted, () => booted.calls.map(A, MEMORY)),
        mapped,
      );
    }
  });
});

suite('what a guest asks to have dropped', () => {
  const entry = (values: Parameters<typeof HwptVtdS1Invalidate.encode>[0]): bigint => HwptVtdS1Invalidate.encode(values);
  const arrayOf = ({ machine }: Booted, entries: readonly bigint[], more: Partial<InvalidationArray> = {}): InvalidationArray => {
    const address = machine.users.place(Uint8Array.from(entries.flatMap((raw) => [...bytesOf(raw, 3)])));
    return { type: INVALIDATE_DATA.VTD_S1, address, entryLength: 24, entries: entries.length, ...more };
  };

  function scene(): { readonly booted: Booted; readonly N: number } {
    const booted = three();
    const S = alloc(booted, { flags: 1 });
    const N = allocNested(booted, S);
    attachAll(booted, N);
    return { booted, N };
  }

  const ask = ({ calls }: Booted, handle: number, array: InvalidationArray) => calls.cacheInvalidate({ kind: 'domain', handle }, array);

  const GOOD = entry({ addr: 0x3000n, npages: 3n });
  const rows: readonly (readonly [said: string, entries: readonly bigint[], more: Partial<InvalidationArray>, answer: unknown])[] = [
    ['nothing', [], {}, { handled: 0 }],
    ['nothing of another type', [], { type: 1 }, 'EINVAL'],
    ['nothing, of another length', [], { entryLength: 0 }, { handled: 0 }],
    ['something shorter', [GOOD], { entryLength: 23 }, 'EINVAL'],
    ['something longer', [GOOD], { entryLength: 32 }, 'EINVAL'],
    ['what cannot be read', [GOOD], { address: 0n }, 'EFAULT'],
    ['a flag without meaning', [GOOD, entry({ npages: 1n, flags: 2 })], {}, { handled: 1, errno: 'EOPNOTSUPP' }],
    ['reserved bits', [GOOD, GOOD + (1n << 160n)], {}, { handled: 1, errno: 'EOPNOTSUPP' }],
    ['an address in a page', [entry({ addr: 8n, npages: 1n })], {}, { handled: 0, errno: 'EINVAL' }],
    ['everything from somewhere on', [entry({ addr: PAGE, npages: EVERYTHING })], {}, { handled: 0, errno: 'EINVAL' }],
    ['no page', [GOOD, GOOD, entry({}), GOOD], {}, { handled: 2, errno: 'EINVAL' }],
    ['more than there are', [entry({ addr: PAGE, npages: 2n ** 52n })], {}, { handled: 0, errno: 'EINVAL' }],
    ['the last page', [entry({ addr: 2n ** 64n - PAGE, npages: 1n })], {}, { handled: 1 }],
  ];
  for (const [said, entries, more, answer] of rows) {
    test(said, () => {
      const { booted, N } = scene();
      const result = ask(booted, N, arrayOf(booted, entries, more));
      assert.deepEqual(result.ok ? result.value : result.errno, answer as never);
    });
  }

  test('is dropped for every device and PASID, as far as it goes', () => {
    const { booted, N } = scene();
    const pages = told(booted, () => ask(booted, N, arrayOf(booted, [GOOD, entry({ npages: 0n }), GOOD])));
    assert.deepEqual(pages, [
      'p_iotlb_inv page did 0x2 pasid 0x0 address 0x0 am 0x3',
      'p_iotlb_inv page did 0x2 pasid 0x5 address 0x0 am 0x3',
      'dev_tlb_inv sid 0x1 qdep 0x0 address 0x3000 size',
      'p_dev_tlb_inv sid 0x1 pasid 0x5 qdep 0x0 address 0x3000 size',
      'p_iotlb_inv page did 0x2 pasid 0x0 address 0x0 am 0x3',
    ]);
    assert.include(
      told(booted, () => ask(booted, N, arrayOf(booted, [entry({ addr: PAGE, npages: 1n, flags: 1 })]))),
      `${'p_iotlb_inv page did 0x2 pasid 0x0 address 0x1000 am 0x0'} ih`,
    );
    assert.include(
      told(booted, () => ask(booted, N, arrayOf(booted, [entry({ npages: EVERYTHING })]))),
      'p_iotlb_inv pasid did 0x2 pasid 0x5',
    );
  });

  test('is nothing where nobody is attached, and no affair of other domains', () => {
    const booted = three();
    const S = alloc(booted, { flags: 1 });
    const N = allocNested(booted, S);
    assert.deepEqual(
      told(booted, () => assert.deepEqual(valueOf<unknown>(ask(booted, N, arrayOf(booted, [GOOD]))), { handled: 1 })),
      [],
    );
    assert.deepEqual([ask(booted, S, arrayOf(booted, [GOOD])), ask(booted, 99, arrayOf(booted, [GOOD]))].map(answerOf), [
      'EOPNOTSUPP',
      'ENOENT',
    ]);
    const viommu = booted.calls.cacheInvalidate({ kind: 'viommu', handle: 1 }, arrayOf(booted, [GOOD]));
    assert.equal(answerOf(viommu), 'EOPNOTSUPP');
  });
});
