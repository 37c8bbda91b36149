import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import type { Grants } from '#hw-models/core/machine';
import { WRITE } from '#hw-models/core/walk';
import type { Erratum772415 } from '#hw-models/vtd/capabilities';
import { FsPte, SsPte } from '#hw-models/vtd/pte';
import type { PasidValues } from './testdata/translate-scene';
import { TranslateScene } from './testdata/translate-scene';
import { HOST, Nested, PAGE } from './testdata/translate-nested';
import { FirstTables, SecondTables } from './testdata/translate-tables';

const LEVELS = [3, 2, 1, 0];
const IOVA = 0x7123n;

/** A device with tables of the host in which no flag is set. */
class Host extends TranslateScene {
  readonly first: FirstTables;
  readonly second: SecondTables;

  constructor(PGTT: 'first-stage' | 'second-stage', values: PasidValues = {}) {
    super();
    this.first = new FirstTables(this, 4);
    this.second = new SecondTables(this, 4);
    this.first.map(7, PAGE.host, { D: false });
    this.second.map(7, PAGE.host);
    for (const level of LEVELS) {
      const word = this.first.entryOf(7, level);
      this.store(word, FsPte.with(this.peek(word), { A: false }));
    }
    this.pasid({ PGTT, AW: 48, SSPTPTR: this.second.root, FSPTPTR: this.first.root, ...values });
  }

  /** Of each level, the top one first. */
  firstFlags(): string[] {
    return LEVELS.map((level) => flagsOf(FsPte.of(this.peek(this.first.entryOf(7, level)))));
  }

  secondFlags(): string[] {
    return LEVELS.map((level) => flagsOf(SsPte.of(this.peek(this.second.entryOf(7, level)))));
  }
}

const flagsOf = ({ A, D, EA = false }: { readonly A: boolean; readonly D: boolean; readonly EA?: boolean }): string =>
  `${A ? 'A' : '-'}${D ? 'D' : '-'}${EA ? 'E' : ''}`;

suite('flags in tables of the host', () => {
  test('first stage: A is set at every level, D by a write in the entry of the page', () => {
    const scene = new Host('first-stage');
    assert.strictEqual(scene.ask(IOVA), HOST);
    assert.deepEqual(scene.firstFlags(), ['A-', 'A-', 'A-', 'A-']);
    assert.strictEqual(scene.ask(IOVA, { access: 'write' }), HOST);
    assert.deepEqual(scene.firstFlags(), ['A-', 'A-', 'A-', 'AD']);
  });

  test('first stage: with EAFE, EA too', () => {
    const scene = new Host('first-stage', { EAFE: true });
    assert.strictEqual(scene.ask(IOVA), HOST);
    assert.deepEqual(scene.firstFlags(), ['A-E', 'A-E', 'A-E', 'A-E']);
  });

  test('first stage: where walks do not snoop, flags that are to be set are a fault', () => {
    const scene = new Host('first-stage', { PWSNP: false });
    assert.strictEqual(scene.ask(IOVA), '0x90');
    assert.deepEqual(scene.firstFlags(), ['--', '--', '--', '--']);
    for (const level of LEVELS) {
      const word = scene.first.entryOf(7, level);
      scene.store(word, FsPte.with(scene.peek(word), { A: true }));
    }
    assert.strictEqual(scene.ask(IOVA), HOST);
    assert.strictEqual(scene.ask(IOVA, { access: 'write' }), '0x90');
  });

  test('second stage: only with SSADE', () => {
    const plain = new Host('second-stage');
    assert.strictEqual(plain.ask(IOVA, { access: 'write' }), HOST);
    assert.deepEqual(plain.secondFlags(), ['--', '--', '--', '--']);
    const scene = new Host('second-stage', { SSADE: true });
    assert.strictEqual(scene.ask(IOVA), HOST);
    assert.deepEqual(scene.secondFlags(), ['A-', 'A-', 'A-', 'A-']);
    assert.strictEqual(scene.ask(IOVA, { access: 'write' }), HOST);
    assert.deepEqual(scene.secondFlags(), ['A-', 'A-', 'A-', 'AD']);
  });

  test('second stage: where walks do not snoop, flags that are to be set are a fault', () => {
    const scene = new Host('second-stage', { SSADE: true, PWSNP: false });
    assert.strictEqual(scene.ask(IOVA), '0x7c');
  });

  for (const PGTT of ['first-stage', 'second-stage'] as const)
    test(`${PGTT}: a request that is refused sets nothing`, () => {
      const scene = new Host(PGTT, { SSADE: true });
      scene.first.map(7, PAGE.host, { RW: false, A: false, D: false });
      scene.second.map(7, PAGE.host, { W: false });
      assert.strictEqual(scene.ask(IOVA, { access: 'write' }), '0x85');
      assert.deepEqual(PGTT === 'first-stage' ? scene.firstFlags() : scene.secondFlags(), ['--', '--', '--', '--']);
    });

  test('nothing is set by what a stale copy says', () => {
    const scene = new Host('first-stage');
    assert.strictEqual(scene.ask(IOVA), HOST);
    const word = scene.first.entryOf(7);
    scene.store(word, 0n);
    assert.strictEqual(scene.ask(IOVA), HOST);
    assert.strictEqual(scene.ask(IOVA, { access: 'write' }), '0x71');
    assert.strictEqual(scene.peek(word), 0n);
  });
});

/** A guest that may use its page, and its tables as told. */
class Guest extends Nested {
  constructor(erratum772415: Erratum772415, readOnly: readonly number[], pasid: PasidValues = {}) {
    super({ part: { erratum772415 }, pasid, leaf: { D: false } });
    for (const level of LEVELS) this.change(level, { A: false });
    for (const level of readOnly) this.mapTable(this.tableOf(level), { W: false });
  }

  flags(): string[] {
    return LEVELS.map((level) => flagsOf(this.entry(level) as { readonly A: boolean; readonly D: boolean }).slice(0, 2));
  }
}

suite('flags in tables of a guest', () => {
  test('are written through the second stage', () => {
    const scene = new Guest('off', []);
    assert.strictEqual(scene.use(), HOST);
    assert.deepEqual(scene.flags(), ['A-', 'A-', 'A-', 'A-']);
    assert.strictEqual(scene.use({ access: 'write' }), HOST);
    assert.deepEqual(scene.flags(), ['A-', 'A-', 'A-', 'AD']);
  });

  test('which notes the write with SSADE', () => {
    const scene = new Guest('off', [], { SSADE: true });
    assert.strictEqual(scene.use(), HOST);
    const table = scene.second.entryOf(scene.tableOf(0) - (scene.first.root - scene.first.pointer));
    assert.strictEqual(flagsOf(SsPte.of(scene.peek(table))), 'AD');
    assert.strictEqual(flagsOf(SsPte.of(scene.peek(scene.second.entryOf(PAGE.guest)))), 'A-');
  });

  for (const level of LEVELS)
    test(`a table of level ${level} that is read-only: a fault, once a flag is to be set`, () => {
      const scene = new Guest('off', [level]);
      const untouched = scene.flags()[3 - level];
      assert.strictEqual(scene.use(), '0x77');
      assert.strictEqual(scene.flags()[3 - level], untouched);
      scene.change(level, { A: true });
      assert.strictEqual(scene.use(), HOST);
    });

  const erratum: readonly (readonly [Erratum772415, level: number, string])[] = LEVELS.flatMap((level) => [
    ['off', level, '0x77'] as const,
    ['top-level', level, level === 3 ? HOST : '0x77'] as const,
    ['any-level', level, HOST] as const,
  ]);
  for (const [switched, level, answer] of erratum)
    test(`erratum 772415 ${switched}, a read-only table of level ${level}`, () => {
      const scene = new Guest(switched, [level]);
      assert.strictEqual(scene.use(), answer);
      assert.strictEqual(scene.flags()[3 - level], answer === HOST ? 'A-' : '--');
    });

  for (const switched of ['top-level', 'any-level'] as const) {
    test(`erratum 772415 ${switched}: nothing is written where walks do not snoop`, () => {
      const scene = new Guest(switched, [3], { PWSNP: false });
      assert.strictEqual(scene.use(), '0x90');
      assert.deepEqual(scene.flags(), ['--', '--', '--', '--']);
    });

    test(`erratum 772415 ${switched}: tables that cannot be read stay so`, () => {
      const scene = new Guest(switched, []);
      scene.mapTable(scene.tableOf(3), { R: false });
      assert.strictEqual(scene.use(), '0x75');
    });
  }

  test('a write to a table is one to a page that the requester may write to', () => {
    const scene = new Guest('top-level', [3]);
    const asked: (readonly number[])[] = [];
    const grants: Grants = {
      granted: (...question) => {
        asked.push(question);
        return false;
      },
      mayPass: () => false,
    };
    scene.machine.grants = grants;
    scene.machine.armed = true;
    assert.throws(() => scene.use(), /writes for d0 to frame/);
    assert.deepEqual(asked, [[0, scene.first.pointer, scene.first.root, 1, WRITE]]);
  });
});
