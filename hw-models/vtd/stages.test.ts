import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { NotModelled } from '#hw-models/core/errors';
import type { Capabilities } from '#hw-models/vtd/capabilities';
import { FsPte, SsPte } from '#hw-models/vtd/pte';
import type { Inbound } from '#hw-models/vtd/request';
import { TranslateScene, type PasidValues } from './testdata/translate-scene';
import { FirstTables, SecondTables, type FsValues, type SsValues } from './testdata/translate-tables';

const OUTPUT = 0x1_2345;
/** Frames that an entry of a level maps. */
const framesAt = (level: number): number => 512 ** level;

/** A device with a first stage, also for PASID 5. */
class First extends TranslateScene {
  readonly tables: FirstTables;

  constructor(levels: 4 | 5 = 4, values: PasidValues = {}, part: Partial<Capabilities> = {}) {
    super({ part });
    this.tables = new FirstTables(this, levels);
    for (const pasid of [0, 5])
      this.pasid({ PGTT: 'first-stage', FSPTPTR: this.tables.root, FSPM: levels === 5 ? '5-level' : '4-level', ...values }, pasid);
  }
}

/** A device with a second stage. */
class Second extends TranslateScene {
  readonly tables: SecondTables;

  constructor(levels: 3 | 4 | 5 = 4, values: PasidValues = {}, part: Partial<Capabilities> = {}, root: 'scalable' | 'legacy' = 'scalable') {
    super({ part, root });
    this.tables = new SecondTables(this, levels);
    const AW = ({ 3: 39, 4: 48, 5: 57 } as const)[levels];
    if (root === 'legacy') this.legacy({ AW, SSPTPTR: this.tables.root });
    else this.pasid({ PGTT: 'second-stage', SSPTPTR: this.tables.root, AW, ...values });
  }
}

const at = (frame: number, offset = 0n): bigint => BigInt(frame) * 4096n + offset;
const pa = (frame: number, offset = 0n): string => `pa ${at(frame, offset).toString(16)}`;

suite('a first stage', () => {
  for (const levels of [4, 5] as const) {
    const bits = 12 + 9 * levels;
    test(`of ${levels} levels translates canonical addresses of ${bits} bits`, () => {
      const scene = new First(levels);
      const half = 2 ** (bits - 13);
      scene.tables.map(half - 1, OUTPUT);
      scene.tables.map(half, OUTPUT + 1);
      assert.strictEqual(scene.ask(at(half - 1, 0x123n)), pa(OUTPUT, 0x123n));
      assert.strictEqual(scene.ask(2n ** 64n - at(half) + 0x123n), pa(OUTPUT + 1, 0x123n));
      for (const iova of [at(half), 2n ** 64n - at(half) - 1n, 2n ** 63n]) assert.strictEqual(scene.ask(iova), '0x80');
      assert.deepInclude(scene.translate(at(half)), { stage: 1 });
    });

    for (let level = 1; level < 3; level++)
      test(`of ${levels} levels maps large pages at level ${level}`, () => {
        const scene = new First(levels);
        const size = framesAt(level);
        scene.tables.map(3 * size, 5 * size, {}, level);
        assert.deepInclude(scene.translate(at(4 * size) - 8n), { pa: at(6 * size) - 8n, sizeLog2: 12 + 9 * level });
        scene.tables.map(7 * size, 5 * size + 1, {}, level);
        assert.strictEqual(scene.ask(at(7 * size)), pa(5 * size), 'bit 12 is PAT');
        for (let bit = 1; bit < 9 * level; bit++) {
          scene.tables.map(9 * size, 5 * size + 2 ** bit, {}, level);
          assert.strictEqual(scene.ask(at(9 * size)), '0x72', `bit ${12 + bit}`);
        }
      });

    for (let level = 0; level < levels; level++)
      test(`of ${levels} levels: an entry of level ${level} that is not present, reserved, or lies where nothing answers`, () => {
        const scene = new First(levels, {}, { HAW: 46 });
        scene.tables.map(1, OUTPUT);
        const word = scene.tables.entryOf(1, level);
        const good = scene.peek(word);
        scene.store(word, FsPte.with(good, { P: false }));
        assert.strictEqual(scene.ask(at(1)), '0x71');
        scene.store(word, FsPte.with(good, { ADDR: 2 ** 34 }));
        assert.strictEqual(scene.ask(at(1)), '0x72');
        if (level > 2) {
          scene.store(word, FsPte.with(good, { PS: true }));
          assert.strictEqual(scene.ask(at(1)), '0x72');
        }
        scene.store(word, good);
        scene.machine.memory.holes.add(Math.floor(word / 512));
        assert.strictEqual(scene.ask(at(1)), level === levels - 1 ? '0x73' : '0x70');
      });

    for (let level = 0; level < levels; level++)
      test(`of ${levels} levels: a right that level ${level} does not give is not given`, () => {
        const without = (values: FsValues, inbound: Partial<Inbound>): string => {
          const scene = new First(levels, { ERE: true, NXE: true });
          scene.tables.map(1, OUTPUT);
          const word = scene.tables.entryOf(1, level);
          scene.store(word, FsPte.with(scene.peek(word), values));
          return scene.ask(at(1), inbound);
        };
        assert.strictEqual(without({ RW: false }, { access: 'write' }), '0x85');
        assert.strictEqual(without({ RW: false }, { access: 'read' }), pa(OUTPUT));
        assert.strictEqual(without({ US: false }, { access: 'read' }), '0x81');
        assert.strictEqual(without({ XD: true }, { access: 'execute', pasid: 5 }), '0x82');
        assert.strictEqual(without({ XD: true }, { access: 'write', pasid: 5 }), pa(OUTPUT));
      });
  }

  test('pages of 1 GiB only where there are such', () => {
    const scene = new First(4, {}, { FL1GP: false });
    scene.tables.map(512 ** 2, 512 ** 2, {}, 2);
    scene.tables.map(512, 512, {}, 1);
    assert.strictEqual(scene.ask(at(512 ** 2)), '0x72');
    assert.strictEqual(scene.ask(at(512)), pa(512));
  });

  test('without NXE, XD is ignored', () => {
    const scene = new First(4, { ERE: true });
    scene.tables.map(1, OUTPUT, { XD: true });
    assert.strictEqual(scene.ask(at(1), { access: 'execute', pasid: 5 }), pa(OUTPUT));
  });

  const supervisor = { privileged: true, pasid: 5 } as const;
  const supervisors: readonly (readonly [string, PasidValues, FsValues, Partial<Inbound>, string])[] = [
    ['uses pages of supervisors', { SRE: true }, { US: false }, supervisor, pa(OUTPUT)],
    ['uses pages of users', { SRE: true }, {}, supervisor, pa(OUTPUT)],
    ['writes to read-only pages', { SRE: true }, { RW: false }, { ...supervisor, access: 'write' }, pa(OUTPUT)],
    ['does not with WPE', { SRE: true, WPE: true }, { RW: false }, { ...supervisor, access: 'write' }, '0x85'],
    ['is no user', { SRE: true }, { RW: false }, { access: 'write', pasid: 5 }, '0x85'],
    ['keeps its pages', { SRE: true }, { US: false }, { pasid: 5 }, '0x81'],
  ];
  for (const [what, values, pte, inbound, answer] of supervisors)
    test(`a supervisor ${what}`, () => {
      const scene = new First(4, values);
      scene.tables.map(1, OUTPUT, pte);
      assert.strictEqual(scene.ask(at(1), inbound), answer);
    });

  test('SMEP is not modelled where it would matter', () => {
    const scene = new First(4, { SRE: true, ERE: true, SMEP: true });
    scene.tables.map(1, OUTPUT);
    assert.strictEqual(scene.ask(at(1), { ...supervisor }), pa(OUTPUT));
    assert.throws(() => scene.ask(at(1), { ...supervisor, access: 'execute' }), NotModelled, /SMEP/);
  });

  test('says which rights it gives', () => {
    const scene = new First(4, { ERE: true });
    scene.tables.map(1, OUTPUT, { RW: false });
    scene.tables.map(2, OUTPUT, { D: false });
    assert.deepInclude(scene.translate(at(1)), { prot: 5, bypassed: false });
    assert.deepInclude(scene.translate(at(2)), { prot: 5 });
    assert.deepInclude(scene.translate(at(2), { access: 'write' }), { prot: 7 });
  });
});

for (const root of ['scalable', 'legacy'] as const) {
  const reason = (scalable: string, legacy: string): string => (root === 'scalable' ? scalable : legacy);

  suite(`a second stage in ${root} mode`, () => {
    for (const levels of [3, 4, 5] as const) {
      const bits = 12 + 9 * levels;
      const scene = (part: Partial<Capabilities> = {}): Second => new Second(levels, {}, part, root);

      test(`of ${levels} levels translates addresses below 2^${bits}`, () => {
        const one = scene();
        const last = 2 ** (bits - 12) - 1;
        one.tables.map(last, OUTPUT);
        assert.strictEqual(one.ask(at(last, 0x123n)), pa(OUTPUT, 0x123n));
        for (const iova of [at(last + 1), 2n ** 63n, 2n ** 64n - 1n]) assert.strictEqual(one.ask(iova), reason('0x84', '0x4'));
      });

      test(`of ${levels} levels: no address beyond MGAW`, () => {
        const one = scene({ MGAW: 38 });
        one.tables.map(2 ** 26 - 1, OUTPUT);
        one.tables.map(2 ** 26, OUTPUT);
        assert.strictEqual(one.ask(at(2 ** 26 - 1)), pa(OUTPUT));
        assert.strictEqual(one.ask(at(2 ** 26)), reason('0x84', '0x4'));
      });

      for (let level = 1; level < 3; level++)
        test(`of ${levels} levels maps large pages at level ${level}`, () => {
          const one = scene();
          const size = framesAt(level);
          one.tables.map(3 * size, 5 * size, {}, level);
          assert.deepInclude(one.translate(at(4 * size) - 8n), { pa: at(6 * size) - 8n, sizeLog2: 12 + 9 * level });
          for (let bit = 0; bit < 9 * level; bit++) {
            one.tables.map(9 * size, 5 * size + 2 ** bit, {}, level);
            assert.strictEqual(one.ask(at(9 * size)), reason('0x7a', '0xc'), `bit ${12 + bit}`);
          }
          const without = scene({ SLLPS: level === 1 ? ['1G'] : ['2M'] });
          without.tables.map(3 * size, 5 * size, {}, level);
          assert.strictEqual(without.ask(at(3 * size)), reason('0x7a', '0xc'));
        });

      for (let level = 0; level < levels; level++)
        test(`of ${levels} levels: an entry of level ${level} that is not present, reserved, or lies where nothing answers`, () => {
          const one = scene({ HAW: 46 });
          one.tables.map(1, OUTPUT);
          const word = one.tables.entryOf(1, level);
          const good = one.peek(word);
          const asked = (values: SsValues): string => {
            one.store(word, SsPte.with(good, values));
            return one.ask(at(1));
          };
          assert.strictEqual(asked({ R: false, W: false }), reason('0x86', '0x6'));
          assert.strictEqual(one.ask(at(1), { access: 'write' }), reason('0x85', '0x5'));
          assert.strictEqual(asked({ ADDR: 2 ** 34 }), reason('0x7a', '0xc'));
          if (level > 0) {
            assert.strictEqual(asked({ SNP: true }), reason('0x7a', '0xc'));
            assert.strictEqual(asked({ TM: true }), reason('0x7a', '0xc'));
          }
          if (level > 2) assert.strictEqual(asked({ PS: true }), reason('0x7a', '0xc'));
          assert.strictEqual(asked({ IGN_63: true, IGN_61_52: 0x3ff, IGN_10: true, X: true, EMT: 7, IPAT: true }), pa(OUTPUT));
          one.invalidateAll();
          one.machine.memory.holes.add(Math.floor(word / 512));
          assert.strictEqual(one.ask(at(1)), level === levels - 1 ? reason('0x7b', '0x3') : reason('0x78', '0x7'));
        });

      for (let level = 0; level < levels; level++)
        test(`of ${levels} levels: a right that level ${level} does not give is not given`, () => {
          const without = (values: SsValues, access: Inbound['access']): string => {
            const one = scene();
            one.tables.map(1, OUTPUT);
            const word = one.tables.entryOf(1, level);
            one.store(word, SsPte.with(one.peek(word), values));
            return one.ask(at(1), { access });
          };
          assert.strictEqual(without({ W: false }, 'write'), reason('0x85', '0x5'));
          assert.strictEqual(without({ W: false }, 'read'), pa(OUTPUT));
          assert.strictEqual(without({ R: false }, 'read'), reason('0x86', '0x6'));
          assert.strictEqual(without({ R: false }, 'write'), pa(OUTPUT));
        });
    }

    test('a page that one level lets read and another write is not there', () => {
      const one = new Second(4, {}, {}, root);
      one.tables.map(1, OUTPUT, { R: false });
      const word = one.tables.entryOf(1, 2);
      one.store(word, SsPte.with(one.peek(word), { W: false }));
      assert.strictEqual(one.ask(at(1)), reason('0x86', '0x6'));
      assert.strictEqual(one.ask(at(1), { access: 'write' }), reason('0x85', '0x5'));
    });

    test('SNP and TM are reserved where there is no snoop control, or no device TLB', () => {
      const one = new Second(4, {}, { SC: false, DT: false, PRS: false, PDS: false }, root);
      one.tables.map(1, OUTPUT, { SNP: true });
      one.tables.map(2, OUTPUT, { TM: true });
      for (const frame of [1, 2]) assert.strictEqual(one.ask(at(frame)), reason('0x7a', '0xc'));
      const other = new Second(4, {}, {}, root);
      other.tables.map(1, OUTPUT, { SNP: true, TM: true });
      assert.strictEqual(other.ask(at(1)), pa(OUTPUT));
    });
  });
}
