import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { ControlScene } from '#hw-models/vtd/control-scene';
import { faultRecord, type RefusedRequest } from '#hw-models/vtd/fault-record';
import { Fectl, Fsts, MAP, type Frcd } from '#hw-models/vtd/registers';

const REQUEST: RefusedRequest = {
  ...{ reason: 0x59, sourceId: 0x108, pasid: undefined, iova: 0x1234n, access: 'read', privileged: false },
  addressType: 'untranslated',
};
const record = (scene: ControlScene, request: Partial<RefusedRequest> = {}): 'recorded' | 'lost' =>
  scene.plane.faults.record(faultRecord({ ...REQUEST, ...request }));
const status = (scene: ControlScene): ReturnType<typeof Fsts.of> => Fsts.of(scene.peekRegister('FSTS'));
const at = (scene: ControlScene, index: 0 | 1 | 2 | 3): ReturnType<typeof Frcd.of> => scene.plane.control.registers.view(`FRCD${index}`);
const clear = (scene: ControlScene, index: 0 | 1 | 2 | 3): void => {
  scene.port.mmioWrite32(0, MAP[`FRCD${index}`].at + 12, 0x8000_0000);
};
const unmask = (scene: ControlScene): void => {
  scene.write('FECTL', Fectl.encode({ IM: false }));
};

suite('fault records', () => {
  test('say what was refused', () => {
    const scene = new ControlScene();
    assert.strictEqual(record(scene), 'recorded');
    record(scene, { pasid: 5, privileged: true, access: 'execute', addressType: 'translation-request' });
    record(scene, { access: 'write', privileged: true });
    const [first, second, third] = [at(scene, 0), at(scene, 1), at(scene, 2)] as const;
    assert.deepEqual([first.F, first.FR, first.SID, first.FI, first.PP, first.T1, first.AT], [true, 0x59, 0x108, 1n, false, true, 0]);
    assert.deepEqual([second.PP, second.PV, second.PRIV, second.EXE, second.AT], [true, 5, true, true, 1]);
    assert.deepEqual([third.T1, third.T2, third.PRIV], [false, false, false]);
  });

  test('fill the registers in turn, and FRI is the first that is pending', () => {
    const scene = new ControlScene();
    record(scene);
    assert.deepEqual([status(scene).PPF, status(scene).FRI], [true, 0]);
    record(scene);
    assert.strictEqual(status(scene).FRI, 0);
    clear(scene, 0);
    assert.isTrue(status(scene).PPF);
    clear(scene, 1);
    assert.isFalse(status(scene).PPF);
    record(scene);
    assert.deepEqual([status(scene).PPF, status(scene).FRI], [true, 2]);
  });

  test('overflow, and nothing is recorded until that is cleared', () => {
    const scene = new ControlScene({ part: { NFR: 2 } });
    record(scene);
    record(scene);
    assert.strictEqual(record(scene, { reason: 0x71 }), 'lost');
    assert.isTrue(status(scene).PFO);
    assert.include(scene.attention, 'FSTS.PFO: fault records are lost');
    clear(scene, 0);
    assert.strictEqual(record(scene), 'lost');
    scene.write('FSTS', Fsts.encode({ PFO: true }));
    assert.strictEqual(record(scene), 'recorded');
    assert.strictEqual(at(scene, 0).FR, 0x59);
  });

  test('are what software should look at', () => {
    const scene = new ControlScene();
    record(scene, { pasid: 5 });
    assert.deepEqual(scene.attention, ['fault 0x59, PASID entry not present of source-id 0x108 with PASID 0x5 at 0x1000']);
    clear(scene, 0);
    assert.isEmpty(scene.attention);
  });
});

suite('the fault event', () => {
  test('is raised by the first condition, and again after all were served', () => {
    const scene = new ControlScene();
    unmask(scene);
    record(scene);
    record(scene);
    assert.deepEqual(scene.interrupts(), ['fault']);
    clear(scene, 0);
    record(scene);
    assert.isEmpty(scene.interrupts());
    clear(scene, 1);
    clear(scene, 2);
    record(scene);
    assert.deepEqual(scene.interrupts(), ['fault']);
  });

  test('is held back while it is masked', () => {
    const scene = new ControlScene();
    record(scene);
    assert.isTrue(Fectl.of(scene.peekRegister('FECTL')).IP);
    assert.isEmpty(scene.interrupts());
    unmask(scene);
    assert.deepEqual(scene.interrupts(), ['fault']);
    assert.isFalse(Fectl.of(scene.peekRegister('FECTL')).IP);
  });

  test('is forgotten when its conditions are served meanwhile', () => {
    const scene = new ControlScene();
    record(scene);
    clear(scene, 0);
    unmask(scene);
    assert.isEmpty(scene.interrupts());
  });
});
