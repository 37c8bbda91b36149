import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import type { Outcome } from '#hw-models/core/hardware';
import type { Mode } from '#hw-models/core/sight';
import { Scene } from '#hw-models/vtd/scene';
import { iotlbInv, pIotlbInv } from '#hw-models/vtd/software';
import { FirstTables, SecondTables } from './testdata/translate-tables';

const ID = 8;
const shown = (outcome: Outcome): string => {
  if (outcome.kind === 'faulted') return outcome.fault.cause;
  return outcome.kind === 'translated' ? outcome.pa.toString(16) : outcome.kind;
};

suite('a scene', () => {
  for (const mode of ['lazy', 'eager'] as readonly Mode[])
    for (const tables of ['legacy', 'scalable'] as const)
      test(`from a mapping to its invalidation: ${tables}, ${mode}`, () => {
        const scene = new Scene({ mode, tables });
        assert.match(shown(scene.access(0, 0x1000n)), tables === 'legacy' ? /^0x1,/ : /^0x39,/);
        const stage = new SecondTables(scene.tableMemory, 3);
        stage.map(1, 0x77);
        if (tables === 'legacy') scene.installLegacy(ID, { DID: 5, AW: 39, SSPTPTR: stage.root });
        else scene.install(ID, { PGTT: 'second-stage', DID: 5, AW: 39, SSPTPTR: stage.root });
        assert.strictEqual(shown(scene.access(0, 0x1008n)), '77008');
        stage.set(1, 0n);
        assert.strictEqual(shown(scene.access(0, 0x1008n)), '77008');
        scene.complete(iotlbInv({ G: 'page', DID: 5, ADDR: 2n }), iotlbInv({ G: 'domain', DID: 6 }));
        assert.strictEqual(shown(scene.access(0, 0x1008n)), '77008');
        scene.complete(iotlbInv({ G: 'page', DID: 5, ADDR: 1n, IH: true }));
        assert.match(shown(scene.access(0, 0x1008n)), tables === 'legacy' ? /^0x6,/ : /^0x86,/);
      });

  test('a process has a first stage of its own', () => {
    const scene = new Scene();
    const process = scene.addProcess(0, 5);
    const stage = new FirstTables(scene.tableMemory, 4);
    stage.map(1, 0x77);
    scene.install(ID, { PGTT: 'first-stage', DID: 5, FSPTPTR: stage.root, PWSNP: true }, 5);
    assert.strictEqual(shown(scene.access(process, 0x1008n)), '77008');
    assert.match(shown(scene.access(0, 0x1008n)), /^0x59,/);
    stage.set(1, 0n);
    scene.complete(pIotlbInv({ G: 'page', DID: 5, PASID: 6, ADDR: 1n }));
    assert.strictEqual(shown(scene.access(process, 0x1008n)), '77008');
    scene.complete(pIotlbInv({ G: 'page', DID: 5, PASID: 5, ADDR: 1n }));
    assert.match(shown(scene.access(process, 0x1008n)), /^0x71,/);
  });
});
