import { suite, test } from 'node:test';
import { assert } from 'chai';
import { NO_PASID, type DomainInfo, type DomainSpec } from '#drivers/contract/iommu';
import type { Platform } from '#drivers/contract/platform';
import { HWPT_DATA } from '#drivers/contract/uapi';
import { Iosatp, Pdtp, Tc } from '#hw-models/riscv-iommu/contexts';
import { MAP } from '#hw-models/riscv-iommu/registers';
import { answerOf, boot, guest, MEMORY, probe, startOf, valueOf, type Options, alloc, allocNested, read, readBytes } from './boot.test';

const PAGE = 4096n;
const LARGE = 1n << 21n;

suite('an IOMMU to start', () => {
  const mode = (iommu_mode: 'Bare' | '1LVL') => (port: Platform) => {
    port.mmioWrite64(0, MAP.ddtp.at, MAP.ddtp.layout.encode({ iommu_mode }));
    port.pollUntil(0, MAP.ddtp.at, Number(MAP.ddtp.layout.mask('busy')), 0, 10);
  };
  const rows: readonly (readonly [said: string, options: Options, answer: string])[] = [
    ['is Bare', { before: mode('Bare') }, 'started'],
    ['has a directory', { before: mode('1LVL') }, 'EBUSY, 0 kinds held'],
    ['takes no directory', { parts: [{ levels: [] }] }, 'ENODEV, 0 kinds held'],
    ['is the second, and takes no directory', { parts: [{}, { levels: [] }] }, 'ENODEV, 0 kinds held'],
    ['has queues of two entries', { parts: [{ queueLog2: 1 }] }, 'ENODEV, 0 kinds held'],
    ['has queues of four entries', { parts: [{ queueLog2: 2 }] }, 'started'],
  ];
  for (const [said, options, answer] of rows) {
    test(said, () => {
      const booted = startOf(options);
      assert.equal(typeof booted === 'string' ? booted : 'started', answer);
    });
  }

  test('for each allocation that fails, nothing is left', () => {
    for (let n = 1; n <= 3; n++) {
      assert.equal(startOf({ before: (_port, { resources }) => resources.failNth(n) }), 'ENOMEM, 0 kinds held', `allocation ${n}`);
    }
  });

  test('drops everything first, and gives everything back at the end', () => {
    const booted = boot({ parts: [{}, {}] });
    probe(booted, 1);
    const [A, S] = [alloc(booted), alloc(booted, { flags: 1 })];
    const N = allocNested(booted, S);
    for (const domain of [A, S]) booted.calls.map(domain, { ...MEMORY, size: LARGE + PAGE });
    booted.calls.unmapPages(A, 0n, LARGE);
    booted.calls.attach(1, N, NO_PASID);
    assert.equal(readBytes(booted, 1), '0x80000008');
    assert.equal(answerOf(booted.started.stop() as never), 'ok');
    assert.equal(readBytes(booted, 1), 'faulted');
    assert.deepEqual([...booted.machine.resources.held()], []);
  });
});

suite('a device to probe', () => {
  const rows: readonly (readonly [said: string, options: Options, more: Parameters<typeof probe>[2], answer: string])[] = [
    ['no ids', {}, { ids: [] }, 'ENODEV'],
    ['no such IOMMU', {}, { iommu: 1 }, 'ENODEV'],
    ...(
      [
        [true, 1, 6],
        [true, 2, 15],
        [true, 3, 24],
        [false, 1, 7],
        [false, 2, 16],
        [false, 3, 24],
      ] as const
    ).flatMap(([MSI_FLAT, levels, bits]) => {
      const options: Options = { parts: [{ MSI_FLAT, levels: [levels] }] };
      const said = `${MSI_FLAT ? 'extended' : 'base'} contexts, ${levels} levels`;
      return [
        [`${said}, the last id`, options, { ids: [0, 2 ** bits - 1] }, 'ok'],
        [`${said}, an id that is too wide`, options, { ids: [2 ** bits] }, 'ENODEV'],
      ] as const;
    }),
  ];
  for (const [said, options, more, answer] of rows) {
    test(said, () => {
      const booted = boot(options);
      if (more?.iommu !== undefined) assert.equal(answerOf(booted.calls.probeDevice({ ...describe(), ...more })), answer);
      else assert.equal(probe(booted, 1, more), answer);
      if (answer !== 'ok') return;
      const A = alloc(booted, { type: 'identity' });
      booted.calls.attach(1, A, NO_PASID);
      for (const requester of booted.machine.requestersOf(1)) assert.equal(booted.machine.access(requester, 8n, 'read').kind, 'bypassed');
    });
  }

  const describe = () => ({
    ...{ device: 1, iommu: 0, ids: [1], group: 1, reserved: [], ats: false, pri: false, stall: false, pasidBits: 0 },
    ...{ coherent: true, alwaysCoherent: false },
  });

  test('is blocked, and again after its release', () => {
    const booted = boot();
    probe(booted, 1);
    assert.equal(readBytes(booted, 1), 'faulted');
    const A = alloc(booted, { type: 'identity' });
    booted.calls.attach(1, A, NO_PASID);
    assert.equal(answerOf(booted.calls.releaseDevice(1)), 'ok');
    assert.equal(readBytes(booted, 1), 'faulted');
    assert.deepEqual([answerOf(booted.calls.releaseDevice(1)), answerOf(booted.calls.domainFree(A))], ['ENODEV', 'ok']);
  });
});

suite('domains', () => {
  test('have the widest scheme, and say what can be mapped', () => {
    const rows = [
      [{}, 0, 2n ** 56n],
      [{ Sv57: false }, 0, 2n ** 47n],
      [{ Sv57: false, Sv48: false }, 0, 2n ** 38n],
      [{}, 1, 2n ** 59n],
      [{ Sv57x4: false }, 1, 2n ** 50n],
      [{ Sv57x4: false, Sv48x4: false }, 1, 2n ** 41n],
    ] as const;
    for (const [part, flags, end] of rows) {
      const booted = boot({ parts: [part] });
      probe(booted, 1);
      const A = alloc(booted, { flags });
      const last = { ...MEMORY, iova: end - PAGE };
      assert.deepEqual(valueOf<DomainInfo>(booted.calls.domainInfo(A)).aperture, { start: 0n, last: end - 1n });
      assert.deepEqual([booted.calls.map(A, last), booted.calls.map(A, { ...last, size: 2n * PAGE })].map(answerOf), ['ok', 'EINVAL']);
      booted.calls.attach(1, A, NO_PASID);
      assert.equal(read(booted, 1, end - 8n), '0x80000ff8');
    }
  });

  test('are not there without a scheme, and nothing is taken', () => {
    const booted = boot({ parts: [{ Sv39: false, Sv48: false, Sv57: false, Sv39x4: false, Sv48x4: false, Sv57x4: false }] });
    probe(booted, 1);
    const before = booted.machine.resources.asked;
    const answers = [0, 1].map((flags) => answerOf(booted.calls.domainAlloc({ type: 'paging', device: 1, flags })));
    assert.deepEqual([...answers, booted.machine.resources.asked - before], ['ENODEV', 'EOPNOTSUPP', 0]);
  });

  test('do not go to an IOMMU that lacks their scheme', () => {
    const booted = boot({ parts: [{}, { Sv57: false, Sv57x4: false, AMO_HWAD: false }] });
    for (const [device, iommu] of [
      [1, 0],
      [2, 1],
    ] as const)
      probe(booted, device, { iommu });
    const S = alloc(booted, { flags: 1 });
    for (const [domain, answer] of [
      [alloc(booted), 'ENODEV'],
      [S, 'ENODEV'],
      [allocNested(booted, S), 'EINVAL'],
    ] as const)
      assert.equal(answerOf(booted.calls.attach(2, domain, NO_PASID)), answer);
  });

  test('are refused by what is wrong first', () => {
    const booted = boot();
    probe(booted, 1);
    const [A, S] = [alloc(booted), alloc(booted, { flags: 1 })];
    const N = allocNested(booted, S);
    const on = (handle: number) => ({ kind: 'domain', handle }) as const;
    const data = guest(booted);
    const nested = { type: 'nested', device: 1, flags: 0 } as const;
    const rows: readonly (readonly [DomainSpec, string])[] = [
      [{ ...nested, flags: 2, parent: on(S), data }, 'EOPNOTSUPP'],
      [{ ...nested, type: 'paging', flags: 1 << 31 }, 'EOPNOTSUPP'],
      [{ ...nested, type: 'paging', data }, 'EOPNOTSUPP'],
      [{ ...nested, type: 'sva' }, 'EOPNOTSUPP'],
      [{ ...nested, device: 9 }, 'ENODEV'],
      [{ ...nested, parent: on(S) }, 'EINVAL'],
      [{ ...nested, parent: on(99), data: { ...data, type: HWPT_DATA.VTD_S1 } }, 'EOPNOTSUPP'],
      [{ ...nested, parent: { kind: 'viommu', handle: 1 }, data }, 'EOPNOTSUPP'],
      [{ ...nested, data: { ...data, address: 0n } }, 'EINVAL'],
      [{ ...nested, parent: on(A), data: { ...data, address: 0n } }, 'EINVAL'],
      [{ ...nested, parent: on(N), data }, 'EINVAL'],
      [{ ...nested, parent: on(S), data: { ...data, length: 31, address: 0n } }, 'EINVAL'],
      [{ ...nested, parent: on(S), data: { ...data, length: 65 } }, 'EINVAL'],
      [{ ...nested, parent: on(S), data: { ...data, address: 0n } }, 'EFAULT'],
      [{ ...nested, parent: on(S), data: { ...data, length: 32 } }, 'ok'],
    ];
    for (const [spec, answer] of rows)
      assert.equal(
        answerOf(booted.calls.domainAlloc(spec)),
        answer,
        JSON.stringify(spec, (_key, value) => (typeof value === 'bigint' ? String(value) : value) as unknown),
      );
    assert.equal(answerOf(booted.calls.domainFree(S)), 'EBUSY');
  });

  test('run out of identifiers, and have no memory for it', () => {
    const booted = boot();
    probe(booted, 1);
    const { resources } = booted.machine;
    for (const flags of [0, 1]) {
      const held = new Map(resources.held());
      for (let n = 1; n <= 3; n++) {
        resources.failNth(n);
        assert.equal(answerOf(booted.calls.domainAlloc({ type: 'paging', device: 1, flags })), 'ENOMEM');
        assert.deepEqual(resources.held(), held);
      }
    }
  });
});

suite('what a guest may say of its context', () => {
  const V = Tc.encode({ V: true });
  const tc = (values: Parameters<typeof Tc.encode>[0]): { tc: bigint } => ({ tc: Tc.encode({ V: true, ...values }) });
  const rows: readonly (readonly [said: string, values: Parameters<typeof guest>[1], answer: string])[] = [
    ['nothing', {}, 'ok'],
    ['not valid, whatever else', { tc: 0n, fsc: 2n ** 64n - 1n, iohgatp: 1n }, 'ok'],
    ['a first stage', { fsc: Iosatp.encode({ MODE: 'Sv48', PPN: 5 }) }, 'ok'],
    ['a process directory', { ...tc({ PDTV: true, DPE: true }), fsc: Pdtp.encode({ MODE: 'PD20', PPN: 5 }) }, 'ok'],
    ['updates of A and D', tc({ SADE: true }), 'ok'],
    ['a default process without processes', tc({ DPE: true }), 'EINVAL'],
    ...(['EN_ATS', 'EN_PRI', 'T2GPA', 'DTF', 'PRPR', 'GADE', 'SBE', 'SXL'] as const).map(
      (bit) => [bit, tc({ [bit]: true }), 'EINVAL'] as const,
    ),
    ['reserved bits of tc', { tc: V + 2n ** 32n }, 'EINVAL'],
    ['reserved bits of fsc', { fsc: 2n ** 44n }, 'EINVAL'],
    ['a reserved iosatp.MODE', { fsc: 2n ** 60n }, 'EINVAL'],
    ['a reserved pdtp.MODE', { ...tc({ PDTV: true }), fsc: 4n << 60n }, 'EINVAL'],
    ...(['iohgatp', 'ta', 'msiptp', 'msi_addr_mask', 'msi_addr_pattern'] as const).map(
      (word) => [word, { [word]: 1n << 12n }, 'EINVAL'] as const,
    ),
  ];
  for (const [said, values, answer] of rows) {
    test(said, () => {
      const booted = boot();
      probe(booted, 1);
      const parent = { kind: 'domain', handle: alloc(booted, { flags: 1 }) } as const;
      assert.equal(
        answerOf(booted.calls.domainAlloc({ type: 'nested', device: 1, flags: 0, parent, data: guest(booted, values) })),
        answer,
      );
    });
  }

  test('depends on the IOMMU, but for the width of a first stage', () => {
    const booted = boot({ parts: [{ AMO_HWAD: false, PD20: false, Sv48: false }] });
    probe(booted, 1);
    const parent = { kind: 'domain', handle: alloc(booted, { flags: 1 }) } as const;
    for (const [values, answer] of [
      [tc({ SADE: true }), 'EINVAL'],
      [{ ...tc({ PDTV: true }), fsc: Pdtp.encode({ MODE: 'PD20', PPN: 5 }) }, 'EINVAL'],
      [{ fsc: Iosatp.encode({ MODE: 'Sv48', PPN: 5 }) }, 'ok'],
    ] as const)
      assert.equal(
        answerOf(booted.calls.domainAlloc({ type: 'nested', device: 1, flags: 0, parent, data: guest(booted, values) })),
        answer,
      );
  });
});
