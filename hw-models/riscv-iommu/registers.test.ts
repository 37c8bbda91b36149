import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import type { AnyLayout } from '#hw-models/core/bits';
import { layoutLaws } from '#hw-models/core/laws';
import { RegisterFile } from '#hw-models/core/registers';
import { capabilities } from '#hw-models/riscv-iommu/capabilities';
import { CommandWord, COMMANDS } from '#hw-models/riscv-iommu/commands';
import { CAUSES, FaultRecord } from '#hw-models/riscv-iommu/fault-record';
import { absentFrom } from '#hw-models/riscv-iommu/optional-registers';
import { PageRequestRecord } from '#hw-models/riscv-iommu/page-request-queue';
import { QUEUES } from '#hw-models/riscv-iommu/queues';
import { Cqcsr, MAP, Pqcsr, TrReqCtl } from '#hw-models/riscv-iommu/registers';

const layoutsOf = (rows: Readonly<Record<string, { readonly layout: AnyLayout }>>): readonly AnyLayout[] => [
  ...new Set(Object.values(rows).map((row) => row.layout)),
];

suite('laws', () => {
  const all = [...layoutsOf(MAP), CommandWord, ...layoutsOf(COMMANDS), FaultRecord, PageRequestRecord] as readonly AnyLayout[];
  for (const layout of new Set(all)) test(layout.name, () => layoutLaws(layout));
});

suite('places', () => {
  test('the registers fill what the specification gives them', () => {
    const file = new RegisterFile(MAP);
    const filled = Array.from({ length: 256 }, (_, index) => index * 4).filter((at) => file.nameAt(at) !== undefined);
    const missing = Array.from({ length: 256 }, (_, index) => index * 4).filter((at) => !filled.includes(at));
    // Custom at 12; reserved and custom from 628 to 759.
    assert.deepEqual(missing, [12, ...Array.from({ length: 33 }, (_, index) => 628 + index * 4)]);
  });

  test('tables lie where the specification says', () => {
    assert.strictEqual(MAP.iohpmctr1.at, 104);
    assert.strictEqual(MAP.iohpmctr31.at, 344);
    assert.strictEqual(MAP.iohpmevt1.at, 352);
    assert.strictEqual(MAP.iohpmevt31.at, 592);
    assert.strictEqual(MAP.msi_addr_15.at, 768 + 240);
    assert.strictEqual(MAP.msi_vec_ctl_1.at, 768 + 28);
  });

  test('each name in the table of queues is of a register or a field', () => {
    for (const { base, hardware, software, csr, causes, enable, on, interruptEnable, pending, vector } of Object.values(QUEUES)) {
      for (const name of [base, hardware, software, csr]) assert.property(MAP, name);
      for (const name of [...causes, enable, on, interruptEnable, 'busy']) assert.property(MAP[csr].layout.fields, name);
      assert.property(MAP.ipsr.layout.fields, pending);
      assert.property(MAP.icvec.layout.fields, vector);
    }
  });
});

suite('absence', () => {
  const has = (part: Parameters<typeof capabilities>[0], name: string): boolean =>
    !(absentFrom(capabilities(part)) as ReadonlySet<string>).has(name);

  test('of page requests, debugging and messages, by capabilities', () => {
    for (const name of ['pqb', 'pqh', 'pqt', 'pqcsr']) {
      assert.isTrue(has({}, name));
      assert.isFalse(has({ ATS: false, T2GPA: false }, name));
    }
    for (const name of ['tr_req_iova', 'tr_req_ctl', 'tr_response']) {
      assert.isTrue(has({}, name));
      assert.isFalse(has({ DBG: false }, name));
    }
    for (const name of ['msi_addr_0', 'msi_data_0', 'msi_vec_ctl_0']) {
      assert.isTrue(has({}, name));
      assert.isFalse(has({ IGS: 'WSI' }, name));
    }
  });

  test('of vectors beyond the number of vectors', () => {
    assert.isTrue(has({ vectors: 16 }, 'msi_addr_15'));
    assert.isTrue(has({ vectors: 2 }, 'msi_data_1'));
    assert.isFalse(has({ vectors: 2 }, 'msi_data_2'));
    assert.isFalse(has({ vectors: 1 }, 'msi_vec_ctl_1'));
  });

  test('of the performance monitor and of QoS identifiers, always', () => {
    for (const name of ['iocountovf', 'iocountinh', 'iohpmcycles', 'iohpmctr7', 'iohpmevt31', 'iommu_qosid']) assert.isFalse(has({}, name));
  });

  test('of nothing else', () => {
    for (const name of ['capabilities', 'fctl', 'ddtp', 'cqb', 'cqcsr', 'fqb', 'fqcsr', 'ipsr', 'icvec'])
      assert.isTrue(has({ ATS: false, T2GPA: false, DBG: false, IGS: 'WSI' }, name));
  });
});

// Positions from the figures of the specification.
suite('positions', () => {
  test('of control and status', () => {
    assert.strictEqual(Cqcsr.encode({ cqen: true, cie: true, cqmf: true, cmd_to: true, cmd_ill: true, fence_w_ip: true }), 0xf03n);
    assert.strictEqual(Cqcsr.encode({ cqon: true, busy: true }), 0x3_0000n);
    assert.strictEqual(Pqcsr.encode({ pqof: true, pqmf: true, pqon: true }), 0x1_0300n);
    assert.strictEqual(TrReqCtl.encode({ DID: 1, PV: true, PID: 1, NW: true, 'Go/Busy': true }), (1n << 40n) | (1n << 32n) | 0x1009n);
  });

  test('of causes', () => {
    const suppressible = Object.entries(CAUSES).flatMap(([number, cause]) => (cause?.suppressible === false ? [Number(number)] : []));
    assert.deepEqual(suppressible, [256, 257, 258, 259, 268, 272, 273]);
    assert.lengthOf(Object.keys(CAUSES), 30);
  });
});
