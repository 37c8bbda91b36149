import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { UnspecifiedBehaviour } from '#hw-models/core/errors';
import { LEGACY } from '#hw-models/vtd/capabilities';
import { ControlScene } from '#hw-models/vtd/control-scene';
import { Gcmd, Gsts, MAP, Rtaddr } from '#hw-models/vtd/registers';

const status = (scene: ControlScene): ReturnType<typeof Gsts.of> => Gsts.of(scene.peekRegister('GSTS'));
const setRoot = (scene: ControlScene, TTM: 'legacy' | 'scalable' | 'abort', RTA = 5): void => {
  scene.write('RTADDR', Rtaddr.encode({ TTM, RTA }));
  scene.command({ SRTP: true });
};

suite('global commands', () => {
  test('take effect when software looks at GSTS', () => {
    const scene = new ControlScene({ on: false });
    scene.write('RTADDR', Rtaddr.encode({ TTM: 'scalable', RTA: 5 }));
    scene.begin({ SRTP: true });
    scene.read('FSTS');
    assert.isFalse(status(scene).RTPS);
    scene.settle();
    assert.isTrue(status(scene).RTPS);
    assert.deepEqual(scene.plane.control.root, { mode: 'off', address: 0n });
    scene.command({ TE: true });
    assert.deepEqual(scene.plane.control.root, { mode: 'scalable', address: 0x5000n });
    assert.deepEqual(scene.data.commands, ['SRTP', 'TE']);
    scene.command({ TE: false });
    assert.strictEqual(scene.plane.control.root.mode, 'off');
  });

  test('take effect when time passes', () => {
    const scene = new ControlScene({ on: false });
    scene.begin({ QIE: true });
    scene.port.delay(1);
    assert.isTrue(status(scene).QIES);
  });

  test('a new root table acts from SRTP on', () => {
    const scene = new ControlScene();
    setRoot(scene, 'scalable');
    scene.command({ TE: true });
    scene.write('RTADDR', Rtaddr.encode({ TTM: 'abort', RTA: 7 }));
    assert.strictEqual(scene.plane.control.root.mode, 'scalable');
    scene.begin({ SRTP: true });
    assert.isFalse(status(scene).RTPS);
    scene.settle();
    assert.deepEqual(scene.plane.control.root, { mode: 'abort', address: 0x7000n });
  });

  test('GCMD reads as 0, and a write that changes nothing does nothing', () => {
    const scene = new ControlScene();
    scene.begin({});
    assert.strictEqual(scene.read('GCMD'), 0n);
    assert.deepEqual(scene.data.commands, ['QIE']);
  });

  test('WBF exists with CAP.RWBF', () => {
    const scene = new ControlScene({ part: { RWBF: true } });
    scene.begin({ WBF: true });
    assert.isTrue(status(scene).WBFS);
    scene.settle();
    assert.isFalse(status(scene).WBFS);
    assert.deepEqual(scene.data.commands, ['QIE', 'WBF']);
    const other = new ControlScene();
    other.command({ WBF: true });
    assert.deepEqual(other.data.commands, ['QIE']);
  });

  test('what is reserved here is ignored', () => {
    const scene = new ControlScene({ on: false });
    scene.command({ IRE: true, SIRTP: true });
    assert.strictEqual(scene.read('GSTS'), 0n);
  });

  const unspecified: readonly (readonly [string, (scene: ControlScene) => void])[] = [
    ['two commands in one write', (scene) => scene.begin({ QIE: false, SRTP: true })],
    [
      'a command before the last one is done',
      (scene) => {
        scene.begin({ SRTP: true });
        scene.begin({ QIE: false });
      },
    ],
    [
      'RTADDR while it is read',
      (scene) => {
        scene.begin({ SRTP: true });
        scene.write('RTADDR', 0n);
      },
    ],
    ['TE without a root table', (scene) => scene.begin({ TE: true })],
    [
      'TE again without setting the root table again',
      (scene) => {
        setRoot(scene, 'scalable');
        for (const TE of [true, false, true]) scene.command({ TE });
      },
    ],
    ['IQA while the queue is on', (scene) => scene.write('IQA', 0n)],
    ['register-based invalidation of contexts', (scene) => scene.write('CCMD', 0n)],
    ['register-based invalidation of translations', (scene) => scene.write('IOTLB', 0n)],
    [
      'another mode while translation is on',
      (scene) => {
        setRoot(scene, 'scalable');
        scene.command({ TE: true });
        setRoot(scene, 'legacy');
      },
    ],
    ['a register that is not aligned', (scene) => scene.port.mmioRead32(0, 2)],
    ['beyond the registers', (scene) => scene.port.mmioRead32(0, 0x1000)],
  ];
  for (const [what, act] of unspecified)
    test(`unspecified: ${what}`, () => {
      const scene = new ControlScene();
      assert.throws(() => act(scene), UnspecifiedBehaviour);
    });

  test('the queue begins at 0', () => {
    const scene = new ControlScene();
    scene.submit();
    scene.write('IQT', 0x20n);
    scene.command({ QIE: false });
    assert.throws(() => scene.begin({ QIE: true }), UnspecifiedBehaviour, /IQT/);
  });
});

suite('root table address', () => {
  test('a mode that the part does not have is not valid', () => {
    const scene = new ControlScene({ part: { ...LEGACY, ADMS: false }, wide: false });
    for (const TTM of ['scalable', 'abort'] as const) {
      setRoot(scene, TTM);
      scene.command({ TE: true });
      assert.strictEqual(scene.plane.control.root.mode, 'invalid');
      scene.command({ TE: false });
    }
  });

  test('abort and back is allowed while translation is on', () => {
    const scene = new ControlScene();
    setRoot(scene, 'scalable');
    scene.command({ TE: true });
    for (const TTM of ['abort', 'legacy'] as const) setRoot(scene, TTM);
    assert.strictEqual(scene.plane.control.root.mode, 'legacy');
  });
});

suite('registers', () => {
  test('offsets without a register, and registers that the part does not have, read as 0 and take nothing', () => {
    const scene = new ControlScene({ part: { ...LEGACY, NFR: 1 }, wide: false });
    for (const at of [0x64, MAP.PQA.at, MAP.FRCD1.at]) {
      scene.port.mmioWrite32(0, at, 0xffff_ffff);
      assert.strictEqual(scene.port.mmioRead32(0, at), 0);
    }
  });

  test('IQA.DW exists in scalable mode only', () => {
    const scene = new ControlScene({ part: LEGACY, wide: false, on: false });
    scene.write('IQA', 0x5800n);
    assert.strictEqual(scene.read('IQA'), 0x5000n);
  });

  test('a command has no bits but its own', () => {
    assert.strictEqual(Gcmd.encode({ TE: true, QIE: true }), 0x8400_0000n);
  });
});
