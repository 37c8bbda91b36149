import { assert } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';

import { connect } from '#drivers/connect';
import { refuse, type Result } from '#drivers/contract/driver';
import { applyEdit } from '#drivers/mutants/edited';
import { DEFECTS, driver as asSubmitted } from '#drivers/pkvm/as-submitted';
import { Ste } from '#hw-models/smmu-v3/ste';
import { answerOf, boot, device, donated, fresh, LINEAR, PA, RW, type Options } from './boot.test';

const MACHINES = ([4096, 16_384, 65_536] as const).flatMap((pageBytes) => [
  { pageBytes, part: LINEAR, said: `pages of ${pageBytes}, linear stream table` },
  { pageBytes, part: {}, said: `pages of ${pageBytes}, two-level stream table` },
]);

for (const name of ['pkvm', 'pkvm-flat', 'pkvm-as-submitted']) {
  suite(`${name}: the life of a domain`, () => {
    for (const { said, ...machine } of MACHINES) {
      test(said, async () => {
        const booted = boot({ module: await connect(name), ...machine });
        const { calls, page } = booted;
        const [first, second] = [device(booted, 1), device(booted, 37)];
        assert.equal(answerOf(calls.allocDomain(0, 300, fresh(booted))), 'ok');
        assert.equal(answerOf(calls.attachDev(0, 300, 1)), 'ok');
        assert.equal(answerOf(calls.attachDev(0, 300, 37)), 'ok');
        assert.equal(answerOf(calls.mapPages(0, 300, page, PA, page, 3n, RW)), `0x${(3n * page).toString(16)}`);
        assert.deepEqual(
          [first(page + 8n), second(3n * page), first(4n * page)],
          ['0x80000008', `0x${(PA + 2n * page).toString(16)}`, 'faulted'],
        );
        assert.equal(answerOf(calls.iovaToPhys(0, 300, 2n * page + 5n)), `0x${(PA + page + 5n).toString(16)}`);
        assert.equal(answerOf(calls.unmapPages(0, 300, 2n * page, page, 1n)), `0x${page.toString(16)}`);
        assert.deepEqual([first(2n * page), second(page)], ['faulted', '0x80000000']);
        assert.equal(answerOf(calls.iovaToPhys(0, 300, 2n * page)), 'ENOENT');
        assert.equal(answerOf(calls.detachDev(0, 300, 1)), 'ok');
        assert.deepEqual([first(page), second(page)], ['aborted', '0x80000000']);
        assert.equal(answerOf(calls.freeDomain(0, 300)), 'EINVAL');
        assert.equal(answerOf(calls.detachDev(0, 300, 37)), 'ok');
        assert.equal(answerOf(calls.freeDomain(0, 300)), 'ok');
        assert.equal(booted.hyp.ownership.dmaCount(booted.hyp.pfnOf(PA)), 0);
        assert.deepEqual(answerOf(booted.started.stop() as Result<unknown>), 'ok');
        assert.equal(booted.machine.resources.held().size, 0);
      });
    }
  });
}

suite('stop', () => {
  for (const name of ['pkvm', 'pkvm-flat']) {
    test(`${name} gives back what domains in use still hold, and blocks their endpoints`, async () => {
      const booted = boot({ module: await connect(name), part: {} });
      const { calls, page } = booted;
      const read = device(booted, 1);
      for (const domain of [0, 5, 65_535]) assert.equal(answerOf(calls.allocDomain(0, domain, fresh(booted))), 'ok');
      calls.mapPages(0, 5, page, PA, page, 4n, RW);
      calls.attachDev(0, 5, 1);
      assert.equal(read(page), '0x80000000');
      assert.equal(answerOf(booted.started.stop() as Result<unknown>), 'ok');
      assert.equal(read(page), 'aborted');
      assert.equal(booted.machine.resources.held().size, 0);
      assert.equal(booted.hyp.ownership.dmaCount(booted.hyp.pfnOf(PA)), 0);
    });
  }
});

suite('an SMMU that does not suit', () => {
  const rows: readonly (readonly [said: string, options: Options, answer: string])[] = [
    ['suits', {}, 'ok'],
    ['has no stage 2', { part: { ...LINEAR, S2P: false, Hyp: false, HTTU: 'none' } }, 'ENODEV'],
    ['has 32-bit tables only', { part: { ...LINEAR, TTF: 'VMSAv8_32' } }, 'ENODEV'],
    ['reads big-endian tables', { part: { ...LINEAR, TTENDIAN: 'big' } }, 'ENODEV'],
    ['only stalls', { part: { ...LINEAR, STALL_MODEL: 'stall' } }, 'ENODEV'],
    ['has queues of one entry', { part: { ...LINEAR, CMDQS: 0 } }, 'ENODEV'],
    ['lacks the granule', { part: { ...LINEAR, granules: ['64K'] } }, 'EINVAL'],
    ['has a granule that is none', { granule: 8192 }, 'EINVAL'],
    ['has a granule larger than a page of the hypervisor', { granule: 65_536 }, 'EINVAL'],
    ['has a granule smaller than a page of the hypervisor', { granule: 4096, pageBytes: 65_536 }, 'ok'],
    ['has too many input bits', { ias: 49, oas: 48 }, 'EINVAL'],
    ['has fewer input bits than asked for', { ias: 48, part: { ...LINEAR, OAS: 44 } }, 'EINVAL'],
    ['has too few input bits', { ias: 24 }, 'EINVAL'],
    ['has fewer output bits than asked for', { oas: 48, part: { ...LINEAR, OAS: 44 } }, 'EINVAL'],
    ['has an output size that no field can say', { oas: 41 }, 'EINVAL'],
    ['may not start a walk where one page would be the root', { part: { ...LINEAR, OAS: 40 } }, 'EINVAL'],
    ['needs a root of two pages', { ias: 48, oas: 48, pageBytes: 16_384 }, 'EINVAL'],
    ['needs a root of two tables, in one page', { ias: 48, oas: 48, pageBytes: 65_536, granule: 16_384 }, 'ok'],
    ['has a root that is not alone in its page', { rootOffset: 0x400 }, 'EINVAL'],
  ];
  for (const [said, options, answer] of rows) {
    test(`${said}: ${answer}`, () => {
      const booted = boot({ ...options, part: options.part ?? LINEAR });
      assert.equal(booted.initialised, answer);
      assert.equal(answerOf(booted.calls.allocDomain(0, 1, fresh(booted))), answer === 'ok' ? 'ok' : 'EINVAL');
      if (answer !== 'ok') assert.equal(booted.machine.resources.held().size, 0);
      assert.equal(device(booted, 1)(0x1000n), 'aborted');
    });
  }
});

suite('what the host passes', () => {
  test('map and unmap tell wrong ranges apart', () => {
    const booted = boot();
    const { calls } = booted;
    calls.allocDomain(0, 5, fresh(booted));
    const map = (iova: bigint, pa: bigint, size: bigint, count: bigint, prot = RW): string =>
      answerOf(calls.mapPages(0, 5, iova, pa, size, count, prot));
    const unmap = (iova: bigint, size: bigint, count: bigint): string => answerOf(calls.unmapPages(0, 5, iova, size, count));
    assert.deepEqual(
      [
        map(0n, PA, 4096n, 1n, 0),
        map(0n, PA, 4096n, 1n, 4 + RW),
        map(0n, PA, 8192n, 1n),
        map(0n, PA, 0n, 1n),
        map(1n, PA, 4096n, 1n),
        map(0n, PA + 8n, 4096n, 1n),
        map(2n ** 64n - 4096n, PA, 4096n, 2n),
        map(0n, 2n ** 64n - 4096n, 4096n, 2n),
        map(2n ** 40n - 4096n, PA, 4096n, 2n),
        map(0n, 2n ** 40n - 4096n, 4096n, 2n),
        map(0n, PA, 4096n, 0n),
      ],
      ['EOPNOTSUPP', 'EOPNOTSUPP', 'EINVAL', 'EINVAL', 'EINVAL', 'EINVAL', 'E2BIG', 'E2BIG', 'ERANGE', 'ERANGE', '0x0'],
    );
    assert.deepEqual(
      [unmap(0n, 4096n, 1n), unmap(0n, 3n, 1n), unmap(8n, 4096n, 1n), unmap(2n ** 64n - 4096n, 4096n, 2n), unmap(2n ** 40n, 4096n, 1n)],
      ['0x0', 'EINVAL', 'EINVAL', 'E2BIG', 'ERANGE'],
    );
    assert.equal(answerOf(calls.iovaToPhys(0, 5, 2n ** 63n)), 'ENOENT');
    assert.equal(answerOf(calls.mapPages(0, 6, 0n, PA, 4096n, 1n, RW)), 'EINVAL');
    assert.equal(answerOf(calls.unmapPages(1, 5, 0n, 4096n, 1n)), 'EINVAL');
  });

  test('a root is a page of the host, alone and within reach', () => {
    const booted = boot({ oas: 32 });
    const { calls, hyp, host } = booted;
    const shared = host.takePages();
    hyp.hostShareHyp(hyp.pfnOf(shared.pa), 1);
    const mapped = host.takePages();
    hyp.hostShareDma(hyp.pfnOf(mapped.pa), 1);
    const far = hyp.kernelAddress(2n ** 32n);
    const alloc = (pgd: bigint): string => answerOf(calls.allocDomain(0, 5, pgd));
    assert.deepEqual(
      [alloc(shared.address), alloc(mapped.address), alloc(fresh(booted) + 8n), alloc(far), alloc(2n ** 64n - 1n)],
      ['EPERM', 'EPERM', 'EINVAL', 'EINVAL', 'EINVAL'],
    );
    assert.equal(host.read64(shared.pa).kind, 'done');
    assert.equal(alloc(fresh(booted)), 'ok');
  });

  test('a memcache of lies costs the hypervisor nothing', () => {
    const booted = boot({ pages: 0 });
    const { calls, host, hyp, root } = booted;
    const alloc = (head: bigint, pages: bigint): string => {
      host.setMemcache(0, head, pages);
      return answerOf(calls.allocDomain(0, 5, fresh(booted)));
    };
    const good = host.takePages().pa;
    assert.deepEqual(
      [alloc(0n, 1n), alloc(1n, 2n ** 64n - 1n), alloc(2n ** 64n - 4096n, 1n), alloc(host.memcacheAt(0), 1n), alloc(good + 8n, 1n)],
      Array(5).fill('EINVAL'),
    );
    assert.isFalse(host.memcache(0).needsPage);
    assert.equal(donated(booted), 0);
    assert.isUndefined(host.leafOf(root, 5));
    // A list that leads into itself has one page.
    host.write64(good, good);
    assert.equal(alloc(good, 9n), 'ok');
    assert.equal(answerOf(calls.allocDomain(0, 300, fresh(booted))), 'EINVAL');
    assert.equal(hyp.ownership.stateOf(hyp.pfnOf(good), 'hyp'), 'OWNED');
  });

  test('more domains than there can be are those that there can be', () => {
    for (const nrDomains of [65_536, 65_537, 2 ** 32, 2 ** 53]) {
      const booted = boot({ nrDomains });
      assert.equal(answerOf(booted.calls.allocDomain(0, 65_536, fresh(booted))), 'EINVAL');
      assert.equal(answerOf(booted.calls.allocDomain(0, 65_535, fresh(booted))), 'ok');
    }
  });

  test('all 65,536 domains at once', () => {
    const booted = boot({ pages: 256 });
    const { calls, host } = booted;
    const pgds = Array.from({ length: 65_536 }, () => fresh(booted));
    for (const [domain, pgd] of pgds.entries()) assert.isTrue(calls.allocDomain(0, domain, pgd).ok);
    assert.equal(host.memcache(0).pages, 0n);
    assert.equal(donated(booted), 65_536 + 256);
    for (const domain of [0, 255, 256, 65_535]) assert.isTrue(calls.freeDomain(0, domain).ok);
    assert.equal(donated(booted), 65_532 + 256);
  });
});

suite('what the host left in a page', () => {
  for (const snooped of [true, false]) {
    test(`is never the configuration of a stream${snooped ? '' : ', without snooping either'}`, () => {
      const booted = boot({ part: { COHACC: snooped }, snooped, pages: 0 });
      const { calls, host } = booted;
      const read = device(booted, 1);
      host.topUp(0, 4, { contents: Ste.encode({ V: true, Config: 'bypass' }) });
      calls.allocDomain(0, 5, fresh(booted));
      assert.equal(answerOf(calls.attachDev(0, 5, 2)), 'ok');
      assert.equal(read(0x1000n), 'aborted');
    });
  }
});

suite('pages of the host', () => {
  test('only what the host may let devices reach is mapped, and stays its own while it is', () => {
    const booted = boot();
    const { calls, host, hyp } = booted;
    calls.allocDomain(0, 5, fresh(booted));
    const pages = Array.from({ length: 4 }, () => host.takePages().pa);
    hyp.hostDonateGuest(hyp.pfnOf(pages[2]!), 1);
    assert.equal(answerOf(calls.mapPages(0, 5, 0x1000n, pages[0]!, 4096n, 4n, RW)), 'EPERM');
    assert.deepEqual(
      pages.map((pa) => hyp.ownership.dmaCount(hyp.pfnOf(pa))),
      [0, 0, 0, 0],
    );
    assert.equal(answerOf(calls.mapPages(0, 5, 0x1000n, 0x1000n, 4096n, 1n, RW)), 'EINVAL');
    assert.equal(answerOf(calls.mapPages(0, 5, 0x1000n, pages[0]!, 4096n, 2n, RW)), '0x2000');
    assert.equal(answerOf(calls.mapPages(0, 5, 0x9000n, pages[0]!, 4096n, 1n, RW)), '0x1000');
    assert.equal(hyp.ownership.dmaCount(hyp.pfnOf(pages[0]!)), 2);
    assert.deepEqual(hyp.hostDonateGuest(hyp.pfnOf(pages[0]!), 1), { ok: false, errno: 'EPERM' });
    calls.unmapPages(0, 5, 0x1000n, 4096n, 2n);
    calls.unmapPages(0, 5, 0x9000n, 4096n, 1n);
    assert.isTrue(hyp.hostDonateGuest(hyp.pfnOf(pages[0]!), 1).ok);
  });

  test('a page that is given away while a device reaches it is a finding', () => {
    const booted = boot({ port: () => ({ hostShareDma: () => ({ ok: true, value: null }) }) });
    const { calls, hyp } = booted;
    device(booted, 1);
    calls.allocDomain(0, 5, fresh(booted));
    calls.attachDev(0, 5, 1);
    calls.mapPages(0, 5, 0x1000n, PA, 4096n, 1n, RW);
    assert.throws(() => hyp.hostDonateGuest(hyp.pfnOf(PA), 1), 'd1 reaches PA 0x8000_0000, which the host has given away');
  });
});

suite('an SMMU that does not answer', () => {
  /** The `n`th wait from now on comes back at once, before the SMMU went on. */
  const broken = (): { readonly options: Options; fail(n: number): void } => {
    let left = 0;
    return {
      options: {
        port: (platform) => ({ pollUntil: (...args) => (left > 0 && --left === 0 ? refuse('ETIMEDOUT') : platform.pollUntil(...args)) }),
      },
      fail: (n) => {
        left = n;
      },
    };
  };

  for (const at of [1, 2]) {
    test(`an attach whose invalidation number ${at} fails leaves the endpoint blocked, and can be made again`, () => {
      const { options, fail } = broken();
      const booted = boot(options);
      const { calls, host, root } = booted;
      const read = device(booted, 1);
      calls.allocDomain(0, 5, fresh(booted));
      calls.mapPages(0, 5, 0x1000n, PA, 4096n, 1n, RW);
      fail(at);
      assert.equal(answerOf(calls.attachDev(0, 5, 1)), 'ETIMEDOUT');
      assert.equal(read(0x1000n), 'aborted');
      assert.equal(host.descriptor(root, 5)?.refs, 1);
      assert.equal(answerOf(calls.attachDev(0, 5, 1)), 'ok');
      assert.equal(read(0x1000n), '0x80000000');
    });
  }

  test('a detach, an unmap and a free that fail change nothing, and can be made again', () => {
    const { options, fail } = broken();
    const booted = boot(options);
    const { calls, hyp } = booted;
    const read = device(booted, 1);
    calls.allocDomain(0, 5, fresh(booted));
    calls.mapPages(0, 5, 0x1000n, PA, 4096n, 100n, RW);
    calls.attachDev(0, 5, 1);
    fail(1);
    assert.equal(answerOf(calls.unmapPages(0, 5, 0x1000n, 4096n, 100n)), 'ETIMEDOUT');
    assert.equal(read(0x1000n), '0x80000000');
    // Three waits pay what is owed: for the queue, and for the invalidation of everything. Then it is one for each batch of 64.
    for (const owed of [1, 2, 3, 4]) {
      fail(owed);
      assert.equal(answerOf(calls.unmapPages(0, 5, 0x1000n, 4096n, 100n)), 'ETIMEDOUT');
      assert.deepEqual([read(0x1000n), read(0x4_1000n)], ['0x80000000', '0x80040000']);
    }
    fail(5);
    assert.equal(answerOf(calls.unmapPages(0, 5, 0x1000n, 4096n, 100n)), `0x${(64 * 4096).toString(16)}`);
    assert.deepEqual([read(0x1000n), read(0x4_1000n)], ['faulted', '0x80040000']);
    assert.equal(hyp.ownership.dmaCount(hyp.pfnOf(PA)), 0);
    fail(4);
    assert.equal(answerOf(calls.detachDev(0, 5, 1)), 'ETIMEDOUT');
    assert.equal(read(0x4_1000n), '0x80040000');
    assert.equal(answerOf(calls.detachDev(0, 5, 1)), 'ok');
    fail(1);
    assert.equal(answerOf(calls.freeDomain(0, 5)), 'ETIMEDOUT');
    assert.equal(answerOf(calls.freeDomain(0, 5)), 'ok');
    assert.equal(hyp.ownership.dmaCount(hyp.pfnOf(PA + 0x4_0000n)), 0);
  });

  test('an SMMU that hangs while it is taken over is not used, and lets nothing through', () => {
    for (let n = 1; n < 10; n++) {
      const { options, fail } = broken();
      fail(n);
      const booted = boot(options);
      if (booted.initialised === 'ok') return;
      assert.equal(booted.initialised, 'ETIMEDOUT');
      assert.equal(booted.machine.resources.held().size, 0);
      assert.equal(answerOf(booted.calls.allocDomain(0, 1, fresh(booted))), 'EINVAL');
    }
    assert.fail('the take-over waits ten times');
  });
});

suite('an SMMU that does not snoop', () => {
  for (const part of [{ ...LINEAR, COHACC: false }, { COHACC: false }]) {
    test(`sees what it should (${part.ST_LEVEL ?? 'twoLevel'})`, () => {
      const booted = boot({ part, snooped: false });
      const { calls, page, machine } = booted;
      const read = device(booted, 1);
      // Only what is mapped below: nothing of what the host left in a table.
      machine.grants = { granted: (_requester, input, frame) => frame - input === Number(PA >> 12n) - 1, mayPass: () => false };
      calls.allocDomain(0, 5, fresh(booted));
      calls.attachDev(0, 5, 1);
      calls.mapPages(0, 5, page, PA, page, 2n, RW);
      assert.deepEqual([read(page), read(3n * page)], ['0x80000000', 'faulted']);
      calls.unmapPages(0, 5, page, page, 2n);
      assert.equal(read(page), 'faulted');
      calls.detachDev(0, 5, 1);
      assert.equal(answerOf(calls.freeDomain(0, 5)), 'ok');
    });
  }
});

suite('as submitted', () => {
  test('each defect is one that the reference does not have', () => {
    for (const [defect, edits] of Object.entries(DEFECTS)) {
      const files = new Map<string, string>();
      for (const edit of edits)
        files.set(edit.file, applyEdit(files.get(edit.file) ?? readFileSync(join('drivers', edit.file), 'utf8'), edit));
      for (const [file, text] of files) assert.notEqual(text, readFileSync(join('drivers', file), 'utf8'), defect);
    }
  });

  test('a root in the middle of a page is mapped, and with it what else is in the page', () => {
    const booted = boot({ module: asSubmitted, rootOffset: 0x400 });
    assert.equal(booted.initialised, 'ok');
    assert.equal(booted.host.read64(booted.hyp.kernelPhys(booted.root)! - 0x400n).kind, 'abort');
  });
});
