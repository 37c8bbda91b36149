import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { Scene } from '#hw-models/riscv-iommu/scene';
import { SceneTables } from '#hw-models/riscv-iommu/scene-tables';

suite('a scene', () => {
  test('translates in two stages', () => {
    const scene = new Scene({ levels: 3, ids: [0x12345] });
    const second = new SceneTables(scene, 'Sv39x4');
    const first = new SceneTables(scene, 'Sv48', { offset: 0x1000_0000n });
    first.map(0x7000n, 0x5000n);
    for (const table of first.tables) second.map(table - 0x1000_0000n, table);
    second.map(0x5000n, 0x1234_5000n);
    scene.install(0x12345, { iohgatp: { MODE: 'Sv39x4', PPN: second.PPN, GSCID: 1 }, iosatp: { MODE: 'Sv48', PPN: first.PPN } });
    assert.deepEqual(scene.access(0, 0x7123n), { kind: 'translated', pa: 0x1234_5123n, sizeLog2: 12, prot: 7 });
    assert.strictEqual(scene.access(0, 0x8123n).kind, 'faulted');
    assert.strictEqual(scene.faults()[0]!.CAUSE, 13);
  });
});
