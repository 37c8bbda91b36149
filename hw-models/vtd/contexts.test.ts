import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import type { Capabilities } from '#hw-models/vtd/capabilities';
import type { Inbound } from '#hw-models/vtd/request';
import { ContextEntry, RootEntry, ScalableContextEntry, ScalableRootHalf } from '#hw-models/vtd/structures';
import { TranslateScene, type ContextValues, type ScalableContextValues } from './testdata/translate-scene';
import { SecondTables } from './testdata/translate-tables';

/** A device in legacy mode whose first page is mapped. */
class Legacy extends TranslateScene {
  readonly tables: SecondTables;

  constructor(values: ContextValues = {}, part: Partial<Capabilities> = {}) {
    super({ root: 'legacy', part });
    this.tables = new SecondTables(this, 5);
    this.tables.map(1, 0x1_2345);
    this.legacy({ SSPTPTR: this.tables.root, ...values });
  }
}

/** A device in scalable mode whose addresses pass. */
class Scalable extends TranslateScene {
  constructor(values: ScalableContextValues = {}, part: Partial<Capabilities> = {}) {
    super({ part });
    this.context(values);
    this.pasid({ PGTT: 'pass-through', AW: 57 });
    this.pasid({ PGTT: 'pass-through', AW: 57 }, 5);
  }
}

const OUTPUT = 'pa 12345123';
const IOVA = 0x1123n;

suite('root and context tables of legacy mode', () => {
  test('lead to a second stage', () => {
    assert.strictEqual(new Legacy().ask(IOVA), OUTPUT);
    assert.strictEqual(new Legacy({ TT: 'second-stage and device TLB' }).ask(IOVA), OUTPUT);
  });

  test('or nowhere', () => {
    assert.strictEqual(new Legacy({ TT: 'pass-through' }).ask(IOVA), 'pa 1123');
  });

  test('PASIDs do not exist', () => {
    assert.strictEqual(new Legacy().ask(IOVA, { pasid: 5 }), '0x31');
  });

  const roots: readonly (readonly [string, bigint, string])[] = [
    ['not present', 0n, '0x1'],
    ['a reserved bit', RootEntry.encode({ P: true, CTP: 1 }) | 2n, '0xa'],
    ['a reserved bit of the upper half', RootEntry.encode({ P: true, CTP: 1 }) | (1n << 64n), '0xa'],
  ];
  for (const [what, raw, reason] of roots)
    test(`root entry: ${what}`, () => {
      const scene = new Legacy();
      scene.setRoot(raw);
      scene.invalidateAll();
      assert.strictEqual(scene.ask(IOVA), reason);
    });

  const contexts: readonly (readonly [string, ContextValues, string, Partial<Capabilities>?])[] = [
    ['not present', { P: false }, '0x2'],
    ['a reserved bit', { rsv4: 1n }, '0xb'],
    ['bit 71', { rsv71: 1n }, '0xb'],
    ['a reserved bit of the upper half', { rsv88: 1n }, '0xb'],
    ['a table beyond the host address width', { SSPTPTR: 2 ** 34 }, '0xb', { HAW: 46 }],
    ['a domain-id that is too large', { DID: 256 }, '0xb', { ND: 2 }],
    ['an AW that is not supported', { AW: 39 }, '0x3', { SAGAW: [48, 57] }],
    ['no device TLBs', { TT: 'second-stage and device TLB' }, '0x3', { DT: false, PRS: false, PDS: false }],
    ['no pass-through', { TT: 'pass-through' }, '0x3', { PT: false }],
    ['pass-through with another AW than the largest', { TT: 'pass-through', AW: 48 }, '0x3'],
  ];
  for (const [what, values, reason, part] of contexts)
    test(`context entry: ${what}`, () => {
      assert.strictEqual(new Legacy(values, part).ask(IOVA), reason);
    });

  test('context entry: encodings without meaning', () => {
    for (const bits of [3n << 2n, 0n]) {
      const scene = new Legacy();
      const AW = bits === 0n ? 4n : 3n;
      scene.store(scene.contextWord, bits + 1n);
      scene.store(scene.contextWord + 1, AW);
      scene.invalidateAll();
      assert.strictEqual(scene.ask(IOVA), '0x3');
    }
  });

  test('context entry: bits for software are ignored', () => {
    assert.strictEqual(new Legacy({ IGN: 0xf }).ask(IOVA), OUTPUT);
  });

  test('nothing answers there', () => {
    const scene = new Legacy();
    scene.machine.memory.holes.add(scene.contextFrame);
    assert.strictEqual(scene.ask(IOVA), '0x9');
    scene.machine.memory.holes.add(scene.rootFrame);
    assert.strictEqual(scene.ask(IOVA), '0x8');
  });

  test('only a device with a device TLB asks or brings', () => {
    for (const type of ['translation-request', 'translated'] as const) {
      assert.strictEqual(new Legacy().ask(IOVA, { type }), '0xd');
      assert.strictEqual(new Legacy({ TT: 'pass-through' }).ask(IOVA, { type }), '0xd');
    }
    const scene = new Legacy({ TT: 'second-stage and device TLB' });
    assert.strictEqual(scene.ask(IOVA, { type: 'translation-request' }), OUTPUT);
    assert.strictEqual(scene.ask(IOVA, { type: 'translated' }), 'pa 1123');
  });
});

suite('root and context tables of scalable mode', () => {
  const roots: readonly (readonly [string, bigint, string])[] = [
    ['not present', 0n, '0x39'],
    ['only the upper half', ScalableRootHalf.encode({ P: true, CTP: 1 }) << 64n, '0x39'],
    ['a reserved bit', ScalableRootHalf.encode({ P: true, CTP: 1, rsv1: 1n }), '0x3a'],
  ];
  for (const [what, raw, reason] of roots)
    test(`root entry: ${what}`, () => {
      const scene = new Scalable();
      scene.setRoot(raw);
      scene.invalidateAll();
      assert.strictEqual(scene.ask(IOVA), reason);
    });

  const contexts: readonly (readonly [string, ScalableContextValues, string, Partial<Capabilities>?])[] = [
    ['not present', { P: false }, '0x41'],
    ['a reserved bit', { rsv5: 1n }, '0x42'],
    ['a reserved bit above', { rsv85: 1n }, '0x42'],
    ['DTE without device TLBs', { DTE: true }, '0x42', { DT: false, PRS: false, PDS: false }],
    ['PASIDE without PASIDs', { PASIDE: true }, '0x42', { PASID: false }],
    ['PRE without page requests', { DTE: true, PRE: true }, '0x42', { PRS: false }],
    ['RID_PASID without RPS', { RID_PASID: 1 }, '0x42', { RPS: false }],
    ['RID_PRIV without RPRIVS', { RID_PRIV: true }, '0x42', { RPRIVS: false }],
    ['a directory beyond the host address width', { PASIDDIRPTR: 2 ** 34 }, '0x42', { HAW: 46 }],
    ['PRE without DTE', { PRE: true }, '0x43'],
    ['RID_PASID beyond the directory', { RID_PASID: 2 ** 13 }, '0x48'],
    ['RID_PASID in the last directory entry: not present', { RID_PASID: 2 ** 13 - 1 }, '0x51'],
  ];
  for (const [what, values, reason, part] of contexts)
    test(`context entry: ${what}`, () => {
      assert.strictEqual(new Scalable(values, part).ask(IOVA), reason);
    });

  const requests: readonly (readonly [string, ScalableContextValues, Partial<Inbound>, string])[] = [
    ['without PASID', {}, {}, 'pa 1123'],
    ['with PASID', {}, { pasid: 5 }, 'pa 1123'],
    ['with PASID, not enabled', { PASIDE: false }, { pasid: 5 }, '0x45'],
    ['with PASID beyond the directory', {}, { pasid: 2 ** 13 }, '0x46'],
    ['with PASID in a larger directory', { PDTS: 7 }, { pasid: 2 ** 20 - 1 }, '0x51'],
    ['for a translation, not enabled', {}, { type: 'translation-request' }, '0x44'],
    ['for a translation', { DTE: true }, { type: 'translation-request' }, 'pa 1123'],
    ['that was translated, not enabled', {}, { type: 'translated' }, '0x44'],
    ['that was translated', { DTE: true }, { type: 'translated' }, 'pa 1123'],
    ['without PASID, as that of RID_PASID', { RID_PASID: 6 }, {}, '0x59'],
  ];
  for (const [what, values, inbound, answer] of requests)
    test(`a request ${what}`, () => {
      assert.strictEqual(new Scalable(values).ask(IOVA, inbound), answer);
    });

  test('the upper half of a root entry is for devices from 16 on', () => {
    const scene = new Scalable();
    scene.setRoot(ScalableRootHalf.encode({ P: true, CTP: scene.contextFrame }) << 64n);
    scene.invalidateAll();
    assert.strictEqual(scene.ask(IOVA, { id: 0x0188 }), 'pa 1123');
    assert.strictEqual(scene.ask(IOVA, { id: 0x0180 }), '0x41');
  });

  test('nothing answers there', () => {
    const scene = new Scalable();
    scene.machine.memory.holes.add(scene.contextFrame);
    assert.strictEqual(scene.ask(IOVA), '0x40');
    scene.machine.memory.holes.add(scene.rootFrame);
    assert.strictEqual(scene.ask(IOVA), '0x38');
  });
});

suite('fault processing disabled', () => {
  const silent = (scene: TranslateScene): boolean => {
    const result = scene.translate(IOVA);
    return result.kind === 'refused' && result.silent;
  };

  test('in an entry that is not present too', () => {
    assert.isTrue(silent(new Legacy({ P: false, FPD: true })));
    assert.isFalse(silent(new Legacy({ P: false })));
    assert.isTrue(silent(new Scalable({ P: false, FPD: true })));
  });

  test('for what is found behind it', () => {
    const scene = new Legacy({ FPD: true });
    scene.tables.set(1, 0n);
    assert.isTrue(silent(scene));
    assert.isTrue(silent(new Scalable({ FPD: true, RID_PASID: 6 })));
  });

  test('but not for structures that cannot be read', () => {
    const scene = new Scalable({ FPD: true });
    scene.machine.memory.holes.add(scene.pasidFrame);
    assert.strictEqual(scene.ask(IOVA), '0x58');
    assert.isFalse(silent(scene));
  });
});

suite('entries that were read', () => {
  test('a context entry that is present is kept until it is invalidated', () => {
    const scene = new Scalable();
    assert.strictEqual(scene.ask(IOVA), 'pa 1123');
    scene.store(scene.contextWord, 0n);
    assert.strictEqual(scene.ask(IOVA), 'pa 1123');
    scene.invalidateAll();
    assert.strictEqual(scene.ask(IOVA), '0x41');
  });

  test('one that is not present is not', () => {
    const scene = new Legacy({ P: false });
    assert.strictEqual(scene.ask(IOVA), '0x2');
    scene.store(scene.contextWord + 1, ContextEntry.encode({ AW: 57 }) >> 64n);
    scene.store(scene.contextWord, ContextEntry.encode({ P: true, SSPTPTR: scene.tables.root }));
    assert.strictEqual(scene.ask(IOVA), OUTPUT);
  });

  test('reserved bits are those of the layouts', () => {
    assert.isTrue(ScalableContextEntry.hasReserved(1n << 255n));
  });
});
