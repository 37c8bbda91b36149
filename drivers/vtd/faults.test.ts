import { suite, test } from 'node:test';
import { assert } from 'chai';
import { NO_PASID } from '#drivers/contract/iommu';
import { alloc, answerOf, boot, MEMORY, probe, reach } from './boot.test';

const PAGE = 4096n;

suite('a fault', () => {
  test('is told as its record says it, and makes room for the next', () => {
    const booted = boot({ interrupts: ['fault'], parts: [{ NFR: 2 }] });
    probe(booted, 1, { pasidBits: 16 });
    probe(booted, 2);
    const A = alloc(booted);
    booted.calls.map(A, { ...MEMORY, prot: { ...MEMORY.prot, write: false } });
    booted.calls.attach(1, A, NO_PASID);
    for (let round = 0; round < 3; round++) {
      reach(booted, 1, 0x123n, 'write');
      assert.deepEqual(booted.machine.interrupts.splice(0), [{ iommu: 0, line: 'fault' }]);
      assert.equal(answerOf(booted.calls.irq(0, 'fault')), 'ok');
      assert.deepEqual(booted.events.splice(0), [
        { device: 1, pasid: NO_PASID, cause: '0x85, no right to write', iova: 0n, access: 'write' },
      ]);
    }
    reach(booted, 1, 5n * PAGE, 'read', 7);
    reach(booted, 2, PAGE);
    assert.equal(answerOf(booted.calls.irq(0, 'fault')), 'ok');
    assert.deepEqual(booted.events, [
      { device: 1, pasid: 7, cause: '0x59, PASID entry not present', iova: 5n * PAGE, access: 'read' },
      { device: 2, pasid: NO_PASID, cause: '0x59, PASID entry not present', iova: PAGE, access: 'read' },
    ]);
  });

  test('is lost where there is no room, until records are taken', () => {
    const booted = boot({ interrupts: ['fault'], parts: [{ NFR: 1 }] });
    probe(booted, 1);
    for (let n = 0; n < 2; n++) {
      for (const page of [1n, 2n, 3n]) reach(booted, 1, page * PAGE);
      assert.equal(answerOf(booted.calls.irq(0, 'fault')), 'ok');
    }
    assert.deepEqual(
      booted.events.map(({ iova }) => iova),
      [PAGE, PAGE],
    );
    assert.deepEqual(booted.machine.attention(), []);
    assert.equal(answerOf(booted.calls.irq(1, 'fault')), 'ENODEV');
  });
});
