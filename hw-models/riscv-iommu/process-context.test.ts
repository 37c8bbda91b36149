import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import type { ValuesOf } from '#hw-models/core/bits';
import type { Capabilities } from '#hw-models/riscv-iommu/capabilities';
import { Iosatp, PcTa, PdtEntry, PROCESS_INDEX_BITS } from '#hw-models/riscv-iommu/contexts';
import { divide } from '#hw-models/riscv-iommu/device-context';
import { PC_MISCONFIGURATIONS } from '#hw-models/riscv-iommu/process-context';
import type { Inbound } from '#hw-models/riscv-iommu/request';
import { invalidateDdt, invalidateGvma, invalidatePdt, Scene, type DcValues, type SceneOptions } from '#hw-models/riscv-iommu/scene';
import { SceneTables, type PteValues } from '#hw-models/riscv-iommu/scene-tables';

const DIRECTORIES = { PD8: 1, PD17: 2, PD20: 3 } as const;
type DirectoryName = keyof typeof DIRECTORIES;
const PAGE = 4096n;

/** A device with a process directory. */
class ProcessScene extends Scene {
  readonly pdtp: DirectoryName;
  readonly pdt: bigint;

  constructor(pdtp: DirectoryName = 'PD8', options: SceneOptions = {}, dc: DcValues = {}) {
    super(options);
    this.pdtp = pdtp;
    this.pdt = this.pages('device-table', 4096);
    this.install(1, { ...dc, tc: { PDTV: true, ...dc.tc }, pdtp: { MODE: pdtp, PPN: Number(this.pdt / PAGE) } });
  }

  /** Where the entry of a process is. */
  placeOf(processId: number, level = 0): bigint {
    const indexes = divide(processId, PROCESS_INDEX_BITS);
    let table = this.pdt;
    for (let above = DIRECTORIES[this.pdtp] - 1; above > level; above--) {
      const entry = table + BigInt(indexes[above]! * 8);
      if (this.peek(entry) === 0n) this.poke(entry, PdtEntry.encode({ V: true, PPN: Number(this.pages('device-table', 4096) / PAGE) }));
      table = BigInt(PdtEntry.of(this.peek(entry)).PPN) * PAGE;
    }
    return table + BigInt(indexes[level]! * (level === 0 ? 16 : 8));
  }

  process(processId: number, ta: Partial<ValuesOf<(typeof PcTa)['fields']>> = {}, fsc = 0n): void {
    const at = this.placeOf(processId);
    this.poke(at + 8n, fsc);
    this.poke(at, PcTa.encode({ V: true, ...ta }));
    this.complete(invalidatePdt(1, processId));
  }

  causeOf(inbound: Partial<Inbound>): number | string {
    const answer = this.translate(0x1000n, inbound);
    return answer.kind === 'refused' ? answer.cause : answer.kind;
  }
}

/** Process 5 has the page at 0x1000 in Sv39. */
function mapped(values: PteValues, ta: Partial<ValuesOf<(typeof PcTa)['fields']>> = {}): ProcessScene {
  const scene = new ProcessScene();
  const tables = new SceneTables(scene, 'Sv39');
  tables.map(0x1000n, 0x7000n, values);
  scene.process(5, { PSCID: 3, ...ta }, Iosatp.encode({ MODE: 'Sv39', PPN: tables.PPN }));
  return scene;
}

suite('the process directory', () => {
  const WIDTHS = { PD8: 8, PD17: 17, PD20: 20 } as const;
  for (const [name, width] of Object.entries(WIDTHS) as [DirectoryName, number][])
    test(`${name}: process_ids of ${width} bits`, () => {
      const last = 2 ** width - 1;
      const scene = new ProcessScene(name);
      scene.process(last);
      assert.strictEqual(scene.causeOf({ processId: last }), 'translated');
      assert.strictEqual(scene.causeOf({ processId: last - 1 }), 266);
      assert.strictEqual(scene.causeOf({ processId: 0 }), 266);
      if (width < 20) assert.strictEqual(scene.causeOf({ processId: last + 1 }), 260);
    });

  for (const level of [1, 2] as const)
    for (const [why, change, cause] of [
      ['that is not valid', (raw: bigint) => raw & ~1n, 266],
      ['with reserved bits', (raw: bigint) => raw | (1n << 54n), 267],
      ['with other reserved bits', (raw: bigint) => raw | 2n, 267],
      ['that leads beyond the physical addresses', () => PdtEntry.encode({ V: true, PPN: 2 ** 34 }), 265],
    ] as const)
      test(`an entry of level ${level} ${why}: ${cause}`, () => {
        const scene = new ProcessScene('PD20', { part: { PAS: 46 } });
        scene.process(0x54321);
        const at = scene.placeOf(0x54321, level);
        scene.poke(at, change(scene.peek(at)));
        scene.complete(invalidateDdt(1));
        assert.strictEqual(scene.causeOf({ processId: 0x54321 }), cause);
      });

  test('with MODE Bare, requests are not translated by it', () => {
    const scene = new Scene();
    scene.install(1, { tc: { PDTV: true } });
    for (const processId of [undefined, 5, 0xf_ffff])
      assert.deepInclude(scene.translate(0x1000n, { processId }), { kind: 'translated', pa: 0x1000n });
  });

  test('without PDTV, a process_id is not allowed', () => {
    const scene = new Scene();
    scene.install(1, {});
    assert.deepInclude(scene.translate(0x1000n, { processId: 0 }), { kind: 'refused', cause: 260 });
  });

  test('without DPE, a request without process_id has no first stage; with it, it is one of process 0', () => {
    const scene = new ProcessScene();
    assert.deepInclude(scene.translate(0x1000n), { kind: 'translated', pa: 0x1000n, bypassed: true });
    const withDpe = new ProcessScene('PD8', {}, { tc: { DPE: true } });
    assert.strictEqual(withDpe.causeOf({}), 266);
    withDpe.process(0);
    assert.strictEqual(withDpe.causeOf({}), 'translated');
  });

  test('is read through the second stage', () => {
    const scene = new Scene();
    const second = new SceneTables(scene, 'Sv39x4');
    const pdt = scene.pages('device-table', 4096);
    const iohgatp = { MODE: 'Sv39x4', PPN: second.PPN } as const;
    scene.install(1, { tc: { PDTV: true }, iohgatp, pdtp: { MODE: 'PD8', PPN: 0x55 } });
    const answer = (): object => scene.translate(0x1000n, { processId: 2, access: 'write' });
    assert.deepInclude(answer(), { cause: 23, iotval2: 0x55020n + 1n });
    second.map(0x55000n, pdt, { R: false, W: false });
    assert.deepInclude(answer(), { cause: 23, iotval2: 0x55020n + 1n });
    second.map(0x55000n, pdt);
    scene.complete(invalidateGvma());
    assert.deepInclude(answer(), { cause: 266 });
    scene.poke(pdt + 0x20n, PcTa.encode({ V: true }));
    assert.deepInclude(answer(), { cause: 23, iotval2: 0x1000n });
    second.map(0x1000n, 0x9000n);
    assert.deepInclude(answer(), { kind: 'translated', pa: 0x9000n });
  });
});

suite('a misconfigured process context', () => {
  /** Bits of the two words, of which the second is well configured. */
  const ROWS: Readonly<
    Record<
      string,
      { readonly part?: Partial<Capabilities>; readonly bad: readonly [bigint, bigint]; readonly good: readonly [bigint, bigint] }
    >
  > = {
    'ta has reserved bits set': { bad: [1n << 3n, 0n], good: [1n << 2n, 0n] },
    'fsc has reserved bits set': { bad: [0n, 1n << 44n], good: [0n, 1n << 43n] },
    'fsc.MODE is reserved': { bad: [0n, 7n << 60n], good: [0n, 8n << 60n] },
    'fsc.MODE is not supported': { part: { Sv48: false }, bad: [0n, 9n << 60n], good: [0n, 10n << 60n] },
  };

  test('every condition has a row', () => {
    assert.sameMembers(
      Object.keys(ROWS),
      PC_MISCONFIGURATIONS.map(({ why }) => why),
    );
  });

  for (const [why, { part = {}, bad, good }] of Object.entries(ROWS))
    test(why, () => {
      const scene = new ProcessScene('PD8', { part });
      for (const [[ta, fsc], isBad] of [
        [bad, true],
        [good, false],
      ] as const) {
        const at = scene.placeOf(5);
        scene.poke(at, ta | 1n);
        scene.poke(at + 8n, fsc);
        scene.complete(invalidatePdt(1, 5), invalidateDdt(1));
        assert.strictEqual(scene.causeOf({ processId: 5 }) === 267, isBad);
      }
    });
});

suite('privilege', () => {
  const causes = (scene: ProcessScene, access: Inbound['access'] = 'read'): readonly (number | string)[] =>
    [false, true].map((privileged) => scene.causeOf({ processId: 5, privileged, access }));

  test('supervisor privilege takes ENS', () => {
    assert.deepEqual(causes(mapped({})), ['translated', 260]);
  });

  test('pages of users are for users, and with SUM for supervisors, except to execute', () => {
    assert.deepEqual(causes(mapped({}, { ENS: true })), ['translated', 13]);
    assert.deepEqual(causes(mapped({}, { ENS: true, SUM: true })), ['translated', 'translated']);
    assert.deepEqual(causes(mapped({}, { ENS: true, SUM: true }), 'execute'), ['translated', 12]);
  });

  test('pages of supervisors are for supervisors alone', () => {
    for (const SUM of [false, true]) assert.deepEqual(causes(mapped({ U: false }, { ENS: true, SUM }), 'write'), [15, 'translated']);
  });

  test('is looked at even while the first stage is Bare', () => {
    const scene = new ProcessScene();
    scene.process(5);
    assert.deepEqual(causes(scene), ['translated', 260]);
  });
});

suite('the cache of process contexts', () => {
  test('goes with IODIR.INVAL_PDT for the process, and with IODIR.INVAL_DDT for the device', () => {
    for (const command of [invalidatePdt(1, 5), invalidateDdt(1)]) {
      const scene = new ProcessScene();
      const requester = scene.addProcess(1, 5);
      scene.process(5);
      assert.strictEqual(scene.access(requester, 0x1000n).kind, 'bypassed');
      scene.poke(scene.placeOf(5), 0n);
      assert.strictEqual(scene.access(requester, 0x1000n).kind, 'bypassed');
      scene.complete(invalidatePdt(1, 6));
      assert.strictEqual(scene.access(requester, 0x1000n).kind, 'bypassed');
      scene.complete(command);
      assert.strictEqual(scene.access(requester, 0x1000n).kind, 'faulted');
    }
  });
});
