import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import type { Capabilities } from '#hw-models/riscv-iommu/capabilities';
import type { Answer, Inbound } from '#hw-models/riscv-iommu/request';
import { Scene, type DcValues } from '#hw-models/riscv-iommu/scene';
import { SceneTables } from '#hw-models/riscv-iommu/scene-tables';
import { Pte, SCHEMES } from '#hw-models/riscv-iommu/tables';

type FirstName = 'Sv39' | 'Sv48' | 'Sv57';
type SecondName = 'Sv39x4' | 'Sv48x4' | 'Sv57x4';

const OUTPUT = 0x1234_5000n;
const PAGE_FAULTS = { execute: 12, read: 13, write: 15 } as const;
const GUEST_FAULTS = { execute: 20, read: 21, write: 23 } as const;
const ACCESSES = ['read', 'write', 'execute'] as const;
const shown = (answer: Answer): string | number =>
  answer.kind === 'translated' ? answer.pa.toString(16) : answer.kind === 'refused' ? answer.cause : answer.kind;

/** A device with one stage. */
class OneStage extends Scene {
  readonly tables: SceneTables;

  constructor(scheme: FirstName | SecondName, dc: DcValues = {}, part: Partial<Capabilities> = {}) {
    super({ part });
    this.tables = new SceneTables(this, scheme);
    const { PPN } = this.tables;
    const isFirst = scheme === 'Sv39' || scheme === 'Sv48' || scheme === 'Sv57';
    this.install(1, { ...dc, ...(isFirst ? { iosatp: { MODE: scheme, PPN } } : { iohgatp: { MODE: scheme, PPN, GSCID: 1 } }) });
  }

  ask(iova: bigint, inbound: Partial<Inbound> = {}): string | number {
    return shown(this.translate(iova, inbound));
  }
}

suite('a first stage', () => {
  for (const [scheme, bits] of [
    ['Sv39', 39n],
    ['Sv48', 48n],
    ['Sv57', 57n],
  ] as const) {
    test(`${scheme} translates addresses that are sign-extended`, () => {
      const scene = new OneStage(scheme);
      const top = 2n ** (bits - 1n) - 4096n;
      const negative = 2n ** 64n - 2n ** (bits - 1n);
      scene.tables.map(top, OUTPUT);
      scene.tables.map(negative, OUTPUT + 4096n);
      assert.strictEqual(scene.ask(top + 0x123n), '12345123');
      assert.strictEqual(scene.ask(negative + 0x123n), '12346123');
      for (const iova of [top + 4096n, negative - 4096n, 2n ** bits - 2n ** (bits - 1n), 1n << 63n])
        for (const access of ACCESSES) assert.strictEqual(scene.ask(iova, { access }), PAGE_FAULTS[access]);
    });

    test(`${scheme} superpages, beside a stage that is Bare answered page by page`, () => {
      const scene = new OneStage(scheme);
      for (let level = 1; level < SCHEMES[scheme].levels; level++) {
        const size = 2n ** BigInt(12 + 9 * level);
        const at = size * 3n;
        scene.tables.map(at, size * 5n, {}, level);
        const answer = scene.translate(at + size - 8n);
        assert.deepInclude(answer, { kind: 'translated', pa: size * 6n - 8n, sizeLog2: 12 });
      }
    });
  }

  test('says which access it was', () => {
    const scene = new OneStage('Sv39');
    for (const access of ACCESSES) assert.strictEqual(scene.ask(0x1000n, { access }), PAGE_FAULTS[access]);
    assert.deepEqual(
      scene.faults().map(({ CAUSE, iotval, iotval2, TTYP, DID, PV }) => [CAUSE, iotval, iotval2, TTYP, DID, PV]),
      [
        [13, 0x1000n, 0n, 2, 1, false],
        [15, 0x1000n, 0n, 3, 1, false],
        [12, 0x1000n, 0n, 1, 1, false],
      ],
    );
  });

  test('rights', () => {
    const scene = new OneStage('Sv39');
    scene.tables.map(0x1000n, OUTPUT, { W: false, X: false });
    scene.tables.map(0x2000n, OUTPUT, { R: false, W: false });
    scene.tables.map(0x3000n, OUTPUT, { U: false });
    const answers = (iova: bigint): unknown[] => ACCESSES.map((access) => scene.ask(iova, { access }));
    assert.deepEqual(answers(0x1000n), ['12345000', 15, 12]);
    assert.deepEqual(answers(0x2000n), [13, 15, '12345000']);
    assert.deepEqual(answers(0x3000n), [13, 15, 12]);
  });

  test('of NAPOT, each page is answered for itself', () => {
    const scene = new OneStage('Sv39');
    const PPN = Number(OUTPUT / 0x1_0000n) * 16 + 8;
    for (let page = 0n; page < 16n; page++) scene.tables.map(0x2_0000n + page * 4096n, 0n, { N: true, PPN });
    assert.deepInclude(scene.translate(0x2_7123n), { pa: 0x1234_7123n, sizeLog2: 12 });
  });

  test('tables beyond the physical addresses, or where nothing answers: an access fault', () => {
    const scene = new OneStage('Sv39', {}, { PAS: 46 });
    const causes = { read: 5, write: 7, execute: 1 };
    scene.tables.set(0x1000n, Pte.encode({ V: true, PPN: 2 ** 34 }), 1);
    for (const access of ACCESSES) assert.strictEqual(scene.ask(0x1000n, { access }), causes[access]);
    const other = new OneStage('Sv39');
    other.machine.memory.holes.add(other.tables.PPN);
    assert.strictEqual(other.ask(0x1000n), 5);
  });
});

suite('a second stage', () => {
  for (const [scheme, bits] of [
    ['Sv39x4', 41n],
    ['Sv48x4', 50n],
    ['Sv57x4', 59n],
  ] as const)
    test(`${scheme} translates addresses below 2^${bits}`, () => {
      const scene = new OneStage(scheme);
      const top = 2n ** bits - 4096n;
      scene.tables.map(top, OUTPUT);
      assert.strictEqual(scene.ask(top + 0x123n), '12345123');
      for (const iova of [top + 4096n, 2n ** 63n, 2n ** 64n - 4096n])
        for (const access of ACCESSES) assert.strictEqual(scene.ask(iova, { access }), GUEST_FAULTS[access]);
    });

  test('says the guest address, without its lowest bits', () => {
    const scene = new OneStage('Sv39x4');
    assert.deepInclude(scene.translate(0x5127n), { cause: 21, iotval: 0x5127n, iotval2: 0x5124n });
  });

  test('a page that is not for users is not there', () => {
    const scene = new OneStage('Sv39x4');
    scene.tables.map(0x5000n, OUTPUT, { U: false });
    assert.strictEqual(scene.ask(0x5000n), 21);
  });
});

suite('A and D', () => {
  for (const [scheme, flag] of [
    ['Sv39', 'SADE'],
    ['Sv39x4', 'GADE'],
  ] as const) {
    test(`${scheme} with ${flag}: A is set by every access, D by a write`, () => {
      const scene = new OneStage(scheme, { tc: { [flag]: true } });
      const at = scene.tables.map(0x1000n, OUTPUT, { A: false, D: false });
      assert.strictEqual(scene.ask(0x1000n), '12345000');
      assert.deepEqual(marks(scene, at), [true, false]);
      assert.strictEqual(scene.ask(0x1000n, { access: 'write' }), '12345000');
      assert.deepEqual(marks(scene, at), [true, true]);
    });

    test(`${scheme} with ${flag}: an access that is refused sets nothing`, () => {
      const scene = new OneStage(scheme, { tc: { [flag]: true } });
      const at = scene.tables.map(0x1000n, OUTPUT, { A: false, D: false, W: false });
      assert.isNumber(scene.ask(0x1000n, { access: 'write' }));
      assert.deepEqual(marks(scene, at), [false, false]);
    });

    test(`${scheme} without ${flag}: nothing is set, and what is not set is a fault`, () => {
      const scene = new OneStage(scheme);
      const at = scene.tables.map(0x1000n, OUTPUT, { A: false });
      const clean = scene.tables.map(0x2000n, OUTPUT, { D: false });
      const faults = scheme === 'Sv39' ? PAGE_FAULTS : GUEST_FAULTS;
      assert.strictEqual(scene.ask(0x1000n), faults.read);
      assert.strictEqual(scene.ask(0x2000n), '12345000');
      assert.strictEqual(scene.ask(0x2000n, { access: 'write' }), faults.write);
      assert.deepEqual([marks(scene, at)[0], marks(scene, clean)[1]], [false, false]);
    });
  }

  test('an update is not made from a stale copy', () => {
    const scene = new OneStage('Sv39', { tc: { SADE: true } });
    const at = scene.tables.map(0x1000n, OUTPUT, { D: false });
    assert.strictEqual(scene.ask(0x1000n), '12345000');
    scene.poke(at, 0n);
    assert.strictEqual(scene.ask(0x1000n), '12345000');
    assert.strictEqual(scene.ask(0x1000n, { access: 'write' }), 15);
    assert.strictEqual(scene.peek(at), 0n);
  });
});

/** A and D of an entry. */
function marks(scene: Scene, at: bigint): readonly [A: boolean, D: boolean] {
  const { A, D } = Pte.of(scene.peek(at));
  return [A, D];
}
