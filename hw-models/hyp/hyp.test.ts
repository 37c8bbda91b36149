import { assert } from 'chai';
import { suite, test } from 'node:test';

import { Violation } from '#hw-models/core/reach/violation';
import { el2Machine, type El2Machine } from '#hw-models/hyp/el2-machine';
import { OPEN_RUBBISH, RUBBISH } from '#hw-models/hyp/host';
import { MEMORY, type HypPageBytes } from '#hw-models/hyp/hyp';

const el2 = (pageBytes: HypPageBytes = 4096): El2Machine => el2Machine({ iommus: [], pageBytes });
const donated = ({ machine }: El2Machine): number => machine.resources.held().get('page:donated') ?? 0;

suite('addresses', () => {
  test('kernel linear and hypervisor addresses lead to the same place', () => {
    const { hyp } = el2();
    const pa = MEMORY.start + 0x1234_5678n;
    const kernel = hyp.kernelAddress(pa);
    assert.equal(hyp.kernelPhys(kernel), pa);
    assert.equal(hyp.hypPhys(hyp.kernHypVa(kernel)), pa);
    assert.notEqual(hyp.kernHypVa(kernel), kernel);
  });

  test('any value is converted to something, which is memory only where memory is', () => {
    const { hyp } = el2();
    for (const address of [0n, 1n, 2n ** 63n, 2n ** 64n - 1n]) {
      const pa = hyp.hypPhys(hyp.kernHypVa(address));
      assert.isTrue(pa >= 0n && pa < 2n ** 64n);
    }
    assert.isUndefined(hyp.kernelPhys(0x1000n));
    assert.equal(hyp.hypPhys(0n) >> 60n, 0xfn);
  });
});

for (const pageBytes of [4096, 16_384, 65_536] as const) {
  suite(`pages of ${pageBytes} bytes`, () => {
    test("a donated page is the hypervisor's in all its frames, mapped and counted, until it is given back", () => {
      const machine = el2(pageBytes);
      const { hyp, host } = machine;
      const { pa } = host.takePages();
      const frames = pageBytes / 4096;
      const first = Number(pa >> 12n);
      assert.isTrue(hyp.hostDonateHyp(hyp.pfnOf(pa), 1).ok);
      for (const frame of [first, first + frames - 1]) {
        assert.isTrue(hyp.mapsAtHyp(frame));
        assert.isTrue(machine.machine.owner?.owns(frame));
        assert.isFalse(hyp.hostMayAccess(frame));
      }
      assert.isFalse(hyp.mapsAtHyp(first + frames));
      assert.equal(donated(machine), frames);
      assert.deepEqual(host.read64(pa), { kind: 'abort' });
      assert.isTrue(hyp.hypDonateHost(hyp.pfnOf(pa), 1).ok);
      assert.equal(donated(machine), 0);
      assert.isFalse(hyp.mapsAtHyp(first));
      assert.deepEqual(host.write64(pa, 5n), { kind: 'done', value: 5n });
    });

    test('a mapping covers whole pages, and is listed as it was asked for', () => {
      const { hyp, host } = el2(pageBytes);
      const { pa, address } = host.takePages(2);
      const from = hyp.kernHypVa(address) + 8n;
      assert.isTrue(hyp.createMappings(from, from + BigInt(pageBytes), 'owned').ok);
      assert.deepEqual(hyp.mappings, [{ from, to: from + BigInt(pageBytes), protection: 'owned' }]);
      assert.isTrue(hyp.mapsAtHyp(Number((pa + BigInt(2 * pageBytes - 1)) >> 12n)));
      assert.isFalse(hyp.mapsAtHyp(Number((pa + BigInt(2 * pageBytes)) >> 12n)));
    });
  });
}

suite('mappings before and after the host loses its privileges', () => {
  test('what was mapped early changes hands at finalise', () => {
    const { hyp, host } = el2();
    const [own, shared] = [host.takePages(), host.takePages()];
    const end = (address: bigint): bigint => hyp.kernHypVa(address) + 16n;
    hyp.createMappings(hyp.kernHypVa(own.address), end(own.address), 'owned');
    hyp.createMappings(hyp.kernHypVa(shared.address), end(shared.address), 'shared-owned');
    assert.equal(host.write64(own.pa, 1n).kind, 'done');
    assert.isFalse(hyp.finalised);
    hyp.finalise();
    assert.isTrue(hyp.finalised);
    assert.equal(hyp.ownership.stateOf(hyp.pfnOf(own.pa), 'hyp'), 'OWNED');
    assert.equal(host.write64(own.pa, 1n).kind, 'abort');
    assert.equal(hyp.ownership.stateOf(hyp.pfnOf(shared.pa), 'hyp'), 'SHARED_OWNED');
    assert.equal(hyp.ownership.stateOf(hyp.pfnOf(shared.pa), 'host'), 'SHARED_BORROWED');
    assert.equal(host.write64(shared.pa, 1n).kind, 'done');
    assert.deepEqual(hyp.ownership.hostDonateHyp(hyp.pfnOf(shared.pa), 1), { ok: false, errno: 'EPERM' });
  });

  test('afterwards only what the hypervisor owns is mapped, and it may be lent', () => {
    const { hyp, host } = el2();
    hyp.finalise();
    const { pa, address } = host.takePages();
    const from = hyp.kernHypVa(address);
    assert.deepEqual(hyp.createMappings(from, from + 1n, 'owned'), { ok: false, errno: 'EPERM' });
    hyp.hostDonateHyp(hyp.pfnOf(pa), 1);
    assert.isTrue(hyp.createMappings(from, from + 1n, 'owned').ok);
    assert.equal(host.read64(pa).kind, 'abort');
    assert.isTrue(hyp.createMappings(from, from + 1n, 'shared-owned').ok);
    assert.equal(host.read64(pa).kind, 'done');
    assert.deepEqual(hyp.createMappings(from, from + 1n, 'owned'), { ok: false, errno: 'EPERM' });
  });

  test('a page is not mapped twice in two ways, and what is no memory not at all', () => {
    const { hyp, host } = el2();
    const from = hyp.kernHypVa(host.takePages().address);
    hyp.createMappings(from, from + 1n, 'owned');
    assert.isTrue(hyp.createMappings(from, from + 1n, 'owned').ok);
    assert.deepEqual(hyp.createMappings(from, from + 1n, 'shared-owned'), { ok: false, errno: 'EPERM' });
    assert.deepEqual(hyp.createMappings(from, from, 'owned'), { ok: false, errno: 'EINVAL' });
    assert.deepEqual(hyp.createMappings(from, from - 1n, 'owned'), { ok: false, errno: 'EINVAL' });
    assert.deepEqual(hyp.createMappings(0x1000n, 0x2000n, 'owned'), { ok: false, errno: 'EINVAL' });
    assert.deepEqual(hyp.createMappings(2n ** 64n - 4096n, 2n ** 64n, 'owned'), { ok: false, errno: 'EINVAL' });
  });

  test('a mapping can be made to fail by number or by place, once', () => {
    const { hyp, host } = el2();
    const at = host.takePages().address;
    const other = host.takePages().address;
    const map = (address: bigint): string => {
      const mapped = hyp.createMappings(hyp.kernHypVa(address), hyp.kernHypVa(address) + 8n, 'owned');
      return mapped.ok ? 'ok' : mapped.errno;
    };
    hyp.failMapping(2, 'ENOMEM');
    assert.deepEqual([map(at), map(at), map(at)], ['ok', 'ENOMEM', 'ok']);
    hyp.failMappingOf(other + 8n, 'EIO');
    assert.deepEqual([map(at), map(other), map(other)], ['ok', 'EIO', 'ok']);
    assert.deepEqual(
      hyp.mappings.map(({ errno }) => errno ?? 'ok'),
      ['ok', 'ENOMEM', 'ok', 'ok', 'EIO', 'ok'],
    );
  });
});

suite('the port at EL2', () => {
  test('a page that is not mapped is not accessed', () => {
    const { port, host } = el2();
    const { pa } = host.takePages();
    assert.throws(() => port.read64(pa), Violation, 'has not mapped that page');
    assert.throws(() => port.zero(pa, 4096), Violation, 'has not mapped that page');
  });

  test('zero clears whole frames in one event', () => {
    const { port, host, hyp, machine } = el2(16_384);
    const { pa } = host.takePages();
    host.fill(pa, RUBBISH);
    hyp.hostDonateHyp(hyp.pfnOf(pa), 1);
    const before = machine.trace.length;
    port.zero(pa, 16_384);
    assert.equal(machine.trace.length, before + 1);
    for (const offset of [0n, 8n, 16_376n]) assert.equal(port.read64(pa + offset), 0n);
    assert.deepEqual(machine.memory.older(Number(pa >> 3n)), [RUBBISH]);
    assert.throws(() => port.zero(pa, 100), Violation, 'not whole frames');
    assert.throws(() => port.zero(pa + 8n, 4096), Violation, 'not aligned');
  });
});

test('a mark for devices is held until it is taken back', () => {
  const { port, host, hyp, machine } = el2();
  const pfn = hyp.pfnOf(host.takePages(2).pa);
  const marks = (): number => machine.resources.held().get('page:shared with devices') ?? 0;
  port.hostShareDma(pfn, 2);
  port.hostShareDma(pfn, 1);
  assert.equal(marks(), 3);
  assert.isFalse(port.hostUnshareDma(pfn + 2, 1).ok);
  port.hostUnshareDma(pfn, 2);
  assert.equal(marks(), 1);
  port.hostUnshareDma(pfn, 1);
  assert.equal(marks(), 0);
});

suite('the host', () => {
  test('memcaches are lists that the host fills and the flag is its to clear', () => {
    const { host, machine } = el2();
    host.setUpMemcaches(2);
    assert.deepEqual(host.memcache(1), { head: 0n, pages: 0n, needsPage: false });
    machine.write(Number(host.memcacheAt(1) >> 3n) + 2, 1n);
    assert.isTrue(host.memcache(1).needsPage);
    const [first, second] = host.topUp(1, 2);
    assert.deepEqual(host.memcache(1), { head: second!.pa, pages: 2n, needsPage: false });
    assert.deepEqual(host.read64(second!.pa), { kind: 'done', value: first!.pa });
    const words = Array.from({ length: 512 }, (_none, index) => host.read64(second!.pa + BigInt(index * 8)));
    const values = new Set(words.map((word) => (word.kind === 'done' ? word.value : undefined)));
    for (const rubbish of [RUBBISH, OPEN_RUBBISH]) assert.isTrue(values.has(rubbish));
    assert.deepEqual(host.memcache(0), { head: 0n, pages: 0n, needsPage: false });
  });

  test('a shared page on the list cannot be donated', () => {
    const { host, hyp } = el2();
    host.setUpMemcaches(1);
    const [page] = host.topUp(0, 1);
    hyp.hostShareHyp(hyp.pfnOf(page!.pa), 1);
    assert.deepEqual(hyp.hostDonateHyp(hyp.pfnOf(page!.pa), 1), { ok: false, errno: 'EPERM' });
  });

  test('a root that does not begin a page lies among other data', () => {
    const { host, hyp } = el2();
    const pa = hyp.kernelPhys(host.placeRoot(0x400))!;
    const words = [pa - 0x400n, pa - 8n, pa, pa + 0x7f8n, pa + 0x800n, pa + 0xbf8n].map((at) => host.read64(at));
    assert.deepEqual(
      words,
      [RUBBISH, RUBBISH, 0n, 0n, RUBBISH, RUBBISH].map((value) => ({ kind: 'done', value })),
    );
  });

  test('parameters stay in reach of the host, and of the hypervisor', () => {
    const { host, hyp, port } = el2();
    const address = host.placeParams({ domains: 1n, nrDomains: 2, ias: 3, oas: 4, granule: 5, mmio: 6 });
    hyp.finalise();
    const at = hyp.hypPhys(hyp.kernHypVa(address));
    assert.equal(port.read64(at + 8n), 2n);
    assert.isTrue(host.writeParams(address, { nrDomains: 2n ** 64n - 1n }));
    assert.equal(port.read64(at + 8n), 2n ** 64n - 1n);
  });

  test('pages given to a guest are in reach of neither host nor hypervisor', () => {
    const { host, hyp, port } = el2();
    const { pa } = host.takePages();
    assert.isTrue(hyp.hostDonateGuest(hyp.pfnOf(pa), 1).ok);
    assert.equal(host.read64(pa).kind, 'abort');
    assert.throws(() => port.read64(pa), Violation);
    assert.deepEqual(hyp.hostShareDma(hyp.pfnOf(pa), 1), { ok: false, errno: 'EPERM' });
  });
});
