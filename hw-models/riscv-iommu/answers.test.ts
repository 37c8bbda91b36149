import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { Iosatp, MsiBasic, MsiFile, PcTa } from '#hw-models/riscv-iommu/contexts';
import type { Refused } from '#hw-models/riscv-iommu/request';
import { invalidateDdt, Scene, type DcValues, type SceneOptions } from '#hw-models/riscv-iommu/scene';
import { SceneTables, type PteValues } from '#hw-models/riscv-iommu/scene-tables';

const ATS = { type: 'ats' } as const;

/** A device that may use ATS, behind a first stage with one page. */
function withPage(values: PteValues = {}, dc: DcValues = {}): Scene {
  const scene = new Scene();
  const tables = new SceneTables(scene, 'Sv39');
  tables.map(0x1000n, 0x7000n, values);
  scene.install(1, { iosatp: { MODE: 'Sv39', PPN: tables.PPN }, ...dc, tc: { EN_ATS: true, ...dc.tc } });
  return scene;
}

suite('an ATS Translation Request', () => {
  test('is answered with the rights that there are', () => {
    const ask = (values: PteValues, more = {}): object => withPage(values).translate(0x1000n, { ...ATS, ...more });
    assert.deepInclude(ask({}), { kind: 'ats', address: 0x7000n, sizeLog2: 12, read: true, write: true, execute: false });
    assert.deepInclude(ask({ W: false }), { read: true, write: false });
    assert.deepInclude(ask({}, { access: 'execute' }), { read: true, execute: true });
    assert.deepInclude(ask({ X: false }, { access: 'execute' }), { read: true, execute: false });
    assert.deepInclude(ask({ R: false, W: false }, { access: 'execute' }), { read: false, write: false, execute: false });
  });

  test('without any right succeeds, and says why', () => {
    const scene = withPage();
    assert.deepInclude(scene.translate(0x2000n, ATS), { kind: 'ats', read: false, write: false, execute: false, cause: 13 });
    assert.deepEqual(scene.faults(), []);
  });

  test('is global only with a process_id', () => {
    assert.deepInclude(withPage({ G: true }).translate(0x1000n, ATS), { global: false });
    const scene = new Scene();
    const tables = new SceneTables(scene, 'Sv39');
    tables.map(0x1000n, 0x7000n, { G: true });
    const pdt = scene.pages('device-table', 4096);
    scene.store(pdt, [PcTa.encode({ V: true, ENS: true, SUM: true }), Iosatp.encode({ MODE: 'Sv39', PPN: tables.PPN })]);
    scene.install(1, { tc: { EN_ATS: true, PDTV: true }, pdtp: { MODE: 'PD8', PPN: Number(pdt / 4096n) } });
    for (const privileged of [false, true])
      assert.deepInclude(scene.translate(0x1000n, { ...ATS, processId: 0, privileged }), { kind: 'ats', global: true, privileged });
  });

  test('sets A, and D only if writes are asked for; the right to write is given from the next request on', () => {
    for (const noWrite of [false, true]) {
      const scene = new Scene();
      const tables = new SceneTables(scene, 'Sv39');
      const at = tables.map(0x1000n, 0x7000n, { A: false, D: false });
      scene.install(1, { tc: { EN_ATS: true, SADE: true }, iosatp: { MODE: 'Sv39', PPN: tables.PPN } });
      for (const write of [false, !noWrite])
        assert.deepInclude(scene.translate(0x1000n, { ...ATS, noWrite }), { kind: 'ats', read: true, write });
      assert.strictEqual((scene.peek(at) / 0x40n) % 4n, noWrite ? 1n : 3n);
    }
  });

  test('with T2GPA is told the guest address, and its translated requests go through the second stage', () => {
    const scene = new Scene();
    const second = new SceneTables(scene, 'Sv39x4');
    second.map(0x1000n, 0x7000n);
    const iohgatp = { MODE: 'Sv39x4', PPN: second.PPN } as const;
    scene.install(1, { tc: { EN_ATS: true, T2GPA: true }, iohgatp });
    assert.deepInclude(scene.translate(0x1000n, ATS), { kind: 'ats', address: 0x1000n });
    assert.deepInclude(scene.translate(0x1000n, { type: 'translated' }), { kind: 'translated', pa: 0x7000n });
    assert.deepInclude(scene.translate(0x2000n, { type: 'translated' }), { kind: 'refused', cause: 21 });
    scene.install(1, { tc: { EN_ATS: true }, iohgatp });
    assert.deepInclude(scene.translate(0x1000n, ATS), { kind: 'ats', address: 0x7000n });
    assert.deepInclude(scene.translate(0x2000n, { type: 'translated' }), { kind: 'translated', pa: 0x2000n, bypassed: true });
  });

  test('for an interrupt file in memory gets its rights, for untranslated requests alone', () => {
    const scene = new Scene();
    const table = scene.pages('msi-table', 4096);
    scene.store(table, [MsiFile.encode({ V: true, M: 'interruptFile', file: 1 }), 0n]);
    scene.install(1, { tc: { EN_ATS: true }, msiptp: { MODE: 'Flat', PPN: Number(table / 4096n) }, pattern: 5n });
    assert.deepInclude(scene.translate(0x5000n, ATS), { kind: 'ats', read: true, write: true, untranslatedOnly: true });
    scene.poke(table, MsiBasic.encode({ V: true, M: 'basic', PPN: 9 }));
    assert.deepInclude(scene.translate(0x5000n, ATS), { kind: 'ats', address: 0x9000n, read: true, untranslatedOnly: false });
    scene.poke(table, 0n);
    assert.deepInclude(scene.translate(0x5000n, ATS), { kind: 'ats', read: false, write: false, cause: 262 });
    scene.poke(table, 1n);
    assert.deepInclude(scene.translate(0x5000n, ATS), { kind: 'refused', response: 'completer-abort', cause: 263 });
  });
});

suite('an ATS Translation Request that is refused', () => {
  const holed = (scene: Scene, at: bigint): Scene => {
    scene.machine.memory.holes.add(Number(at / 4096n));
    return scene;
  };
  const directory = (fill: (pdt: bigint, scene: Scene) => void): Scene => {
    const scene = new Scene();
    const pdt = scene.pages('device-table', 4096);
    scene.install(1, { tc: { EN_ATS: true, PDTV: true, DPE: true }, pdtp: { MODE: 'PD8', PPN: Number(pdt / 4096n) } });
    fill(pdt, scene);
    return scene;
  };
  const installed = (dc: DcValues, options: SceneOptions = {}): Scene => {
    const scene = new Scene(options);
    scene.install(1, dc);
    return scene;
  };
  const msi = (hole: boolean): Scene => {
    const scene = new Scene();
    const table = scene.pages('msi-table', 4096);
    scene.install(1, { tc: { EN_ATS: true }, msiptp: { MODE: 'Flat', PPN: Number(table / 4096n) } });
    return hole ? holed(scene, table) : (scene.poke(table, 1n), scene);
  };
  const table = (): Scene => {
    const scene = withPage();
    return holed(scene, BigInt(Iosatp.of(scene.peek(scene.entryOf(1) + 24n)).PPN) * 4096n);
  };

  const ROWS: readonly (readonly [cause: number, response: Refused['response'], scene: () => Scene])[] = [
    [256, 'unsupported-request', () => new Scene({ levels: 'off' })],
    [257, 'unsupported-request', () => ((scene) => holed(scene, scene.directory))(new Scene())],
    [258, 'unsupported-request', () => new Scene()],
    [259, 'unsupported-request', () => installed({ tc: { SBE: true } })],
    [260, 'unsupported-request', () => installed({})],
    [5, 'completer-abort', table],
    [261, 'completer-abort', () => msi(true)],
    [263, 'completer-abort', () => msi(false)],
    [265, 'completer-abort', () => directory((pdt, scene) => holed(scene, pdt))],
    [267, 'completer-abort', () => directory((pdt, scene) => scene.poke(pdt, 9n))],
  ];
  for (const [cause, response, scene] of ROWS)
    test(`${cause}: ${response}`, () => {
      const made = scene();
      assert.deepInclude(made.translate(0n, ATS), { kind: 'refused', cause, response });
      const [record] = made.faults();
      assert.strictEqual(record!.CAUSE, cause);
      assert.strictEqual(record!.TTYP, 8);
    });

  test('266 is answered without rights', () => {
    assert.deepInclude(directory(() => undefined).translate(0n, ATS), { kind: 'ats', read: false, cause: 266 });
  });
});

suite('DTF', () => {
  test('keeps faults of translation from being recorded', () => {
    for (const DTF of [false, true]) {
      const scene = withPage({}, { tc: { DTF } });
      assert.deepInclude(scene.translate(0x2000n), { kind: 'refused', cause: 13, record: DTF ? 'suppressed' : 'recorded' });
      assert.deepInclude(scene.translate(0x1000n, { processId: 3 }), {
        kind: 'refused',
        cause: 260,
        record: DTF ? 'suppressed' : 'recorded',
      });
      assert.lengthOf(scene.faults(), DTF ? 0 : 2);
    }
  });

  test('does not of those of the device directory', () => {
    const scene = withPage({}, { tc: { DTF: true } });
    scene.poke(scene.entryOf(1), 0n);
    scene.complete(invalidateDdt(1));
    assert.deepInclude(scene.translate(0x1000n), { cause: 258, record: 'recorded' });
    scene.install(1, { tc: { DTF: true, SBE: true } });
    assert.deepInclude(scene.translate(0x1000n), { cause: 259, record: 'recorded' });
  });
});

suite('a fault record', () => {
  test('says who asked, and how', () => {
    const scene = new Scene();
    scene.install(1, {});
    scene.translate(0x1234n, { processId: 7, privileged: true, access: 'execute' });
    scene.translate(0x1234n, { type: 'translated', access: 'write' });
    assert.deepEqual(
      scene.faults().map(({ CAUSE, DID, PV, PID, PRIV, TTYP, iotval }) => [CAUSE, DID, PV, PID, PRIV, TTYP, iotval]),
      [
        [260, 1, true, 7, true, 1, 0x1234n],
        [260, 1, false, 0, false, 7, 0x1234n],
      ],
    );
  });

  test('is lost where the queue is full', () => {
    const scene = new Scene({ queueLog2: 1 });
    assert.deepInclude(scene.translate(0n), { record: 'recorded' });
    assert.deepInclude(scene.translate(0n), { record: 'lost' });
  });
});

suite('access', () => {
  test('tells of every kind of answer', () => {
    const scene = withPage();
    assert.deepInclude(scene.access(0, 0x1010n), { kind: 'translated', pa: 0x7010n });
    const outcome = scene.access(0, 0x2010n);
    assert.deepInclude(outcome.kind === 'faulted' && outcome.fault, { cause: '13, read page fault', stage: 1, iova: 0x2010n, id: 1 });
    scene.install(1, {});
    assert.deepEqual(scene.access(0, 0x2010n), { kind: 'bypassed', pa: 0x2010n });
  });
});
