import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { NotModelled } from '#hw-models/core/errors';
import { capabilities, domainIdBits, FULL, LEGACY, type Capabilities } from '#hw-models/vtd/capabilities';

suite('capabilities', () => {
  test('the full part is one that there may be, and so is one without scalable mode', () => {
    assert.deepEqual(capabilities(), FULL);
    assert.isFalse(capabilities(LEGACY).SLTS);
    assert.strictEqual(domainIdBits(FULL), 16);
  });

  const ruledOut: readonly (readonly [Partial<Capabilities>, RegExp])[] = [
    [{ ND: 7 }, /ND/],
    [{ SAGAW: [] }, /SAGAW/],
    [{ SAGAW: [48, 48] }, /SAGAW/],
    [{ SAGAW: [39] }, /MGAW/],
    [{ MGAW: 65 }, /MGAW/],
    [{ NFR: 0 }, /NFR/],
    [{ MAMV: 64 }, /MAMV/],
    [{ PSS: 21 }, /PSS/],
    [{ HAW: 53 }, /HAW/],
    [{ ...LEGACY, SLADS: true }, /SLADS without SMTS/],
    [{ ...LEGACY, PASID: true }, /PASID without SMTS/],
    [{ NEST: false, SLADS: false, SLTS: false, FLTS: false, FL5LP: false, FL1GP: false, PT: false }, /SMTS without/],
    [{ FLTS: false, FL5LP: false, FL1GP: false }, /NEST/],
    [{ NEST: false, FLTS: false, FL1GP: false }, /FL5LP/],
    [{ NEST: false, SLTS: false }, /SLADS/],
    [{ DT: false, PDS: false }, /PRS/],
    [{ DT: false, PRS: false }, /PDS/],
  ];
  for (const [part, why] of ruledOut)
    test(`ruled out: ${why.source}, ${Object.keys(part).length} given`, () => assert.throws(() => capabilities(part), RangeError, why));

  test('what is left out is named', () => {
    for (const name of ['IR', 'ECMDS', 'PMS', 'AFL']) assert.throws(() => capabilities({ [name]: true }), NotModelled, name);
    assert.throws(() => capabilities({ QI: false } as Partial<Capabilities>), NotModelled, /register-based/);
    assert.throws(() => capabilities({ NFR: 17 }), NotModelled, /NFR/);
  });
});
