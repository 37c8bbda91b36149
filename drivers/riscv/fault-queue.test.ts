import { suite, test } from 'node:test';
import { assert } from 'chai';
import { NO_PASID, type HwInfo } from '#drivers/contract/iommu';
import { HwInfoRiscv } from '#drivers/contract/uapi';
import { alloc, answerOf, boot, MEMORY, probe, RW, valueOf, readBytes } from './boot.test';
import { numberOf } from './guest-context';

suite('faults', () => {
  test('are told by device, and acknowledged', () => {
    const booted = boot({ interrupts: ['wire 0'] });
    probe(booted, 1, { ids: [0x41] });
    const stranger = booted.machine.addDevice(9, 0, [0x42])[0]!;
    booted.machine.access(booted.machine.requestersOf(1)[0]!, 0x5000n, 'write');
    booted.machine.access(stranger, 0x6000n, 'read');
    assert.deepEqual(booted.machine.interrupts, [{ iommu: 0, line: 'wire 0' }]);
    assert.equal(answerOf(booted.calls.irq(0, 'wire 0')), 'ok');
    assert.deepEqual(booted.events, [{ device: 1, pasid: NO_PASID, cause: 'DDT entry not valid', iova: 0x5000n, access: 'write' }]);
    booted.machine.access(stranger, 0x6000n, 'read');
    assert.equal(booted.machine.interrupts.length, 2);
  });

  test('are written again after some were lost', () => {
    const booted = boot();
    probe(booted, 1);
    for (let n = 0; n < 200; n++) readBytes(booted, 1);
    booted.calls.irq(0, '');
    readBytes(booted, 1);
    booted.calls.irq(0, '');
    assert.deepEqual([booted.events.length, booted.machine.attention()], [128, []]);
  });
});

test('hardware info has the registers that user space needs', () => {
  const booted = boot();
  probe(booted, 1);
  const { type, data } = valueOf<HwInfo>(booted.calls.hwInfo(1, 0));
  const { capability, fctl } = HwInfoRiscv.of(numberOf(data));
  assert.deepEqual([type, data.length, capability, fctl], [64, 16, booted.port.mmioRead64(0, 0), booted.port.mmioRead32(0, 8)]);
  assert.deepEqual([booted.calls.hwInfo(1, 64), booted.calls.hwInfo(1, 1), booted.calls.hwInfo(2, 0)].map(answerOf), [
    'ok',
    'EOPNOTSUPP',
    'ENODEV',
  ]);
});

test('protections that an entry cannot say are refused', () => {
  const booted = boot();
  probe(booted, 1);
  const A = alloc(booted);
  const map = (prot: Partial<typeof RW | { execute: boolean; privileged: boolean; read: boolean }>): string =>
    answerOf(booted.calls.map(A, { ...MEMORY, prot: { ...RW, ...prot } }));
  assert.deepEqual([map({ read: false }), map({ privileged: true }), map({})], ['EINVAL', 'EINVAL', 'ok']);
});
