import { assert } from 'chai';
import * as fc from 'fast-check';
import { describe as suite, test } from 'node:test';

import type { Capabilities } from '#hw-models/riscv-iommu/capabilities';
import { MsiBasic, MsiFile, MsiNotice } from '#hw-models/riscv-iommu/contexts';
import { extract, msiTableExtent } from '#hw-models/riscv-iommu/msi';
import type { Inbound } from '#hw-models/riscv-iommu/request';
import { decode } from '#hw-models/riscv-iommu/device-context';
import { Scene, wordsOf, type DcValues } from '#hw-models/riscv-iommu/scene';
import { SceneTables } from '#hw-models/riscv-iommu/scene-tables';

/** Interrupt files at guest frames 0x2_8000, 0x2_8001, 0x2_8100 and 0x2_8101. */
const PATTERN = 0x2_8000n;
const MASK = 0x101n;
const FILE = (index: bigint): bigint => (PATTERN + (index / 2n) * 0x100n + (index % 2n)) * 4096n;
const TARGET = 0x9_8765_4000n;
const basic = MsiBasic.encode({ V: true, M: 'basic', PPN: Number(TARGET / 4096n) });

/** A device with an MSI page table, by default behind a Bare second stage. */
class MsiScene extends Scene {
  readonly table: bigint;

  constructor(dc: DcValues = {}, part: Partial<Capabilities> = {}) {
    super({ part });
    this.table = this.pages('msi-table', 4096);
    this.install(1, { msiptp: { MODE: 'Flat', PPN: Number(this.table / 4096n) }, mask: MASK, pattern: PATTERN, ...dc });
  }

  entry(index: number, first: bigint, second = 0n): void {
    this.poke(this.table + BigInt(index * 16), first);
    this.poke(this.table + BigInt(index * 16 + 8), second);
  }

  ask(iova: bigint, inbound: Partial<Inbound> = {}): object {
    return this.translate(iova, { access: 'write', ...inbound });
  }
}

suite('the bits of a guest frame that number interrupt files', () => {
  test('are packed together', () => {
    assert.strictEqual(extract(0b1010_0110n, 0b1100_0110n), 0b1011n);
    assert.strictEqual(extract(0xffn, 0n), 0n);
  });

  test('law: with a mask of ones, the number is the frame', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 52n - 1n }), fc.nat({ max: 52 }), (frame, width) => {
        const mask = (1n << BigInt(width)) - 1n;
        assert.strictEqual(extract(frame, mask), frame & mask);
      }),
      { numRuns: 200 },
    );
  });

  test('say how long the table is', () => {
    const interrupts = (mask: bigint): NonNullable<ReturnType<typeof decode>['msi']> => decode(wordsOf({ mask, msiptp: { PPN: 3 } })).msi!;
    assert.deepEqual(msiTableExtent(interrupts(MASK)), [3 * 512, 8]);
    assert.deepEqual(msiTableExtent(interrupts(0n)), [3 * 512, 2]);
    assert.deepEqual(msiTableExtent(interrupts(2n ** 52n - 1n)), [3 * 512, 8192]);
  });
});

suite('an MSI', () => {
  for (const index of [0, 1, 2, 3])
    test(`to interrupt file ${index}, in basic translate mode`, () => {
      const scene = new MsiScene();
      scene.entry(index, basic);
      assert.deepInclude(scene.ask(FILE(BigInt(index)) + 0x10n), { kind: 'translated', pa: TARGET + 0x10n, msi: true, prot: 3 });
    });

  test('to an address that does not match is none', () => {
    const scene = new MsiScene();
    scene.entry(0, basic);
    assert.deepInclude(scene.ask((PATTERN + 2n) * 4096n), { kind: 'translated', pa: (PATTERN + 2n) * 4096n, msi: false });
  });

  test('is recognised behind the first stage, and not translated by the second one', () => {
    const scene = new MsiScene();
    const first = new SceneTables(scene, 'Sv39');
    const second = new SceneTables(scene, 'Sv39x4');
    for (const table of first.tables) second.map(table, table);
    first.map(0x7000n, FILE(2n));
    for (const table of first.tables) second.map(table, table);
    scene.entry(2, basic);
    scene.install(1, {
      iosatp: { MODE: 'Sv39', PPN: first.PPN },
      iohgatp: { MODE: 'Sv39x4', PPN: second.PPN },
      msiptp: { MODE: 'Flat', PPN: Number(scene.table / 4096n) },
      mask: MASK,
      pattern: PATTERN,
    });
    assert.deepInclude(scene.ask(0x7010n), { kind: 'translated', pa: TARGET + 0x10n, msi: true });
  });

  test('with MODE Off, nothing is', () => {
    const scene = new MsiScene({ msiptp: {} });
    assert.deepInclude(scene.ask(FILE(0n)), { kind: 'translated', msi: false });
  });

  test('for execution: an access fault', () => {
    const scene = new MsiScene();
    scene.entry(0, basic);
    assert.deepInclude(scene.ask(FILE(0n), { access: 'execute' }), { kind: 'refused', cause: 1 });
  });

  test('to a memory-resident interrupt file', () => {
    const scene = new MsiScene();
    scene.entry(0, MsiFile.encode({ V: true, M: 'interruptFile', file: 0x1234 }), MsiNotice.encode({ N10: 1, N: 5, NPPN: 0x777 }));
    assert.deepInclude(scene.ask(FILE(0n)), { kind: 'interrupt-file', file: 0x1234n * 512n, notice: 0x77_7000n, noticeId: 1029 });
    assert.deepInclude(scene.access(0, FILE(0n), 'read'), { kind: 'translated', pa: 0x1234n * 512n, sizeLog2: 9 });
  });
});

suite('an MSI page table entry', () => {
  const file = MsiFile.encode({ V: true, M: 'interruptFile', file: 1 });
  const ROWS: readonly (readonly [why: string, cause: number, first: bigint, second?: bigint, part?: Partial<Capabilities>])[] = [
    ['that is not valid', 262, basic & ~1n],
    ['with C', 263, basic | (1n << 63n)],
    ['of mode 0', 263, 1n],
    ['of mode 2', 263, 5n],
    ['in basic mode with a reserved bit 3', 263, basic | (1n << 3n)],
    ['in basic mode with a reserved bit 54', 263, basic | (1n << 54n)],
    ['in MRIF mode with a reserved bit 6', 263, file | (1n << 6n)],
    ['in MRIF mode with a reserved bit 62', 263, file | (1n << 62n)],
    ['in MRIF mode with a reserved bit 54 of the second word', 263, file, 1n << 54n],
    ['in MRIF mode with a reserved bit 61 of the second word', 263, file, 1n << 61n],
    ['in MRIF mode without MSI_MRIF', 263, file, 0n, { MSI_MRIF: false }],
  ];
  for (const [why, cause, first, second, part] of ROWS)
    test(`${why}: ${cause}`, () => {
      const scene = new MsiScene({}, part);
      scene.entry(0, first, second);
      assert.deepInclude(scene.ask(FILE(0n)), { kind: 'refused', cause });
    });

  test('where nothing answers, or beyond the physical addresses: 261', () => {
    const scene = new MsiScene();
    scene.machine.memory.holes.add(Number(scene.table / 4096n));
    assert.deepInclude(scene.ask(FILE(0n)), { kind: 'refused', cause: 261 });
    const far = new MsiScene({ msiptp: { MODE: 'Flat', PPN: 2 ** 34 } }, { PAS: 46 });
    assert.deepInclude(far.ask(FILE(0n)), { kind: 'refused', cause: 261 });
  });

  test('in basic mode, the second word has no meaning', () => {
    const scene = new MsiScene();
    scene.entry(0, basic, 2n ** 64n - 1n);
    assert.deepInclude(scene.ask(FILE(0n)), { kind: 'translated' });
  });
});
