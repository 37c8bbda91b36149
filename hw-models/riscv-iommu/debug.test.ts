import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { UnspecifiedBehaviour } from '#hw-models/core/errors';
import { ControlScene, REFUSED } from '#hw-models/riscv-iommu/control-scene';
import { MAP, TrReqCtl, TrReqIova, TrResponse } from '#hw-models/riscv-iommu/registers';
import type { Translated } from '#hw-models/riscv-iommu/request';

const IOMMU = 0;
const page: Translated = { kind: 'translated', pa: 0x12_3456_7000n, sizeLog2: 12, prot: 1, memoryType: 'PMA', bypassed: false, msi: false };
type Ctl = Parameters<typeof TrReqCtl.encode>[0];
const ask = (scene: ControlScene, ctl: Ctl = {}): void => {
  scene.write('tr_req_iova', TrReqIova.encode({ vpn: 0xf_ffff_ffff_ffffn }));
  scene.write('tr_req_ctl', TrReqCtl.encode({ DID: 0xab_cdef, 'Go/Busy': true, ...ctl }));
};
const answer = (scene: ControlScene): Omit<ReturnType<typeof TrResponse.of>, 'raw' | 'custom' | 'rsv54' | 'rsv1'> => {
  assert.isFalse(TrReqCtl.of(scene.read('tr_req_ctl'))['Go/Busy']);
  const { fault, PBMT, S, PPN } = TrResponse.of(scene.read('tr_response'));
  return { fault, PBMT, S, PPN };
};
const translated = (values: Partial<Translated> = {}): ControlScene => {
  const scene = new ControlScene({ on: [] });
  scene.data.translation = () => ({ ...page, ...values });
  return scene;
};

suite('a request', () => {
  test('is answered when software looks whether it is', () => {
    const scene = translated();
    ask(scene);
    scene.read('tr_response');
    scene.settle();
    assert.isEmpty(scene.data.debugged);
    assert.isTrue(scene.plane.control.registers.view('tr_req_ctl')['Go/Busy']);
    assert.deepEqual(answer(scene), { fault: false, PBMT: 'PMA', S: false, PPN: 0x12_3456_7n });
    scene.read('tr_req_ctl');
    assert.lengthOf(scene.data.debugged, 1);
  });

  test('is not made without Go', () => {
    const scene = translated();
    ask(scene, { 'Go/Busy': false });
    scene.port.delay(1);
    assert.isEmpty(scene.data.debugged);
    assert.strictEqual(TrReqCtl.of(scene.read('tr_req_ctl')).DID, 0xab_cdef);
  });

  test('has a process and a privilege when it says so', () => {
    const scene = translated();
    ask(scene, { PID: 5, Priv: true, NW: true });
    answer(scene);
    ask(scene, { PID: 5, PV: true, Priv: true, NW: true });
    answer(scene);
    const common = { deviceId: 0xab_cdef, iova: 0xffff_ffff_ffff_f000n, access: 'read', type: 'untranslated' };
    assert.deepEqual(scene.data.debugged, [
      { ...common, processId: undefined, privileged: false },
      { ...common, processId: 5, privileged: true },
    ] as typeof scene.data.debugged);
  });

  for (const [NW, Exe, accesses] of [
    [true, false, ['read']],
    [false, false, ['write']],
    [true, true, ['read', 'execute']],
    [false, true, ['write', 'execute']],
  ] as const)
    test(`with NW ${Number(NW)} and Exe ${Number(Exe)} is to ${accesses.join(' and ')}`, () => {
      const scene = translated();
      ask(scene, { NW, Exe });
      answer(scene);
      assert.deepEqual(
        scene.data.debugged.map(({ access }) => access),
        [...accesses],
      );
    });

  test('must not be changed on its way, nor the configuration', () => {
    for (const name of ['tr_req_iova', 'tr_req_ctl', 'ddtp', 'fctl'] as const) {
      const scene = translated();
      ask(scene);
      assert.throws(
        () => {
          scene.write(name, 0n);
        },
        UnspecifiedBehaviour,
        /Go.Busy is 1/,
      );
    }
  });

  test('is made by halves, the upper first', () => {
    const scene = translated();
    const raw = TrReqCtl.encode({ DID: 3, 'Go/Busy': true });
    scene.port.mmioWrite32(IOMMU, MAP.tr_req_ctl.at + 4, Number(raw >> 32n));
    scene.port.mmioWrite32(IOMMU, MAP.tr_req_ctl.at, Number(raw & 0xffff_ffffn));
    scene.port.mmioRead32(IOMMU, MAP.tr_req_ctl.at);
    assert.strictEqual(scene.data.debugged[0]!.deviceId, 3);
  });
});

suite('a response', () => {
  test('says that there was a fault', () => {
    const scene = translated();
    ask(scene);
    answer(scene);
    scene.data.translation = () => REFUSED;
    ask(scene);
    assert.deepEqual(answer(scene), { fault: true, PBMT: 'PMA', S: false, PPN: 0n });
  });

  test('stops at the first fault', () => {
    const scene = new ControlScene({ on: [] });
    ask(scene, { Exe: true });
    assert.isTrue(answer(scene).fault);
    assert.lengthOf(scene.data.debugged, 1);
  });

  for (const [memoryType, PBMT] of [
    ['PMA', 'PMA'],
    ['NC', 'NC'],
    ['IO', 'IO'],
  ] as const)
    test(`has memory type ${memoryType}`, () => {
      const scene = translated({ memoryType });
      ask(scene);
      assert.strictEqual(answer(scene).PBMT, PBMT);
    });

  // The examples of the specification, and the largest.
  for (const [sizeLog2, ending] of [
    [13, 0x0n],
    [16, 0x7n],
    [21, 0xffn],
    [22, 0x1ffn],
    [30, 0x1_ffffn],
  ] as const)
    test(`has 2^${sizeLog2} bytes in its address`, () => {
      const scene = translated({ pa: 0xff_ffff_ffff_f000n, sizeLog2 });
      ask(scene);
      const span = 1n << BigInt(sizeLog2 - 12);
      assert.deepEqual(answer(scene), { fault: false, PBMT: 'PMA', S: true, PPN: (0xfff_ffff_ffffn & ~(span - 1n)) | ending });
    });

  test('has no size when nothing translated it', () => {
    const scene = translated({ bypassed: true, sizeLog2: 56 });
    ask(scene);
    assert.isFalse(answer(scene).S);
  });

  test('has no more than the whole of memory', () => {
    const scene = translated({ pa: 0n, sizeLog2: 60 });
    ask(scene);
    assert.strictEqual(answer(scene).PPN, (1n << 43n) - 1n);
  });
});

suite('without DBG', () => {
  test('there is nothing to ask', () => {
    const scene = new ControlScene({ part: { DBG: false }, on: [] });
    ask(scene);
    scene.port.delay(1);
    assert.isEmpty(scene.data.debugged);
    assert.strictEqual(scene.read('tr_req_ctl'), 0n);
  });
});
