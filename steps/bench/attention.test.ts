import { describe, it } from 'node:test';
import { assert } from 'chai';
import { connect } from '#drivers/connect';
import type { Platform } from '#drivers/contract/driver';
import { NotModelled } from '#hw-models/core/errors';
import type { Bus, Hardware } from '#hw-models/core/hardware';
import { Machine } from '#hw-models/core/machine';
import { Port } from '#hw-models/core/port';
import { Violation } from '#hw-models/core/reach/violation';
import { done, ok } from '#hw-models/core/result';
import { MAP } from '#hw-models/toy/layouts';
import type { Bench } from './bench';
import { changed, READ_WRITE, smallDriver, verdictOf } from './small-driver';

async function attached(bench: Bench): Promise<void> {
  await bench.does(undefined, 'alloc', 'A', 1, 'paging');
  await bench.does(undefined, 'attach', 1, 'A');
}

async function found(module: Parameters<typeof verdictOf>[0], scene: (bench: Bench) => Promise<void>): Promise<string> {
  const { verdict, by, sanitizer, message = '' } = await verdictOf(module, scene);
  assert.deepEqual([verdict, by, sanitizer], ['broken', 'attention', 'SAN-ATTENTION'], message);
  return message;
}

describe('SAN-ATTENTION: what was met and reported is looked at', () => {
  it('finds an access that faulted though a step made it as a matter of course', async () => {
    const message = await found(await connect('toy'), async (bench) => {
      await attached(bench);
      await bench.accesses({ device: 1 }, 'read', 0x1000n);
      await bench.does(undefined, 'map', 'A', { iova: 0x1000n, size: 0x1000n }, 0x8000_0000n, READ_WRITE);
    });
    assert.match(message, /^no step expected this: d1 read of 0x1000 faulted with translation; at #\d+ cpu0 access d1 reads 0x1000/);
  });

  it('finds a command that the hardware refused and nobody looked at', async () => {
    const careless = changed(await connect('toy'), {
      port: (platform) => ({
        lock: (name) => {
          platform.mmioWrite64(0, MAP.command.at, 7n);
          platform.lock(name);
        },
      }),
    });
    assert.include(await found(careless, attached), 'nobody has looked at it: STATUS.error: a command was illegal');
  });

  it('lets a driver look at what it did wrong, and go on', async () => {
    const repentant = changed(await connect('toy'), {
      port: (platform) => ({
        lock: (name) => {
          platform.mmioWrite64(0, MAP.command.at, 7n);
          platform.mmioWrite64(0, MAP.status.at, 2n);
          platform.lock(name);
        },
      }),
    });
    assert.equal((await verdictOf(repentant, attached)).verdict, 'kept');
  });

  it('lets faults be that a step asked for, though their records stay unread and the second is lost', async () => {
    const verdict = await verdictOf(await connect('toy'), async (bench) => {
      await attached(bench);
      await bench.expectAccess({ device: 1 }, 'read', 0x1000n, 'faults');
      await bench.expectAccess({ device: 1 }, 'write', 0x2000n, 'faults');
    });
    assert.equal(verdict.verdict, 'kept', verdict.message);
  });

  it('finds a word that the hardware fetched before the store to it was ordered, and names the store', () => {
    const fetches = (bus: Bus): Hardware => ({
      name: 'a queue',
      mmioRead: () => 0n,
      mmioWrite: (offset) => {
        bus.fetch(offset);
      },
      advance: () => undefined,
      access: () => ({ kind: 'aborted' }),
      resolve: () => ({ kind: 'stops', key: 'off' }),
      attention: () => [],
      buffers: () => [],
    });
    const machine = new Machine({ mode: 'eager', cpus: 1, storeOrder: 'weak', snooped: true, iommus: [fetches] });
    const port = new Port(machine);
    machine.arm();
    const page = port.pageAlloc({ order: 0, kind: 'queue' });
    assert(page.ok);
    port.write64(page.value, 5n);
    const hand = (): void => port.mmioWrite64(0, Number(page.value / 8n), 1n);
    assert.throws(
      hand,
      Violation,
      /the hardware fetched 0x1000_0000 before a barrier ordered the store to it, #1 cpu0 write 0x1000_0000 = 0x5: it may read 0x0 or 0x5/,
    );
    port.barrier();
    assert.doesNotThrow(hand);
  });
});

describe('a driver that swallows what is thrown at it', () => {
  /** Every store of the driver may fail, and it goes on. */
  const deaf = (platform: Platform): Partial<Platform> => ({
    write64: (pa, value) => {
      try {
        platform.write64(pa, value);
      } catch {
        // As a driver with a catch-all does.
      }
    },
  });

  it('is found out when the call answers', async () => {
    const careless = smallDriver((platform) => ({
      domainAlloc: () => {
        deaf(platform).write64!(0x4000n, 1n);
        return ok(1);
      },
      domainFree: () => done,
    }));
    const { verdict, by, message } = await verdictOf(careless, (bench) => bench.does(undefined, 'alloc', 'A', 1, 'paging'));
    assert.deepEqual([verdict, by], ['broken', 'balance']);
    assert.include(message, 'write at 0x4000: the driver does not own that page');
  });

  it('is found out in start and in stop as well', async () => {
    const starting = smallDriver((platform) => {
      deaf(platform).write64!(0x4000n, 1n);
      return {};
    });
    assert.equal((await verdictOf(starting, attached)).by, 'balance');
    const stopping = smallDriver((platform) => ({
      domainAlloc: () => ok(1),
      attach: () => done,
      detach: () => done,
      domainFree: () => done,
      stop: () => {
        deaf(platform).write64!(0x4000n, 1n);
        return done;
      },
    }));
    assert.equal((await verdictOf(stopping, attached)).by, 'balance');
  });

  it('is not told what is not its fault: what is not modelled is not tested, though the driver goes on', async () => {
    const careless = changed(await connect('toy'), {
      port: (platform) => ({
        mmioWrite64: (...args) => {
          try {
            platform.mmioWrite64(...args);
          } catch {
            // As above.
          }
        },
      }),
    });
    const { verdict, message } = await verdictOf(careless, async (bench) => {
      await attached(bench);
      bench.machine.iommus[0]!.hardware.mmioWrite = () => {
        throw new NotModelled('a register', 'this test');
      };
      await bench.does(undefined, 'detach', 1, 'A');
    });
    assert.deepEqual([verdict, message], ['not-tested', 'not modelled: a register, in this test']);
  });
});
