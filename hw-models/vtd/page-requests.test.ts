import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { pageOf } from '#hw-models/core/address';
import { fromWords } from '#hw-models/core/bits';
import { PageGrpReq } from '#hw-models/vtd/descriptors';
import { Frcd, Pectl, Prs } from '#hw-models/vtd/registers';
import { Scene, type SceneOptions } from '#hw-models/vtd/scene';

const ID = 8;

/** A device that may request pages, and the queue for them. */
function asking(options: SceneOptions = {}): { readonly scene: Scene; readonly queue: bigint } {
  const scene = new Scene(options);
  scene.installContext(ID, { DTE: true, PRE: true });
  const queue = scene.enablePageRequests();
  scene.write('PECTL', Pectl.encode({ IM: false }));
  return { scene, queue };
}

const recordAt = (scene: Scene, at: bigint): ReturnType<typeof PageGrpReq.of> =>
  PageGrpReq.of(fromWords([0n, 8n, 16n, 24n].map((offset) => scene.peek(at + offset))));
const interrupts = (scene: Scene): number => scene.machine.interrupts.splice(0).filter(({ line }) => line === 'page-request').length;
const status = (scene: Scene): ReturnType<typeof Prs.of> => Prs.of(scene.peekRegister('PRS'));

suite('page requests', () => {
  test('are queued for software, which is told of the end of a group', () => {
    const { scene, queue } = asking();
    assert.isUndefined(scene.requestPage({ last: false }));
    assert.strictEqual(interrupts(scene), 0);
    assert.isUndefined(scene.requestPage({ pasid: 5, privileged: true, execute: true, write: true, iova: 0x2345n, group: 7 }));
    assert.strictEqual(interrupts(scene), 1);
    assert.strictEqual(scene.read('PQT'), 0x40n);
    const { type, RID, PP, PASID, PM, EXE, RD, WR, LPIG, PRGI, ADDR } = recordAt(scene, queue + 32n);
    assert.deepEqual([type, RID, PP, PASID, PM, EXE, RD, WR, LPIG, PRGI, ADDR], [1, ID, true, 5, true, true, true, true, true, 7, 2n]);
    assert.deepEqual(
      scene.iommu.attention().map(({ what }) => what),
      ['page request of source-id 0x8 in group 0x5 at 0x1000', 'page request of source-id 0x8 in group 0x7 at 0x2000'],
    );
    scene.write('PQH', 0x40n);
    assert.isEmpty(scene.iommu.attention());
    scene.requestPage();
    assert.strictEqual(interrupts(scene), 0);
    scene.write('PRS', Prs.encode({ PPR: true }));
    scene.requestPage();
    assert.strictEqual(interrupts(scene), 1);
  });

  test('that find no room are answered, and none is queued until the overflow is cleared', () => {
    const { scene } = asking();
    for (let n = 0; n < 127; n++) assert.isUndefined(scene.requestPage());
    assert.deepEqual(scene.requestPage(), { status: 'success', group: 5, pasid: undefined });
    assert.isTrue(status(scene).PRO);
    assert.isUndefined(scene.requestPage({ last: false }));
    scene.write('PQH', scene.read('PQT'));
    assert.deepEqual(scene.iommu.attention(), [{ what: 'PRS.PRO: page requests are lost', protocol: true }]);
    assert.isDefined(scene.requestPage());
    scene.write('PRS', Prs.encode({ PRO: true }));
    assert.isUndefined(scene.requestPage());
    assert.strictEqual(scene.read('PQT'), 0n);
  });

  test('the queue is memory in use while PQA names it', () => {
    const { scene, queue } = asking();
    const has = (): boolean => [...scene.iommu.buffers()].some(({ page }) => page === pageOf(queue));
    assert.isTrue(has());
    scene.write('PQA', 0n);
    assert.isFalse(has());
    assert.isDefined(scene.requestPage());
  });

  const reason = (scene: Scene): number => Frcd.of(scene.port.mmioRead64(0, 0x408) * 2n ** 64n).FR;
  const refused: readonly (readonly [string, number, (scene: Scene) => void, number?])[] = [
    ['not enabled for the device', 0x47, (scene) => scene.installContext(ID, { DTE: true })],
    ['of a process where there are none', 0x45, (scene) => scene.installContext(ID, { DTE: true, PRE: true, PASIDE: false }), 5],
    ['of a process beyond the directory', 0x46, (scene) => scene.installContext(ID, { DTE: true, PRE: true, PDTS: 0 }), 0x2000],
    [
      'of a device without context entry',
      0x41,
      (scene) => {
        scene.poke(scene.contextOf(ID), 0n);
        scene.invalidateAll();
      },
    ],
  ];
  for (const [what, expected, change, pasid] of refused)
    test(`are refused: ${what}`, () => {
      const { scene } = asking();
      change(scene);
      assert.deepEqual(scene.requestPage({ pasid }), { status: 'invalid-request', group: 5, pasid });
      assert.strictEqual(reason(scene), expected);
    });

  test('are refused in legacy mode', () => {
    const scene = new Scene({ tables: 'legacy' });
    scene.requestPage();
    assert.strictEqual(reason(scene), 0x32);
  });

  test('are refused without a record under FPD', () => {
    const { scene } = asking();
    scene.installContext(ID, { FPD: true });
    assert.isDefined(scene.requestPage());
    assert.isEmpty(scene.iommu.attention());
  });
});
