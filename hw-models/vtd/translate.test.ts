import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import type { Capabilities } from '#hw-models/vtd/capabilities';
import type { Inbound } from '#hw-models/vtd/request';
import { TranslateScene } from './testdata/translate-scene';
import { FirstTables, SecondTables } from './testdata/translate-tables';

const IOVA = 0x1123n;
const FIRST_INTERRUPT = 0xfee0_0000n;
const LAST_INTERRUPT = 0xfeef_ffffn;

suite('a root pointer', () => {
  for (const [mode, answer] of [
    ['off', 'pa 1123'],
    ['abort', '0x33'],
    ['invalid', '0x30'],
  ] as const)
    test(mode, () => {
      const scene = new TranslateScene();
      scene.point({ mode, address: 0n });
      assert.strictEqual(scene.ask(IOVA), answer);
      assert.strictEqual(scene.ask(IOVA, { pasid: 5, access: 'write' }), answer);
    });
});

test('nothing is recorded of requests that the root pointer aborts', () => {
  const scene = new TranslateScene();
  scene.point({ mode: 'abort', address: 0n });
  assert.deepInclude(scene.translate(IOVA), { kind: 'refused', silent: true });
});

suite('pass-through', () => {
  const scalable = (part: Partial<Capabilities> = {}): TranslateScene => {
    const scene = new TranslateScene({ part });
    scene.context({ DTE: true });
    for (const pasid of [0, 5]) scene.pasid({ PGTT: 'pass-through', AW: 57 }, pasid);
    return scene;
  };
  const legacy = (part: Partial<Capabilities> = {}): TranslateScene => {
    const scene = new TranslateScene({ root: 'legacy', part });
    scene.legacy({ TT: 'pass-through' });
    return scene;
  };

  test('gives the address that came', () => {
    assert.deepInclude(scalable().translate(IOVA), { kind: 'translated', pa: IOVA, bypassed: true, deviceTlb: true, prot: 7 });
    assert.deepInclude(legacy().translate(IOVA), { kind: 'translated', pa: IOVA, bypassed: true, deviceTlb: false });
  });

  test('not beyond the host address width', () => {
    assert.strictEqual(scalable({ HAW: 46 }).ask(2n ** 46n - 1n), `pa ${(2n ** 46n - 1n).toString(16)}`);
    assert.strictEqual(scalable({ HAW: 46 }).ask(2n ** 46n), '0x83');
    assert.strictEqual(scalable({ HAW: 46 }).ask(2n ** 46n, { type: 'translated' }), '0x83');
    assert.strictEqual(legacy({ HAW: 46 }).ask(2n ** 46n), '0x4');
  });

  test('not into the range of interrupts', () => {
    for (const iova of [FIRST_INTERRUPT, LAST_INTERRUPT]) {
      assert.strictEqual(scalable().ask(iova, { pasid: 5, access: 'write' }), '0x87');
      assert.strictEqual(scalable().ask(iova, { type: 'translated' }), '0x87');
    }
  });
});

suite('the range of interrupts', () => {
  const mapped = (root: 'legacy' | 'scalable'): TranslateScene => {
    const scene = new TranslateScene({ root });
    const tables = new SecondTables(scene, 4);
    tables.map(0xf_ee00, 0x1_2345);
    tables.map(1, 0xf_ee00);
    tables.map(2, 0xf_eeff);
    const second = { SSPTPTR: tables.root, AW: 48 } as const;
    if (root === 'legacy') scene.legacy(second);
    else for (const pasid of [0, 5]) scene.pasid({ PGTT: 'second-stage', ...second }, pasid);
    return scene;
  };

  for (const root of ['legacy', 'scalable'] as const) {
    test(`in ${root} mode, writes without PASID are not translated`, () => {
      const scene = mapped(root);
      for (const iova of [FIRST_INTERRUPT, LAST_INTERRUPT])
        assert.deepInclude(scene.translate(iova, { access: 'write' }), { pa: iova, isInterrupt: true, bypassed: true });
      assert.strictEqual(scene.ask(FIRST_INTERRUPT), '0x29');
      const below = scene.ask(FIRST_INTERRUPT - 1n, { access: 'write' });
      assert.strictEqual(below, root === 'legacy' ? '0x5' : '0x85');
    });

    test(`in ${root} mode, nothing is translated into it`, () => {
      for (const iova of [0x1000n, 0x2fffn]) assert.strictEqual(mapped(root).ask(iova), root === 'legacy' ? '0xe' : '0x87');
    });
  }

  test('with PASID it is a range like any', () => {
    assert.strictEqual(mapped('scalable').ask(FIRST_INTERRUPT, { pasid: 5 }), 'pa 12345000');
    assert.deepInclude(mapped('scalable').translate(FIRST_INTERRUPT, { pasid: 5 }), { isInterrupt: false });
  });

  test('an interrupt needs no context', () => {
    const scene = new TranslateScene();
    scene.setRoot(0n);
    assert.deepInclude(scene.translate(FIRST_INTERRUPT, { access: 'write' }), { isInterrupt: true });
  });
});

suite('tags', () => {
  test('are those of the stages that were met', () => {
    const scene = new TranslateScene();
    const [first, second] = [new FirstTables(scene, 5), new SecondTables(scene, 4)];
    first.map(1, 1);
    const pointers = { FSPTPTR: first.root, SSPTPTR: second.root, AW: 48 } as const;
    scene.pasid({ PGTT: 'first-stage', FSPM: '5-level', DID: 3, ...pointers });
    scene.pasid({ PGTT: 'nested', FSPM: '5-level', DID: 4, ...pointers }, 5);
    scene.ask(IOVA);
    scene.ask(IOVA, { pasid: 5 });
    assert.deepEqual([...scene.iommu.translator.tags].slice(-3), [
      ['DID 3 PASID 0', { stage: 1, did: 3, pasid: 0, inputBits: 57 }],
      ['DID 4 PASID 5', { stage: 1, did: 4, pasid: 5, inputBits: 57 }],
      ['DID 4', { stage: 2, did: 4, pasid: undefined, inputBits: 48 }],
    ]);
  });
});

suite('what is not present', () => {
  /** Asks, stores what makes it present, asks again, drops what may be kept, and asks. */
  function around(part: Partial<Capabilities>, drop: (scene: TranslateScene) => void, what: 'context' | 'pasid' | 'page'): string[] {
    const scene = new TranslateScene({ part });
    const tables = new SecondTables(scene, 4);
    tables.map(1, 0x1_2345);
    scene.pasid({ PGTT: 'second-stage', SSPTPTR: tables.root, AW: 48 });
    const word = { context: scene.contextWord, pasid: scene.pasidWord(0), page: tables.entryOf(1) }[what];
    const present = scene.peek(word);
    const inbound: Partial<Inbound> = {};
    const answers: string[] = [];
    scene.store(word, 0n);
    scene.invalidateAll();
    answers.push(scene.ask(IOVA, inbound));
    scene.store(word, present);
    answers.push(scene.ask(IOVA, inbound));
    drop(scene);
    answers.push(scene.ask(IOVA, inbound));
    return answers;
  }
  const nothing = (): void => undefined;
  const FOUND = 'pa 12345123';

  for (const [what, reason] of [
    ['context', '0x41'],
    ['pasid', '0x59'],
    ['page', '0x86'],
  ] as const) {
    test(`${what}: is not kept`, () => {
      assert.deepEqual(around({}, nothing, what), [reason, FOUND, FOUND]);
    });

    for (const flag of ['CM', 'RWBF'] as const)
      test(`${what}: is kept with ${flag} until it is dropped`, () => {
        const drop = {
          context: ({ iommu }: TranslateScene) => {
            iommu.translator.negative.dropContexts((id) => id === 0x108);
          },
          pasid: ({ iommu }: TranslateScene) => {
            iommu.translator.negative.dropPasids((id, pasid) => id === 0x108 && pasid === 0);
          },
          page: ({ iommu }: TranslateScene) => {
            iommu.translator.negative.dropTranslations({ space: 'DID 1', range: { first: 1, frames: 1 } });
          },
        }[what];
        assert.deepEqual(around({ [flag]: true }, drop, what), [reason, reason, FOUND]);
        assert.deepEqual(around({ [flag]: true }, nothing, what), [reason, reason, reason]);
        assert.deepEqual(
          around({ [flag]: true }, ({ iommu }) => iommu.translator.negative.clear(), what),
          [reason, reason, FOUND],
        );
        assert.deepEqual(
          around(
            { [flag]: true },
            ({ iommu }) => {
              iommu.translator.negative.dropTranslations({ space: 'DID 1', range: { first: 2, frames: 4 } });
              iommu.translator.negative.dropTranslations({ space: 'DID 2' });
              iommu.translator.negative.dropContexts(() => false);
              iommu.translator.negative.dropPasids(() => false);
            },
            what,
          ),
          [reason, reason, reason],
        );
      });
  }

  test('a right that is not given is not kept', () => {
    const scene = new TranslateScene({ part: { CM: true } });
    const tables = new SecondTables(scene, 4);
    tables.map(1, 0x1_2345, { W: false });
    scene.pasid({ PGTT: 'second-stage', SSPTPTR: tables.root, AW: 48 });
    assert.strictEqual(scene.ask(IOVA, { access: 'write' }), '0x85');
    tables.map(1, 0x1_2345);
    assert.strictEqual(scene.ask(IOVA, { access: 'write' }), FOUND);
  });
});
