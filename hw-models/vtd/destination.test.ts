import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import type { Destination } from '#hw-models/core/reach/facts';
import { TranslateScene } from './testdata/translate-scene';
import { Nested } from './testdata/translate-nested';
import { FirstTables, SecondTables } from './testdata/translate-tables';

/** Where memory alone sends the device, or its requests with PASID 5. */
function destinationOf(scene: TranslateScene, requester = 0): Destination {
  return scene.iommu.resolve(requester, { fetch: () => undefined, read: (word) => scene.peek(word) });
}

const kindOf = (scene: TranslateScene, requester = 0): string => {
  const { kind, key } = destinationOf(scene, requester);
  return `${kind}: ${key}`;
};

suite('destinations', () => {
  test('by the root pointer', () => {
    const scene = new TranslateScene();
    for (const [mode, said] of [
      ['off', 'passes: translation not enabled'],
      ['abort', 'stops: 0x33, requests are aborted'],
      ['invalid', 'stops: 0x30, invalid root table address register'],
    ] as const) {
      scene.point({ mode, address: 0n });
      assert.strictEqual(kindOf(scene), said);
    }
  });

  test('in legacy mode', () => {
    const scene = new TranslateScene({ root: 'legacy' });
    assert.strictEqual(kindOf(scene), 'stops: 0x2, context entry not present');
    assert.strictEqual(kindOf(scene, 1), 'stops: 0x31, PASID in legacy mode');
    scene.legacy({ TT: 'pass-through', DID: 3 });
    assert.strictEqual(kindOf(scene), 'passes: DID 3: pass-through');
    scene.legacy({ SSPTPTR: 0x123, AW: 48, DID: 3 });
    const destination = destinationOf(scene);
    assert.deepInclude(destination, { kind: 'translates', space: 'DID 3' });
    assert.match(destination.key, /^DID 3: second-stage level 3 \(4-level\) table at 0x12_3000$/);
    scene.legacy({ SSPTPTR: 0x123, AW: 48, DID: 3, TT: 'second-stage and device TLB' });
    assert.match(destinationOf(scene).key, /; device TLB$/);
  });

  test('in scalable mode, what leads nowhere', () => {
    const scene = new TranslateScene();
    assert.strictEqual(kindOf(scene), 'stops: 0x59, PASID entry not present');
    scene.context({ RID_PASID: 2 ** 13, PASIDE: false });
    assert.strictEqual(kindOf(scene), 'stops: 0x48, RID_PASID beyond the directory');
    assert.strictEqual(kindOf(scene, 1), 'stops: 0x45, PASID not enabled');
    scene.context({ P: false });
    assert.strictEqual(kindOf(scene), 'stops: 0x41, context entry not present');
  });

  test('in scalable mode, by PASID', () => {
    const scene = new TranslateScene();
    const [first, second] = [new FirstTables(scene, 4), new SecondTables(scene, 3)];
    const pointers = { FSPTPTR: first.root, SSPTPTR: second.root, AW: 39 } as const;
    scene.pasid({ PGTT: 'second-stage', DID: 3, ...pointers });
    scene.pasid({ PGTT: 'first-stage', DID: 4, ...pointers }, 5);
    assert.deepInclude(destinationOf(scene), { kind: 'translates', space: 'DID 3' });
    assert.deepInclude(destinationOf(scene, 1), { kind: 'translates', space: 'DID 4 PASID 5' });
    scene.pasid({ PGTT: 'pass-through', DID: 3, AW: 57 });
    assert.strictEqual(kindOf(scene), 'passes: DID 3 PASID 0: pass-through');
  });

  test('what an entry says besides makes another destination', () => {
    const keys = ([{}, { SRE: true }, { WPE: true }, { EAFE: true }, { ERE: true }, { NXE: true }, { PWSNP: false }] as const).map(
      (values) => {
        const scene = new TranslateScene();
        scene.pasid({ PGTT: 'first-stage', FSPTPTR: 0x123, ...values });
        return destinationOf(scene).key;
      },
    );
    assert.lengthOf(new Set(keys), keys.length);
  });

  test('nested: the tables of the guest lie where the second stage says', () => {
    const scene = new Nested();
    const destination = destinationOf(scene);
    assert.strictEqual(destination.kind, 'translates');
    if (destination.kind !== 'translates') return;
    assert.strictEqual(destination.space, 'DID 1');
    assert.deepInclude(destination.guest, { space: 'DID 1 PASID 0', input: scene.first.pointer });
    assert.strictEqual(destination.guest!.root!.word, scene.first.root * 512);
    for (const values of [{ R: false, W: false }, { R: false }]) {
      scene.mapTable(scene.first.root, values);
      assert.match(destinationOf(scene).key, /the guest's tables are not mapped$/);
    }
  });
});
