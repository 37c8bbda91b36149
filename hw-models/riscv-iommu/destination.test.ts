import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { wordOf } from '#hw-models/core/address';
import type { Destination } from '#hw-models/core/reach/facts';
import { Iosatp, PcTa } from '#hw-models/riscv-iommu/contexts';
import { invalidateDdt, Scene, type DcValues, type SceneOptions } from '#hw-models/riscv-iommu/scene';
import { SceneTables } from '#hw-models/riscv-iommu/scene-tables';

/** Where a requester's configuration leads, read from memory alone. */
function destinationOf(scene: Scene, requester = 0): Destination {
  return scene.iommu.resolve(requester, { fetch: () => undefined, read: (word) => scene.machine.memory.get(word) });
}

function installed(dc: DcValues, options: SceneOptions = {}): Scene {
  const scene = new Scene(options);
  scene.install(1, dc);
  return scene;
}

type Translates = Destination & { readonly kind: 'translates' };

suite('a destination', () => {
  test('stops while everything is off, without a device context, and with one that is misconfigured', () => {
    assert.deepEqual(destinationOf(new Scene({ levels: 'off' })), { kind: 'stops', key: 'cause 256' });
    assert.deepEqual(destinationOf(new Scene()), { kind: 'stops', key: 'cause 258' });
    assert.deepEqual(destinationOf(installed({ tc: { SBE: true } })), { kind: 'stops', key: 'cause 259' });
    assert.deepEqual(destinationOf(new Scene({ ids: [0x40] })), { kind: 'stops', key: 'cause 260' });
  });

  test('passes in Bare mode, and behind two stages that are Bare', () => {
    assert.deepEqual(destinationOf(new Scene({ levels: 'bare' })), { kind: 'passes', key: 'ddtp Bare' });
    assert.deepEqual(destinationOf(installed({})), { kind: 'passes', key: 'both stages Bare' });
    assert.deepEqual(destinationOf(installed({ tc: { EN_ATS: true } })), { kind: 'passes', key: 'EN_ATS' });
  });

  test('of one stage is its table, under its tag', () => {
    const first = destinationOf(installed({ iosatp: { MODE: 'Sv39', PPN: 0x123 }, ta: { PSCID: 9 } })) as Translates;
    assert.deepInclude(first, { kind: 'translates', space: 'PSCID 9' });
    assert.deepInclude(first.root, { word: 0x123 * 512, entries: 512 });
    const second = destinationOf(installed({ iohgatp: { MODE: 'Sv48x4', PPN: 0x124, GSCID: 7 } })) as Translates;
    assert.deepInclude(second, { kind: 'translates', space: 'GSCID 7' });
    assert.deepInclude(second.root, { word: 0x124 * 512, entries: 2048 });
    assert.isUndefined(second.guest);
  });

  test('of two stages is the second one, with the stage of the guest above it', () => {
    const scene = new Scene();
    const second = new SceneTables(scene, 'Sv39x4');
    const dc: DcValues = { iohgatp: { MODE: 'Sv39x4', PPN: second.PPN, GSCID: 7 }, iosatp: { MODE: 'Sv39', PPN: 0x55 }, ta: { PSCID: 3 } };
    scene.install(1, dc);
    const before = destinationOf(scene) as Translates;
    assert.strictEqual(before.space, 'GSCID 7');
    assert.strictEqual(before.root.word, wordOf(second.root));
    assert.deepInclude(before.guest!, { space: 'GSCID 7 PSCID 3', root: undefined, input: 0x55 });
    second.map(0x55000n, 0x777_7000n);
    const after = destinationOf(scene) as Translates;
    assert.strictEqual(after.guest!.root!.word, 0x77_77 * 512);
    assert.notStrictEqual(after.key, before.key);
  });

  test('tells device contexts apart by everything that changes what becomes of requests', () => {
    const dcs: readonly DcValues[] = [
      { iosatp: { MODE: 'Sv39', PPN: 1 } },
      { iosatp: { MODE: 'Sv48', PPN: 1 } },
      { iosatp: { MODE: 'Sv39', PPN: 2 } },
      { iosatp: { MODE: 'Sv39', PPN: 1 }, ta: { PSCID: 1 } },
      { iosatp: { MODE: 'Sv39', PPN: 1 }, tc: { SADE: true } },
      { iosatp: { MODE: 'Sv39', PPN: 1 }, tc: { DTF: true } },
      { iosatp: { MODE: 'Sv39', PPN: 1 }, tc: { EN_ATS: true } },
      { iosatp: { MODE: 'Sv39', PPN: 1 }, msiptp: { MODE: 'Flat', PPN: 4 } },
      { iosatp: { MODE: 'Sv39', PPN: 1 }, msiptp: { MODE: 'Flat', PPN: 5 } },
      { iosatp: { MODE: 'Sv39', PPN: 1 }, msiptp: { MODE: 'Flat', PPN: 4 }, mask: 1n },
      { iosatp: { MODE: 'Sv39', PPN: 1 }, msiptp: { MODE: 'Flat', PPN: 4 }, pattern: 1n },
    ];
    const keys = dcs.map((dc) => destinationOf(installed(dc)).key);
    assert.lengthOf(new Set(keys), dcs.length);
  });
});

suite('the destination of a process', () => {
  const withDirectory = (dc: DcValues = {}): { scene: Scene; pdt: bigint } => {
    const scene = new Scene();
    const pdt = scene.pages('device-table', 4096);
    scene.install(1, { ...dc, tc: { PDTV: true, ...dc.tc }, pdtp: { MODE: 'PD8', PPN: Number(pdt / 4096n) } });
    return { scene, pdt };
  };

  test('is that of its process context', () => {
    const { scene, pdt } = withDirectory();
    const requester = scene.addProcess(1, 2);
    assert.deepEqual(destinationOf(scene, requester), { kind: 'stops', key: 'cause 266' });
    scene.store(pdt + 0x20n, [PcTa.encode({ V: true, PSCID: 4 }), Iosatp.encode({ MODE: 'Sv39', PPN: 0x88 })]);
    assert.deepInclude(destinationOf(scene, requester), { kind: 'translates', space: 'PSCID 4' });
    assert.deepEqual(destinationOf(scene, scene.addProcess(1, 0x100)), { kind: 'stops', key: 'cause 260' });
  });

  test('without a process_id passes, or with DPE is that of process 0', () => {
    assert.strictEqual(destinationOf(withDirectory().scene).kind, 'passes');
    assert.deepEqual(destinationOf(withDirectory({ tc: { DPE: true } }).scene), { kind: 'stops', key: 'cause 266' });
  });

  test('of a device without a directory stops', () => {
    const scene = installed({});
    assert.deepEqual(destinationOf(scene, scene.addProcess(1, 2)), { kind: 'stops', key: 'cause 260' });
  });

  test('of a guest is its second stage, wherever its directory leads', () => {
    const { scene } = withDirectory({ iohgatp: { MODE: 'Sv39x4', PPN: 4, GSCID: 3 } });
    const destination = destinationOf(scene, scene.addProcess(1, 2)) as Translates;
    assert.strictEqual(destination.space, 'GSCID 3');
    assert.isUndefined(destination.guest);
  });
});

suite('the reach graph', () => {
  test('follows a device context from its store to its invalidation', () => {
    const scene = installed({ iosatp: { MODE: 'Sv39', PPN: 0x123 } });
    const { reach } = scene.machine.instance(0);
    const kinds = (): readonly string[] => reach.destinations(0).map(({ kind }) => kind);
    assert.deepEqual(kinds(), ['translates']);
    scene.poke(scene.entryOf(1), 0n);
    assert.sameMembers([...kinds()], ['translates', 'stops']);
    scene.complete(invalidateDdt(1));
    assert.deepEqual(kinds(), ['stops']);
  });

  test('does not keep what is not valid', () => {
    const scene = new Scene();
    const { reach } = scene.machine.instance(0);
    scene.poke(scene.entryOf(1), 1n);
    assert.deepEqual(
      reach.destinations(0).map(({ kind }) => kind),
      ['passes'],
    );
  });
});
