import { describe, it } from 'node:test';
import { assert } from 'chai';
import { pageOf, pageStart } from './address';
import type { Buffer, Bus, Hardware } from './hardware';
import { Machine } from './machine';
import { Port } from './port';
import { Violation } from './reach/violation';

/** Hardware that uses what it is told to: a register write adds frames, the read of a register writes to the first word of one. */
class Told implements Hardware {
  readonly name = 'the device';
  readonly uses: Buffer[] = [];
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  mmioWrite(offset: number, value: bigint): void {
    const message = offset === 8 ? ({ message: true } as const) : {};
    this.uses.push({ page: pageOf(value), frames: 2, what: 'its queue', ...message });
  }

  mmioRead(): bigint {
    for (const { page } of this.uses) this.#bus.write(page * 512, 1n);
    return 0n;
  }

  advance(): void {
    // Everything is done at once.
  }

  access(): ReturnType<Hardware['access']> {
    return { kind: 'aborted' };
  }

  resolve(): ReturnType<Hardware['resolve']> {
    return { kind: 'stops', key: 'off' };
  }

  attention(): [] {
    return [];
  }

  buffers(): readonly Buffer[] {
    return this.uses;
  }
}

const QUEUE = 0;
const MESSAGE = 8;

function scene(): { readonly port: Port; readonly machine: Machine; readonly pages: bigint } {
  const machine = new Machine({ mode: 'eager', cpus: 1, storeOrder: 'weak', snooped: true, iommus: [(bus) => new Told(bus)] });
  const port = new Port(machine);
  const pages = port.pageAlloc({ order: 1, kind: 'queue' });
  assert(pages.ok);
  return { port, machine, pages: pages.value };
}

describe('SAN-DANGLING: queues and completion addresses count', () => {
  it('finds a queue that is told to the hardware and does not lie in pages of the driver, or not whole', () => {
    for (const offset of [1, 2]) {
      const { port, machine, pages } = scene();
      machine.arm();
      assert.throws(
        () => port.mmioWrite64(0, QUEUE, pages + pageStart(offset)),
        Violation,
        /its queue of the device lies in frame 0x1000_2000, which the driver does not own; at #\d+ cpu0 mmio-write/,
      );
    }
  });

  it('finds one that was told before the driver started, when it has', () => {
    const { port, machine } = scene();
    port.mmioWrite64(0, QUEUE, 0x4000n);
    assert.throws(() => machine.arm(), Violation, /lies in frame 0x4000/);
  });

  it('finds one that is freed, whichever of its frames', () => {
    const { port, machine, pages } = scene();
    port.mmioWrite64(0, QUEUE, pages);
    machine.arm();
    assert.throws(() => port.pageFree(pages, 1), Violation, /frame 0x1000_0000 was freed while the device uses it: its queue/);
  });

  it('finds one in pages that were freed since they were found to be those of the driver', () => {
    const { port, machine, pages } = scene();
    port.mmioWrite64(0, QUEUE, pages);
    machine.arm();
    const { uses } = machine.instance(0).hardware as Told;
    const queue = uses.pop()!;
    port.pageFree(pages, 1);
    uses.push(queue);
    assert.throws(() => machine.checkBuffers(), Violation, /lies in frame 0x1000_0000, which the driver does not own/);
  });

  it('lets messages go to registers of others, and finds them in pages that were given back', () => {
    const { port, machine, pages } = scene();
    machine.arm();
    assert.doesNotThrow(() => {
      port.mmioWrite64(0, MESSAGE, 0x809_0000n);
      port.mmioRead64(0, MESSAGE);
    });
    port.pageFree(pages, 1);
    port.mmioWrite64(0, MESSAGE, pages);
    assert.throws(() => port.mmioRead64(0, MESSAGE), Violation, /the device writes to frame 0x1000_0000, which the driver gave back/);
  });

  it('lets a queue be told again, and freed when it is used no more', () => {
    const { port, machine, pages } = scene();
    machine.arm();
    port.mmioWrite64(0, QUEUE, pages);
    port.mmioWrite64(0, QUEUE, pages);
    (machine.instance(0).hardware as Told).uses.length = 0;
    assert.doesNotThrow(() => port.pageFree(pages, 1));
  });
});
