/** The bit of a leaf by which accesses snoop: no access shows it, so that no scenario can. */
import { suite, test } from 'node:test';
import { assert } from 'chai';
import { ALLOC_NEST_PARENT } from '#drivers/contract/iommu';
import { SsPte } from '#hw-models/vtd/pte';
import { alloc, boot, MEMORY, PA, probe, valueOf, type Booted } from './boot.test';

const PAGE = 4096n;
const LARGE = 2n ** 21n;

/** SNP of the leaves that are written while `run` runs. */
function snpOf({ machine: { trace } }: Booted, run: () => unknown): readonly boolean[] {
  const before = trace.length;
  run();
  return Array.from({ length: trace.length - before }, (_none, n) => trace.event(before + n))
    .filter(({ kind, value }) => kind === 'write' && BigInt(SsPte.of(value).ADDR) * PAGE >= PA)
    .map(({ value }) => SsPte.of(value).SNP);
}

suite('the leaves of a second stage snoop', () => {
  const scene = (): { readonly booted: Booted; readonly plain: number; readonly coherent: number } => {
    const booted = boot();
    probe(booted, 1);
    const [plain, coherent] = [alloc(booted, { flags: ALLOC_NEST_PARENT }), alloc(booted, { flags: ALLOC_NEST_PARENT })];
    assert.isTrue(valueOf<boolean>(booted.calls.enforceCoherency(coherent)));
    return { booted, plain, coherent };
  };

  test('once coherency is enforced', () => {
    const { booted, plain, coherent } = scene();
    const [without, coherently] = [plain, coherent].map((domain) => snpOf(booted, () => booted.calls.map(domain, MEMORY)));
    assert.deepEqual([without, coherently], [[false], [true]]);
  });

  test('and so do those that a large one is divided into', () => {
    const { booted, coherent } = scene();
    const large = snpOf(booted, () => booted.calls.map(coherent, { ...MEMORY, size: LARGE }));
    const small = snpOf(booted, () => booted.calls.unmap(coherent, PAGE, PAGE));
    assert.deepEqual(large, [true]);
    assert.isAbove(small.length, 500);
    assert.notInclude(small, false);
  });
});
