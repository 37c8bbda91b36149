import { assert } from 'chai';
import { test } from 'node:test';

import type { Platform } from '#drivers/contract/platform';
import { Machine } from '#hw-models/core/machine';
import { Port } from '#hw-models/core/port';
import { COMMANDS, TlbiVmid } from '#hw-models/smmu-v3/commands';
import { smmuV3 } from '#hw-models/smmu-v3/factory';
import { CommandQueue } from './command-queue';
import { Registers } from './mmio';
import { WalkerMemory } from './walker-memory';

const TLBI = TlbiVmid.encode({ opcode: COMMANDS.CMD_TLBI_S12_VMALL.opcode, VMID: 7 });
const ILLEGAL = 0xffn;

function queueOf(sizeLog2: number): { readonly machine: Machine; readonly queue: CommandQueue; readonly seen: () => number } {
  const machine = new Machine({ mode: 'eager', cpus: 1, storeOrder: 'weak', snooped: true, iommus: [smmuV3()] });
  const port: Platform = new Port(machine);
  const base = port.pageAlloc({ order: 0, kind: 'queue' });
  assert.isTrue(base.ok);
  const registers = new Registers(port, 0);
  registers.write('CMDQ_BASE', { ADDR: (base.ok ? base.value : 0n) >> 5n, LOG2SIZE: sizeLog2 });
  registers.write('CR0', { CMDQEN: true });
  registers.waitFor('CR0ACK', { CMDQEN: true });
  const queue = new CommandQueue(registers, new WalkerMemory(port, true), base.ok ? base.value : 0n, sizeLog2);
  const seen = (): number =>
    Array.from({ length: machine.trace.length }, (_none, n) => machine.trace.event(n)).filter(
      ({ kind, label }) => kind === 'command' && label?.includes('S12_VMALL') === true,
    ).length;
  return { machine, queue, seen };
}

for (const sizeLog2 of [1, 2, 3, 8]) {
  test(`a queue of 2^${sizeLog2} entries takes any number of commands, round and round`, () => {
    const { queue, seen } = queueOf(sizeLog2);
    let issued = 0;
    for (const count of [1, 2, 3, 7, 8, 9, 300]) {
      assert.isTrue(queue.issue(Array<bigint>(count).fill(TLBI)).ok);
      issued += count;
      assert.equal(seen(), issued);
    }
  });
}

test('no commands are no work', () => {
  const { queue, machine } = queueOf(3);
  const before = machine.trace.length;
  assert.isTrue(queue.issue([]).ok);
  assert.equal(machine.trace.length, before);
});

test('a command that the SMMU refuses is an error, and the queue goes on after it', () => {
  const { queue, machine, seen } = queueOf(4);
  assert.deepEqual(queue.issue([TLBI, ILLEGAL, TLBI]), { ok: false, errno: 'EIO' });
  assert.deepEqual(machine.attention(), []);
  assert.equal(seen(), 2);
  assert.isTrue(queue.issue([TLBI]).ok);
  assert.equal(seen(), 3);
});
