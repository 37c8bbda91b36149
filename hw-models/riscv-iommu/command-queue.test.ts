import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { pageOfWord, wordOf } from '#hw-models/core/address';
import { UnspecifiedBehaviour } from '#hw-models/core/errors';
import { COMMANDS, Iodir, Iotinval } from '#hw-models/riscv-iommu/commands';
import { ControlScene } from '#hw-models/riscv-iommu/control-scene';
import { Cqb, Cqcsr, MAP } from '#hw-models/riscv-iommu/registers';
import { fence } from '#hw-models/riscv-iommu/software';

const IOMMU = 0;
const ddt = Iodir.encode({ opcode: COMMANDS['IODIR.INVAL_DDT'].opcode });
const vma = Iotinval.encode({ opcode: COMMANDS['IOTINVAL.VMA'].opcode });
const ILLEGAL = 0n;
const head = (scene: ControlScene): number => scene.plane.control.registers.view('cqh').index;
const kinds = (scene: ControlScene): readonly string[] => scene.data.orders.map(({ kind }) => kind);
const clear = (scene: ControlScene, flags: Parameters<typeof Cqcsr.encode>[0]): void => {
  scene.write('cqcsr', Cqcsr.encode({ cqen: true, cie: true, ...flags }));
};
const page = (scene: ControlScene): bigint => {
  const pages = scene.port.pageAlloc({ order: 0, kind: 'completion' });
  if (!pages.ok) throw new Error('no page');
  return pages.value;
};
const hole = (scene: ControlScene, address: bigint): void => {
  scene.machine.memory.holes.add(pageOfWord(wordOf(address)));
};

suite('commands', () => {
  test('are executed in order, and indexes wrap', () => {
    const scene = new ControlScene({ queueLog2: 2 });
    for (let round = 0; round < 5; round++) {
      scene.submit(ddt, vma, fence());
      assert.isTrue(scene.wait());
    }
    assert.deepEqual(kinds(scene), Array.from({ length: 5 }, () => ['IODIR.INVAL_DDT', 'IOTINVAL.VMA']).flat());
    assert.lengthOf(scene.data.fences, 5);
    assert.strictEqual(scene.read('cqh'), 15n % 4n);
  });

  test('are not fetched while the queue is off, or before it is on', () => {
    const scene = new ControlScene({ on: [] });
    scene.write('cqt', 2n);
    assert.strictEqual(scene.read('cqh'), 0n);
    scene.enable('command', false);
    scene.submit(ddt);
    assert.isEmpty(scene.data.orders);
    scene.settle();
    assert.deepEqual(kinds(scene), ['IODIR.INVAL_DDT']);
  });

  test('are not fetched once the queue is to be off', () => {
    const scene = new ControlScene();
    scene.write('cqcsr', 0n);
    scene.submit(ddt);
    scene.settle();
    assert.isEmpty(scene.data.orders);
    assert.isEmpty([...scene.plane.commands.buffers()]);
  });

  test('are not taken back', () => {
    const scene = new ControlScene();
    scene.submit(fence(), ddt);
    assert.throws(
      () => {
        scene.write('cqt', 1n);
      },
      UnspecifiedBehaviour,
      /moves back/,
    );
  });

  test('are shown in the trace', () => {
    const scene = new ControlScene();
    scene.submit(Iotinval.encode({ opcode: 1, func3: 1, GV: true, GSCID: 7 }), fence({ AV: true, ADDR: 0x400n, DATA: 1, PR: true }));
    scene.wait();
    scene.submit(ILLEGAL);
    const shown = Array.from({ length: scene.machine.trace.length }, (_, n) => scene.machine.trace.line(n)).join('\n');
    assert.match(shown, /IOTINVAL.GVMA gscid 0x7$/m);
    assert.match(shown, /IOFENCE.C write address 0x1000 data 0x1 pr$/m);
    assert.match(shown, /illegal command 0x0, opcode 0, func3 0$/m);
  });
});

suite('a fence', () => {
  test('is complete where software looks, and stops what is behind it', () => {
    const scene = new ControlScene();
    scene.submit(vma, fence(), ddt);
    assert.deepEqual(kinds(scene), ['IOTINVAL.VMA']);
    assert.strictEqual(head(scene), 1);
    for (const name of ['fctl', 'cqt', 'fqcsr', 'icvec'] as const) scene.read(name);
    assert.strictEqual(head(scene), 1);
    scene.read('cqh');
    assert.strictEqual(head(scene), 3);
    assert.deepEqual(kinds(scene), ['IOTINVAL.VMA', 'IODIR.INVAL_DDT']);
  });

  for (const name of ['cqh', 'cqcsr', 'ipsr'] as const)
    test(`is one at a time, at each look at ${name}`, () => {
      const scene = new ControlScene();
      scene.submit(fence(), fence(), fence());
      for (let seen = 1; seen <= 3; seen++) {
        scene.read(name);
        assert.strictEqual(head(scene), seen);
      }
    });

  test('is complete after a time', () => {
    const scene = new ControlScene();
    scene.submit(fence());
    scene.port.delay(1);
    assert.strictEqual(head(scene), 1);
  });

  test('orders what devices did as it says', () => {
    const scene = new ControlScene();
    scene.submit(fence({ PR: true }), fence({ PW: true }));
    scene.wait();
    assert.deepEqual(
      scene.data.fences.map(({ pr, pw }) => [pr, pw]),
      [
        [true, false],
        [false, true],
      ],
    );
  });

  for (const offset of [0n, 4n])
    test(`writes 4 bytes at offset ${offset}, and reading there lets it`, () => {
      const scene = new ControlScene();
      const at = page(scene);
      scene.port.write64(at, 0xffff_ffff_ffff_ffffn);
      scene.port.barrier();
      scene.submit(fence({ AV: true, ADDR: (at + offset) / 4n, DATA: 0x1234_5678 }));
      assert.deepInclude([...scene.plane.commands.buffers()], {
        page: Number(at / 4096n),
        what: 'the completion of an IOFENCE.C',
        message: true,
      });
      assert.strictEqual(scene.port.read32(at + offset), 0x1234_5678);
      assert.strictEqual(scene.port.read32(at + 4n - offset), 0xffff_ffff);
      assert.isFalse(scene.plane.commands.answersIn(Number(at / 4096n)));
    });

  test('raises a wire and fence_w_ip when it says so', () => {
    const scene = new ControlScene({ wired: true });
    scene.submit(fence({ WSI: true }));
    scene.wait();
    assert.isTrue(scene.flag('command', 'fence_w_ip'));
    assert.deepEqual(scene.machine.interrupts, [{ iommu: IOMMU, line: 'wire 0' }]);
    // It is no error.
    scene.submit(fence());
    assert.isTrue(scene.wait());
  });

  test('is given up when the queue is switched off', () => {
    const scene = new ControlScene();
    scene.submit(vma, fence());
    scene.write('cqcsr', 0n);
    scene.settle();
    scene.read('cqh');
    assert.isEmpty(scene.data.fences);
    assert.strictEqual(head(scene), 1);
  });
});

suite('errors', () => {
  test('an illegal command stops the queue at it, until software clears the bit', () => {
    const scene = new ControlScene();
    scene.submit(vma, ILLEGAL, ddt);
    assert.isTrue(scene.flag('command', 'cmd_ill'));
    assert.strictEqual(head(scene), 1);
    assert.deepEqual(scene.machine.attention(), [{ what: 'cqcsr.cmd_ill at index 0x1', protocol: true }]);
    scene.submit(ddt);
    assert.deepEqual(kinds(scene), ['IOTINVAL.VMA']);
    clear(scene, { cmd_ill: true });
    // It is fetched again.
    assert.isTrue(scene.flag('command', 'cmd_ill'));
    scene.settle();
    scene.port.write64(scene.queues.get('command')! + 16n, ddt);
    scene.port.barrier();
    clear(scene, { cmd_ill: true });
    assert.isFalse(scene.flag('command', 'cmd_ill'));
    assert.deepEqual(kinds(scene), ['IOTINVAL.VMA', 'IODIR.INVAL_DDT', 'IODIR.INVAL_DDT', 'IODIR.INVAL_DDT']);
    assert.isEmpty(scene.machine.attention());
  });

  test('so does an unsupported one', () => {
    const scene = new ControlScene({ part: { ATS: false, T2GPA: false }, on: ['command'] });
    scene.submit(BigInt(COMMANDS['ATS.INVAL'].opcode));
    assert.isTrue(scene.flag('command', 'cmd_ill'));
  });

  test('clearing other bits does not restart it', () => {
    const scene = new ControlScene();
    scene.submit(ILLEGAL);
    clear(scene, { cqmf: true, cmd_to: true });
    assert.isTrue(scene.flag('command', 'cmd_ill'));
  });

  test('software may take commands back while the queue stands', () => {
    const scene = new ControlScene();
    scene.submit(ILLEGAL, ddt);
    scene.write('cqt', 0n);
    clear(scene, { cmd_ill: true });
    assert.isFalse(scene.flag('command', 'cmd_ill'));
  });

  test('a fence that finds a timeout stays at the head', () => {
    const scene = new ControlScene();
    scene.data.answer = 'timeout';
    scene.submit(fence(), ddt);
    scene.read('cqh');
    assert.isTrue(scene.flag('command', 'cmd_to'));
    assert.strictEqual(head(scene), 0);
    assert.isEmpty(scene.data.orders);
    scene.data.answer = 'done';
    clear(scene, { cmd_to: true });
    assert.isTrue(scene.wait());
    assert.lengthOf(scene.data.fences, 2);
    assert.deepEqual(kinds(scene), ['IODIR.INVAL_DDT']);
  });

  test('a queue where nothing answers, or beyond the physical addresses', () => {
    const scene = new ControlScene();
    hole(scene, scene.queues.get('command')!);
    scene.submit(ddt);
    assert.isTrue(scene.flag('command', 'cqmf'));
    assert.strictEqual(head(scene), 0);
    scene.machine.memory.holes.clear();
    clear(scene, { cqmf: true });
    assert.deepEqual(kinds(scene), ['IODIR.INVAL_DDT']);

    const small = new ControlScene({ part: { PAS: 40 }, on: [] });
    small.write('cqb', Cqb.encode({ PPN: 2 ** 28 }));
    small.write('cqt', 0n);
    small.write('cqcsr', 1n);
    small.settle();
    small.write('cqt', 1n);
    assert.isTrue(small.flag('command', 'cqmf'));
  });

  for (const [what, address] of [
    ['where nothing answers', undefined],
    ['beyond the physical addresses', 1n << 56n],
    ['at the end of 64 bits', (1n << 64n) - 4n],
  ] as const)
    test(`a fence that writes ${what} did not complete`, () => {
      const scene = new ControlScene();
      const at = address ?? page(scene);
      if (address === undefined) hole(scene, at);
      scene.submit(fence({ AV: true, ADDR: at / 4n, DATA: 1 }), ddt);
      scene.read('cqh');
      assert.isTrue(scene.flag('command', 'cqmf'));
      assert.strictEqual(head(scene), 0);
      assert.isEmpty(scene.data.orders);
    });

  test('errors are told by an interrupt, once, and again while they last', () => {
    const scene = new ControlScene({ wired: true });
    scene.submit(ILLEGAL);
    assert.lengthOf(scene.machine.interrupts, 1);
    scene.write('ipsr', 1n);
    assert.lengthOf(scene.machine.interrupts, 2);
    assert.strictEqual(scene.read('ipsr'), 1n);
    scene.write('cqt', 0n);
    clear(scene, { cmd_ill: true });
    scene.settle();
    scene.write('ipsr', 1n);
    assert.lengthOf(scene.machine.interrupts, 2);
    assert.strictEqual(scene.read('ipsr'), 0n);
  });
});

suite('silence', () => {
  test('a fence is fetched and not completed, until the scene ends it', () => {
    const scene = new ControlScene();
    const silence = scene.machine.instance(IOMMU).hardware.fallsSilent!(1, 'lasting');
    scene.submit(fence(), fence(), ddt);
    assert.isFalse(scene.wait());
    assert.isTrue(silence.isHere);
    assert.strictEqual(head(scene), 1);
    silence.end();
    assert.isTrue(scene.wait());
    assert.isTrue(silence.hasCome);
  });

  test('or until software gives up', () => {
    const scene = new ControlScene();
    scene.machine.instance(IOMMU).hardware.fallsSilent!(0, 'late');
    scene.submit(fence());
    assert.isFalse(scene.wait());
    scene.read('cqh');
    assert.strictEqual(head(scene), 1);
  });
});

suite('buffers', () => {
  test('are the whole of the queue', () => {
    const scene = new ControlScene({ queueLog2: 9 });
    const [queue] = [...scene.plane.commands.buffers()];
    assert.deepEqual(queue, { page: Number(scene.queues.get('command')! / 4096n), frames: 2, what: 'the command queue' });
    assert.strictEqual(scene.plane.commands.answersIn(MAP.cqh.at), false);
  });
});
