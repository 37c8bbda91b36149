import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { UnspecifiedBehaviour } from '#hw-models/core/errors';
import { ControlScene, type ControlSceneOptions } from '#hw-models/riscv-iommu/control-scene';
import { FaultRecord, TRANSACTION_TYPES } from '#hw-models/riscv-iommu/fault-record';
import { PageRequestRecord } from '#hw-models/riscv-iommu/page-request-queue';
import { QUEUES } from '#hw-models/riscv-iommu/queues';
import type { PageRequest } from '#hw-models/riscv-iommu/request';

const fault = FaultRecord.encode({ CAUSE: 258, DID: 5, PV: true, PID: 9, TTYP: TRANSACTION_TYPES['untranslated read'], iotval: 0x1000n });
const request: PageRequest = {
  deviceId: 7,
  processId: 3,
  privileged: true,
  execute: true,
  read: true,
  write: false,
  last: true,
  group: 0x1ff,
  iova: 0xffff_ffff_ffff_f000n,
};

/** What the tests of both queues do with each. */
const KINDS = {
  fault: {
    overflow: 'fqof',
    memoryFault: 'fqmf',
    put: (scene: ControlScene) => scene.plane.faults.record(fault),
    answers: { put: 'recorded', off: 'lost', full: 'lost', memoryFault: 'lost' },
  },
  'page-request': {
    overflow: 'pqof',
    memoryFault: 'pqmf',
    put: (scene: ControlScene) => scene.plane.pageRequests.queue(request),
    answers: { put: 'queued', off: 'off', full: 'full', memoryFault: 'memory-fault' },
  },
} as const;

for (const queue of ['fault', 'page-request'] as const) {
  const { overflow, memoryFault, put, answers } = KINDS[queue];
  const { csr, hardware, software, entryBytes, pending } = QUEUES[queue];
  const scenes = (options: ControlSceneOptions = {}): ControlScene => new ControlScene({ queueLog2: 2, on: [queue], ...options });
  /** Clears errors, and leaves the queue on. */
  const clear = (scene: ControlScene): void => {
    scene.write(csr, 0x303n);
    scene.settle();
  };
  const isPending = (scene: ControlScene): boolean => scene.plane.control.registers.view('ipsr')[pending];

  suite(`the ${queue} queue`, () => {
    test('has a record, then its index, and wraps', () => {
      const scene = scenes();
      for (let round = 1; round <= 6; round++) {
        assert.strictEqual(put(scene), answers.put);
        assert.strictEqual(scene.read(hardware), BigInt(round % 4));
        scene.write(software, BigInt(round % 4));
      }
    });

    test('is full with one entry free: the record is lost, and so are others until software clears the error', () => {
      const scene = scenes();
      for (let record = 0; record < 3; record++) assert.strictEqual(put(scene), answers.put);
      assert.isFalse(scene.flag(queue, overflow));
      assert.strictEqual(put(scene), answers.full);
      assert.isTrue(scene.flag(queue, overflow));
      scene.write(software, 2n);
      assert.strictEqual(put(scene), answers.full);
      clear(scene);
      assert.strictEqual(put(scene), answers.put);
    });

    test('where nothing answers: the record is lost, and so are others until software clears the error', () => {
      const scene = scenes();
      const page = Number(scene.queues.get(queue)! / 4096n);
      scene.machine.memory.holes.add(page);
      assert.strictEqual(put(scene), answers.memoryFault);
      assert.isTrue(scene.flag(queue, memoryFault));
      scene.machine.memory.holes.clear();
      assert.strictEqual(put(scene), answers.memoryFault);
      assert.strictEqual(scene.read(hardware), 0n);
      clear(scene);
      assert.strictEqual(put(scene), answers.put);
    });

    test('takes nothing while it is off', () => {
      const scene = scenes({ on: [] });
      assert.strictEqual(put(scene), answers.off);
      scene.enable(queue, false);
      assert.strictEqual(put(scene), answers.off);
      scene.settle();
      assert.strictEqual(put(scene), answers.put);
      scene.write(csr, 0n);
      // It is off when busy reads 0.
      assert.strictEqual(put(scene), answers.put);
      scene.settle();
      assert.strictEqual(put(scene), answers.off);
      assert.isEmpty(scene.machine.attention());
    });

    test('software does not take records back', () => {
      const scene = scenes();
      put(scene);
      scene.write(software, 1n);
      assert.throws(
        () => {
          scene.write(software, 0n);
        },
        UnspecifiedBehaviour,
        /moves back/,
      );
    });

    test('interrupts for each record, while software has served the last', () => {
      const scene = scenes({ wired: true });
      put(scene);
      put(scene);
      assert.lengthOf(scene.machine.interrupts, 1);
      const bit = scene.read('ipsr');
      scene.write('ipsr', bit);
      // A record that lies there is not new.
      assert.isFalse(isPending(scene));
      put(scene);
      assert.lengthOf(scene.machine.interrupts, 2);
    });

    test('interrupts while an error lasts', () => {
      const scene = scenes();
      for (let record = 0; record < 4; record++) put(scene);
      scene.write('ipsr', 0xfn);
      assert.isTrue(isPending(scene));
      clear(scene);
      scene.write('ipsr', 0xfn);
      assert.isFalse(isPending(scene));
    });

    test('does not interrupt without being told to, and then for errors that last', () => {
      const scene = scenes();
      scene.write(csr, 1n);
      scene.settle();
      put(scene);
      assert.isFalse(isPending(scene));
      for (let record = 0; record < 3; record++) put(scene);
      assert.isFalse(isPending(scene));
      scene.write(csr, 3n);
      assert.isTrue(isPending(scene));
    });

    test('asks for attention', () => {
      const scene = scenes();
      put(scene);
      assert.deepEqual(
        scene.machine.attention().map(({ protocol }) => protocol),
        [false],
      );
      for (let record = 0; record < 3; record++) put(scene);
      const errors = scene.machine.attention().filter(({ protocol }) => protocol);
      assert.deepEqual(
        errors.map(({ what }) => what),
        [`${csr}.${overflow}: records of the ${queue} queue are lost`],
      );
      scene.write(software, 3n);
      clear(scene);
      assert.isEmpty(scene.machine.attention());
    });

    test('its frames are used while it is on', () => {
      const scene = scenes({ queueLog2: 9 });
      const page = Number(scene.queues.get(queue)! / 4096n);
      assert.deepInclude([...scene.plane.buffers()], { page, frames: (512 * entryBytes) / 4096, what: `the ${queue} queue` });
    });
  });
}

suite('records', () => {
  const wordsAt = (scene: ControlScene, at: bigint, count: number): readonly bigint[] =>
    Array.from({ length: count }, (_, index) => scene.port.read64(at + BigInt(index * 8)));

  test('a fault as the figure of the specification has it', () => {
    const scene = new ControlScene();
    scene.plane.faults.record(fault);
    assert.deepEqual(wordsAt(scene, scene.queues.get('fault')!, 4), [
      (5n << 40n) | (2n << 34n) | (1n << 32n) | (9n << 12n) | 258n,
      0n,
      0x1000n,
      0n,
    ]);
    assert.deepEqual(scene.machine.attention(), [
      { what: 'fault 258, DDT entry not valid of device_id 0x5 with process_id 0x9 at 0x1000', protocol: false },
    ]);
  });

  test('what no transaction caused is about software', () => {
    const scene = new ControlScene();
    scene.plane.faults.record(FaultRecord.encode({ CAUSE: 273, iotval: 0x40n }));
    assert.deepEqual(scene.machine.attention(), [{ what: 'fault 273, IOMMU MSI write access fault at 0x40', protocol: true }]);
    scene.plane.faults.record(FaultRecord.encode({ CAUSE: 300, TTYP: 2 }));
    assert.include(scene.machine.attention()[1]!.what, 'fault 300, cause 300');
  });

  test('a page request as the figure of the specification has it', () => {
    const scene = new ControlScene();
    scene.plane.pageRequests.queue(request);
    assert.deepEqual(wordsAt(scene, scene.queues.get('page-request')!, 2), [
      (7n << 40n) | (1n << 34n) | (1n << 33n) | (1n << 32n) | (3n << 12n),
      0xffff_ffff_ffff_f000n | (0x1ffn << 3n) | (1n << 2n) | 1n,
    ]);
    assert.match(scene.machine.attention()[0]!.what, /page request of device_id 0x7 in group 0x1ff at 0xffff_ffff_ffff_f000/);
  });

  test('without a process there is neither privilege nor execution', () => {
    const scene = new ControlScene();
    scene.plane.pageRequests.queue({ ...request, processId: undefined });
    const [first] = wordsAt(scene, scene.queues.get('page-request')!, 1);
    const { PV, PID, PRIV, EXEC } = PageRequestRecord.of(first!);
    assert.deepEqual({ PV, PID, PRIV, EXEC }, { PV: false, PID: 0, PRIV: false, EXEC: false });
  });
});
