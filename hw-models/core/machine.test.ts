import { describe, it } from 'node:test';
import { assert } from 'chai';
import { wordOf } from './address';
import type { Bus, Hardware } from './hardware';
import { Machine } from './machine';
import { Violation } from './reach/violation';
import { WRITE } from './walk';

const GUEST_FRAME = 0x100;
const FRAME = 0x9_0000;
const WORD = wordOf(0x9000_0008n);

/** Hardware that stops every request, and marks an entry of a guest's table when it is told to. */
class Marking implements Hardware {
  readonly name = 'the device';
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  mmioWrite(): void {
    this.#bus.writeFor(0, GUEST_FRAME, WORD, 1n);
  }

  mmioRead = (): bigint => 0n;
  advance = (): void => undefined;
  access = (): ReturnType<Hardware['access']> => ({ kind: 'aborted' });
  resolve = (): ReturnType<Hardware['resolve']> => ({ kind: 'stops', key: 'off' });
  attention = (): [] => [];
  buffers = (): [] => [];
}

function built(rights: number): Machine {
  const machine = new Machine({ mode: 'eager', cpus: 1, storeOrder: 'program', snooped: true, iommus: [(bus) => new Marking(bus)] });
  machine.addDevice(1, 0, [8, 9]);
  machine.grants = {
    granted: (_requester, input, page, _frames, prot) => input === GUEST_FRAME && page === FRAME && (prot & ~rights) === 0,
    mayPass: () => false,
  };
  machine.arm();
  return machine;
}

const mark = (machine: Machine): void => machine.iommus[0]!.hardware.mmioWrite(0, 0n, 64);

describe('a write of hardware into a table of a guest', () => {
  it('goes where the requester may write', () => {
    const machine = built(WRITE);
    mark(machine);
    assert.strictEqual(machine.memory.get(WORD), 1n);
  });

  it('is a violation where it may not, and memory is as before', () => {
    const machine = built(0);
    assert.throws(() => {
      mark(machine);
    }, /writes for d1 \(id 0x8\) to frame .* of the guest, .*, which it may not write to/);
    assert.instanceOf(machine.thrown, Violation);
    assert.strictEqual(machine.memory.get(WORD), 0n);
  });
});

describe('requesters of a device', () => {
  it('are its ids, and those again for each PASID that is used', () => {
    const machine = built(WRITE);
    assert.deepEqual(machine.requestersWith(1, undefined), [0, 1]);
    const withFive = machine.requestersWith(1, 5);
    assert.deepEqual(
      withFive.map((requester) => machine.nameOf(requester)),
      ['d1 (id 0x8) with PASID 5', 'd1 (id 0x9) with PASID 5'],
    );
    assert.deepEqual(machine.requestersWith(1, 5), withFive);
    assert.deepEqual(machine.requestersWith(1, undefined), [0, 1]);
    assert.deepEqual(machine.requestersOf(1), [0, 1, 2, 3]);
  });
});
