import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { fromWords } from '#hw-models/core/bits';
import { PageRequestRecord } from '#hw-models/riscv-iommu/page-request-queue';
import { Scene, type DcValues, type SceneOptions } from '#hw-models/riscv-iommu/scene';

const PRI: DcValues = { tc: { EN_ATS: true, EN_PRI: true } };
const WITH_PRPR: DcValues = { tc: { EN_ATS: true, EN_PRI: true, PRPR: true } };

function installed(dc: DcValues, options: SceneOptions = {}): Scene {
  const scene = new Scene(options);
  scene.install(1, dc);
  return scene;
}

suite('a page request', () => {
  test('is queued, and software answers it', () => {
    const scene = installed(PRI);
    assert.isUndefined(scene.requestPage({ processId: 3, privileged: true, execute: true, write: true, iova: 0x12_3456n }));
    const record = PageRequestRecord.of(fromWords(scene.take('page-request')[0]!));
    const { DID, PV, PID, PRIV, EXEC, R, W, L, PageRequestGroupIndex, PageAddress } = record;
    assert.deepEqual(
      [DID, PV, PID, PRIV, EXEC, R, W, L, PageRequestGroupIndex, PageAddress],
      [1, true, 3, true, true, true, true, true, 5, 0x123n],
    );
    assert.deepEqual(scene.faults(), []);
  });

  /** How each failure is answered, with and without PRPR, and what is recorded. */
  const FAILURES: readonly (readonly [why: string, scene: () => Scene, status: string, tells: boolean, cause?: number])[] = [
    ['while everything is off', () => new Scene({ levels: 'off' }), 'response-failure', true, 256],
    ['in Bare mode', () => new Scene({ levels: 'bare' }), 'invalid-request', false, 260],
    ['without a valid device context', () => new Scene(), 'response-failure', true, 258],
    ['of a misconfigured one', () => installed({ tc: { SBE: true } }), 'response-failure', true, 259],
    ['of a device_id that is too wide', () => new Scene({ ids: [] }), 'invalid-request', false, 260],
    ['without EN_PRI', () => installed({ tc: { EN_ATS: true } }), 'invalid-request', false, 260],
    ['without EN_PRI under DTF', () => installed({ tc: { EN_ATS: true, DTF: true } }), 'invalid-request', false],
    ['while the queue is off', () => off(PRI), 'response-failure', true],
    ['to a queue that is full', () => full(PRI), 'success', false],
    ['to a queue that is full, with PRPR', () => full(WITH_PRPR), 'success', true],
    ['to a queue where nothing answers', () => holed(PRI), 'response-failure', true],
  ];
  const off = (dc: DcValues): Scene => {
    const scene = installed(dc);
    scene.write('pqcsr', 0n);
    scene.settle();
    return scene;
  };
  const full = (dc: DcValues): Scene => {
    const scene = installed(dc, { queueLog2: 1 });
    scene.requestPage({});
    return scene;
  };
  const holed = (dc: DcValues): Scene => {
    const scene = installed(dc);
    scene.machine.memory.holes.add(Number(scene.queues.get('page-request')! / 4096n));
    return scene;
  };

  for (const [why, make, status, tells, cause] of FAILURES)
    test(`${why}: ${status}`, () => {
      const scene = make();
      const deviceId = scene.machine.requesters.length === 0 ? 0x40 : 1;
      assert.deepEqual(scene.requestPage({ deviceId, processId: 9 }), {
        status: status as 'success',
        group: 5,
        processId: tells ? 9 : undefined,
      });
      const records = scene.faults();
      assert.deepEqual(
        records.map(({ CAUSE, TTYP, DID, PID }) => [CAUSE, TTYP, DID, PID]),
        cause === undefined ? [] : [[cause, 9, deviceId, 9]],
      );
    });

  test('that is not the last of its group is not answered', () => {
    const scene = installed({ tc: { EN_ATS: true } });
    assert.isUndefined(scene.requestPage({ last: false }));
    assert.lengthOf(scene.faults(), 1);
  });

  test('a Stop Marker is not answered', () => {
    assert.isUndefined(installed({}).requestPage({ processId: 3, read: false, write: false }));
  });
});
