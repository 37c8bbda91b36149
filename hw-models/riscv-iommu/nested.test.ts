import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import type { Capabilities } from '#hw-models/riscv-iommu/capabilities';
import type { Answer, Inbound } from '#hw-models/riscv-iommu/request';
import { invalidateGvma, invalidateVma, Scene, type DcValues } from '#hw-models/riscv-iommu/scene';
import { SceneTables, type PteValues } from '#hw-models/riscv-iommu/scene-tables';
import { Pte } from '#hw-models/riscv-iommu/tables';

const OUTPUT = 0x1234_5000n;
const GUEST_FAULTS = { execute: 20, read: 21, write: 23 } as const;
const ACCESSES = ['read', 'write', 'execute'] as const;
/** Bits of iotval2. @spec RISCV-IOMMU "Fault record" */
const TABLE_READ = 1n;
const TABLE_WRITE = 3n;

/** A device of a guest: its tables lie lower in its own memory. */
class Nested extends Scene {
  readonly first: SceneTables;
  readonly second: SceneTables;

  constructor({ dc = {}, part = {}, leaf = {} }: { dc?: DcValues; part?: Partial<Capabilities>; leaf?: PteValues } = {}) {
    super({ part });
    this.first = new SceneTables(this, 'Sv39', { offset: GUEST });
    this.second = new SceneTables(this, 'Sv39x4');
    this.first.map(0x7000n, 0x5000n, leaf);
    for (const table of this.first.tables) this.mapTable(table);
    this.second.map(0x5000n, OUTPUT);
    this.install(1, {
      iohgatp: { MODE: 'Sv39x4', PPN: this.second.PPN, GSCID: 1 },
      iosatp: { MODE: 'Sv39', PPN: this.first.PPN },
      ta: { PSCID: 2 },
      ...dc,
    });
  }

  /** Maps a frame of a table of the guest. */
  mapTable(table: bigint, values: PteValues = {}): bigint {
    return this.second.map(table - GUEST, table, values);
  }

  /** As the guest sees an entry of its own tables. */
  guestEntry(level: number): bigint {
    return this.first.entryOf(0x7000n, level) - GUEST;
  }

  /** The guest's table that an entry of a level lies in. */
  tableOf(level: number): bigint {
    return (this.first.entryOf(0x7000n, level) / 4096n) * 4096n;
  }

  ask(inbound: Partial<Inbound> = {}): Answer {
    return this.translate(0x7123n, inbound);
  }
}
/** How much lower a guest's memory begins: a frame of memory is another one to the guest. */
const GUEST = 0x10_0000n;

suite('two stages', () => {
  test('the first is translated by the second', () => {
    assert.deepInclude(new Nested().ask(), { kind: 'translated', pa: 0x1234_5123n, sizeLog2: 12, prot: 7 });
  });

  test('rights and size are those that both give', () => {
    const scene = new Nested();
    scene.first.map(0x4000_0000n, 0x4000_0000n, { X: false }, 1);
    scene.second.map(0x4000_0000n, 0x4000_0000n, { W: false }, 2);
    for (const table of scene.first.tables) scene.mapTable(table);
    assert.deepInclude(scene.translate(0x4000_1123n), { kind: 'translated', pa: 0x4000_1123n, sizeLog2: 21, prot: 1 });
    assert.deepInclude(scene.translate(0x4000_1123n, { access: 'write' }), { cause: 23, iotval2: 0x4000_1120n });
    assert.deepInclude(scene.translate(0x4000_1123n, { access: 'execute' }), { cause: 12 });
  });

  test('the memory type of the first stage counts, unless it says nothing', () => {
    for (const [first, second, both] of [
      ['NC', 'IO', 'NC'],
      ['PMA', 'IO', 'IO'],
      ['IO', 'PMA', 'IO'],
    ] as const) {
      const scene = new Nested({ leaf: { PBMT: first } });
      scene.second.map(0x5000n, OUTPUT, { PBMT: second });
      assert.deepInclude(scene.ask(), { memoryType: both });
    }
  });

  for (const level of [0, 1, 2])
    test(`a table of level ${level} that the second stage does not map: the fault is of its read`, () => {
      for (const access of ACCESSES) {
        const scene = new Nested();
        scene.second.set(scene.tableOf(level) - GUEST, 0n);
        assert.deepInclude(scene.ask({ access }), {
          cause: GUEST_FAULTS[access],
          iotval: 0x7123n,
          iotval2: scene.guestEntry(level) + TABLE_READ,
        });
      }
    });

  test('tables are read with the right to read, whatever the access', () => {
    const scene = new Nested();
    scene.mapTable(scene.tableOf(0), { W: false, X: false });
    assert.deepInclude(scene.ask({ access: 'write' }), { kind: 'translated' });
    const other = new Nested();
    other.mapTable(other.tableOf(0), { R: false, W: false });
    assert.deepInclude(other.ask({ access: 'execute' }), { cause: 20, iotval2: other.guestEntry(0) + TABLE_READ });
  });

  test('an update of A needs the right to write the table', () => {
    const scene = new Nested({ dc: { tc: { SADE: true } }, leaf: { A: false } });
    scene.mapTable(scene.tableOf(0), { W: false });
    assert.deepInclude(scene.ask(), { cause: 21, iotval2: scene.guestEntry(0) + TABLE_WRITE });
    assert.strictEqual(marks(scene, scene.first.entryOf(0x7000n))[0], false);
    scene.mapTable(scene.tableOf(0));
    scene.complete(invalidateGvma());
    assert.deepInclude(scene.ask(), { kind: 'translated' });
    assert.strictEqual(marks(scene, scene.first.entryOf(0x7000n))[0], true);
  });

  test('with GADE, tables are marked as accessed, and as written where their entries are managed', () => {
    for (const SADE of [false, true]) {
      const scene = new Nested({ dc: { tc: { SADE, GADE: true } } });
      const at = scene.mapTable(scene.tableOf(0), { D: false });
      assert.deepInclude(scene.ask(), { kind: 'translated' });
      assert.deepEqual(marks(scene, at), [true, SADE]);
    }
  });

  test('with GADE, the update of A for the read of a table may set D as well', () => {
    const scene = new Nested({ dc: { tc: { GADE: true } } });
    const at = scene.mapTable(scene.tableOf(0), { A: false, D: false });
    assert.deepInclude(scene.ask(), { kind: 'translated' });
    assert.deepEqual(marks(scene, at), [true, true]);
  });

  test('without GADE, a table whose entries are managed has to be dirty', () => {
    const scene = new Nested({ dc: { tc: { SADE: true } } });
    scene.mapTable(scene.tableOf(0), { D: false });
    assert.deepInclude(scene.ask(), { cause: 21, iotval2: scene.guestEntry(0) + TABLE_READ });
  });

  test('a table that the second stage puts beyond the physical addresses: an access fault', () => {
    const scene = new Nested({ part: { PAS: 46 } });
    scene.second.map(scene.tableOf(1) - GUEST, 2n ** 46n);
    assert.deepInclude(scene.ask(), { cause: 5 });
  });

  test('an address that the first stage puts beyond the second one', () => {
    const scene = new Nested();
    scene.first.map(0x7000n, 2n ** 41n);
    assert.deepInclude(scene.ask(), { cause: 21, iotval2: 2n ** 41n + 0x120n });
  });

  test('an entry of a table that is not for users at the second stage', () => {
    const scene = new Nested();
    scene.mapTable(scene.tableOf(1), { U: false });
    assert.deepInclude(scene.ask(), { cause: 21, iotval2: scene.guestEntry(1) + TABLE_READ });
  });

  test('each stage is cached by itself', () => {
    const scene = new Nested();
    assert.deepInclude(scene.ask(), { kind: 'translated' });
    scene.second.map(0x5000n, OUTPUT + 4096n);
    scene.first.map(0x7000n, 0x6000n);
    scene.second.map(0x6000n, OUTPUT + 0x2000n);
    assert.deepInclude(scene.ask(), { pa: OUTPUT + 0x123n });
    scene.complete(invalidateGvma({ GV: true, GSCID: 1 }));
    assert.deepInclude(scene.ask(), { pa: OUTPUT + 0x1123n });
    scene.complete(invalidateVma({ GV: true, GSCID: 1 }));
    assert.deepInclude(scene.ask(), { pa: OUTPUT + 0x2123n });
  });
});

/** A and D of an entry. */
function marks(scene: Scene, at: bigint): readonly [A: boolean, D: boolean] {
  const { A, D } = Pte.of(scene.peek(at));
  return [A, D];
}
