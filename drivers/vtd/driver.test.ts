import { suite, test } from 'node:test';
import { assert } from 'chai';
import { NO_PASID, type DomainInfo, type DomainSpec, type HwInfo, type ReservedRegion } from '#drivers/contract/iommu';
import type { Platform } from '#drivers/contract/platform';
import { HW_INFO, HWPT_DATA, HwInfoVtd } from '#drivers/contract/uapi';
import { fromWords } from '#hw-models/core/bits';
import { LEGACY } from '#hw-models/vtd/capabilities';
import { FsPte } from '#hw-models/vtd/pte';
import { MAP } from '#hw-models/vtd/registers';
import {
  alloc,
  allocNested,
  answerOf,
  boot,
  guest,
  MEMORY,
  PA,
  probe,
  reach,
  readBytes,
  RW,
  startOf,
  valueOf,
  type Booted,
  type Options,
} from './boot.test';

const PAGE = 4096n;
const LARGE = 1n << 21n;
const READ_ONLY = { ...RW, write: false } as const;
const WRITE_ONLY = { ...RW, read: false } as const;

const ABSENT = '0x59, PASID entry not present';

const attach = ({ calls }: Booted, device: number, domain: number, pasid = NO_PASID): string =>
  answerOf(calls.attach(device, domain, pasid));
const replace = ({ calls }: Booted, device: number, domain: number, pasid = NO_PASID): string =>
  answerOf(calls.replace(device, domain, pasid));
const detach = ({ calls }: Booted, device: number, domain: number, pasid = NO_PASID): string =>
  answerOf(calls.detach(device, domain, pasid));

suite('a unit to start', () => {
  const order = (port: Platform, values: Parameters<typeof MAP.GCMD.layout.encode>[0]): void => {
    port.mmioWrite32(0, MAP.GCMD.at, Number(MAP.GCMD.layout.encode(values)));
    port.mmioRead32(0, MAP.GSTS.at);
  };
  /** Left by somebody before. */
  const translating = (TTM: 'scalable' | 'abort') => (port: Platform) => {
    port.mmioWrite64(0, MAP.RTADDR.at, MAP.RTADDR.layout.encode({ TTM }));
    order(port, { SRTP: true });
    order(port, { TE: true });
  };
  const rows: readonly (readonly [said: string, options: Options, answer: string])[] = [
    ['is off', {}, 'started'],
    ['translates', { before: translating('scalable') }, 'EBUSY, 0 kinds held'],
    ['lets nothing through', { before: translating('abort') }, 'started'],
    ['has legacy mode only', { parts: [LEGACY] }, 'started'],
    ['is not snooped, and says so', { snooped: false, parts: [{ C: false, SMPWC: false, SLADS: false }] }, 'started'],
    ['is not snooped, and says that it snoops', { snooped: false }, 'ENODEV, 0 kinds held'],
  ];
  for (const [said, options, answer] of rows) {
    test(said, () => {
      const booted = startOf(options);
      assert.equal(typeof booted === 'string' ? booted : 'started', answer);
    });
  }

  test('for each allocation that fails, nothing is left', () => {
    for (let n = 1; n <= 6; n++) {
      const answer = startOf({ parts: [{}, {}], before: (_port, { resources }) => resources.failNth(n) });
      assert.equal(answer, 'ENOMEM, 0 kinds held', `allocation ${n}`);
    }
  });

  test('gives everything back at the end, and lets nothing through', () => {
    const booted = boot({ parts: [{}, LEGACY] });
    probe(booted, 1, { pasidBits: 20, ats: true });
    const [A, S] = [alloc(booted), alloc(booted, { flags: 1 })];
    const N = allocNested(booted, S);
    for (const domain of [A, S]) booted.calls.map(domain, { ...MEMORY, size: LARGE + PAGE });
    booted.calls.unmapPages(A, 0n, LARGE);
    assert.deepEqual([attach(booted, 1, A), attach(booted, 1, N, 7)], ['ok', 'ok']);
    assert.equal(reach(booted, 1, LARGE), '0x80200000');
    assert.equal(answerOf(booted.started.stop() as never), 'ok');
    assert.equal(readBytes(booted, 1), '0x33, requests are aborted');
    assert.deepEqual([...booted.machine.resources.held()], []);
  });
});

suite('a device to probe', () => {
  const rows: readonly (readonly [more: Parameters<typeof probe>[2], answer: string])[] = [
    [{ ids: [] }, 'ENODEV'],
    [{ ids: [0, 0x7f, 0x80, 0xffff] }, 'ok'],
  ];
  for (const [more, answer] of rows) {
    for (const part of [{}, LEGACY, { CM: true }, { RWBF: true }]) {
      const booted = boot({ parts: [part] });
      test(`with ${JSON.stringify({ ...more, ...part })}`, () => {
        assert.equal(probe(booted, 1, more), answer);
        if (answer !== 'ok') return;
        assert.equal(readBytes(booted, 1), part === LEGACY ? '0x2, context entry not present' : ABSENT);
        const A = alloc(booted, { type: 'identity' });
        assert.equal(attach(booted, 1, A), 'ok');
        for (const requester of booted.machine.requestersOf(1)) assert.equal(booted.machine.access(requester, 8n, 'read').kind, 'bypassed');
        assert.equal(answerOf(booted.calls.releaseDevice(1)), 'ok');
        assert.equal(readBytes(booted, 1), part === LEGACY ? '0x2, context entry not present' : '0x41, context entry not present');
        assert.equal(answerOf(booted.calls.releaseDevice(1)), 'ENODEV');
      });
    }
  }

  test('behind no unit, or with an id that is too wide', () => {
    const booted = boot();
    probe(booted, 1);
    const description = { device: 2, group: 2, reserved: [], ats: false, pri: false, stall: false, pasidBits: 0 };
    for (const place of [
      { iommu: 1, ids: [2] },
      { iommu: 0, ids: [0x1_0000] },
    ])
      assert.equal(answerOf(booted.calls.probeDevice({ ...description, ...place, coherent: true, alwaysCoherent: false })), 'ENODEV');
  });

  test('has interrupts where nothing is mapped, and tells of its unit', () => {
    const booted = boot();
    probe(booted, 1);
    assert.deepEqual(valueOf<readonly ReservedRegion[]>(booted.calls.reservedRegions(1)), [
      { start: 0xfee0_0000n, length: 0x10_0000n, kind: 'msi' },
    ]);
    for (const type of [HW_INFO.NONE, HW_INFO.INTEL_VTD]) {
      const { type: told, data } = valueOf<HwInfo>(booted.calls.hwInfo(1, type));
      const { flags, cap_reg, ecap_reg, raw } = HwInfoVtd.of(fromWords(new BigUint64Array(data.buffer)));
      const registers = [MAP.CAP.at, MAP.ECAP.at].map((at) => booted.port.mmioRead64(0, at));
      assert.deepEqual([told, flags, cap_reg, ecap_reg, HwInfoVtd.hasReserved(raw)], [HW_INFO.INTEL_VTD, 1, ...registers, false]);
    }
    assert.deepEqual([answerOf(booted.calls.hwInfo(1, 2)), answerOf(booted.calls.hwInfo(9, 0))], ['EOPNOTSUPP', 'ENODEV']);
  });
});

suite('domains', () => {
  test('have the widest table that a unit takes for their purpose, and say what can be mapped', () => {
    const rows = [
      [{}, 0, 2n ** 56n, 3],
      [{ FL5LP: false }, 0, 2n ** 47n, 3],
      [{ FL5LP: false, FL1GP: false, MGAW: 40 }, 0, 2n ** 40n, 2],
      [{}, 1, 2n ** 57n, 3],
      [{ MGAW: 48 }, 1, 2n ** 48n, 3],
      [{ MGAW: 39, SLLPS: ['2M'] }, 2, 2n ** 39n, 2],
      [{ MGAW: 40, SAGAW: [39, 57], SLLPS: [] }, 2, 2n ** 40n, 1],
      [{ ...LEGACY, MGAW: 48 }, 0, 2n ** 48n, 3],
    ] as const;
    for (const [part, flags, end, sizes] of rows) {
      const booted = boot({ parts: [part] });
      probe(booted, 1);
      const A = alloc(booted, { flags });
      const last = { ...MEMORY, iova: end - PAGE };
      const { aperture, pageSizes } = valueOf<DomainInfo>(booted.calls.domainInfo(A));
      assert.deepEqual([aperture, pageSizes.length], [{ start: 0n, last: end - 1n }, sizes]);
      assert.deepEqual([booted.calls.map(A, last), booted.calls.map(A, { ...last, size: 2n * PAGE })].map(answerOf), ['ok', 'EINVAL']);
      attach(booted, 1, A);
      assert.equal(reach(booted, 1, end - 8n), '0x80000ff8');
    }
  });

  test('depend on what the unit can', () => {
    const cannot = 'EOPNOTSUPP';
    const rows = [
      [{ FLTS: false, FL5LP: false, FL1GP: false, NEST: false }, 0, 'ok'],
      [{ SLTS: false, SLADS: false, NEST: false }, 1, cannot],
      [{ NEST: false }, 1, cannot],
      [{ NEST: false }, 8, 'ok'],
      [{ SLADS: false }, 2, cannot],
      [{ SMPWC: false }, 2, cannot],
      [LEGACY, 0, 'ok'],
      [LEGACY, 1, cannot],
      [LEGACY, 2, cannot],
      [{}, 4, cannot],
      [{}, 16, cannot],
      [{}, 11, 'ok'],
    ] as const;
    for (const [part, flags, answer] of rows) {
      const booted = boot({ parts: [part] });
      probe(booted, 1);
      assert.equal(answerOf(booted.calls.domainAlloc({ type: 'paging', device: 1, flags })), answer, JSON.stringify([part, flags]));
    }
  });

  test('do not go to a unit that lacks what they take', () => {
    const rows = [
      [{ FL5LP: false }, 0, 'EINVAL'],
      [{ FL1GP: false }, 0, 'EINVAL'],
      [{ FLTS: false, FL5LP: false, FL1GP: false, NEST: false }, 0, 'EINVAL'],
      [LEGACY, 0, 'EINVAL'],
      [{ MGAW: 48 }, 1, 'EINVAL'],
      [{ SAGAW: [39, 48], MGAW: 48 }, 1, 'EINVAL'],
      [{ SLLPS: ['2M'] }, 1, 'EINVAL'],
      [{ NEST: false }, 1, 'EINVAL'],
      [{ SLADS: false }, 2, 'EINVAL'],
      [{ SMPWC: false, SLADS: false }, 1, 'EINVAL'],
      [{ CM: true }, 0, 'EINVAL'],
      [{ RWBF: true }, 1, 'EINVAL'],
      [{ SC: false }, 1, 'ok'],
      [{ ND: 0, MAMV: 0, PSI: false }, 1, 'ok'],
    ] as const;
    for (const [part, flags, answer] of rows) {
      const booted = boot({ parts: [{}, part] });
      probe(booted, 1);
      probe(booted, 2, { iommu: 1 });
      assert.equal(attach(booted, 2, alloc(booted, { flags })), answer, JSON.stringify([part, flags]));
    }
  });

  test('are refused by what is wrong first', () => {
    const booted = boot({ parts: [{}, { NEST: false }] });
    probe(booted, 1);
    probe(booted, 2, { iommu: 1 });
    const [A, S] = [alloc(booted), alloc(booted, { flags: 1 })];
    const N = allocNested(booted, S);
    const on = (handle: number) => ({ kind: 'domain', handle }) as const;
    const data = guest(booted);
    const nested = { type: 'nested', device: 1, flags: 0 } as const;
    const reserved = { ...data, address: booted.machine.users.place(new Uint8Array(24).fill(48, 16, 17).fill(1, 20, 21)) };
    const rows: readonly (readonly [DomainSpec, string])[] = [
      [{ ...nested, flags: 1, parent: on(A), data }, 'EOPNOTSUPP'],
      [{ ...nested, device: 2, parent: on(A), data }, 'EOPNOTSUPP'],
      [{ ...nested, type: 'paging', flags: 1 << 31 }, 'EOPNOTSUPP'],
      [{ ...nested, type: 'paging', data }, 'EOPNOTSUPP'],
      [{ ...nested, type: 'sva' }, 'EOPNOTSUPP'],
      [{ ...nested, device: 9 }, 'ENODEV'],
      [{ ...nested, parent: on(S) }, 'EOPNOTSUPP'],
      [{ ...nested, parent: on(99), data: { ...data, type: HWPT_DATA.ARM_SMMUV3 } }, 'EOPNOTSUPP'],
      [{ ...nested, parent: { kind: 'viommu', handle: 1 }, data }, 'EOPNOTSUPP'],
      [{ ...nested, parent: on(A), data: { ...data, length: 23 } }, 'EINVAL'],
      [{ ...nested, parent: on(N), data }, 'EINVAL'],
      [{ ...nested, parent: on(S), data: { ...data, length: 25 } }, 'EINVAL'],
      [{ ...nested, parent: on(S), data: { ...data, address: 0n } }, 'EFAULT'],
      [{ ...nested, parent: on(S), data: guest(booted, { flags: 8n }) }, 'EOPNOTSUPP'],
      [{ ...nested, parent: on(S), data: reserved }, 'EOPNOTSUPP'],
      [{ ...nested, flags: 8, parent: on(S), data: guest(booted, { flags: 7n, addr_width: 50 }) }, 'ok'],
    ];
    for (const [spec, answer] of rows) assert.equal(answerOf(booted.calls.domainAlloc(spec)), answer);
    assert.equal(answerOf(booted.calls.domainFree(S)), 'EBUSY');
  });

  test('map what an entry can say', () => {
    const rows = [
      [0, READ_ONLY, 'ok'],
      [0, WRITE_ONLY, 'EINVAL'],
      [0, { ...RW, execute: true }, 'EINVAL'],
      [2, WRITE_ONLY, 'ok'],
      [2, READ_ONLY, 'ok'],
      [1, READ_ONLY, 'EINVAL'],
      [1, WRITE_ONLY, 'ok'],
      [1, RW, 'ok'],
    ] as const;
    for (const [flags, prot, answer] of rows) {
      const booted = boot();
      probe(booted, 1);
      const A = alloc(booted, { flags });
      assert.equal(answerOf(booted.calls.map(A, { ...MEMORY, prot })), answer);
      attach(booted, 1, A);
      for (const access of ['read', 'write'] as const)
        assert.equal(/^0x8000/.test(reach(booted, 1, 8n, access)), answer === 'ok' && prot[access], JSON.stringify([flags, prot, access]));
    }
  });
});

suite('the PASIDs of a device', () => {
  test('have domains of their own', () => {
    const booted = boot();
    probe(booted, 1, { pasidBits: 16, ats: true });
    const [A, B, S] = [alloc(booted), alloc(booted, { flags: 8 }), alloc(booted, { flags: 2 })];
    for (const [n, domain] of [A, B, S].entries()) booted.calls.map(domain, { ...MEMORY, pa: PA + BigInt(n) * PAGE });
    assert.deepEqual([attach(booted, 1, A), attach(booted, 1, B, 5), attach(booted, 1, S, 0xffff)], ['ok', 'ok', 'ok']);
    const all = (): readonly string[] => [undefined, 5, 0xffff, 6].map((pasid) => reach(booted, 1, 0n, 'read', pasid));
    assert.deepEqual(all(), ['0x80000000', '0x80001000', '0x80002000', ABSENT]);
    assert.deepEqual([detach(booted, 1, B, 5), replace(booted, 1, A, 0xffff)], ['ok', 'ok']);
    assert.deepEqual(all(), ['0x80000000', ABSENT, '0x80000000', ABSENT]);
    assert.equal(answerOf(booted.calls.releaseDevice(1)), 'ok');
    assert.deepEqual(
      [A, B, S].map((domain) => answerOf(booted.calls.domainFree(domain))),
      ['ok', 'ok', 'ok'],
    );
  });

  test('are refused where there are none', () => {
    const booted = boot({ parts: [{}, { PASID: false }] });
    probe(booted, 1, { pasidBits: 4 });
    probe(booted, 2);
    probe(booted, 3, { iommu: 1, pasidBits: 20 });
    const A = alloc(booted);
    const answers = [
      [1, 0],
      [1, 16],
      [1, 15],
      [1, 15],
      [2, 1],
      [3, 1],
    ].map(([device, pasid]) => attach(booted, device!, A, pasid));
    assert.deepEqual(answers, ['EINVAL', 'EINVAL', 'ok', 'EBUSY', 'EOPNOTSUPP', 'EOPNOTSUPP']);
    assert.deepEqual([replace(booted, 1, A, 3), detach(booted, 1, A, 3), detach(booted, 1, A)], ['EINVAL', 'EINVAL', 'EINVAL']);
  });
});

suite('a guest', () => {
  const TABLES = 0x10_0000n;
  /** Its tables map 0x1000 to GPA 0x20_0000, which is memory at `PA`. */
  function withGuest(booted: Booted, S: number): void {
    booted.calls.map(S, { ...MEMORY, iova: TABLES, pa: 0x9010_0000n, size: 16n * PAGE });
    booted.calls.map(S, { ...MEMORY, iova: 0x20_0000n, size: 16n * PAGE });
    for (let level = 0; level < 4; level++) {
      const next = level === 3 ? 0x200 : 0x101 + level;
      const at = Number(0x9010_0000n / 8n) + level * 512 + (level === 3 ? 1 : 0);
      booted.machine.write(at, FsPte.encode({ ADDR: next, P: true, RW: true, US: true }));
    }
  }

  test('has its own tables on those of the host, for a device and for a PASID', () => {
    for (const mode of ['lazy', 'eager', 'seeded:1'] as const) {
      const booted = boot({ mode });
      probe(booted, 1, { pasidBits: 16, ats: true });
      const S = alloc(booted, { flags: 1 });
      withGuest(booted, S);
      const N = allocNested(booted, S, { pgtbl_addr: TABLES + 0xfffn });
      assert.deepEqual([attach(booted, 1, N), attach(booted, 1, N, 9)], ['ok', 'ok']);
      for (const pasid of [undefined, 9]) assert.equal(reach(booted, 1, 0x1008n, 'write', pasid), '0x80000008');
      assert.equal(answerOf(booted.calls.unmap(S, 0x20_0000n, PAGE)), '0x1000');
      for (const pasid of [undefined, 9]) assert.match(reach(booted, 1, 0x1008n, 'write', pasid), /^0x79|^0x85/);
      assert.deepEqual([detach(booted, 1, N), attach(booted, 1, S)], ['ok', 'ok']);
      assert.equal(reach(booted, 1, 0x20_1000n), '0x80001000');
    }
  });

  test('is refused by a unit that cannot, and everything stays as it is', () => {
    const rows = [
      [{ addr_width: 50 }, {}],
      [{ addr_width: 47 }, {}],
      [{ addr_width: 57 }, { FL5LP: false }],
      [{ flags: 1n }, { SRS: false }],
      [{ flags: 2n }, { EAFS: false }],
    ] as const;
    for (const [values, part] of rows) {
      const booted = boot({ parts: [part] });
      probe(booted, 1);
      const [A, S] = [alloc(booted), alloc(booted, { flags: 1 })];
      booted.calls.map(A, MEMORY);
      const N = allocNested(booted, S, values);
      assert.deepEqual([attach(booted, 1, N), attach(booted, 1, A), replace(booted, 1, N)], ['EINVAL', 'ok', 'EINVAL']);
      assert.equal(readBytes(booted, 1), '0x80000008');
    }
  });
});

suite('what is noted, and enforced', () => {
  test('pages that were written to', () => {
    const booted = boot();
    probe(booted, 1);
    const [A, D] = [alloc(booted), alloc(booted, { flags: 2 })];
    booted.calls.map(D, { ...MEMORY, size: LARGE + 4n * PAGE });
    assert.equal(attach(booted, 1, D), 'ok');
    const read = (clear: boolean): readonly number[] => [
      ...valueOf<Uint8Array>(booted.calls.readAndClearDirty(D, { iova: LARGE, size: 4n * PAGE, pageSize: PAGE, clear })),
    ];
    reach(booted, 1, LARGE, 'write');
    assert.deepEqual(read(true), [0]);
    assert.deepEqual([booted.calls.setDirtyTracking(D, true), booted.calls.setDirtyTracking(D, true)].map(answerOf), ['ok', 'ok']);
    reach(booted, 1, LARGE, 'read');
    for (const page of [1n, 3n]) reach(booted, 1, LARGE + page * PAGE, 'write');
    assert.deepEqual([read(false), read(true), read(true)], [[10], [10], [0]]);
    reach(booted, 1, LARGE + PAGE, 'write');
    assert.deepEqual(read(true), [2]);
    assert.equal(answerOf(booted.calls.setDirtyTracking(A, true)), 'EOPNOTSUPP');
  });

  test('coherency', () => {
    const booted = boot({ parts: [{}, { SC: false }] });
    probe(booted, 1);
    probe(booted, 2, { iommu: 1 });
    const [A, B, S, T] = [alloc(booted), alloc(booted), alloc(booted, { flags: 2 }), alloc(booted, { flags: 2 })];
    booted.calls.map(T, MEMORY);
    assert.deepEqual([attach(booted, 1, A), attach(booted, 2, B)], ['ok', 'ok']);
    const enforced = [A, B, S, T].map((domain) => valueOf<boolean>(booted.calls.enforceCoherency(domain)));
    assert.deepEqual([...enforced, attach(booted, 2, S)], [true, false, true, false, 'EINVAL']);
    assert.deepEqual([replace(booted, 2, S), replace(booted, 2, A)], ['EINVAL', 'EINVAL']);
  });
});

suite('an unmapping', () => {
  const parts = [{}, { CM: true }, { RWBF: true }, LEGACY, { ...LEGACY, CM: true }, { PSI: false }, { MAMV: 0 }];
  for (const part of parts) {
    for (const mode of ['lazy', 'eager', 'seeded:1'] as const) {
      test(`with ${JSON.stringify(part)}, ${mode}`, () => {
        const booted = boot({ parts: [part], mode });
        probe(booted, 1, { ats: true });
        for (const flags of 'SMTS' in part ? [0] : [0, 2]) {
          const A = alloc(booted, { flags });
          booted.calls.attach(1, A, NO_PASID);
          reach(booted, 1, 0n);
          booted.calls.map(A, { ...MEMORY, size: 2n * LARGE });
          assert.equal(reach(booted, 1, LARGE), '0x80200000');
          assert.equal(answerOf(booted.calls.unmap(A, LARGE + PAGE, PAGE)), '0x1000');
          assert.equal(reach(booted, 1, LARGE), '0x80200000');
          assert.match(reach(booted, 1, LARGE + PAGE), /^0x71|^0x79|^0x6,|^0x86/);
          assert.equal(answerOf(booted.calls.map(A, { ...MEMORY, iova: LARGE + PAGE })), 'ok');
          assert.equal(reach(booted, 1, LARGE + PAGE), '0x80000000');
          booted.calls.detach(1, A, NO_PASID);
          assert.equal(answerOf(booted.calls.domainFree(A)), 'ok');
        }
      });
    }
  }

  test('where walkers do not snoop', () => {
    for (const more of [{}, LEGACY]) {
      const booted = boot({ parts: [{ ...more, C: false, SMPWC: false, SLADS: false }], snooped: false });
      probe(booted, 1);
      const A = alloc(booted);
      booted.calls.map(A, { ...MEMORY, size: 2n * LARGE });
      assert.equal(attach(booted, 1, A), 'ok');
      assert.equal(reach(booted, 1, LARGE), '0x80200000');
      assert.equal(answerOf(booted.calls.unmap(A, LARGE, PAGE)), '0x1000');
      assert.match(reach(booted, 1, LARGE), /^0x71|^0x6,/);
    }
  });
});
