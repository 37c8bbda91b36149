import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { ControlScene, type ControlSceneOptions } from '#hw-models/riscv-iommu/control-scene';
import { FaultRecord } from '#hw-models/riscv-iommu/fault-record';
import { Icvec, type Vector } from '#hw-models/riscv-iommu/registers';
import { fence } from '#hw-models/riscv-iommu/software';

const IOMMU = 0;
const FAULT = FaultRecord.encode({ CAUSE: 256, TTYP: 2 });
const ILLEGAL = 0n;

/** Vectors 0, 1 and 2 send their numbers plus 1 to words of one page. */
class Messages extends ControlScene {
  readonly at: bigint;

  constructor(options: ControlSceneOptions = {}) {
    super(options);
    const page = this.port.pageAlloc({ order: 0, kind: 'messages' });
    if (!page.ok) throw new Error('no page');
    this.at = page.value;
    for (const vector of [0, 1, 2] as const) {
      this.write(`msi_addr_${vector}`, this.addressOf(vector));
      this.write(`msi_data_${vector}`, BigInt(vector + 1));
    }
    this.write('icvec', Icvec.encode({ civ: 0, fiv: 1, piv: 2 }));
  }

  addressOf(vector: Vector): bigint {
    return this.at + BigInt(vector * 4);
  }

  /** What came since the last look. */
  received(): readonly number[] {
    const found = [0, 1, 2].map((vector) => this.port.read32(this.at + BigInt(vector * 4)));
    for (const vector of [0, 1, 2]) this.port.write32(this.at + BigInt(vector * 4), 0);
    this.port.barrier();
    return found;
  }
}

suite('messages', () => {
  test('go where the vector of their cause says', () => {
    const scene = new Messages();
    scene.plane.faults.record(FAULT);
    assert.deepEqual(scene.received(), [0, 2, 0]);
    scene.submit(ILLEGAL);
    assert.deepEqual(scene.received(), [1, 0, 0]);
    assert.isEmpty(scene.machine.interrupts);
    assert.strictEqual(scene.read('ipsr'), 3n);
  });

  test('are sent when a bit becomes 1, not while it is', () => {
    const scene = new Messages();
    scene.plane.faults.record(FAULT);
    scene.received();
    scene.plane.faults.record(FAULT);
    assert.deepEqual(scene.received(), [0, 0, 0]);
    scene.write('ipsr', 2n);
    scene.plane.faults.record(FAULT);
    assert.deepEqual(scene.received(), [0, 2, 0]);
  });

  test('are held back by a mask, and sent once when it is lifted', () => {
    const scene = new Messages();
    scene.write('msi_vec_ctl_1', 1n);
    for (let round = 0; round < 2; round++) {
      scene.plane.faults.record(FAULT);
      scene.write('ipsr', 2n);
    }
    assert.deepEqual(scene.received(), [0, 0, 0]);
    scene.write('msi_vec_ctl_1', 1n);
    scene.write('msi_vec_ctl_0', 0n);
    assert.deepEqual(scene.received(), [0, 0, 0]);
    scene.write('msi_vec_ctl_1', 0n);
    assert.deepEqual(scene.received(), [0, 2, 0]);
    scene.write('msi_vec_ctl_1', 1n);
    scene.write('msi_vec_ctl_1', 0n);
    assert.deepEqual(scene.received(), [0, 0, 0]);
  });

  test('go to the address at the time', () => {
    const scene = new Messages();
    scene.write('msi_vec_ctl_1', 1n);
    scene.plane.faults.record(FAULT);
    scene.write('msi_addr_1', scene.addressOf(2));
    scene.write('msi_vec_ctl_1', 0n);
    assert.deepEqual(scene.received(), [0, 0, 2]);
  });

  for (const [what, address] of [
    ['where nothing answers', undefined],
    ['beyond the physical addresses', 1n << 40n],
  ] as const)
    test(`that go ${what} are reported as faults`, () => {
      const scene = new Messages({ part: { PAS: 40 } });
      const at = address ?? scene.at;
      if (address === undefined) scene.machine.memory.holes.add(Number(at / 4096n));
      scene.write('msi_addr_0', at);
      scene.submit(ILLEGAL);
      const queue = scene.queues.get('fault')!;
      assert.strictEqual(scene.port.read64(queue), 273n);
      assert.strictEqual(scene.port.read64(queue + 16n), at);
    });

  test('a fault of the message about faults is reported, and that is all', () => {
    const scene = new Messages();
    scene.machine.memory.holes.add(Number(scene.at / 4096n));
    scene.plane.faults.record(FAULT);
    assert.strictEqual(scene.read('fqt'), 2n);
    assert.lengthOf(scene.machine.attention(), 2);
  });

  test('their frames are used while their interrupts are enabled and not masked', () => {
    const scene = new Messages({ on: ['fault'] });
    const messages = (): number => [...scene.plane.signals.targets()].length;
    assert.deepEqual(
      [...scene.plane.signals.targets()],
      [{ page: Number(scene.at / 4096n), what: 'the MSI of its fault queue', message: true }],
    );
    scene.write('msi_vec_ctl_1', 1n);
    assert.strictEqual(messages(), 0);
    scene.write('msi_vec_ctl_1', 0n);
    scene.write('fqcsr', 1n);
    assert.strictEqual(messages(), 0);
  });
});

suite('wires', () => {
  test('are those of the vectors', () => {
    const scene = new Messages({ wired: true });
    scene.plane.faults.record(FAULT);
    scene.submit(fence({ WSI: true }));
    scene.wait();
    assert.deepEqual(scene.machine.interrupts, [
      { iommu: IOMMU, line: 'wire 1' },
      { iommu: IOMMU, line: 'wire 0' },
    ]);
    assert.deepEqual(scene.received(), [0, 0, 0]);
    assert.isEmpty([...scene.plane.signals.targets()]);
  });

  test('what is pending drives the wire that its vector says', () => {
    const scene = new Messages({ wired: true });
    scene.plane.faults.record(FAULT);
    scene.write('icvec', Icvec.encode({ civ: 2, fiv: 3, piv: 2 }));
    scene.write('icvec', Icvec.encode({ civ: 1, fiv: 3 }));
    assert.deepEqual(
      scene.machine.interrupts.map(({ line }) => line),
      ['wire 1', 'wire 3'],
    );
  });

  test('messages do not follow a vector', () => {
    const scene = new Messages();
    scene.plane.faults.record(FAULT);
    scene.received();
    scene.write('icvec', Icvec.encode({ civ: 0, fiv: 2, piv: 2 }));
    assert.deepEqual(scene.received(), [0, 0, 0]);
    assert.isEmpty(scene.machine.interrupts);
  });
});

suite('pending bits', () => {
  test('are cleared by 1 and left alone by 0', () => {
    const scene = new Messages();
    scene.plane.faults.record(FAULT);
    scene.write('ipsr', 0xffff_fffdn);
    assert.strictEqual(scene.read('ipsr'), 2n);
    scene.write('ipsr', 2n);
    assert.strictEqual(scene.read('ipsr'), 0n);
  });
});
