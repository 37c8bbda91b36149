import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { wordOf } from '#hw-models/core/address';
import type { Outcome } from '#hw-models/core/hardware';
import type { Capabilities } from '#hw-models/smmu-v3/capabilities';
import { Scene, STAGE2, cfgiSte, tlbiVmid, type SceneOptions, type SteValues } from '#hw-models/smmu-v3/scene';
import { GEOMETRY, STAGE2_LEAVES, startOf, T0SZ_LARGEST, type Granule, type LookupLevel, type WalkStart } from '#hw-models/smmu-v3/tables';

const PAGE = STAGE2_LEAVES['4K'][3];
type PageValues = Parameters<typeof PAGE.encode>[0];
const page = (values: PageValues = {}): bigint =>
  PAGE.encode({ valid: true, tableOrPage: true, AF: true, S2AP: 3, OAB: 0x8_0000, ...values });

/** A stream with a 40-bit input and one page mapped at 0x1000. */
class Mapped extends Scene {
  readonly root: bigint;
  readonly entry: bigint;

  constructor(values: SteValues = {}, leaf: PageValues = {}, options: SceneOptions = {}) {
    super(options);
    this.root = this.pages('page-table', 8192);
    this.entry = this.map(this.root, [0, 0, 1], page(leaf));
    this.install(0, { ...STAGE2, S2TTB: this.root / 16n, ...values });
  }

  get descriptor(): bigint {
    return this.machine.memory.get(wordOf(this.entry));
  }

  /** Stores a descriptor, and orders the store. */
  put(values: PageValues): void {
    this.port.write64(this.entry, page(values));
    this.port.barrier();
  }
}

const told = (outcome: Outcome): string => (outcome.kind === 'faulted' ? outcome.fault.cause : outcome.kind);
const paOf = (outcome: Outcome): bigint => {
  if (outcome.kind !== 'translated') assert.fail(told(outcome));
  return outcome.pa;
};

/** Indexes from the start level down to `last` for an input address. */
function indexesOf(granule: Granule, { level, entriesLog2 }: WalkStart, ipa: bigint, last: number): number[] {
  const { levels, stride } = GEOMETRY[granule];
  return Object.entries(levels)
    .filter(([name]) => Number(name) >= level && Number(name) <= last)
    .map(([name, { index }]) =>
      Number((ipa >> BigInt(index[1])) % 2n ** BigInt(Number(name) === (level as number) ? entriesLog2 : stride)),
    );
}

suite('start levels, granules and concatenated tables', () => {
  for (const S2TG of ['4K', '16K', '64K'] as const) {
    const { pageShift, starts, T0SZ } = GEOMETRY[S2TG];
    for (const { SL0, level } of starts) {
      test(`${S2TG} from level ${level}: every input size with one table or several`, () => {
        const part: Partial<Capabilities> = { STT: true, OAS: 52 };
        const scene = new Scene({ part });
        let tried = 0;
        for (let size = Math.max(T0SZ[0], 12); size <= T0SZ[1]; size++) {
          const start = startOf(S2TG, SL0, size, { STT: true, OAS: 52 });
          if (start === undefined) continue;
          tried++;
          const root = scene.pages('page-table', Math.max(4096, 2 ** start.entriesLog2 * 8));
          scene.install(0, { ...STAGE2, S2TG, S2SL0: SL0, S2T0SZ: size, S2PS: 6, S2VMID: size, S2TTB: root / 16n });
          const end = 2n ** BigInt(64 - size);
          for (const ipa of [0n, end / 2n, end - 2n ** BigInt(pageShift)]) {
            const descriptor = 0x40_0000_0000n + ((ipa >> 20n) % 2n ** 16n) * 2n ** 16n + 0x7c3n;
            scene.map(root, indexesOf(S2TG, start, ipa, 3), descriptor, 2 ** pageShift);
            assert.strictEqual(paOf(scene.access(0, ipa + 8n)), descriptor - 0x7c3n + 8n, `T0SZ ${size}`);
          }
          assert.strictEqual(told(scene.access(0, end)), size > 12 || S2TG !== '64K' ? 'F_TRANSLATION' : 'F_ADDR_SIZE', `T0SZ ${size}`);
        }
        assert.isAbove(tried, 4);
      });
    }
  }

  test('blocks translate all their bytes', () => {
    for (const [S2TG, last, S2SL0, S2T0SZ] of [
      ['4K', 1, 1, 25],
      ['4K', 2, 1, 25],
      ['16K', 2, 1, 28],
      ['64K', 2, 1, 22],
    ] as const) {
      const scene = new Scene();
      const start = startOf(S2TG, S2SL0, S2T0SZ, { STT: false, OAS: 48 })!;
      const root = scene.pages('page-table', 2 ** start.entriesLog2 * 8);
      const [, shift] = GEOMETRY[S2TG].levels[last as LookupLevel]!.index;
      const size = 2n ** BigInt(shift);
      scene.map(root, indexesOf(S2TG, start, 3n * size, last), 5n * size + 0x7c1n, 2 ** GEOMETRY[S2TG].pageShift);
      scene.install(0, { ...STAGE2, S2TG, S2SL0, S2T0SZ, S2TTB: root / 16n });
      assert.strictEqual(paOf(scene.access(0, 3n * size)), 5n * size);
      assert.strictEqual(paOf(scene.access(0, 4n * size - 8n)), 6n * size - 8n);
      assert.strictEqual(told(scene.access(0, 4n * size)), 'F_TRANSLATION');
    }
  });

  test('the largest T0SZ without small tables', () => {
    const scene = new Scene();
    const root = scene.pages('page-table', 4096);
    scene.map(root, [3, 511], page());
    scene.install(0, { ...STAGE2, S2T0SZ: T0SZ_LARGEST, S2SL0: 0, S2TTB: root / 16n });
    assert.strictEqual(paOf(scene.access(0, 0x7f_f008n)), 0x8000_0008n);
  });
});

suite('permissions', () => {
  test('S2AP and XN decide by what the access is', () => {
    for (let S2AP = 0; S2AP < 4; S2AP++) {
      for (let XN = 0; XN < 4; XN++) {
        const scene = new Mapped({}, { S2AP, XN });
        const may = (access: 'read' | 'write' | 'execute', privileged: boolean): boolean =>
          told(scene.access(0, 0x1000n, access, privileged)) === 'translated';
        for (const privileged of [false, true]) {
          assert.strictEqual(may('read', privileged), S2AP % 2 === 1);
          assert.strictEqual(may('write', privileged), S2AP >= 2);
          assert.strictEqual(may('execute', privileged), XN === 0 || XN === (privileged ? 3 : 1), `XN ${XN}`);
        }
      }
    }
  });

  test('a read that the STE calls an instruction needs execution, and the reverse', () => {
    const instruction = new Mapped({ INSTCFG: 'instruction' }, { S2AP: 1, XN: 2 });
    assert.strictEqual(told(instruction.access(0, 0x1000n)), 'F_PERMISSION');
    const data = new Mapped({ INSTCFG: 'data' }, { S2AP: 1, XN: 2 });
    assert.strictEqual(told(data.access(0, 0x1000n, 'execute')), 'translated');
  });
});

suite('hardware updates', () => {
  const HA: SteValues = { S2HA: true };
  const HD: SteValues = { S2HA: true, S2HD: true };
  const AF = PAGE.mask('AF');
  const CLEAN: PageValues = { S2AP: 1, DBM: true };

  test('the Access flag is set by an access that is permitted, and not by one that is not', () => {
    const scene = new Mapped(HA, { AF: false, S2AP: 1 });
    assert.strictEqual(told(scene.access(0, 0x1000n, 'write')), 'F_PERMISSION');
    assert.strictEqual(scene.descriptor & AF, 0n);
    assert.strictEqual(told(scene.access(0, 0x1000n)), 'translated');
    assert.strictEqual(scene.descriptor, page({ S2AP: 1 }));
  });

  test('without S2HA it faults until software sets it, and the fault is not cached', () => {
    const scene = new Mapped({}, { AF: false });
    assert.strictEqual(told(scene.access(0, 0x1000n)), 'F_ACCESS');
    scene.put({});
    assert.strictEqual(told(scene.access(0, 0x1000n)), 'translated');
  });

  test('S2AFFD takes it for set and leaves it alone', () => {
    const scene = new Mapped({ S2AFFD: true }, { AF: false });
    assert.strictEqual(told(scene.access(0, 0x1000n, 'write')), 'translated');
    assert.strictEqual(scene.descriptor, page({ AF: false }));
  });

  test('a write makes a writable-clean page dirty, a read does not', () => {
    const scene = new Mapped(HD, { ...CLEAN, AF: false });
    assert.strictEqual(told(scene.access(0, 0x1000n)), 'translated');
    assert.strictEqual(scene.descriptor, page(CLEAN));
    assert.strictEqual(told(scene.access(0, 0x1000n, 'write')), 'translated');
    assert.strictEqual(scene.descriptor, page({ S2AP: 3, DBM: true }));
  });

  test('both are set at once', () => {
    const scene = new Mapped(HD, { ...CLEAN, AF: false });
    scene.access(0, 0x1000n, 'write');
    assert.strictEqual(scene.descriptor, page({ S2AP: 3, DBM: true }));
  });

  test('without S2HD, or with S2HA clear, DBM permits nothing', () => {
    for (const values of [HA, { S2HD: true }]) {
      const scene = new Mapped(values, CLEAN);
      assert.strictEqual(told(scene.access(0, 0x1000n, 'write')), 'F_PERMISSION');
      assert.strictEqual(scene.descriptor, page(CLEAN));
    }
  });

  test('a stale writable-clean entry serves reads, but a write looks at memory', () => {
    const scene = new Mapped(HD, CLEAN);
    assert.strictEqual(paOf(scene.access(0, 0x1000n)), 0x8000_0000n);
    scene.port.write64(scene.entry, 0n);
    scene.port.barrier();
    assert.strictEqual(told(scene.access(0, 0x1000n)), 'translated');
    assert.strictEqual(told(scene.access(0, 0x1000n, 'write')), 'F_TRANSLATION');
    assert.strictEqual(scene.descriptor, 0n);
  });

  test('in eager mode as well: the update is made to what memory has now', () => {
    const scene = new Mapped(HD, CLEAN, { mode: 'eager' });
    scene.port.write64(scene.entry, page({ ...CLEAN, OAB: 0x9_0000 }));
    assert.strictEqual(paOf(scene.access(0, 0x1000n)), 0x8000_0000n);
    assert.strictEqual(paOf(scene.access(0, 0x1000n, 'write')), 0x9000_0000n);
    assert.strictEqual(scene.descriptor, page({ S2AP: 3, DBM: true, OAB: 0x9_0000 }));
  });
});

suite('the TLB', () => {
  for (const mode of ['lazy', 'eager'] as const) {
    test(`keeps a translation, with its permission, until it is told (${mode})`, () => {
      const scene = new Mapped({}, { S2AP: 1 }, { mode });
      assert.strictEqual(told(scene.access(0, 0x1000n)), 'translated');
      scene.put({ S2AP: 3 });
      assert.strictEqual(told(scene.access(0, 0x1000n, 'write')), 'F_PERMISSION');
      scene.complete(tlbiVmid(1));
      assert.strictEqual(told(scene.access(0, 0x1000n, 'write')), 'translated');
    });

    test(`keeps nothing that faulted (${mode})`, () => {
      const scene = new Mapped({}, { valid: false }, { mode });
      assert.strictEqual(told(scene.access(0, 0x1000n)), 'F_TRANSLATION');
      scene.put({ OAB: 2 ** 35 });
      assert.strictEqual(told(scene.access(0, 0x1000n)), 'translated');
    });

    test(`is not cleared by an invalidation of configuration (${mode})`, () => {
      const scene = new Mapped({}, {}, { mode });
      scene.access(0, 0x1000n);
      scene.port.write64(scene.entry, 0n);
      scene.port.barrier();
      scene.complete(cfgiSte(0));
      assert.strictEqual(told(scene.access(0, 0x1000n)), 'translated');
      scene.complete(tlbiVmid(1));
      assert.strictEqual(told(scene.access(0, 0x1000n)), 'F_TRANSLATION');
    });
  }

  test('is shared by the streams of a VMID and by nobody else', () => {
    const scene = new Mapped({}, {}, { ids: [0, 1, 2] });
    scene.install(1, { ...STAGE2, S2TTB: scene.root / 16n });
    scene.install(2, { ...STAGE2, S2VMID: 2, S2TTB: scene.root / 16n });
    scene.access(0, 0x1000n);
    scene.port.write64(scene.entry, 0n);
    scene.port.barrier();
    assert.strictEqual(told(scene.access(1, 0x1000n)), 'translated');
    assert.strictEqual(told(scene.access(2, 0x1000n)), 'F_TRANSLATION');
  });
});
