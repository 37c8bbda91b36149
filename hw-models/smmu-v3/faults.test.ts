import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { pageOfWord, wordOf } from '#hw-models/core/address';
import { NotModelled } from '#hw-models/core/errors';
import type { Outcome } from '#hw-models/core/hardware';
import { EVENTS, type EventName } from '#hw-models/smmu-v3/events';
import type { SmmuV3Config } from '#hw-models/smmu-v3/factory';
import { cfgiSte, Scene, STAGE2, type SceneOptions, type SteValues } from '#hw-models/smmu-v3/scene';
import { L1Std } from '#hw-models/smmu-v3/ste';
import { STAGE2_LEAVES } from '#hw-models/smmu-v3/tables';

const PAGE = STAGE2_LEAVES['4K'][3];
type PageValues = Parameters<typeof PAGE.encode>[0];
const page = (values: PageValues = {}): bigint =>
  PAGE.encode({ valid: true, tableOrPage: true, AF: true, S2AP: 3, OAB: 0x8_0000, ...values });
const told = (outcome: Outcome): string => (outcome.kind === 'faulted' ? outcome.fault.cause : outcome.kind);

suite('event records', () => {
  /** The one record that an access leaves, with the fields that are not 0. */
  function recordOf(scene: Scene, name: EventName): Readonly<Record<string, unknown>> {
    const [raw, ...others] = scene.events();
    assert.isEmpty(others);
    const { number, layout } = EVENTS[name];
    const view = layout.of(raw!) as Readonly<Record<string, unknown>>;
    assert.strictEqual(view['number'], number);
    assert.isFalse(layout.hasReserved(raw!));
    const set = Object.keys(layout.fields).filter(
      (field) => field !== 'number' && (raw! & (layout as { mask(field: string): bigint }).mask(field)) !== 0n,
    );
    return Object.fromEntries(set.map((field) => [field, view[field]]));
  }
  const STREAM = { StreamID: 7 };
  const options: SceneOptions = { ids: [7] };
  const seven = (values: SteValues = {}, leaf: PageValues = {}, part: SmmuV3Config = {}): Scene => {
    const scene = new Scene({ ...options, part });
    const root = scene.pages('page-table', 8192);
    scene.map(root, [0, 0, 1], page(leaf));
    scene.install(7, { ...STAGE2, S2TTB: root / 16n, ...values });
    return scene;
  };

  test('C_BAD_STREAMID', () => {
    const scene = new Scene({ ids: [0x123] });
    scene.access(0, 0x1000n);
    assert.deepEqual(recordOf(scene, 'C_BAD_STREAMID'), { StreamID: 0x123 });
  });

  test('C_BAD_STE', () => {
    const scene = new Scene(options);
    scene.access(0, 0x1000n);
    assert.deepEqual(recordOf(scene, 'C_BAD_STE'), STREAM);
  });

  test('F_STE_FETCH', () => {
    const scene = new Scene(options);
    scene.machine.memory.holes.add(pageOfWord(wordOf(scene.streamTable)));
    scene.access(0, 0x1000n);
    assert.deepEqual(recordOf(scene, 'F_STE_FETCH'), { ...STREAM, FetchAddr: (scene.streamTable + 7n * 64n) / 8n });
  });

  test('F_STE_FETCH has no address bits beyond the output size', () => {
    const scene = new Scene({ ids: [5], log2Size: 10, split: 8 });
    scene.port.write64(scene.streamTable, L1Std.encode({ Span: 9, L2Ptr: 2n ** 42n }));
    scene.complete(cfgiSte(5, false));
    scene.access(0, 0n);
    assert.deepEqual(recordOf(scene, 'F_STE_FETCH'), { StreamID: 5, FetchAddr: 5n * 8n });
  });

  test('C_BAD_SUBSTREAMID', () => {
    const scene = seven();
    scene.machine.requesters.push({ device: 0, iommu: 0, id: 7, pasid: 0x55 });
    scene.machine.instance(0).reach.add(1);
    assert.strictEqual(told(scene.access(1, 0x1000n)), 'C_BAD_SUBSTREAMID');
    assert.deepEqual(recordOf(scene, 'C_BAD_SUBSTREAMID'), { ...STREAM, SubstreamID: 0x55 });
  });

  const FAULT = { ...STREAM, CLASS: 'IN', S2: true } as const;

  test('F_TRANSLATION, beyond the input range and at an invalid descriptor', () => {
    const scene = seven();
    scene.access(0, 2n ** 40n + 0x1238n);
    assert.deepEqual(recordOf(scene, 'F_TRANSLATION'), { ...FAULT, RnW: true, InputAddr: 2n ** 40n + 0x1238n, IPA: 2n ** 28n + 1n });
    scene.access(0, 0x2ff8n, 'write', true);
    assert.deepEqual(recordOf(scene, 'F_TRANSLATION'), { ...FAULT, PnU: true, InputAddr: 0x2ff8n, IPA: 2n });
  });

  test('F_ADDR_SIZE of stage 2', () => {
    const scene = seven({ S2PS: 0 }, { OAB: 2 ** 20 });
    scene.access(0, 0x1000n, 'execute');
    assert.deepEqual(recordOf(scene, 'F_ADDR_SIZE'), { ...FAULT, RnW: true, InD: true, InputAddr: 0x1000n, IPA: 1n });
  });

  test('F_ADDR_SIZE of stage 1 that is bypassed, even under S2R = 0', () => {
    const scene = seven({ S2R: false });
    const outcome = scene.access(0, 2n ** 63n + 8n, 'write');
    assert.deepInclude(outcome.kind === 'faulted' && outcome.fault, { cause: 'F_ADDR_SIZE', stage: 1 });
    assert.deepEqual(recordOf(scene, 'F_ADDR_SIZE'), { ...STREAM, CLASS: 'IN', InputAddr: 2n ** 63n + 8n });
  });

  test('F_ADDR_SIZE of a bypassing STE, with its overrides', () => {
    const scene = new Scene(options);
    scene.install(7, { V: true, Config: 'bypass', PRIVCFG: 'privileged', INSTCFG: 'instruction' });
    scene.access(0, 2n ** 48n);
    assert.deepEqual(recordOf(scene, 'F_ADDR_SIZE'), { ...STREAM, CLASS: 'IN', RnW: true, InD: true, PnU: true, InputAddr: 2n ** 48n });
  });

  test('F_ACCESS', () => {
    const scene = seven({}, { AF: false });
    scene.access(0, 0x1008n);
    assert.deepEqual(recordOf(scene, 'F_ACCESS'), { ...FAULT, RnW: true, InputAddr: 0x1008n, IPA: 1n });
  });

  test('F_PERMISSION', () => {
    const scene = seven({}, { S2AP: 1 });
    scene.access(0, 0x1008n, 'write');
    assert.deepEqual(recordOf(scene, 'F_PERMISSION'), { ...FAULT, InputAddr: 0x1008n, IPA: 1n });
  });

  test('F_WALK_EABT, of a start table and of a later one, even under S2R = 0', () => {
    const scene = seven({ S2R: false });
    const { holes } = scene.machine.memory;
    const [root, later] = [scene.pages('page-table', 8192), scene.pages('page-table', 4096)];
    scene.port.write64(root + 8n, later | 3n);
    scene.install(7, { ...STAGE2, S2R: false, S2TTB: root / 16n, S2VMID: 9 });
    holes.add(pageOfWord(wordOf(later)));
    scene.access(0, 0x4000_1000n);
    assert.deepEqual(recordOf(scene, 'F_WALK_EABT'), { ...FAULT, RnW: true, InputAddr: 0x4000_1000n, FetchAddr: later / 8n });
    holes.add(pageOfWord(wordOf(root)));
    scene.access(0, 0x1000n);
    assert.deepEqual(recordOf(scene, 'F_WALK_EABT'), { ...FAULT, RnW: true, InputAddr: 0x1000n, FetchAddr: root / 8n });
  });

  test('instruction and privilege are those after the overrides, and writes are data', () => {
    const scene = seven({ INSTCFG: 'instruction', PRIVCFG: 'privileged' });
    scene.access(0, 0n);
    assert.deepInclude(recordOf(scene, 'F_TRANSLATION'), { InD: true, PnU: true });
    scene.access(0, 0n, 'write');
    assert.notProperty(recordOf(scene, 'F_TRANSLATION'), 'InD');
    const other = seven({ INSTCFG: 'data', PRIVCFG: 'unprivileged' });
    other.access(0, 0n, 'execute', true);
    assert.hasAllKeys(recordOf(other, 'F_TRANSLATION'), ['StreamID', 'CLASS', 'S2', 'RnW']);
  });

  test('S2R = 0 silences translation faults only', () => {
    const scene = seven({ S2R: false }, { AF: false });
    const outcome = scene.access(0, 0x1000n);
    assert.deepEqual(outcome.kind === 'faulted' && outcome.fault.record, 'suppressed');
    assert.isEmpty(scene.events());
  });

  test('a fault that would stall is not modelled', () => {
    const scene = seven({ S2S: true }, {}, { STALL_MODEL: 'stallOrTerminate' });
    assert.strictEqual(told(scene.access(0, 0x1000n)), 'translated');
    assert.throws(() => scene.access(0, 0x5000n), NotModelled, /stall/);
  });
});
