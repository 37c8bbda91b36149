import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { capabilities, type Capabilities } from '#hw-models/riscv-iommu/capabilities';
import { DC_WORDS, DdtEntry, Tc } from '#hw-models/riscv-iommu/contexts';
import { DC_MISCONFIGURATIONS, decode, misconfiguration } from '#hw-models/riscv-iommu/device-context';
import { invalidateDdt, INVALIDATE_DDT, Scene, wordsOf, type DcValues } from '#hw-models/riscv-iommu/scene';

/** One way to be misconfigured, and the nearest device context that is not. */
interface Row {
  readonly part?: Partial<Capabilities>;
  readonly bad: DcValues;
  /** What no field can say: bits that are set in a word as well. */
  readonly raw?: readonly [word: number, bits: bigint];
  /** With `raw`, `bad` without it unless told. */
  readonly good?: DcValues;
  readonly goodRaw?: readonly [word: number, bits: bigint];
}

const MODE = (code: bigint): bigint => code << 60n;
const SECOND: DcValues = { iohgatp: { MODE: 'Sv39x4', PPN: 4 } };
const PDTV = { tc: { PDTV: true } };

const ROWS: Readonly<Record<string, Row>> = {
  'tc has reserved bits set': { bad: {}, raw: [0, 1n << 12n], goodRaw: [0, 1n << 24n] },
  'ta has reserved bits set': { bad: {}, raw: [2, 1n << 11n], goodRaw: [2, 1n << 12n] },
  'fsc has reserved bits set': { bad: {}, raw: [3, 1n << 44n], goodRaw: [3, 1n << 43n] },
  'msiptp has reserved bits set': { bad: {}, raw: [4, 1n << 44n], goodRaw: [4, 1n << 43n] },
  'msi_addr_mask has reserved bits set': { bad: {}, raw: [5, 1n << 52n], goodRaw: [5, 1n << 51n] },
  'msi_addr_pattern has reserved bits set': { bad: {}, raw: [6, 1n << 52n], goodRaw: [6, 1n << 51n] },
  'its last word is reserved': { bad: {}, raw: [7, 1n] },
  'there is no ATS': { part: { ATS: false }, bad: { tc: { EN_ATS: true } }, good: {} },
  'T2GPA takes EN_ATS': { bad: { ...SECOND, tc: { T2GPA: true } }, good: { ...SECOND, tc: { T2GPA: true, EN_ATS: true } } },
  'EN_PRI takes EN_ATS': { bad: { tc: { EN_PRI: true } }, good: { tc: { EN_PRI: true, EN_ATS: true } } },
  'PRPR takes EN_PRI': { bad: { tc: { PRPR: true, EN_ATS: true } }, good: { tc: { PRPR: true, EN_PRI: true, EN_ATS: true } } },
  'there is no T2GPA': {
    part: { T2GPA: false },
    bad: { ...SECOND, tc: { T2GPA: true, EN_ATS: true } },
    good: { ...SECOND, tc: { EN_ATS: true } },
  },
  'T2GPA takes a second stage': { bad: { tc: { T2GPA: true, EN_ATS: true } }, good: { ...SECOND, tc: { T2GPA: true, EN_ATS: true } } },
  'pdtp.MODE is reserved': { bad: PDTV, raw: [3, MODE(4n)], goodRaw: [3, MODE(3n)] },
  'pdtp.MODE is not supported': {
    part: { PD17: false },
    bad: { ...PDTV, pdtp: { MODE: 'PD17' } },
    good: { ...PDTV, pdtp: { MODE: 'PD20' } },
  },
  'iosatp.MODE is reserved': { bad: {}, raw: [3, MODE(1n)], good: { ...PDTV }, goodRaw: [3, MODE(1n)] },
  'iosatp.MODE is not supported': { part: { Sv48: false }, bad: { iosatp: { MODE: 'Sv48' } }, good: { iosatp: { MODE: 'Sv57' } } },
  'DPE takes PDTV': { bad: { tc: { DPE: true } }, good: { tc: { DPE: true, PDTV: true } } },
  'iohgatp.MODE is reserved': { bad: {}, raw: [1, MODE(11n)], goodRaw: [1, MODE(10n)] },
  'iohgatp.MODE is not supported': {
    part: { Sv57x4: false },
    bad: { iohgatp: { MODE: 'Sv57x4', PPN: 4 } },
    good: { iohgatp: { MODE: 'Sv48x4', PPN: 4 } },
  },
  'msiptp.MODE is reserved': { bad: {}, raw: [4, MODE(2n)], goodRaw: [4, MODE(1n)] },
  'the root of the second stage is not aligned to 16 KiB': { bad: { iohgatp: { MODE: 'Sv39x4', PPN: 6 } }, good: { iohgatp: { PPN: 6 } } },
  'A and D are not updated by hardware': { part: { AMO_HWAD: false }, bad: { tc: { GADE: true } }, good: {} },
  'SBE is not fctl.BE': { bad: { tc: { SBE: true } }, good: {} },
  'SXL is not legal': { bad: { tc: { SXL: true } }, good: {} },
};

/** More ways for rows that name several fields. */
const MORE: readonly (readonly [why: string, part: Partial<Capabilities>, bad: DcValues])[] = [
  ['there is no ATS', { ATS: false }, { tc: { EN_PRI: true } }],
  ['there is no ATS', { ATS: false }, { tc: { PRPR: true } }],
  ['A and D are not updated by hardware', { AMO_HWAD: false }, { tc: { SADE: true } }],
  ['pdtp.MODE is not supported', { PD8: false }, { ...PDTV, pdtp: { MODE: 'PD8' } }],
  ['pdtp.MODE is not supported', { PD20: false }, { ...PDTV, pdtp: { MODE: 'PD20' } }],
  ['iosatp.MODE is not supported', { Sv39: false }, { iosatp: { MODE: 'Sv39' } }],
  ['iosatp.MODE is not supported', { Sv57: false }, { iosatp: { MODE: 'Sv57' } }],
  ['iohgatp.MODE is not supported', { Sv39x4: false }, { iohgatp: { MODE: 'Sv39x4' } }],
  ['iohgatp.MODE is not supported', { Sv48x4: false }, { iohgatp: { MODE: 'Sv48x4' } }],
];

function encode(values: DcValues, raw: readonly [word: number, bits: bigint] | undefined): bigint[] {
  const words = wordsOf(values);
  if (raw !== undefined) words[raw[0]]! |= raw[1];
  return words;
}

/** The cause that a read by the device ends with. */
function causeOf(scene: Scene, deviceId = 1): number | string {
  const answer = scene.translate(0x1000n, { deviceId });
  return answer.kind === 'refused' ? answer.cause : answer.kind;
}

suite('a misconfigured device context', () => {
  test('every condition has a row', () => {
    assert.sameMembers(
      Object.keys(ROWS),
      DC_MISCONFIGURATIONS.map(({ why }) => why),
    );
  });

  for (const [why, { part = {}, bad, raw, good, goodRaw }] of Object.entries(ROWS))
    test(why, () => {
      const scene = new Scene({ part });
      const [wrong, right] = [encode(bad, raw), encode(good ?? bad, goodRaw)];
      assert.strictEqual(misconfiguration(decode(wrong), scene.part), why);
      assert.isUndefined(misconfiguration(decode(right), scene.part));
      scene.installWords(1, wrong);
      assert.strictEqual(causeOf(scene), 259);
      scene.installWords(1, right);
      assert.notStrictEqual(causeOf(scene), 259);
    });

  for (const [why, part, bad] of MORE)
    test(`${why}: ${Object.keys(bad.tc ?? bad.iosatp ?? bad.iohgatp ?? {}).join(' ')} ${Object.keys(part).join(' ')}`, () => {
      assert.strictEqual(misconfiguration(decode(wordsOf(bad)), capabilities(part)), why);
    });

  test('in the base format, nothing of MSIs is looked at', () => {
    const words = wordsOf({}).slice(0, DC_WORDS.base);
    assert.isUndefined(decode(words).msi);
    assert.isUndefined(misconfiguration(decode(words), capabilities({ MSI_FLAT: false })));
  });

  test('one that is not valid is not looked at', () => {
    const scene = new Scene();
    scene.installWords(1, [1n << 12n, 0n, 0n, 0n, 0n, 0n, 0n, 0n]);
    assert.strictEqual(causeOf(scene), 258);
  });
});

suite('the device directory', () => {
  /** Bits of a device_id at each number of levels. @spec RISCV-IOMMU "Data Structures" */
  const FORMATS = [
    ['base', false, [7, 16, 24]],
    ['extended', true, [6, 15, 24]],
  ] as const;

  for (const [name, MSI_FLAT, widths] of FORMATS)
    for (const levels of [1, 2, 3] as const) {
      const width = widths[levels - 1]!;
      test(`in the ${name} format with ${levels} levels: device_ids of ${width} bits`, () => {
        const last = 2 ** width - 1;
        const scene = new Scene({ part: { MSI_FLAT }, levels, ids: [last] });
        scene.install(last, {});
        assert.strictEqual(causeOf(scene, last), 'translated');
        assert.strictEqual(causeOf(scene, last - 1), 258);
        if (width < 24) assert.strictEqual(causeOf(scene, last + 1), 260);
        assert.strictEqual(causeOf(scene, 0), 258);
      });
    }

  test('off: 256; bare: untranslated requests pass, and others do not', () => {
    const off = new Scene({ levels: 'off' });
    assert.strictEqual(causeOf(off), 256);
    const bare = new Scene({ levels: 'bare' });
    assert.deepInclude(bare.translate(0x1234n), { kind: 'translated', pa: 0x1234n, bypassed: true });
    for (const type of ['translated', 'ats'] as const)
      assert.deepInclude(bare.translate(0x1234n, { type }), { kind: 'refused', cause: 260 });
  });

  for (const level of [1, 2] as const) {
    const deep = (): Scene => {
      const scene = new Scene({ levels: 3, ids: [0x12345] });
      scene.install(0x12345, {});
      return scene;
    };
    const break_ = (raw: (entry: bigint) => bigint): number | string => {
      const scene = deep();
      const at = scene.entryOf(0x12345, level);
      scene.poke(at, raw(scene.peek(at)));
      scene.complete(INVALIDATE_DDT);
      return causeOf(scene, 0x12345);
    };
    test(`an entry of level ${level} that is not valid: 258`, () => {
      assert.strictEqual(
        break_((raw) => raw & ~1n),
        258,
      );
    });
    test(`an entry of level ${level} with reserved bits: 259`, () => {
      for (const bit of [1n, 9n, 54n, 63n])
        assert.strictEqual(
          break_((raw) => raw | (1n << bit)),
          259,
        );
    });
    test(`an entry of level ${level} that leads beyond the physical addresses: 257`, () => {
      const scene = new Scene({ levels: 3, ids: [0x12345], part: { PAS: 46 } });
      scene.install(0x12345, {});
      scene.poke(scene.entryOf(0x12345, level), DdtEntry.encode({ V: true, PPN: 2 ** 34 }));
      scene.complete(INVALIDATE_DDT);
      assert.strictEqual(causeOf(scene, 0x12345), 257);
    });
    test(`an entry of level ${level} where nothing answers: 257`, () => {
      const scene = deep();
      scene.machine.memory.holes.add(Number(scene.entryOf(0x12345, level) / 4096n));
      assert.strictEqual(causeOf(scene, 0x12345), 257);
    });
  }

  test('a device context where nothing answers: 257', () => {
    const scene = new Scene();
    scene.install(1, {});
    scene.machine.memory.holes.add(Number(scene.entryOf(1) / 4096n));
    assert.strictEqual(causeOf(scene), 257);
  });
});

suite('the cache of device contexts', () => {
  test('keeps a valid one until it is invalidated', () => {
    const scene = new Scene();
    scene.install(1, {});
    assert.strictEqual(causeOf(scene), 'translated');
    scene.poke(scene.entryOf(1), 0n);
    assert.strictEqual(causeOf(scene), 'translated');
    scene.complete(invalidateDdt(2));
    assert.strictEqual(causeOf(scene), 'translated');
    scene.complete(invalidateDdt(1));
    assert.strictEqual(causeOf(scene), 258);
  });

  test('keeps a misconfigured one that is valid', () => {
    const scene = new Scene();
    scene.install(1, { tc: { SBE: true } });
    assert.strictEqual(causeOf(scene), 259);
    scene.poke(scene.entryOf(1), Tc.encode({ V: true }));
    assert.strictEqual(causeOf(scene), 259);
    scene.complete(invalidateDdt(1));
    assert.strictEqual(causeOf(scene), 'translated');
  });

  for (const mode of ['lazy', 'eager', 'seeded:3'] as const)
    test(`never keeps one that is not valid, nor an entry above it: ${mode}`, () => {
      const scene = new Scene({ mode, levels: 2, ids: [0x100] });
      assert.strictEqual(causeOf(scene, 0x100), 258);
      const at = scene.entryOf(0x100);
      scene.port.barrier();
      assert.strictEqual(causeOf(scene, 0x100), 258);
      scene.poke(at, Tc.encode({ V: true }));
      assert.strictEqual(causeOf(scene, 0x100), 'translated');
    });

  test('an entry above device contexts goes only with all', () => {
    const scene = new Scene({ levels: 2, ids: [0x100] });
    scene.install(0x100, {});
    assert.strictEqual(causeOf(scene, 0x100), 'translated');
    scene.poke(scene.entryOf(0x100, 1), 0n);
    scene.complete(invalidateDdt(0x100));
    assert.strictEqual(causeOf(scene, 0x100), 'translated');
    scene.complete(INVALIDATE_DDT);
    assert.strictEqual(causeOf(scene, 0x100), 258);
  });
});
