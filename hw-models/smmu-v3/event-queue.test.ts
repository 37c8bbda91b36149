import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { pageOfWord, wordOf } from '#hw-models/core/address';
import { UnspecifiedBehaviour } from '#hw-models/core/errors';
import type { Attention } from '#hw-models/core/hardware';
import { EventqProd, Gerror } from '#hw-models/smmu-v3/registers';
import { Scene } from '#hw-models/smmu-v3/scene';

const FLAG = 1n << 31n;
/** Streams without an STE: every access leaves a record. */
const fault = (scene: Scene): string => {
  const outcome = scene.access(0, 0x1000n);
  return outcome.kind === 'faulted' ? outcome.fault.record : outcome.kind;
};
const fill = (scene: Scene, records: number): void => {
  for (let record = 0; record < records; record++) assert.strictEqual(fault(scene), 'recorded');
};
const overflowed = (scene: Scene): boolean => EventqProd.of(scene.read('EVENTQ_PROD')).OVFLG;
const protocol = (scene: Scene): readonly Attention[] => scene.machine.attention().filter((attention) => attention.protocol);

suite('records', () => {
  test('are written one after the other, and unread ones ask for attention', () => {
    const scene = new Scene({ ids: [3] });
    fill(scene, 2);
    assert.strictEqual(scene.read('EVENTQ_PROD'), 2n);
    assert.deepEqual(
      scene.machine.attention(),
      Array.from({ length: 2 }, () => ({ what: 'event C_BAD_STE of StreamID 0x3', protocol: false })),
    );
    assert.lengthOf(scene.events(), 2);
    assert.isEmpty(scene.machine.attention());
  });

  test('indexes wrap', () => {
    const scene = new Scene({ queueLog2: 2 });
    for (let round = 0; round < 6; round++) {
      fill(scene, 3);
      assert.lengthOf(scene.events(), 3);
    }
    assert.strictEqual(scene.read('EVENTQ_PROD'), 18n % 8n);
  });

  test('are lost silently while the queue is disabled', () => {
    const scene = new Scene();
    scene.enable({ SMMUEN: true, CMDQEN: true });
    assert.strictEqual(fault(scene), 'lost');
    scene.enable({ SMMUEN: true, CMDQEN: true, EVENTQEN: true });
    assert.isFalse(overflowed(scene));
    assert.isEmpty(scene.events());
  });

  test('nothing is recorded for a stream that aborts, or is not translated', () => {
    const scene = new Scene();
    scene.install(0, { V: true, Config: 'abort' });
    assert.strictEqual(scene.access(0, 0n).kind, 'aborted');
    scene.install(0, { V: true, Config: 'bypass', SHCFG: 'incoming' });
    assert.strictEqual(scene.access(0, 0n).kind, 'bypassed');
    assert.isEmpty(scene.events());
  });
});

suite('overflow', () => {
  test('toggles the flag once, and is a matter of protocol until acknowledged', () => {
    const scene = new Scene({ queueLog2: 2 });
    fill(scene, 4);
    assert.isFalse(overflowed(scene));
    assert.strictEqual(fault(scene), 'lost');
    assert.isTrue(overflowed(scene));
    assert.strictEqual(fault(scene), 'lost');
    assert.isTrue(overflowed(scene));
    assert.lengthOf(protocol(scene), 1);
    assert.lengthOf(scene.events(), 4);
    assert.match(protocol(scene)[0]!.what, /overflowed/);
    scene.write('EVENTQ_CONS', scene.read('EVENTQ_CONS') | FLAG);
    assert.isEmpty(scene.machine.attention());
  });

  test('does not stop delivery while it is not acknowledged', () => {
    const scene = new Scene({ queueLog2: 2 });
    fill(scene, 4);
    fault(scene);
    scene.events();
    fill(scene, 4);
    assert.strictEqual(fault(scene), 'lost');
    assert.isTrue(overflowed(scene), 'the flag changes again only after an acknowledgement');
    scene.write('EVENTQ_CONS', scene.read('EVENTQ_CONS') | FLAG);
    assert.strictEqual(fault(scene), 'lost');
    assert.isFalse(overflowed(scene));
    assert.lengthOf(protocol(scene), 1);
  });
});

suite('errors', () => {
  test('a record that cannot be written stops the queue until the error is acknowledged', () => {
    const scene = new Scene();
    const frame = pageOfWord(wordOf(scene.eventQueue));
    scene.machine.memory.holes.add(frame);
    assert.strictEqual(fault(scene), 'lost');
    assert.isTrue(Gerror.of(scene.read('GERROR')).EVENTQ_ABT_ERR);
    assert.strictEqual(scene.read('EVENTQ_PROD'), 0n);
    scene.machine.memory.holes.delete(frame);
    assert.strictEqual(fault(scene), 'lost');
    scene.write('GERRORN', scene.read('GERROR'));
    assert.strictEqual(fault(scene), 'recorded');
  });

  test('an index of no filling of the queue is software’s mistake', () => {
    const scene = new Scene();
    assert.throws(() => scene.write('EVENTQ_CONS', 1n), UnspecifiedBehaviour, /EVENTQ_CONS/);
  });

  test('records that were consumed are not taken back', () => {
    const scene = new Scene();
    fill(scene, 3);
    scene.write('EVENTQ_CONS', 2n);
    assert.throws(() => scene.write('EVENTQ_CONS', 1n), UnspecifiedBehaviour, /moves back/);
  });
});

suite('interrupts', () => {
  test('come when the queue stops being empty, and only then', () => {
    const scene = new Scene();
    scene.write('IRQ_CTRL', 4n);
    assert.strictEqual(scene.read('IRQ_CTRLACK'), 4n);
    fill(scene, 2);
    assert.lengthOf(scene.machine.interrupts, 1);
    scene.events();
    fill(scene, 1);
    assert.deepEqual(
      scene.machine.interrupts,
      Array.from({ length: 2 }, () => ({ iommu: 0, line: 'event queue' })),
    );
  });

  test('are messages where an address is configured', () => {
    const scene = new Scene();
    const target = scene.pages('completion', 4096);
    scene.write('EVENTQ_IRQ_CFG0', target + 4n);
    scene.write('EVENTQ_IRQ_CFG1', 0x5555n);
    scene.write('IRQ_CTRL', 4n);
    scene.read('IRQ_CTRLACK');
    fill(scene, 1);
    assert.strictEqual(scene.port.read64(target), 0x5555_0000_0000n);
    assert.isEmpty(scene.machine.interrupts);
    const { hardware } = scene.machine.instance(0);
    assert.include(
      [...hardware.buffers()].map(({ what }) => what),
      'the MSI of its event queue',
    );
    scene.machine.memory.holes.add(Number(target / 4096n));
    scene.events();
    fill(scene, 1);
    assert.isTrue(Gerror.of(scene.read('GERROR')).MSI_EVENTQ_ABT_ERR);
  });
});
