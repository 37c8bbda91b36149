import { assert } from 'chai';
import { describe as suite, test } from 'node:test';

import type { Outcome } from '#hw-models/core/hardware';
import { PageGrpResp } from '#hw-models/vtd/descriptors';
import { vtd } from '#hw-models/vtd/factory';
import type { RespondToGroup } from '#hw-models/vtd/invalidation-orders';
import { Fectl, Frcd, Rtaddr } from '#hw-models/vtd/registers';
import { Scene } from '#hw-models/vtd/scene';
import { iotlbInv } from '#hw-models/vtd/software';
import { SecondTables } from './testdata/translate-tables';

const ID = 8;
const fault = (outcome: Outcome): { readonly cause: string; readonly stage: number; readonly record: string } => {
  if (outcome.kind !== 'faulted') throw new Error(outcome.kind);
  const { cause, stage, record } = outcome.fault;
  return { cause, stage, record };
};
/** A device whose page 1 it may read, and no other. */
function furnished(): Scene {
  const scene = new Scene();
  const stage = new SecondTables(scene.tableMemory, 4);
  stage.map(1, 0x77, { W: false });
  scene.install(ID, { PGTT: 'second-stage', DID: 5, AW: 48, SSPTPTR: stage.root });
  return scene;
}

suite('an access', () => {
  test('that is refused is recorded, and software is told', () => {
    const scene = furnished();
    scene.write('FECTL', Fectl.encode({ IM: false }));
    assert.deepEqual(fault(scene.access(0, 0x1008n, 'write')), { cause: '0x85, no right to write', stage: 2, record: 'recorded' });
    assert.deepEqual(scene.machine.interrupts, [{ iommu: 0, line: 'fault' }]);
    const { FR, SID, FI, T1, PP } = Frcd.of(scene.port.mmioRead64(0, 0x400) + scene.port.mmioRead64(0, 0x408) * 2n ** 64n);
    assert.deepEqual([FR, SID, FI, T1, PP], [0x85, ID, 1n, false, false]);
    assert.deepEqual(scene.iommu.attention(), [{ what: 'fault 0x85, no right to write of source-id 0x8 at 0x1000', protocol: false }]);
  });

  test('that is refused under FPD is not recorded', () => {
    const scene = furnished();
    scene.installContext(ID, { FPD: true });
    assert.strictEqual(fault(scene.access(0, 0x2000n)).record, 'suppressed');
    assert.isEmpty(scene.iommu.attention());
  });

  test('that finds all records full is lost', () => {
    const scene = furnished();
    for (let n = 0; n < 4; n++) assert.strictEqual(fault(scene.access(0, 0x2000n)).record, 'recorded');
    assert.strictEqual(fault(scene.access(0, 0x2000n)).record, 'lost');
  });

  test('passes while translation is off, and stops while requests are aborted', () => {
    const scene = furnished();
    scene.command({ TE: false });
    assert.deepEqual(scene.access(0, 0x2008n), { kind: 'bypassed', pa: 0x2008n });
    scene.write('RTADDR', Rtaddr.encode({ TTM: 'abort' }));
    scene.command({ SRTP: true });
    scene.command({ TE: true });
    assert.match(fault(scene.access(0, 0x1008n)).cause, /^0x33/);
  });

  test('is said in the trace', () => {
    const scene = furnished();
    scene.access(0, 0x2008n);
    const lines = Array.from({ length: scene.machine.trace.length }, (_, n) => scene.machine.trace.line(n));
    assert.isTrue(lines.some((line) => line.endsWith('reason 0x86, no right to read, of source-id 0x8 at 0x2008, recorded')));
  });
});

suite('the hardware', () => {
  test('is silent when a scene says so', () => {
    const scene = furnished();
    const silence = scene.iommu.fallsSilent(0, 'late');
    assert.isFalse(scene.waits(iotlbInv({ G: 'global' })));
    assert.isTrue(silence.isHere);
    scene.iommu.givenUp();
    assert.isFalse(silence.isHere);
    assert.strictEqual(scene.port.read64(scene.status), 1n);
  });

  test('tells devices what became of their page requests', () => {
    const responses: RespondToGroup[] = [];
    const scene = new Scene({ endpoints: { invalidate: () => 'done', respond: (message) => responses.push(message) } });
    scene.complete(PageGrpResp.encode({ type: 9, RID: ID, PRGI: 5, RC: 'success' }));
    assert.deepEqual(responses, [{ kind: 'page_grp_resp', rid: ID, group: 5, status: 'success' }]);
  });

  test('is not made of capabilities that there cannot be', () => {
    assert.throws(() => vtd({ ND: 7 }), RangeError);
  });

  test('says which memory it uses', () => {
    const scene = furnished();
    scene.enablePageRequests();
    assert.deepEqual(
      [...scene.iommu.buffers()].map(({ what }) => what),
      ['the invalidation queue', 'the page request queue'],
    );
  });

  test('snoops its queue, though not its structures', () => {
    const scene = new Scene({ mode: 'eager', part: { C: false } });
    scene.complete(iotlbInv({ G: 'global' }));
    const root = scene.pages('context-table', 4096);
    scene.port.write64(root, 1n);
    assert.isNotEmpty(scene.machine.memory.older(Number(root / 8n)));
  });

  test('finds the PASID of requests without one in the context entry', () => {
    const scene = new Scene();
    const stage = new SecondTables(scene.tableMemory, 4);
    stage.map(1, 0x77);
    scene.installContext(ID, { RID_PASID: 3 });
    scene.install(ID, { PGTT: 'second-stage', DID: 5, AW: 48, SSPTPTR: stage.root }, 3);
    assert.strictEqual(scene.access(0, 0x1000n).kind, 'translated');
  });
});
