import { describe, it } from 'node:test';
import { assert } from 'chai';
import { ToyIommu } from '#hw-models/toy/iommu';
import { MAP } from '#hw-models/toy/layouts';
import { UnspecifiedBehaviour } from './errors';
import { Machine } from './machine';
import { Port } from './port';
import { Runaway } from './port-events';
import { Violation } from './reach/violation';

function toyPort(): { readonly machine: Machine; readonly port: Port } {
  const machine = new Machine({ mode: 'eager', cpus: 2, storeOrder: 'weak', snooped: true, iommus: [(bus) => new ToyIommu(bus)] });
  return { machine, port: new Port(machine) };
}

describe('the platform port and nonsense', () => {
  it('has no pages of an order that is none, and none of more than an allocator has', () => {
    const { port } = toyPort();
    for (const order of [-1, 1.5, NaN, Infinity])
      assert.throws(() => port.pageAlloc({ order, kind: 'queue' }), UnspecifiedBehaviour, `pageAlloc of order ${order}`);
    for (const order of [17, 63]) assert.include(port.pageAlloc({ order, kind: 'queue' }), { ok: false, errno: 'ENOMEM' });
    assert.isTrue(port.pageAlloc({ order: 16, kind: 'queue' }).ok);
  });

  it('waits for no time that is none', () => {
    const { port, machine } = toyPort();
    for (const wait of [NaN, -1]) {
      assert.include(port.pollUntil(0, MAP.status.at, 1, 1, wait), { ok: false, errno: 'ETIMEDOUT' });
      assert.throws(() => port.delay(wait), UnspecifiedBehaviour, `delay of ${wait} us`);
    }
    assert.equal(machine.time, 0);
  });

  it('has no IOMMU but its own, and remembers that it was asked for another', () => {
    const { port, machine } = toyPort();
    assert.throws(() => port.mmioRead32(1, 0), UnspecifiedBehaviour, 'there is no IOMMU 1: the machine has 1');
    assert.instanceOf(machine.thrown, UnspecifiedBehaviour, 'also when the driver swallows it');
  });

  it('cleans any range in no time', () => {
    const { port } = toyPort();
    assert.doesNotThrow(() => port.clean(0n, 2 ** 52));
  });

  it('frees a page where one begins', () => {
    const { port } = toyPort();
    const page = port.pageAlloc({ order: 0, kind: 'queue' });
    assert(page.ok);
    assert.throws(() => port.pageFree(page.value + 8n, 0), Violation, /pageFree of 0x1000_0008: no page begins there/);
    port.pageFree(page.value, 0);
    assert.throws(() => port.pageFree(page.value, 0), Violation, /it was freed before/);
    assert.throws(() => port.pageFree(0x4000n, 0), Violation, /the driver never had it/);
  });
});

describe('the platform port and a call without end', () => {
  it('ends it, and every call into the port after that, until the next call of the driver', () => {
    const { port, machine } = toyPort();
    port.budget = 3;
    port.begin();
    for (let n = 0; n < 3; n++) port.barrier();
    for (let n = 0; n < 2; n++) assert.throws(() => port.barrier(), Runaway, 'one call of the driver made more than 3 platform calls');
    assert.instanceOf(machine.thrown, Runaway, 'also when the driver swallows it');
    port.begin();
    assert.doesNotThrow(() => port.barrier());
  });
});

describe('SAN-LOCKING: a page of another call is published', () => {
  it('also when that call came between', () => {
    const { port, machine } = toyPort();
    port.lockOf = { 'device-table': 'devices' };
    machine.arm();
    port.begin();
    const outer = machine.call;
    port.begin();
    const page = port.pageAlloc({ order: 0, kind: 'device-table' });
    assert(page.ok);
    assert.doesNotThrow(() => port.write64(page.value, 1n), 'its own');
    machine.call = outer;
    assert.throws(() => port.write64(page.value, 2n), Violation, /store to the device-table page at 0x1000_0000 without lock "devices"/);
  });
});
