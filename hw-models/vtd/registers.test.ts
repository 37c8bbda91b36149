import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import type { AnyLayout } from '#hw-models/core/bits';
import { layoutLaws } from '#hw-models/core/laws';
import { RegisterFile } from '#hw-models/core/registers';
import { capabilities, LEGACY, resetValues, type Capabilities } from '#hw-models/vtd/capabilities';
import { DescriptorWord, DESCRIPTORS, PageGrpReq } from '#hw-models/vtd/descriptors';
import { absentFrom } from '#hw-models/vtd/registers-absent';
import { MAP } from '#hw-models/vtd/registers';

const layoutsOf = (rows: Readonly<Record<string, { readonly layout: AnyLayout }>>): readonly AnyLayout[] =>
  Object.values(rows).map(({ layout }) => layout);

suite('laws', () => {
  const all = new Set<AnyLayout>([...layoutsOf(MAP), ...layoutsOf(DESCRIPTORS), DescriptorWord, PageGrpReq]);
  for (const layout of all) test(layout.name, () => layoutLaws(layout));
});

suite('places', () => {
  const file = (part: Partial<Capabilities> = {}): RegisterFile<typeof MAP> => new RegisterFile(MAP, {}, resetValues(capabilities(part)));

  test('CAP.FRO and ECAP.IRO say where the registers are that they tell', () => {
    assert.strictEqual(file().view('CAP').FRO * 16, MAP.FRCD0.at);
    assert.strictEqual(file().view('ECAP').IRO * 16, MAP.IVA.at);
    assert.strictEqual(MAP.FRCD1.at - MAP.FRCD0.at, 16);
  });

  test('capabilities read back as they were given', () => {
    const { MGAW, NFR, SAGAW, SLLPS, ND, CM, ESRTPS } = file({ SAGAW: [39, 48], MGAW: 48, NFR: 8, SLLPS: ['2M'], CM: true }).view('CAP');
    assert.deepEqual([MGAW, NFR, SAGAW, SLLPS, ND, CM, ESRTPS], [47, 7, 0b110, 0b01, 6, true, false]);
    const { PSS, QI, IR, SMTS } = file({ PSS: 16 }).view('ECAP');
    assert.deepEqual([PSS, QI, IR, SMTS], [15, true, false, true]);
  });

  test('events are masked', () => {
    for (const name of ['FECTL', 'IECTL', 'PECTL'] as const) assert.isTrue(file().view(name).IM);
  });
});

suite('absence', () => {
  const has = (part: Partial<Capabilities>, name: string): boolean => !(absentFrom(capabilities(part)) as ReadonlySet<string>).has(name);

  test('of page requests, by ECAP.PRS', () => {
    for (const name of ['PQH', 'PQT', 'PQA', 'PRS', 'PECTL', 'PEDATA', 'PEADDR', 'PEUADDR']) {
      assert.isTrue(has({}, name), name);
      assert.isFalse(has(LEGACY, name), name);
    }
  });

  test('of fault records, by CAP.NFR', () => {
    assert.deepEqual(
      [0, 1, 2, 15].map((index) => has({ NFR: 2 }, `FRCD${index}`)),
      [true, true, false, false],
    );
  });
});
