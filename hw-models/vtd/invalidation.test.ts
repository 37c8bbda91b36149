import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import type { Outcome } from '#hw-models/core/hardware';
import type { Mode } from '#hw-models/core/sight';
import { CcInv, DevTlbInv, PDevTlbInv } from '#hw-models/vtd/descriptors';
import type { Endpoints } from '#hw-models/vtd/device-messages';
import { Fsts } from '#hw-models/vtd/registers';
import { Scene, type SceneOptions } from '#hw-models/vtd/scene';
import { ccInv, iotlbInv, pcInv, pIotlbInv } from '#hw-models/vtd/software';
import { PasidEntry } from '#hw-models/vtd/structures';
import { FirstTables, SecondTables } from './testdata/translate-tables';

const ID = 8;
const MODES: readonly Mode[] = ['lazy', 'eager'];
const [OLD, NEW] = ['77000', '88000'] as const;

const shown = (outcome: Outcome): string => {
  if (outcome.kind === 'faulted') return outcome.fault.cause.split(',')[0]!;
  return outcome.kind === 'translated' ? outcome.pa.toString(16) : outcome.kind;
};
const reads = (scene: Scene, page = 1n, requester = 0): string => shown(scene.access(requester, page * 0x1000n));

/** A device in domain 5, whose page 1 leads to `OLD`; and tables that lead to `NEW`. */
function furnished(options: SceneOptions = {}): { readonly scene: Scene; readonly first: SecondTables; readonly second: SecondTables } {
  const scene = new Scene(options);
  const [first, second] = [0x77, 0x88].map((frame) => {
    const stage = new SecondTables(scene.tableMemory, 3);
    stage.map(1, frame);
    return stage;
  }) as [SecondTables, SecondTables];
  if (options.tables === 'legacy') scene.installLegacy(ID, { DID: 5, AW: 39, SSPTPTR: first.root });
  else scene.install(ID, { PGTT: 'second-stage', DID: 5, AW: 39, SSPTPTR: first.root });
  assert.strictEqual(reads(scene), OLD);
  return { scene, first, second };
}

/** What a wrong and a right descriptor do to a stale entry. */
interface Case {
  readonly what: string;
  readonly wrong: readonly bigint[];
  readonly right: bigint;
}

for (const mode of MODES) {
  suite(`PASID entries, ${mode}`, () => {
    const cases: readonly Case[] = [
      {
        what: 'by domain and PASID',
        wrong: [pcInv({ G: 'pasid', DID: 6 }), pcInv({ G: 'pasid', DID: 5, PASID: 1 })],
        right: pcInv({ G: 'pasid', DID: 5 }),
      },
      { what: 'by domain', wrong: [pcInv({ G: 'domain', DID: 6 })], right: pcInv({ G: 'domain', DID: 5 }) },
      {
        what: 'all',
        wrong: [ccInv({ G: 'global' }), ccInv({ G: 'device', SID: ID }), iotlbInv({ G: 'global' })],
        right: pcInv({ G: 'global' }),
      },
    ];
    for (const { what, wrong, right } of cases)
      test(`are dropped ${what}`, () => {
        const { scene, second } = furnished({ mode });
        const at = scene.pasidOf(ID);
        const raw = PasidEntry.encode({ P: true, PGTT: 'second-stage', DID: 7, AW: 39, SSPTPTR: second.root });
        scene.poke(at + 8n, BigInt.asUintN(64, raw >> 64n));
        scene.poke(at, BigInt.asUintN(64, raw));
        for (const descriptor of wrong) {
          scene.complete(descriptor);
          assert.strictEqual(reads(scene), OLD);
        }
        scene.complete(right);
        // Half of either entry may have been used meanwhile.
        scene.complete(iotlbInv({ G: 'global' }));
        assert.strictEqual(reads(scene), NEW);
      });

    test('that are gone are dropped by the domain-id that they had', () => {
      const { scene } = furnished({ mode });
      scene.poke(scene.pasidOf(ID), 0n);
      scene.complete(pcInv({ G: 'pasid', DID: 6 }));
      assert.strictEqual(reads(scene), OLD);
      scene.complete(pcInv({ G: 'pasid', DID: 5 }));
      assert.strictEqual(reads(scene), '0x59');
    });

    test('that are not present are not kept', () => {
      const scene = new Scene({ mode });
      const at = scene.pasidOf(ID);
      assert.strictEqual(reads(scene), '0x59');
      const stage = new SecondTables(scene.tableMemory, 3);
      stage.map(1, 0x77);
      const raw = PasidEntry.encode({ P: true, PGTT: 'second-stage', DID: 5, AW: 39, SSPTPTR: stage.root });
      scene.poke(at + 8n, BigInt.asUintN(64, raw >> 64n));
      scene.poke(at, BigInt.asUintN(64, raw));
      assert.strictEqual(reads(scene), OLD);
    });
  });

  suite(`context entries of scalable mode, ${mode}`, () => {
    test('are dropped by device, and the PASID entry stays until it is dropped too', () => {
      const { scene } = furnished({ mode });
      scene.poke(scene.contextOf(ID), 0n);
      const wrong = [pcInv({ G: 'global' }), ccInv({ G: 'device', SID: ID + 1 }), ccInv({ G: 'domain', DID: 5 })];
      for (const descriptor of wrong) {
        scene.complete(descriptor);
        assert.strictEqual(reads(scene), OLD);
      }
      scene.complete(ccInv({ G: 'device', SID: ID }), pcInv({ G: 'domain', DID: 5 }));
      assert.strictEqual(reads(scene), '0x41');
    });
  });

  suite(`context entries of legacy mode, ${mode}`, () => {
    const replaced = (): Scene => {
      const { scene, second } = furnished({ mode, tables: 'legacy' });
      scene.poke(scene.contextOf(ID), BigInt(second.root) * 0x1000n + 1n);
      return scene;
    };
    const cases: readonly Case[] = [
      {
        what: 'by device',
        wrong: [
          ccInv({ G: 'device', SID: ID, DID: 6 }),
          ccInv({ G: 'device', SID: ID + 1, DID: 5 }),
          ccInv({ G: 'device', SID: ID + 4, FM: 0, DID: 5 }),
        ],
        right: ccInv({ G: 'device', SID: ID, DID: 5 }),
      },
      {
        what: 'by function mask',
        wrong: [ccInv({ G: 'device', SID: ID + 5, FM: 1, DID: 5 })],
        right: ccInv({ G: 'device', SID: ID + 4, FM: 1, DID: 5 }),
      },
      {
        what: 'by device without function',
        wrong: [ccInv({ G: 'device', SID: ID + 5, FM: 2, DID: 5 })],
        right: ccInv({ G: 'device', SID: ID + 7, FM: 3, DID: 5 }),
      },
      { what: 'by domain', wrong: [ccInv({ G: 'domain', DID: 6 })], right: ccInv({ G: 'domain', DID: 5 }) },
      { what: 'all', wrong: [], right: ccInv({ G: 'global' }) },
    ];
    for (const { what, wrong, right } of cases)
      test(`are dropped ${what}`, () => {
        const scene = replaced();
        // What was translated is tagged with the same domain.
        scene.complete(iotlbInv({ G: 'global' }));
        for (const descriptor of wrong) {
          scene.complete(descriptor, iotlbInv({ G: 'global' }));
          assert.strictEqual(reads(scene), OLD, CcInv.of(descriptor).G);
        }
        scene.complete(right);
        scene.complete(iotlbInv({ G: 'global' }));
        assert.strictEqual(reads(scene), NEW);
      });
  });

  suite(`while translation is off, ${mode}`, () => {
    for (const tables of ['legacy', 'scalable'] as const)
      test(`caches are dropped as well: ${tables}`, () => {
        const { scene } = furnished({ mode, tables });
        scene.command({ TE: false });
        scene.poke(scene.contextOf(ID), 0n);
        scene.command({ SRTP: true });
        scene.invalidateAll();
        scene.command({ TE: true });
        assert.strictEqual(reads(scene), tables === 'legacy' ? '0x2' : '0x41');
      });
  });

  suite(`translations, ${mode}`, () => {
    test('of a domain: by pages, with their mask', () => {
      const { scene, first } = furnished({ mode });
      first.map(3, 0x79);
      reads(scene, 3n);
      for (const page of [1, 3]) first.set(page, 0n);
      scene.complete(iotlbInv({ G: 'page', DID: 5, ADDR: 2n, AM: 1 }));
      assert.strictEqual(reads(scene), OLD);
      assert.strictEqual(reads(scene, 3n), '0x86');
      scene.complete(iotlbInv({ G: 'page', DID: 5, ADDR: 3n, AM: 2 }));
      assert.strictEqual(reads(scene), '0x86');
    });

    test('of a domain: whole, or all', () => {
      for (const right of [iotlbInv({ G: 'domain', DID: 5 }), iotlbInv({ G: 'global' })]) {
        const { scene, first } = furnished({ mode });
        first.set(1, 0n);
        scene.complete(pIotlbInv({ G: 'pasid', DID: 5 }));
        assert.strictEqual(reads(scene), OLD);
        scene.complete(right);
        assert.strictEqual(reads(scene), '0x86');
      }
    });

    test('of a first stage: by PASID, by page, and by domain whatever the page', () => {
      const rights = [
        pIotlbInv({ G: 'pasid', DID: 5, PASID: 5 }),
        pIotlbInv({ G: 'page', DID: 5, PASID: 5, ADDR: 1n }),
        iotlbInv({ G: 'page', DID: 5, ADDR: 9n }),
      ];
      for (const right of rights) {
        const scene = new Scene({ mode });
        const process = scene.addProcess(0, 5);
        const stage = new FirstTables(scene.tableMemory, 4);
        stage.map(1, 0x77);
        scene.install(ID, { PGTT: 'first-stage', DID: 5, FSPTPTR: stage.root, PWSNP: true }, 5);
        assert.strictEqual(reads(scene, 1n, process), OLD);
        stage.set(1, 0n);
        for (const wrong of [
          pIotlbInv({ G: 'pasid', DID: 6, PASID: 5 }),
          pIotlbInv({ G: 'page', DID: 5, PASID: 5, ADDR: 2n }),
          iotlbInv({ G: 'domain', DID: 6 }),
        ]) {
          scene.complete(wrong);
          assert.strictEqual(reads(scene, 1n, process), OLD);
        }
        scene.complete(right);
        assert.strictEqual(reads(scene, 1n, process), '0x71');
      }
    });
  });

  suite(`caching mode, ${mode}`, () => {
    test('a page that was missing is missing until its invalidation', () => {
      const { scene, first } = furnished({ mode, part: { CM: true } });
      assert.strictEqual(reads(scene, 2n), '0x86');
      first.map(2, 0x88);
      assert.strictEqual(reads(scene, 2n), '0x86');
      scene.complete(iotlbInv({ G: 'page', DID: 5, ADDR: 3n }));
      assert.strictEqual(reads(scene, 2n), '0x86');
      scene.complete(iotlbInv({ G: 'page', DID: 5, ADDR: 2n }));
      assert.strictEqual(reads(scene, 2n), NEW);
    });

    test('a page of a first stage that was missing is there at once', () => {
      const scene = new Scene({ mode, part: { CM: true } });
      const stage = new FirstTables(scene.tableMemory, 4);
      stage.map(1, 0x77);
      scene.install(ID, { PGTT: 'first-stage', DID: 5, FSPTPTR: stage.root, PWSNP: true });
      assert.strictEqual(reads(scene, 2n), '0x71');
      stage.map(2, 0x88);
      assert.strictEqual(reads(scene, 2n), NEW);
    });

    test('a PASID entry that was missing is missing until its invalidation, whatever the domain', () => {
      const scene = new Scene({ mode, part: { CM: true } });
      const at = scene.pasidOf(ID);
      assert.strictEqual(reads(scene), '0x59');
      const stage = new SecondTables(scene.tableMemory, 3);
      stage.map(1, 0x77);
      const raw = PasidEntry.encode({ P: true, PGTT: 'second-stage', DID: 5, AW: 39, SSPTPTR: stage.root });
      scene.poke(at + 8n, BigInt.asUintN(64, raw >> 64n));
      scene.poke(at, BigInt.asUintN(64, raw));
      assert.strictEqual(reads(scene), '0x59');
      for (const wrong of [pcInv({ G: 'domain', DID: 5 }), pcInv({ G: 'pasid', DID: 5, PASID: 1 }), ccInv({ G: 'global' })]) {
        scene.complete(wrong);
        assert.strictEqual(reads(scene), '0x59');
      }
      scene.complete(pcInv({ G: 'pasid', DID: 9 }));
      assert.strictEqual(reads(scene), OLD);
    });

    test('a context entry that was missing is missing until its invalidation', () => {
      const scene = new Scene({ mode, part: { CM: true } });
      assert.strictEqual(reads(scene), '0x39');
      scene.poke(scene.contextOf(ID), 3n);
      assert.strictEqual(reads(scene), '0x39');
      scene.complete(ccInv({ G: 'device', SID: ID, DID: 9 }));
      assert.notStrictEqual(reads(scene), '0x39');
    });
  });

  suite(`write buffers, ${mode}`, () => {
    test('a page that was missing is missing until a flush, or any descriptor', () => {
      for (const flush of [
        (scene: Scene) => scene.command({ WBF: true }),
        (scene: Scene) => scene.complete(pcInv({ G: 'domain', DID: 99 })),
      ]) {
        const { scene, first } = furnished({ mode, part: { RWBF: true } });
        assert.strictEqual(reads(scene, 2n), '0x86');
        first.map(2, 0x88);
        assert.strictEqual(reads(scene, 2n), '0x86');
        flush(scene);
        assert.strictEqual(reads(scene, 2n), NEW);
      }
    });
  });

  suite(`the root table, ${mode}`, () => {
    for (const ESRTPS of [false, true])
      test(ESRTPS ? 'is set with all caches dropped' : 'is set, and caches stay', () => {
        const { scene } = furnished({ mode, part: { ESRTPS } });
        const empty = scene.pages('context-table', 4096);
        scene.write('RTADDR', empty + 0x400n);
        scene.command({ SRTP: true });
        if (ESRTPS) assert.strictEqual(reads(scene), '0x39');
        scene.invalidateAll();
        assert.strictEqual(reads(scene), '0x39');
      });
  });
}

suite('device TLBs', () => {
  const all = DevTlbInv.encode({ type: 3, SID: ID, S: true, ADDR: 2n ** 51n - 1n });
  const one = (SID: number, ADDR: bigint): bigint => DevTlbInv.encode({ type: 3, SID, ADDR });
  const translations = iotlbInv({ G: 'domain', DID: 5 });
  const asking = (part: SceneOptions['part'] = {}, endpoints?: Endpoints): ReturnType<typeof furnished> => {
    const made = furnished({ part, ...(endpoints && { endpoints }) });
    made.scene.installContext(ID, { DTE: true });
    assert.strictEqual(reads(made.scene), OLD);
    made.first.set(1, 0n);
    return made;
  };

  test('keep what they were told until they are told otherwise', () => {
    const { scene } = asking();
    for (const wrong of [one(ID, 2n), one(ID + 1, 1n), PDevTlbInv.encode({ type: 8, SID: ID, PASID: 0, ADDR: 1n })]) {
      scene.complete(translations, wrong);
      assert.strictEqual(reads(scene), OLD);
    }
    scene.complete(translations, one(ID, 1n));
    assert.strictEqual(reads(scene), '0x86');
  });

  test('by range, as PCIe encodes it', () => {
    const { scene } = asking();
    scene.complete(translations, DevTlbInv.encode({ type: 3, SID: ID, S: true, ADDR: 2n }));
    assert.strictEqual(reads(scene), OLD);
    scene.complete(translations, DevTlbInv.encode({ type: 3, SID: ID, S: true, ADDR: 0n }));
    assert.strictEqual(reads(scene), '0x86');
    const other = asking().scene;
    other.complete(translations, all);
    assert.strictEqual(reads(other), '0x86');
  });

  test('ask again between a message to them and a later invalidation', () => {
    const { scene } = asking();
    scene.complete(all, translations);
    assert.strictEqual(reads(scene), OLD);
    scene.complete(all, iotlbInv({ G: 'domain', DID: 6 }));
    assert.strictEqual(reads(scene), '0x86');
  });

  test('of processes', () => {
    const { scene } = furnished();
    scene.installContext(ID, { DTE: true });
    const process = scene.addProcess(0, 5);
    const stage = new FirstTables(scene.tableMemory, 4);
    stage.map(1, 0x77);
    scene.install(ID, { PGTT: 'first-stage', DID: 9, FSPTPTR: stage.root, PWSNP: true }, 5);
    for (const right of [
      PDevTlbInv.encode({ type: 8, SID: ID, PASID: 5, ADDR: 1n }),
      PDevTlbInv.encode({ type: 8, SID: ID, G: true, ADDR: 1n }),
    ]) {
      stage.map(1, 0x77);
      assert.strictEqual(reads(scene, 1n, process), OLD);
      stage.set(1, 0n);
      scene.complete(pIotlbInv({ G: 'pasid', DID: 9, PASID: 5 }), one(ID, 1n));
      assert.strictEqual(reads(scene, 1n, process), OLD);
      scene.complete(right);
      assert.strictEqual(reads(scene, 1n, process), '0x71');
    }
  });

  test('in caching mode go with the translations of the remapping unit', () => {
    const { scene } = asking({ CM: true });
    scene.complete(iotlbInv({ G: 'domain', DID: 6 }));
    assert.strictEqual(reads(scene), OLD);
    scene.complete(translations);
    assert.strictEqual(reads(scene), '0x86');
  });

  test('a device that does not answer keeps what it has', () => {
    const { scene } = asking({}, { invalidate: () => 'timeout', respond: () => undefined });
    assert.isFalse(scene.waits(translations, all));
    assert.isTrue(Fsts.of(scene.peekRegister('FSTS')).ITE);
    assert.strictEqual(reads(scene), OLD);
  });

  test('what stands behind a device that does not answer is complete with the next wait', () => {
    const { scene, first } = furnished({ mode: 'eager', endpoints: { invalidate: () => 'timeout', respond: () => undefined } });
    first.set(1, 0n);
    assert.isFalse(scene.waits(translations, all));
    assert.strictEqual(reads(scene), OLD);
    scene.write('FSTS', Fsts.encode({ ITE: true }));
    scene.complete();
    assert.strictEqual(reads(scene), '0x86');
  });

  test('a device is blocked once its entry does not let it bring addresses', () => {
    const { scene } = asking();
    scene.installContext(ID, { DTE: false });
    assert.strictEqual(reads(scene), '0x44');
  });
});
