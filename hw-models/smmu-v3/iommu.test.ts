import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { NotModelled, UnspecifiedBehaviour } from '#hw-models/core/errors';
import { Machine } from '#hw-models/core/machine';
import { Port } from '#hw-models/core/port';
import { CfgiSteRange } from '#hw-models/smmu-v3/commands';
import { capabilities, inputSize, type Capabilities } from '#hw-models/smmu-v3/capabilities';
import { smmuV3 } from '#hw-models/smmu-v3/factory';
import { Idr0, Idr1, Idr3, Idr5 } from '#hw-models/smmu-v3/id-registers';
import { Cr0, Cr1, Cr2, Gbpa, GUARDS, MAP, type RegisterName } from '#hw-models/smmu-v3/registers';
import { CFGI_ALL, Scene, STAGE2, SYNC, TLBI_ALL } from '#hw-models/smmu-v3/scene';

/** A machine as after reset. */
function fresh(part: Partial<Capabilities> = {}): { readonly machine: Machine; readonly port: Port } {
  const machine = new Machine({ mode: 'lazy', cpus: 1, storeOrder: 'weak', snooped: true, iommus: [smmuV3(part)] });
  machine.addDevice(0, 0, [0]);
  return { machine, port: new Port(machine) };
}
const at = (name: RegisterName): number => MAP[name].at;
/** The register as it is, without the advance of a read. */
const rawOf = ({ machine }: { readonly machine: Machine }, name: RegisterName): bigint =>
  machine.instance(0).hardware.mmioRead(at(name), MAP[name].layout.width as 32 | 64);
const range = (StreamID: number, Range: number): bigint => CfgiSteRange.encode({ opcode: 4, StreamID, Range });
const ALL = { SMMUEN: true, CMDQEN: true, EVENTQEN: true } as const;

suite('capabilities', () => {
  test('show in the identification registers, and what is not offered reads as absent', () => {
    const machine = fresh({ OAS: 44, granules: ['4K', '64K'], SIDSIZE: 8, VMID16: false });
    assert.deepInclude(Idr0.of(rawOf(machine, 'IDR0')), { S2P: true, VMID16: false, ATS: false, PRI: false, TTF: 'VMSAv8_64' });
    assert.deepInclude(Idr1.of(rawOf(machine, 'IDR1')), { SIDSIZE: 8, SSIDSIZE: 0, QUEUES_PRESET: false });
    assert.deepInclude(Idr5.of(rawOf(machine, 'IDR5')), { OAS: 4, GRAN4K: true, GRAN16K: false, GRAN64K: true, DS: false });
    assert.strictEqual(rawOf(machine, 'AIDR'), 2n);
  });

  test('that a version brings along show as well', () => {
    const shown = (part: Partial<Capabilities>): unknown => {
      const { HAD, PTWNNC, E0PD } = Idr3.of(rawOf(fresh(part), 'IDR3'));
      return { HAD, PTWNNC, E0PD };
    };
    assert.deepEqual(shown({ ArchMinorRev: 0, XNX: false }), { HAD: false, PTWNNC: false, E0PD: false });
    assert.deepEqual(shown({}), { HAD: true, PTWNNC: false, E0PD: false });
    assert.deepEqual(shown({ ArchMinorRev: 3 }), { HAD: true, PTWNNC: true, E0PD: true });
    assert.deepEqual(shown({ ArchMinorRev: 3, S1P: false, Hyp: false }), { HAD: false, PTWNNC: true, E0PD: true });
  });

  test('that contradict the specification are refused, and those left out say so', () => {
    const refused: readonly Partial<Capabilities>[] = [
      { S1P: false, S2P: false },
      { SIDSIZE: 33 },
      { ST_LEVEL: 'linear' },
      { CMDQS: 20 },
      { granules: [] },
      { XNX: false },
      { RIL: false },
      { Hyp: false },
      { ArchMinorRev: 0, XNX: false, OAS: 52 },
      { ArchMinorRev: 0 },
      { OAS: 52, granules: ['4K'] },
      { TTF: 'both', granules: ['64K'] },
      { S1P: false },
      { S2P: false, VMW: true, Hyp: false },
    ];
    for (const part of refused) assert.throws(() => capabilities(part), RangeError, /SMMUv3/, JSON.stringify(part));
    assert.throws(() => smmuV3({ HTTU: 'accessOfTablesToo' }), NotModelled, /HTTU/);
    assert.throws(() => smmuV3({ BBML: 1 }), NotModelled, /BBML/);
    assert.strictEqual(capabilities({ ST_LEVEL: 'linear', SIDSIZE: 6 }).SIDSIZE, 6);
  });

  test('the input size is 40 bits at least where VMSAv8-32 is supported', () => {
    assert.deepEqual(
      (['VMSAv8_64', 'both', 'VMSAv8_32'] as const).map((TTF) => inputSize(capabilities({ TTF, OAS: 36 }))),
      [36, 40, 40],
    );
  });
});

suite('register space', () => {
  test('is RES0 where no register is', () => {
    const { port } = fresh();
    for (const offset of [0x30, 0x4c, 0xa8, 0xac, 0xc0, 0x200, 0xffc, 0x1_0000, 0x1_00c8, 0x1_fffc]) {
      port.mmioWrite32(0, offset, -1);
      assert.strictEqual(port.mmioRead32(0, offset), 0, offset.toString(16));
    }
    port.mmioWrite64(0, 0xc0, -1n);
    assert.strictEqual(port.mmioRead64(0, 0xc0), 0n);
  });

  test('is not accessed unaligned, beyond its end, or in wider pieces than a register', () => {
    const { port } = fresh();
    for (const use of [
      () => port.mmioRead32(0, 2),
      () => port.mmioRead64(0, 4),
      () => port.mmioRead32(0, 0x2_0000),
      () => port.mmioRead32(0, -4),
      () => port.mmioRead64(0, at('CR0')),
      () => port.mmioWrite64(0, at('CMDQ_PROD'), 0n),
    ])
      assert.throws(use, UnspecifiedBehaviour);
  });

  test('64-bit registers are also reached by halves', () => {
    const { port } = fresh();
    port.mmioWrite32(0, at('STRTAB_BASE'), 0x1234_5640);
    port.mmioWrite32(0, at('STRTAB_BASE') + 4, 0x9);
    assert.strictEqual(port.mmioRead64(0, at('STRTAB_BASE')), 0x9_1234_5640n);
  });

  test('identification registers, acknowledgements and GERROR are read-only', () => {
    const { port } = fresh();
    for (const name of ['IDR0', 'CR0ACK', 'IRQ_CTRLACK', 'GERROR', 'STATUSR'] as const) {
      const before = port.mmioRead32(0, at(name));
      port.mmioWrite32(0, at(name), ~before);
      assert.strictEqual(port.mmioRead32(0, at(name)), before, name);
    }
  });
});

suite('CR0', () => {
  test('shows what was written at once, and the acknowledgement later', () => {
    const scene = fresh();
    scene.port.mmioWrite32(0, at('CR0'), Number(Cr0.encode({ EVENTQEN: true })));
    assert.strictEqual(rawOf(scene, 'CR0'), 4n);
    assert.strictEqual(rawOf(scene, 'CR0ACK'), 0n);
    assert.strictEqual(scene.port.mmioRead32(0, at('CR0ACK')), 4);
  });

  test('fields of absent features are never set nor acknowledged', () => {
    const { port } = fresh();
    port.mmioWrite32(0, at('CR0'), Number(Cr0.encode({ PRIQEN: true, ATSCHK: true, VMW: 1, DPT_WALK_EN: true, EVENTQEN: true })));
    assert.strictEqual(port.mmioRead32(0, at('CR0ACK')), 4);
    const { port: wild } = fresh({ VMW: true });
    wild.mmioWrite32(0, at('CR0'), Number(Cr0.encode({ VMW: 3 })));
    assert.strictEqual(wild.mmioRead32(0, at('CR0ACK')), 3 << 6);
  });

  test('those of CR2 stay 0', () => {
    for (const [part, kept] of [
      [{}, { RECINVSID: true, E2H: true }],
      [{ S1P: false, Hyp: false }, { RECINVSID: true }],
    ] as const) {
      const { port } = fresh(part);
      port.mmioWrite32(0, at('CR2'), -1);
      assert.strictEqual(port.mmioRead32(0, at('CR2')), Number(Cr2.encode(kept)));
    }
  });

  test('a field must not change again before it is acknowledged, others may', () => {
    const { port } = fresh();
    port.mmioWrite32(0, at('CR0'), 4);
    port.mmioWrite32(0, at('CR0'), 0xc);
    assert.throws(() => port.mmioWrite32(0, at('CR0'), 0x8), UnspecifiedBehaviour, /EVENTQEN/);
    port.mmioRead32(0, at('CR0ACK'));
    port.mmioWrite32(0, at('CR0'), 0x8);
  });

  test('until SMMUEN is acknowledged the old value acts', () => {
    const scene = new Scene();
    scene.install(0, { V: true, Config: 'abort' });
    scene.write('CR0', Cr0.encode({ ...ALL, SMMUEN: false }));
    assert.strictEqual(scene.access(0, 0x1000n).kind, 'aborted');
    scene.read('CR0ACK');
    assert.strictEqual(scene.access(0, 0x1000n).kind, 'bypassed');
  });

  test('the SMMU is not enabled over caches that may hold anything', () => {
    const enable = (scene: Scene): void => scene.enable(ALL);
    const scene = new Scene();
    scene.enable({ ...ALL, SMMUEN: false });
    assert.throws(() => enable(scene), UnspecifiedBehaviour, /configuration and translations/);
    for (const [commands, why] of [
      [[CFGI_ALL, SYNC], /caches of translations/],
      [[TLBI_ALL, SYNC], /caches of configuration/],
      [[CFGI_ALL, TLBI_ALL], /configuration and translations/],
    ] as const) {
      const other = new Scene();
      other.enable({ ...ALL, SMMUEN: false });
      other.submit(...commands);
      other.wait();
      assert.throws(() => enable(other), UnspecifiedBehaviour, why);
    }
    for (const everyStream of [CFGI_ALL, range(0, 15)]) {
      const clean = new Scene();
      clean.enable({ ...ALL, SMMUEN: false });
      clean.complete(everyStream, TLBI_ALL);
      enable(clean);
    }
    for (const some of [range(0, 14), range(0x1_0000, 15)]) {
      const other = new Scene();
      other.enable({ ...ALL, SMMUEN: false });
      other.complete(some, TLBI_ALL);
      assert.throws(() => enable(other), UnspecifiedBehaviour, /caches of configuration/);
    }
  });
});

suite('guarded registers', () => {
  test('ignore writes while what they guard is on, in CR0 or in its acknowledgement', () => {
    const guarded = Object.entries(GUARDS) as unknown as readonly (readonly [RegisterName, readonly string[]])[];
    const scene = new Scene();
    scene.write('IRQ_CTRL', 5n);
    for (const [name] of guarded) {
      const before = scene.read(name);
      scene.write(name, before + 64n);
      assert.strictEqual(scene.read(name), before, name);
    }
    assert.match(scene.machine.trace.tail(40).join(), /a write of SMMU_STRTAB_BASE was ignored: SMMUEN/);
    scene.write('CR0', 0n);
    scene.write('STRTAB_BASE', 0n);
    assert.notStrictEqual(scene.read('STRTAB_BASE'), 0n, 'not acknowledged yet');
    scene.write('IRQ_CTRL', 0n);
    scene.read('CR0ACK');
    for (const [name] of guarded) {
      scene.write(name, 0x52n);
      assert.strictEqual(scene.read(name), MAP[name].layout.afterWrite(0n, 0x52n), name);
    }
  });

  test('indexes of the SMMU have no bits above the wrap flag', () => {
    const { port } = fresh({ EVENTQS: 3 });
    port.mmioWrite64(0, at('CMDQ_BASE'), 2n);
    port.mmioWrite64(0, at('EVENTQ_BASE'), 5n);
    for (const [name, kept] of [
      ['CMDQ_CONS', 7],
      ['EVENTQ_PROD', 15],
    ] as const) {
      port.mmioWrite32(0, at(name), 0xfffff);
      assert.strictEqual(port.mmioRead32(0, at(name)), kept, name);
    }
  });

  test('CR1 is guarded field by field', () => {
    const scene = new Scene();
    const all = Cr1.encode({ TABLE_SH: 'innerShareable', TABLE_IC: 'writeBack', QUEUE_SH: 'innerShareable', QUEUE_OC: 'writeBack' });
    scene.write('CR1', all);
    assert.strictEqual(scene.read('CR1'), 0n);
    scene.enable({ CMDQEN: true });
    scene.write('CR1', all);
    assert.strictEqual(scene.read('CR1'), Cr1.encode({ TABLE_SH: 'innerShareable', TABLE_IC: 'writeBack' }));
    scene.enable({});
    scene.write('CR1', all);
    assert.strictEqual(scene.read('CR1'), all);
  });

  test('without MSIs their registers do not exist', () => {
    const { port } = fresh({ MSI: false });
    port.mmioWrite64(0, at('EVENTQ_IRQ_CFG0'), 0x1000n);
    assert.strictEqual(port.mmioRead64(0, at('EVENTQ_IRQ_CFG0')), 0n);
  });
});

suite('GBPA', () => {
  const kindOf = ({ machine }: { readonly machine: Machine }, iova = 0x1000n): string => machine.access(0, iova, 'read').kind;
  const ABORT = Number(Gbpa.encode({ Update: true, ABORT: true }));

  test('decides while the SMMU is disabled, from reset on', () => {
    assert.strictEqual(kindOf(fresh()), 'bypassed');
    assert.strictEqual(kindOf(fresh({ GBPA_ABORT: true })), 'aborted');
  });

  test('is written with Update set, and acts when Update is clear again', () => {
    const scene = fresh();
    scene.port.mmioWrite32(0, at('GBPA'), Number(Gbpa.encode({ ABORT: true })));
    assert.isFalse(Gbpa.of(rawOf(scene, 'GBPA')).ABORT);
    scene.port.mmioWrite32(0, at('GBPA'), ABORT);
    assert.strictEqual(kindOf(scene), 'bypassed');
    assert.isTrue(Gbpa.of(rawOf(scene, 'GBPA')).Update);
    scene.port.mmioWrite32(0, at('GBPA'), Number(Gbpa.encode({ Update: true })));
    assert.isTrue(Gbpa.of(rawOf(scene, 'GBPA')).ABORT, 'ignored while Update is set');
    assert.isTrue(scene.port.pollUntil(0, at('GBPA'), 2 ** 31, 0, 10).ok);
    assert.strictEqual(kindOf(scene), 'aborted');
  });

  test('bypass ends at the output addresses, silently', () => {
    const scene = fresh();
    assert.strictEqual(kindOf(scene, 2n ** 48n - 8n), 'bypassed');
    assert.strictEqual(kindOf(scene, 2n ** 48n), 'aborted');
  });

  test('and SMMUEN come to act in the order that lets most through', () => {
    const armed = (part: Partial<Capabilities>): Scene => {
      const scene = new Scene({ part });
      scene.install(0, { V: true, Config: 'abort' });
      return scene;
    };
    const disabled = armed({});
    disabled.machine.arm();
    disabled.write('CR0', Cr0.encode({ ...ALL, SMMUEN: false }));
    disabled.write('GBPA', Gbpa.encode({ Update: true, ABORT: true }));
    assert.throws(() => disabled.read('CR0ACK'), /may pass untranslated/);
    const enabled = armed({ GBPA_ABORT: true });
    enabled.enable({ ...ALL, SMMUEN: false });
    enabled.invalidateAll();
    enabled.machine.arm();
    enabled.write('GBPA', Gbpa.encode({ Update: true }));
    enabled.write('CR0', Cr0.encode(ALL));
    assert.throws(() => enabled.read('CR0ACK'), /may pass untranslated/);
  });

  test('changes what streams can reach', () => {
    const scene = fresh({ GBPA_ABORT: true });
    scene.machine.arm();
    scene.port.mmioWrite32(0, at('GBPA'), Number(Gbpa.encode({ Update: true })));
    assert.throws(() => scene.port.mmioRead32(0, at('GBPA')), /may pass untranslated/);
  });
});

suite('reach', () => {
  test('follows the enable, and nothing is fetched while the SMMU is disabled', () => {
    const scene = new Scene();
    scene.install(0, { ...STAGE2, S2TTB: scene.pages('page-table', 8192) / 16n });
    const { reach } = scene.machine.instance(0);
    assert.deepEqual(
      reach.destinations(0).map(({ kind }) => kind),
      ['translates'],
    );
    scene.enable({ CMDQEN: true });
    assert.deepEqual(
      reach.destinations(0).map(({ key }) => key),
      ['GBPA bypass 0x1000'],
    );
    assert.isFalse(reach.isUsed(Number(scene.streamTable / 4096n)));
  });

  test('a store to an STE makes both the old and the new destination possible until CFGI and SYNC', () => {
    const scene = new Scene();
    scene.install(0, { V: true, Config: 'abort' });
    const keys = (): string[] =>
      scene.machine
        .instance(0)
        .reach.destinations(0)
        .map(({ key }) => key);
    scene.port.write64(scene.entryOf(0), 9n);
    scene.port.barrier();
    assert.sameMembers(keys(), ['abort', 'bypass, nonShareable']);
    scene.submit(CFGI_ALL, SYNC);
    assert.lengthOf(keys(), 2);
    scene.wait();
    assert.deepEqual(keys(), ['bypass, nonShareable']);
  });
});
