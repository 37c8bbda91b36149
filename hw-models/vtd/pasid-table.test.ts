import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { NotModelled } from '#hw-models/core/errors';
import { LEGACY, type Capabilities } from '#hw-models/vtd/capabilities';
import type { Inbound } from '#hw-models/vtd/request';
import { PasidDirectoryEntry, PasidEntry } from '#hw-models/vtd/structures';
import { TranslateScene, type PasidValues } from './testdata/translate-scene';
import { FirstTables, SecondTables } from './testdata/translate-tables';

const IOVA = 0x1123n;
const OUTPUT = 'pa 12345123';

/** A device whose first stage maps page 1 to GPA page 1, and its second stage every GPA that it uses to itself and page 1 onwards. */
class Ready extends TranslateScene {
  readonly first: FirstTables;
  readonly second: SecondTables;

  constructor(values: PasidValues, part: Partial<Capabilities> = {}) {
    super({ part });
    this.first = new FirstTables(this, 4);
    this.first.map(1, values.PGTT === 'nested' ? 1 : 0x1_2345);
    this.second = new SecondTables(this, 4);
    this.second.map(1, 0x1_2345);
    for (const frame of this.first.frames) this.second.map(frame, frame);
    this.pasid({ AW: 48, SSPTPTR: this.second.root, FSPTPTR: this.first.root, ...values });
  }
}

const TYPES = ['first-stage', 'second-stage', 'nested', 'pass-through'] as const;
type Type = (typeof TYPES)[number];
const of = (PGTT: Type): PasidValues => ({ PGTT, ...(PGTT === 'pass-through' && { AW: 57 }) });

suite('PASID tables', () => {
  for (const type of TYPES)
    test(`lead to ${type}`, () => {
      assert.strictEqual(new Ready(of(type)).ask(IOVA), type === 'pass-through' ? 'pa 1123' : OUTPUT);
    });

  test('directory entries', () => {
    const scene = new Ready(of('second-stage'));
    const word = scene.directoryFrame * 512;
    for (const [raw, reason] of [
      [0n, '0x51'],
      [PasidDirectoryEntry.encode({ P: true, SMPTBLPTR: scene.pasidFrame, rsv2: 1n }), '0x52'],
    ] as const) {
      scene.store(word, raw);
      scene.invalidateAll();
      assert.strictEqual(scene.ask(IOVA), reason);
    }
    scene.machine.memory.holes.add(scene.directoryFrame);
    assert.strictEqual(scene.ask(IOVA), '0x50');
  });

  test('a directory entry that leads beyond the host address width', () => {
    const scene = new Ready(of('second-stage'), { HAW: 46 });
    scene.store(scene.directoryFrame * 512, PasidDirectoryEntry.encode({ P: true, SMPTBLPTR: 2 ** 34 }));
    scene.invalidateAll();
    assert.strictEqual(scene.ask(IOVA), '0x52');
  });

  const entries: readonly (readonly [string, PasidValues, string, Partial<Capabilities>?])[] = [
    ['not present', { P: false }, '0x59'],
    ...(['rsv10', 'rsv80', 'rsv136', 'rsv192'] as const).map((name) => [name, { ...of('nested'), [name]: 1n }, '0x5a'] as const),
    ...(['PCD', 'PWT', 'EMTE', 'CD'] as const).map((name) => [name, { ...of('nested'), [name]: true }, '0x5a'] as const),
    ['PAT', { ...of('nested'), PAT: 1 }, '0x5a'],
    ['EMT', { ...of('nested'), EMT: 1 }, '0x5a'],
    ['SSADE without SLADS', { ...of('second-stage'), SSADE: true }, '0x5a', { SLADS: false }],
    ['PWSNP without SMPWC', of('second-stage'), '0x5a', { SMPWC: false }],
    ['PGSNP without SC', { ...of('second-stage'), PGSNP: true }, '0x5a', { SC: false }],
    ['SRE without SRS', { ...of('first-stage'), SRE: true }, '0x5a', { SRS: false }],
    ['WPE without SRS', { ...of('first-stage'), WPE: true }, '0x5a', { SRS: false }],
    ['ERE without ERS', { ...of('first-stage'), ERE: true }, '0x5a', { ERS: false }],
    ['EAFE without EAFS', { ...of('first-stage'), EAFE: true }, '0x5a', { EAFS: false }],
    ['SSPTPTR beyond the host address width', { ...of('second-stage'), SSPTPTR: 2 ** 34 }, '0x5a', { HAW: 46 }],
    ['SSPTPTR beyond the host address width, nested', { ...of('nested'), SSPTPTR: 2 ** 34 }, '0x5a', { HAW: 46 }],
    ['FSPTPTR beyond the host address width', { ...of('first-stage'), FSPTPTR: 2 ** 34 }, '0x5a', { HAW: 46 }],
    ['a domain-id that is too large', { ...of('second-stage'), DID: 256 }, '0x5a', { ND: 2 }],
    ['no first stage', of('first-stage'), '0x5b', { FLTS: false, FL1GP: false, FL5LP: false, NEST: false }],
    ['no second stage', of('second-stage'), '0x5b', { SLTS: false, SLADS: false, NEST: false }],
    ['no nested translation', of('nested'), '0x5b', { NEST: false }],
    ['no pass-through', of('pass-through'), '0x5b', { PT: false }],
    ['an AW that is not supported', { ...of('second-stage'), AW: 39 }, '0x5b', { SAGAW: [48, 57] }],
    ['an AW that is not supported, nested', { ...of('nested'), AW: 39 }, '0x5b', { SAGAW: [48, 57] }],
    ['pass-through with another AW than the largest', { ...of('pass-through'), AW: 48 }, '0x5b'],
    ['five levels that there are not', { ...of('first-stage'), FSPM: '5-level' }, '0x5b', { FL5LP: false }],
  ];
  for (const [what, values, reason, part] of entries)
    test(`entry: ${what}`, () => {
      assert.strictEqual(new Ready(values, part).ask(IOVA), reason);
    });

  test('entry: encodings without meaning', () => {
    const scene = new Ready(of('nested'));
    const word = scene.pasidWord(0);
    for (const [at, bits] of [
      [0, PasidEntry.mask('PGTT')],
      [0, PasidEntry.mask('AW')],
      [2, PasidEntry.encode({ FSPM: '5-level' }) >> 127n],
    ] as const) {
      const before = scene.peek(word + at);
      scene.store(word + at, before | bits);
      scene.invalidateAll();
      assert.strictEqual(scene.ask(IOVA), '0x5b');
      scene.store(word + at, before);
    }
  });

  test('entry: what belongs to a stage that is not used is ignored', () => {
    assert.strictEqual(
      new Ready({ ...of('second-stage'), FSPTPTR: 2 ** 40 - 1, FSPM: '5-level' }, { FL5LP: false, HAW: 46 }).ask(IOVA),
      OUTPUT,
    );
    assert.strictEqual(new Ready({ ...of('first-stage'), SSPTPTR: 2 ** 40 - 1, AW: 39 }, { SAGAW: [48, 57], HAW: 46 }).ask(IOVA), OUTPUT);
  });

  test('entry: what is not modelled says so', () => {
    assert.throws(() => new Ready({ ...of('second-stage'), SLEE: true }).ask(IOVA), NotModelled, /SLEE/);
  });

  test('nothing answers there', () => {
    const scene = new Ready(of('second-stage'));
    scene.machine.memory.holes.add(scene.pasidFrame);
    assert.strictEqual(scene.ask(IOVA), '0x58');
  });

  const requests: readonly (readonly [string, PasidValues, Partial<Inbound>, string])[] = [
    ['to execute, not enabled', of('first-stage'), { access: 'execute' }, '0x5c'],
    ['to execute, not enabled in nested translation', of('nested'), { access: 'execute' }, '0x5c'],
    ['to execute', { ...of('first-stage'), ERE: true }, { access: 'execute' }, OUTPUT],
    ['to execute through a second stage', of('second-stage'), { access: 'execute' }, OUTPUT],
    ['of a supervisor, not enabled', of('first-stage'), { privileged: true }, '0x5d'],
    ['of a supervisor, not enabled in nested translation', of('nested'), { privileged: true }, '0x5d'],
    ['of a supervisor', { ...of('first-stage'), SRE: true }, { privileged: true }, OUTPUT],
    ['of a supervisor through a second stage', of('second-stage'), { privileged: true }, OUTPUT],
  ];
  for (const [what, values, inbound, answer] of requests)
    test(`a request ${what}`, () => {
      const scene = new Ready(values);
      scene.pasid({ AW: 48, SSPTPTR: scene.second.root, FSPTPTR: scene.first.root, ...values }, 5);
      assert.strictEqual(scene.ask(IOVA, { pasid: 5, ...inbound }), answer);
    });

  test('without PASID, the context entry says whether a request is one of a supervisor, and nothing is executed', () => {
    const scene = new Ready(of('first-stage'));
    scene.context({ RID_PRIV: true });
    assert.strictEqual(scene.ask(IOVA), '0x5d');
    scene.context({});
    assert.strictEqual(scene.ask(IOVA, { privileged: true }), OUTPUT);
    assert.strictEqual(scene.ask(IOVA, { access: 'execute' }), OUTPUT);
  });

  test('FPD of any structure on the way silences', () => {
    const scene = new Ready({ ...of('second-stage'), FPD: true });
    assert.deepInclude(scene.translate(0x9000n), { reason: 0x86, silent: true, stage: 2 });
    scene.pasid({ P: false });
    assert.deepInclude(scene.translate(0x9000n), { reason: 0x59, silent: false, stage: 0 });
    scene.store(scene.directoryFrame * 512, PasidDirectoryEntry.encode({ P: true, FPD: true, SMPTBLPTR: scene.pasidFrame }));
    scene.invalidateAll();
    assert.deepInclude(scene.translate(0x9000n), { reason: 0x59, silent: true });
  });

  test('an entry that is present is kept word by word until it is invalidated', () => {
    const scene = new Ready(of('second-stage'));
    assert.strictEqual(scene.ask(IOVA), OUTPUT);
    scene.store(scene.pasidWord(0), 0n);
    assert.strictEqual(scene.ask(IOVA), OUTPUT);
    scene.invalidateAll();
    assert.strictEqual(scene.ask(IOVA), '0x59');
  });

  test('there are none without scalable mode', () => {
    const scene = new TranslateScene({ root: 'legacy', part: LEGACY });
    scene.legacy({ TT: 'pass-through' });
    assert.strictEqual(scene.ask(IOVA, { pasid: 5 }), '0x31');
  });
});
