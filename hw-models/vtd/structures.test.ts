import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import { toWords, type AnyLayout } from '#hw-models/core/bits';
import { layoutLaws } from '#hw-models/core/laws';
import { FAULT_REASONS, reasonNamed } from '#hw-models/vtd/fault-reasons';
import { FsPte, SsPte } from '#hw-models/vtd/pte';
import {
  ContextEntry,
  PasidDirectoryEntry,
  PasidEntry,
  RootEntry,
  ScalableContextEntry,
  ScalableRootHalf,
} from '#hw-models/vtd/structures';

const LAYOUTS: readonly AnyLayout[] = [
  ...[RootEntry, ScalableRootHalf, ContextEntry, ScalableContextEntry, PasidDirectoryEntry, PasidEntry, FsPte, SsPte],
];

suite('structures of VT-d', () => {
  for (const layout of LAYOUTS)
    test(layout.name, () => {
      layoutLaws(layout);
    });

  test('a context entry of legacy mode', () => {
    const raw = ContextEntry.encode({ P: true, TT: 'second-stage and device TLB', SSPTPTR: 5, AW: 48, DID: 0x1234 });
    assert.deepEqual(toWords(raw, 2), [0x5005n, 0x12_3402n]);
  });

  test('a context entry of scalable mode', () => {
    const raw = ScalableContextEntry.encode({ P: true, DTE: true, PASIDE: true, PDTS: 7, PASIDDIRPTR: 5, RID_PASID: 3, RID_PRIV: true });
    assert.deepEqual(toWords(raw, 4), [0x5e0dn, 0x10_0003n, 0n, 0n]);
  });

  test('a PASID table entry', () => {
    const raw = PasidEntry.encode({
      ...{ P: true, AW: 57, PGTT: 'nested', SSADE: true, SSPTPTR: 5, DID: 0x1234, PWSNP: true, PGSNP: true },
      ...{ SRE: true, ERE: true, FSPM: '5-level', WPE: true, EAFE: true, FSPTPTR: 7 },
    });
    assert.deepEqual(toWords(raw, 8), [0x52cdn, 0x180_1234n, 0x7097n, 0n, 0n, 0n, 0n, 0n]);
  });

  test('an address width is read as bits, and an encoding without meaning as reserved', () => {
    assert.strictEqual(PasidEntry.of(2n << 2n).AW, 48);
    assert.strictEqual(PasidEntry.of(5n << 2n).AW, 'reserved');
    assert.throws(() => PasidEntry.encode({ AW: 'reserved' }), RangeError);
  });
});

suite('fault reasons', () => {
  test('are said with their number', () => {
    assert.strictEqual(reasonNamed(0x59), '0x59, PASID entry not present');
    assert.strictEqual(reasonNamed(0x2a), '0x2a, unknown');
  });

  test('each has its own condition', () => {
    const conditions = Object.values(FAULT_REASONS).flatMap(({ condition }) => (condition === '' ? [] : [condition]));
    assert.lengthOf(new Set(conditions), conditions.length);
  });
});
