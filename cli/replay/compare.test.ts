import { describe, it } from 'node:test';
import { assert } from 'chai';
import type { Answer } from '#hw-models/riscv-iommu/request';
import { play } from './compare';
import type { Difference } from './compare';
import { OK, RECORD, REQUEST, SAMPLE, standIn, TRANSLATED } from './testdata/stand-in';
import type { Told } from './testdata/stand-in';
import type { Configuration, VectorRecord, VectorRequest, VectorResponse } from './vectors';
import type { Witness } from './models';

const played = (told: Told, changes: Partial<Configuration> = {}): readonly Difference[] => {
  const configuration = { ...SAMPLE, ...changes };
  return play(() => standIn({ answers: configuration.req.map(() => TRANSLATED), ...told })(configuration.caps), configuration);
};

const answering = (answer: Answer, response: VectorResponse, at: VectorRequest['at'] = 'u'): readonly Difference[] =>
  played({ answers: [answer] }, { req: [{ ...REQUEST, at }], rsp: [response] });

const REFUSED: Answer = {
  ...{ kind: 'refused', response: 'unsupported-request', cause: 13, iotval: 0n, iotval2: 0n, record: 'recorded' },
};
const FAULT: VectorResponse = { st: 'ur', cause: 13, iotval: '0x1234', iotval2: '0x0' };
const ATS: Answer & { readonly kind: 'ats' } = {
  ...{ kind: 'ats', address: 0x5000n, physical: 0x5000n, sizeLog2: 12, read: true, write: false, execute: true },
  ...{ untranslatedOnly: false, privileged: false, global: false },
};
const ATS_OK: VectorResponse = { st: 'ok', R: 1, W: 0, X: 1, U: 1, Priv: 1, G: 1, CXLio: 0, pa: '0x5000', size: '0x1000', pbmt: 1 };
const NOTHING_GRANTED = { ...ATS, address: 0n, read: false, execute: false, cause: 13 };
const NO_RIGHT: VectorResponse = { st: 'ok', R: 0, W: 0, X: 0, U: 0, Priv: 0, G: 0, CXLio: 0, cause: 5 };
const FILE: Answer = { kind: 'interrupt-file', file: 0x7000n, notice: 0x9000n, noticeId: 3 };
const TO_FILE: VectorResponse = { ...OK, pa: '0x27f', msi: 1, mrif: 1, mrif_addr: '0x7000', mrif_nid: 3 };

describe('an answer', () => {
  const same: readonly (readonly [string, Answer, VectorResponse, VectorRequest['at']?])[] = [
    ['a translation', TRANSLATED, OK],
    ['of a large page', { ...TRANSLATED, sizeLog2: 57 }, { ...OK, size: '0x200000000000000' }],
    ['of memory that is not cacheable', { ...TRANSLATED, memoryType: 'NC' }, { ...OK, pbmt: 1 }],
    ['of I/O', { ...TRANSLATED, memoryType: 'IO' }, { ...OK, pbmt: 2 }],
    ['in Bare mode, of 4096 bytes', { ...TRANSLATED, sizeLog2: 64, bypassed: true }, OK],
    ['through an MSI PTE', { ...TRANSLATED, msi: true }, { ...OK, msi: 1, mrif: 0 }],
    ['to an interrupt file, whatever its pa', FILE, TO_FILE],
    ['a fault, whatever iotval says here', REFUSED, FAULT],
    ['an abort', { ...REFUSED, response: 'completer-abort' }, { ...FAULT, st: 'ca' }],
    ['of ATS, whatever U, Priv, G and pbmt are', ATS, ATS_OK, 'a'],
    ['of ATS without permission, whatever the cause', NOTHING_GRANTED, NO_RIGHT, 'a'],
    ['of ATS for an interrupt file: rights only', { ...ATS, address: 0n }, { ...ATS_OK, mrif: 1 }, 'a'],
  ];
  for (const [what, answer, response, at] of same) it(`agrees: ${what}`, () => assert.deepEqual(answering(answer, response, at), []));

  const other: readonly (readonly [string, Answer, VectorResponse, VectorRequest['at']?])[] = [
    ['st', REFUSED, OK],
    ['st, the other way', TRANSLATED, FAULT],
    ['the kind of refusal', REFUSED, { ...FAULT, st: 'ca' }],
    ['cause', REFUSED, { ...FAULT, cause: 5 }],
    ['pa', { ...TRANSLATED, pa: 0x5001n }, OK],
    ['size', { ...TRANSLATED, sizeLog2: 21 }, OK],
    ['pbmt', { ...TRANSLATED, memoryType: 'IO' }, OK],
    ['mrif', TRANSLATED, TO_FILE],
    ['no mrif', FILE, OK],
    ['mrif_addr', { ...FILE, file: 0x7200n }, TO_FILE],
    ['mrif_nid', { ...FILE, noticeId: 4 }, TO_FILE],
    ['R', { ...ATS, read: false }, ATS_OK, 'a'],
    ['W', { ...ATS, write: true }, ATS_OK, 'a'],
    ['X', { ...ATS, execute: false }, ATS_OK, 'a'],
    ['pa of ATS', { ...ATS, address: 0x6000n, physical: 0x6000n }, ATS_OK, 'a'],
    ['size of ATS', { ...ATS, sizeLog2: 21 }, ATS_OK, 'a'],
    ['R without permission', ATS, NO_RIGHT, 'a'],
    ['a fault of ATS', REFUSED, NO_RIGHT, 'a'],
  ];
  for (const [what, answer, response, at] of other) it(`differs by ${what}`, () => assert.lengthOf(answering(answer, response, at), 1));

  it('is shown beside what was expected, with its request', () => {
    const [difference] = played({ answers: [TRANSLATED, REFUSED] }, { req: [REQUEST, REQUEST], rsp: [OK, OK] });
    assert.deepEqual(difference, {
      what: 'request 2 of 2',
      request: '{"did":"0x5","iova":"0x40202000","acc":"r","at":"u"}',
      expected: 'st ok, pa 0x5000, size 0x1000, pbmt 0',
      found: 'st ur, cause 13',
    });
  });

  it('that the model leaves out differs, and the next is asked for', () => {
    const differences = played({ answers: ['DC.tc.PRPR', TRANSLATED] }, { req: [REQUEST, REQUEST], rsp: [OK, OK] });
    assert.deepEqual(
      differences.map(({ what, found }) => [what, found]),
      [['request 1 of 2', 'st none, not modelled: DC.tc.PRPR']],
    );
  });

  it('of a model that is broken is an error', () => {
    assert.throws(() => played({ answers: [] }), 'was not told');
  });
});

describe('a request', () => {
  const asked: readonly (readonly [VectorRequest, object])[] = [
    [REQUEST, { deviceId: 5, processId: undefined, privileged: false, iova: 0x4020_2000n, access: 'read', type: 'untranslated' }],
    [
      { ...REQUEST, pid: '0xfffff', priv: 1, acc: 'w', at: 't' },
      { deviceId: 5, processId: 0xf_ffff, privileged: true, iova: 0x4020_2000n, access: 'write', type: 'translated' },
    ],
    [
      { ...REQUEST, pid: '0x0', priv: 0, acc: 'x', at: 'a', nw: 1 },
      { deviceId: 5, processId: 0, privileged: false, iova: 0x4020_2000n, access: 'execute', type: 'ats', noWrite: true },
    ],
    [
      { ...REQUEST, at: 'a' },
      { deviceId: 5, processId: undefined, privileged: false, iova: 0x4020_2000n, access: 'read', type: 'ats', noWrite: false },
    ],
  ];
  for (const [request, inbound] of asked)
    it(`${JSON.stringify(request)} reaches the model`, () => {
      let came: unknown;
      const witness: Witness = {
        ...standIn()({}),
        translate: (one) => {
          came = one;
          return TRANSLATED;
        },
      };
      play(() => witness, { ...SAMPLE, req: [request] });
      assert.deepEqual(came, inbound);
    });
});

describe('the answer of ATS with a guest physical address', () => {
  const guest: Answer = { ...ATS, address: 0x6000n };
  const paragraphs = (answer: Answer, response = ATS_OK): readonly (string | undefined)[] =>
    answering(answer, response, 'a').map(({ paragraph }) => paragraph);

  it('differs from the physical one, and the specification says why', () =>
    assert.match(paragraphs(guest)[0] ?? '', /"Translation control \(tc\)": with T2GPA/));
  it('is not explained when more differs', () => assert.deepEqual(paragraphs({ ...guest, read: false }), [undefined]));
  it('is not explained by another physical address', () => assert.deepEqual(paragraphs({ ...guest, physical: 0x7000n }), [undefined]));
});

/** As the specification lays it out. */
const record = (cause: bigint, iotval: bigint, iotval2: bigint): bigint =>
  cause | (3n << 12n) | (1n << 32n) | (1n << 33n) | (2n << 34n) | (5n << 40n) | (iotval << 128n) | (iotval2 << 192n);

describe('fault records', () => {
  const left = (records: readonly bigint[], fq: readonly VectorRecord[]): readonly string[] =>
    played({ records }, { fq }).map(({ what, expected, found }) => `${what}: ${expected}; ${found}`);
  const guest: VectorRecord = { ...RECORD, cause: 21, iotval: '0x40202123', iotval2: '0x50000771' };

  it('agree field by field', () => assert.deepEqual(left([record(13n, 0x4020_2123n, 0n)], [RECORD]), []));

  for (const key of ['cause', 'did', 'pv', 'pid', 'priv', 'ttyp'] as const)
    it(`differ by ${key}`, () => assert.lengthOf(left([record(13n, 0x4020_2123n, 0n)], [{ ...RECORD, [key]: RECORD[key] + 1 }]), 1));

  it('differ by iotval, to its last bit', () => assert.lengthOf(left([record(13n, 0x4020_2122n, 0n)], [RECORD]), 1));

  it('of guest-page faults have no offset in iotval', () => {
    for (const cause of [20, 21, 23])
      assert.deepEqual(left([record(BigInt(cause), 0x4020_2000n, 0x5000_0771n)], [{ ...guest, cause }]), [], String(cause));
    assert.lengthOf(left([record(21n, 0x4020_3123n, 0x5000_0771n)], [guest]), 1);
  });

  it('have no offset in iotval2, but its two lowest bits', () => {
    assert.deepEqual(left([record(21n, 0x4020_2000n, 0x5000_0001n)], [guest]), []);
    for (const other of [0x5000_0770n, 0x5000_0773n, 0x5000_1771n])
      assert.lengthOf(left([record(21n, 0x4020_2000n, other)], [guest]), 1, other.toString(16));
  });

  it('are as many, in this order', () => {
    const [one, two] = [record(13n, 0x4020_2123n, 0n), record(5n, 0x4020_2123n, 0n)];
    assert.lengthOf(left([one, two], [{ ...RECORD, cause: 5 }, RECORD]), 2);
    const shown = 'cause 13, did 5, pv 1, pid 3, priv 1, ttyp 2, iotval 0x4020_2123, iotval2 0x0';
    assert.deepEqual(left([], [RECORD]), [`fault record 1: ${shown}; none`]);
    assert.deepEqual(left([one, one], [RECORD]), [`fault record 2: none; ${shown}`]);
  });
});

describe('memory after the requests', () => {
  const changes = [[0x1008n, 0xc2n]] as const;

  it('agrees where a change is expected, however the address is written', () => {
    assert.deepEqual(played({ changes }, { memafter: [['0x01008', '0xC2']] }), []);
  });

  it('differs by a change that is not expected, another one, and none', () => {
    const found = [
      played({ changes }),
      played({ changes }, { memafter: [['0x1008', '0xc3']] }),
      played({}, { memafter: [['0x1008', '0xc2']] }),
    ];
    assert.deepEqual(
      found.map((differences) => differences.map(({ what, expected, found: came }) => `${what}: ${expected}; ${came}`)),
      [
        ['memory at 0x1008 after the requests: word 0x2; word 0xc2'],
        ['memory at 0x1008 after the requests: word 0xc3; word 0xc2'],
        ['memory at 0x1008 after the requests: word 0xc2; word 0x2'],
      ],
    );
  });

  it('is not looked at elsewhere, such as in the fault queue', () => assert.deepEqual(played({ changes: [[0x20_0000n, 1n]] }), []));
});
