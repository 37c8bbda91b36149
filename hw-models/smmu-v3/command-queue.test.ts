import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { pageOfWord, wordOf } from '#hw-models/core/address';
import { UnspecifiedBehaviour } from '#hw-models/core/errors';
import { Sync } from '#hw-models/smmu-v3/commands';
import { CmdqBase, CmdqCons, Gerror, MAP } from '#hw-models/smmu-v3/registers';
import { CFGI_ALL, cfgiSte, Scene, STAGE2, SYNC, tlbiVmid } from '#hw-models/smmu-v3/scene';

const sync = (values: Parameters<typeof Sync.encode>[0]): bigint => Sync.encode({ opcode: 0x46, ...values });
/** The registers without the advance that software's reads bring. */
const rawOf = (scene: Scene, register: 'CMDQ_CONS' | 'GERROR'): bigint => scene.machine.instance(0).hardware.mmioRead(MAP[register].at, 32);
const indexOf = (scene: Scene): number => CmdqCons.of(rawOf(scene, 'CMDQ_CONS')).RD;
const errorOf = (scene: Scene): string => CmdqCons.of(rawOf(scene, 'CMDQ_CONS')).ERR;
const isActive = (scene: Scene): boolean => Gerror.of(rawOf(scene, 'GERROR')).CMDQ_ERR !== (scene.read('GERRORN') % 2n === 1n);
const acknowledge = (scene: Scene): void => scene.write('GERRORN', scene.read('GERROR'));

suite('consumption', () => {
  test('commands other than CMD_SYNC are consumed at once, in order', () => {
    const scene = new Scene();
    const before = indexOf(scene);
    scene.submit(cfgiSte(1), tlbiVmid(2), CFGI_ALL);
    assert.strictEqual(indexOf(scene), before + 3);
    const names = scene.machine.trace.tail(100).map((line) => /CMD_\S+/.exec(line)?.[0]);
    assert.deepEqual(names.filter((name) => name !== undefined).slice(-3), ['CMD_CFGI_STE', 'CMD_TLBI_S12_VMALL', 'CMD_CFGI_STE_RANGE']);
  });

  test('a CMD_SYNC stays until software looks where that shows, and what stands behind it is not fetched', () => {
    const scene = new Scene();
    const before = indexOf(scene);
    scene.submit(SYNC, cfgiSte(1), SYNC, cfgiSte(2));
    assert.strictEqual(indexOf(scene), before);
    assert.notInclude(scene.machine.trace.tail(3).join(), 'StreamID 0x1');
    scene.read('CMDQ_PROD');
    scene.read('GERROR');
    scene.port.delay(1000);
    assert.isTrue(scene.port.pollUntil(0, MAP.CMDQ_PROD.at, 0xffff_ffff, Number(scene.read('CMDQ_PROD')), 1).ok);
    assert.strictEqual(indexOf(scene), before);
    scene.read('CMDQ_CONS');
    assert.strictEqual(indexOf(scene), before + 2);
    assert.isTrue(scene.wait());
    assert.strictEqual(indexOf(scene), before + 4);
  });

  test('indexes wrap, and a full queue is not an empty one', () => {
    const scene = new Scene({ queueLog2: 2 });
    for (let round = 0; round < 5; round++) {
      scene.submit(cfgiSte(1), cfgiSte(2), cfgiSte(3), SYNC);
      assert.isTrue(scene.wait());
    }
  });

  test('a queue of one entry has only the wrap flag', () => {
    const one = new Scene();
    one.enable({ EVENTQEN: true });
    one.port.mmioWrite64(0, MAP.CMDQ_BASE.at, one.commandQueue);
    one.write('CMDQ_CONS', 0n);
    one.write('CMDQ_PROD', 1n);
    one.port.write64(one.commandQueue, SYNC);
    one.port.write64(one.commandQueue + 8n, 0n);
    one.port.barrier();
    one.enable({ EVENTQEN: true, CMDQEN: true });
    assert.isTrue(one.wait());
  });

  test('indexes of no filling of the queue are software’s mistake', () => {
    const scene = new Scene({ queueLog2: 2 });
    const index = BigInt(indexOf(scene));
    assert.throws(() => scene.write('CMDQ_PROD', (index + 5n) % 8n), UnspecifiedBehaviour, /CMDQ_PROD/);
  });

  test('commands that were handed over are not taken back', () => {
    const scene = new Scene();
    scene.submit(SYNC, cfgiSte(1), cfgiSte(2), SYNC);
    const back = scene.machine.instance(0).hardware.mmioRead(MAP.CMDQ_PROD.at, 32) - 1n;
    assert.throws(() => scene.machine.instance(0).hardware.mmioWrite(MAP.CMDQ_PROD.at, back, 32), UnspecifiedBehaviour, /moves back/);
  });

  test('nothing is processed while the queue is disabled, and a CMD_SYNC in progress ends with the Update', () => {
    const scene = new Scene();
    const before = indexOf(scene);
    scene.submit(SYNC);
    scene.enable({ SMMUEN: true, EVENTQEN: true });
    assert.strictEqual(indexOf(scene), before + 1);
    scene.submit(SYNC);
    assert.isFalse(scene.wait());
    scene.enable({ SMMUEN: true, EVENTQEN: true, CMDQEN: true });
    assert.isTrue(scene.wait());
  });
});

suite('silence', () => {
  test('lasts until the scene ends it, from the CMD_SYNC on that it was asked for', () => {
    const scene = new Scene();
    const silence = scene.machine.instance(0).hardware.fallsSilent!(1, 'lasting');
    scene.submit(SYNC);
    assert.isTrue(scene.wait());
    assert.isFalse(silence.hasCome);
    const before = indexOf(scene);
    scene.submit(cfgiSte(1), SYNC);
    assert.isFalse(scene.wait());
    scene.submit(cfgiSte(2), SYNC);
    assert.isFalse(scene.wait());
    assert.isTrue(silence.hasCome);
    assert.strictEqual(indexOf(scene), before + 1);
    silence.end();
    assert.isTrue(scene.wait());
    scene.submit(SYNC);
    assert.isTrue(scene.wait());
  });

  test('of one that is late is over when software has given up, or goes on', () => {
    const scene = new Scene();
    const { hardware } = scene.machine.instance(0);
    hardware.fallsSilent!(0, 'late');
    scene.submit(SYNC);
    scene.read('CMDQ_CONS');
    scene.read('CMDQ_CONS');
    assert.isFalse(scene.wait());
    assert.isTrue(scene.wait());
    hardware.fallsSilent!(0, 'late');
    scene.submit(SYNC);
    scene.read('CMDQ_CONS');
    scene.submit(SYNC);
    assert.isTrue(scene.wait());
  });
});

suite('completion signals', () => {
  const MSI = { CS: 'SIG_IRQ', MSIData: 0xabcd } as const;

  test('a message is written before the command is seen consumed, into its half of the word', () => {
    const scene = new Scene();
    const target = scene.pages('completion', 4096);
    scene.port.write64(target, 0x1111_1111_2222_2222n);
    scene.submit(sync({ ...MSI, MSIAddress: target / 4n }));
    assert.strictEqual(scene.machine.memory.get(wordOf(target)), 0x1111_1111_2222_2222n);
    assert.strictEqual(scene.port.read32(target), 0xabcd);
    scene.submit(sync({ ...MSI, MSIAddress: target / 4n + 1n }));
    assert.strictEqual(scene.port.read64(target), 0x0000_abcd_0000_abcdn);
  });

  test('software that reads where a later CMD_SYNC writes lets the earlier one complete', () => {
    const scene = new Scene();
    const target = scene.pages('completion', 4096);
    const elsewhere = scene.pages('completion', 4096);
    scene.submit(SYNC, sync({ ...MSI, MSIAddress: target / 4n }));
    const before = indexOf(scene);
    scene.port.read64(elsewhere);
    assert.strictEqual(indexOf(scene), before);
    scene.port.read64(target);
    assert.strictEqual(indexOf(scene), before + 1);
    assert.strictEqual(scene.port.read32(target), 0xabcd);
  });

  test('without an address, or without MSIs, it is a wire', () => {
    const scene = new Scene();
    scene.complete(sync({ ...MSI }));
    const wired = new Scene({ part: { MSI: false } });
    wired.complete(sync({ ...MSI, MSIAddress: 0x1000n }));
    for (const { machine } of [scene, wired]) assert.deepEqual(machine.interrupts, [{ iommu: 0, line: 'command sync' }]);
  });

  test('SIG_SEV is as none for memory', () => {
    const scene = new Scene();
    scene.complete(sync({ CS: 'SIG_SEV' }));
    assert.isEmpty(scene.machine.interrupts);
  });

  test('a message that nothing answers is an error, and the command is consumed', () => {
    const scene = new Scene();
    scene.machine.memory.holes.add(0x99);
    scene.complete(sync({ ...MSI, MSIAddress: 0x9_9000n / 4n }));
    assert.isTrue(Gerror.of(rawOf(scene, 'GERROR')).MSI_CMDQ_ABT_ERR);
    assert.deepEqual(scene.machine.attention(), [{ what: 'SMMU_GERROR.MSI_CMDQ_ABT_ERR', protocol: true }]);
  });
});

suite('errors', () => {
  test('an illegal command stops the queue at itself, and is fetched again when the error is acknowledged', () => {
    const scene = new Scene();
    const before = indexOf(scene);
    const slot = scene.commandQueue + BigInt(((before + 1) % 64) * 16);
    scene.submit(cfgiSte(1), 0n, cfgiSte(2), SYNC);
    assert.deepEqual([indexOf(scene), errorOf(scene), isActive(scene)], [before + 1, 'CERROR_ILL', true]);
    assert.deepEqual(scene.machine.attention(), [
      { what: `SMMU_GERROR.CMDQ_ERR: CERROR_ILL at index 0x${(before + 1).toString(16)}`, protocol: true },
    ]);
    scene.port.write64(slot, cfgiSte(3) % 2n ** 64n);
    scene.port.barrier();
    scene.submit();
    assert.strictEqual(indexOf(scene), before + 1);
    acknowledge(scene);
    assert.isTrue(scene.wait());
    assert.isEmpty(scene.machine.attention());
  });

  test('commands after the error have no effect while it is active', () => {
    const scene = new Scene();
    scene.submit(0n);
    const stopped = indexOf(scene);
    scene.submit(CFGI_ALL, SYNC);
    assert.isFalse(scene.wait());
    assert.strictEqual(indexOf(scene), stopped);
  });

  test('disabling and enabling the queue does not acknowledge the error', () => {
    const scene = new Scene();
    scene.submit(0n);
    scene.enable({ SMMUEN: true, EVENTQEN: true });
    scene.enable({ SMMUEN: true, EVENTQEN: true, CMDQEN: true });
    assert.isTrue(isActive(scene));
    acknowledge(scene);
    assert.isTrue(isActive(scene), 'the same command again');
  });

  test('PROD may be moved back to the bad command', () => {
    const scene = new Scene();
    scene.submit(0n, SYNC);
    scene.write('CMDQ_PROD', BigInt(indexOf(scene)));
    acknowledge(scene);
    scene.complete(cfgiSte(0));
    assert.isEmpty(scene.machine.attention());
  });

  test('a fetch that is aborted is CERROR_ABT', () => {
    const scene = new Scene();
    const frame = pageOfWord(wordOf(scene.commandQueue));
    scene.machine.memory.holes.add(frame);
    scene.submit(SYNC);
    assert.strictEqual(errorOf(scene), 'CERROR_ABT');
    scene.machine.memory.holes.delete(frame);
    acknowledge(scene);
    assert.isTrue(scene.wait());
  });

  test('only an active error can be acknowledged', () => {
    const scene = new Scene();
    assert.throws(() => scene.write('GERRORN', 1n), UnspecifiedBehaviour, /CMDQ_ERR/);
  });

  test('an error interrupts when that is enabled, by wire or by message', () => {
    const scene = new Scene();
    scene.submit(0n);
    assert.isEmpty(scene.machine.interrupts);
    const other = new Scene();
    const target = other.pages('completion', 4096);
    other.write('GERROR_IRQ_CFG0', target);
    other.write('GERROR_IRQ_CFG1', 0x77n);
    other.write('IRQ_CTRL', 1n);
    assert.strictEqual(other.read('IRQ_CTRLACK'), 1n);
    other.submit(0n);
    assert.strictEqual(other.port.read32(target), 0x77);
    other.write('IRQ_CTRL', 0n);
    other.read('IRQ_CTRLACK');
    other.write('GERROR_IRQ_CFG0', 0n);
    other.write('IRQ_CTRL', 1n);
    other.read('IRQ_CTRLACK');
    acknowledge(other);
    assert.deepEqual(other.machine.interrupts, [{ iommu: 0, line: 'global error' }]);
  });
});

suite('what the queue uses', () => {
  test('are its frames, and those of messages to come', () => {
    const scene = new Scene({ queueLog2: 9 });
    const target = scene.pages('completion', 4096);
    const { hardware } = scene.machine.instance(0);
    const used = (): string[] =>
      [...hardware.buffers()].map(({ page, frames = 1, what }) => `${what}: ${frames} from ${page.toString(16)}`);
    const commandFrame = (scene.commandQueue / 4096n).toString(16);
    assert.include(used(), `the Command queue: 2 from ${commandFrame}`);
    scene.submit(SYNC, Sync.encode({ opcode: 0x46, CS: 'SIG_IRQ', MSIAddress: target / 4n }));
    assert.include(used(), `the MSI of a CMD_SYNC: 1 from ${(target / 4096n).toString(16)}`);
    assert.isTrue(scene.wait());
    assert.notInclude(used().join(), 'MSI');
  });

  test('must not be freed meanwhile', () => {
    const scene = new Scene({ part: { GBPA_ABORT: true } });
    scene.machine.arm();
    assert.throws(() => scene.port.pageFree(scene.commandQueue, 0), /the Command queue/);
    assert.throws(() => scene.port.pageFree(scene.eventQueue, 0), /the Event queue/);
    assert.throws(() => scene.port.pageFree(scene.streamTable, 0), /the Stream table/);
    scene.enable({});
    scene.port.pageFree(scene.commandQueue, 0);
  });

  test('must lie in pages of the driver, and messages may go elsewhere', () => {
    const scene = new Scene({ part: { GBPA_ABORT: true } });
    scene.machine.arm();
    scene.submit(sync({ CS: 'SIG_IRQ', MSIAddress: 0x809_0000n / 4n }));
    assert.isTrue(scene.wait());
    scene.enable({});
    scene.port.mmioWrite64(0, MAP.CMDQ_BASE.at, CmdqBase.encode({ ADDR: 0x4000n / 32n, LOG2SIZE: 6 }));
    assert.throws(
      () => scene.enable({ CMDQEN: true }),
      /the Command queue of the SMMUv3 lies in frame 0x4000, which the driver does not own/,
    );
  });

  test('a command that was not ordered before PROD is a violation', () => {
    const scene = new Scene();
    scene.install(0, { ...STAGE2, S2TTB: scene.pages('page-table', 8192) / 16n });
    scene.machine.arm();
    const index = indexOf(scene);
    scene.port.write64(scene.commandQueue + BigInt(index * 16), SYNC);
    assert.throws(() => scene.write('CMDQ_PROD', BigInt(index + 1)), /before a barrier ordered the store/);
  });
});
