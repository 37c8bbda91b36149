import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { assert } from 'chai';
import { OK, RECORD, REQUEST, SAMPLE } from './testdata/stand-in';
import { configurationOf, linesOf } from './vectors';
import type { Line } from './vectors';

const folder = mkdtempSync(join(tmpdir(), 'iommu-tck-'));
after(() => rmSync(folder, { recursive: true }));

let files = 0;
function written(content: string | Uint8Array, extension = 'jsonl'): string {
  const file = join(folder, `${++files}.${extension}`);
  writeFileSync(file, content);
  return file;
}

async function read(file: string): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for await (const line of linesOf(file)) lines.push(line);
  return lines;
}

/** The message of a `UsageError`, without the folder of these tests. */
async function refused(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    assert.strictEqual((error as Error).name, 'UsageError');
    return (error as Error).message.replace(`${folder}/`, '');
  }
  return 'not refused';
}

describe('the lines of a file', () => {
  it('are numbered; blank ones are passed over, and the last needs no end', async () => {
    assert.deepEqual(await read(written('one\r\n\n  \ntwo\nthree')), [
      { number: 1, text: 'one\r' },
      { number: 4, text: 'two' },
      { number: 5, text: 'three' },
    ]);
  });

  it('are unpacked', async () => {
    const text = Array.from({ length: 20_000 }, (_, index) => `line ${index} é`);
    const lines = await read(written(gzipSync(text.join('\n')), 'jsonl.gz'));
    assert.deepEqual(
      lines.map((line) => line.text),
      text,
    );
  });

  it('of nothing are none', async () => assert.deepEqual(await read(written('')), []));

  const packed = gzipSync(Array.from({ length: 5000 }, () => Math.random()).join('\n'));
  const broken: readonly (readonly [string, () => string, RegExp])[] = [
    ['that is not there', () => join(folder, 'none.jsonl'), /^none\.jsonl: there is no such file; name a file of vectors/],
    ['in a file that is none', () => join(written(''), 'x'), /x: there is no such file; name a file of vectors/],
    [
      'that is a folder',
      () => {
        mkdirSync(join(folder, 'folder.gz'));
        return join(folder, 'folder.gz');
      },
      /^folder\.gz: is no regular file; name a file of vectors/,
    ],
    [
      'that is cut off',
      () => written(packed.subarray(0, packed.length / 2), 'gz'),
      /\.gz:\d{3,}: cannot be read: unexpected end of file; type /,
    ],
    ['that is not gzipped', () => written('{}', 'gz'), /\.gz:1: cannot be read: incorrect header check; type iommu-tck replay --help/],
    [
      'that is gzipped and damaged',
      () => written(packed.fill(0, 30, 60), 'gz'),
      /\.gz:\d+: cannot be read: .+; type iommu-tck replay --help/,
    ],
    ['that is no text', () => written(Uint8Array.of(0x0a, 0xff, 0xfe)), /\.jsonl:\d: cannot be read: .*not valid.*; type /],
    ['that ends within a character', () => written(Uint8Array.of(0x0a, 0xc3)), /\.jsonl:2: cannot be read: .*not valid.*; type /],
    ['without line ends', () => written(Buffer.alloc(17 * 1024 * 1024, 'a')), /\.jsonl:1: cannot be read: is longer than \d+ characters/],
  ];
  for (const [what, file, message] of broken)
    it(`of a file ${what} are refused`, async () => assert.match(await refused(() => read(file())), message));
});

describe('a configuration', () => {
  const parsed = (value: unknown): unknown => configurationOf('f.jsonl', { number: 7, text: JSON.stringify(value) });

  const fault = { st: 'ur', cause: 13, iotval: '0x0', iotval2: '0x0' };
  const ats = { st: 'ok', R: 0, W: 0, X: 0, U: 0, Priv: 0, G: 0, CXLio: 0, cause: 13 };
  const good: readonly (readonly [string, object])[] = [
    ['as it stands', {}],
    ['without capabilities', { caps: {} }],
    ['of which nothing is asked', { req: [], rsp: [] }],
    ['with the highest address', { mem: [['0xfffffffffffff8', '0xffffffffffffffff']] }],
    ['with a fault', { rsp: [fault], fq: [RECORD] }],
    ['with ATS', { req: [{ ...REQUEST, at: 'a', nw: 1 }], rsp: [ats] }],
    ['with an interrupt file', { rsp: [{ ...OK, msi: 1, mrif: 1, mrif_addr: '0x7000', mrif_nid: 3 }] }],
    ['with a process', { req: [{ ...REQUEST, pid: '0xfffff', priv: 1 }] }],
    ['with a change', { memafter: [['0x001008', '0x3']] }],
  ];
  for (const [what, changes] of good)
    it(`is taken ${what}`, () => assert.deepEqual(parsed({ ...SAMPLE, ...changes }), { ...SAMPLE, ...changes }));

  const request = (changes: object): object => ({ req: [{ ...REQUEST, ...changes }] });
  const answer = (changes: object): object => ({ rsp: [{ ...OK, ...changes }] });
  const bad: readonly (readonly [string, object, string])[] = [
    ...Object.keys(SAMPLE).map((key) => [`no ${key}`, { [key]: undefined }, `${key}: missing`] as const),
    ['a key too many', { note: 'x' }, 'note: no such field'],
    ['no name', { id: '' }, 'id: is empty'],
    ['a number as name', { id: 1 }, 'id: '],
    ['an unknown capability', { caps: { sv32: 1 } }, 'caps.sv32: no such field'],
    ['half a capability', { caps: { sv39: 0.5 } }, 'caps.sv39: is no integer'],
    ['a capability that is no flag', { caps: { sv39: 2 } }, 'caps.sv39: '],
    ['an address size', { caps: { pas: 57 } }, 'caps.pas: '],
    ['a register without value', { regs: [['ddtp']] }, 'regs.0.1: missing'],
    ['a value too many', { regs: [['ddtp', '0x0', '0x0']] }, 'regs.0.2: no such field'],
    ['a number as word', { mem: [['0x1000', 1]] }, 'mem.0.1: '],
    ['a word in decimal', { mem: [['0x1000', '12']] }, 'mem.0.1: "12" is no hexadecimal number'],
    ['a word that is too long', { mem: [['0x1000', '0x10000000000000000']] }, 'mem.0.1: "0x10000000000000000" is no hexadecimal number'],
    ['an address that is too high', { mem: [['0x100000000000000', '0x0']] }, 'mem.0.0: "0x100000000000000" has more than 56 bits'],
    ['an address between words', { mem: [['0x1004', '0x0']] }, 'mem.0.0: "0x1004" is not aligned to 8 bytes'],
    ['an address twice', { mem: [['0x1000', '0x0'], ['0x01000', '0x1']] }, 'mem has an address twice'], // prettier-ignore
    ['a change elsewhere', { memafter: [['0x2000', '0x1']] }, 'memafter has 0x2000, which is not in mem'],
    ['two changes', { memafter: [['0x1000', '0x1'], ['0x1000', '0x2']] }, 'memafter has an address twice'], // prettier-ignore
    ['a change between words', { memafter: [['0x1001', '0x1']] }, 'memafter.0.0: "0x1001" is not aligned'],
    ['a request without answer', { rsp: [] }, 'req has 1 requests and rsp 0 answers'],
    ['an answer without request', { req: [] }, 'req has 0 requests and rsp 1 answers'],
    ['a device id', request({ did: '0x1000000' }), 'req.0.did: "0x1000000" has more than 24 bits'],
    ['a process id', request({ pid: '0x100000' }), 'req.0.pid: "0x100000" has more than 20 bits'],
    ['privilege without process', request({ priv: 1 }), 'req.0: priv 1 takes a pid'],
    ['an access', request({ acc: 'rw' }), 'req.0.acc: '],
    ['a type', request({ at: 'p' }), 'req.0.at: '],
    ['no-write of no ATS', request({ nw: 1 }), 'req.0: nw 1 takes at "a"'],
    ['a key of a request', request({ len: 4 }), 'req.0.len: no such field'],
    ['a status', answer({ st: 'no' }), 'rsp.0.st: '],
    ['an answer without address', answer({ pa: undefined }), 'rsp.0: pa of an answer with st ok is missing'],
    ['a fault without cause', { rsp: [{ st: 'ur' }] }, 'rsp.0: cause of an answer with st ur is missing'],
    ['an interrupt file without place', answer({ mrif: 1 }), 'rsp.0: mrif_addr and mrif_nid of an answer with st ok is missing'],
    ['a memory type', answer({ pbmt: 3 }), 'rsp.0.pbmt: '],
    ['an answer of ATS to another request', { rsp: [ats] }, 'rsp.0 is not an answer to at "u"'],
    ['another answer to ATS', request({ at: 'a' }), 'rsp.0 is not an answer to at "a"'],
    ['a cause', { fq: [{ ...RECORD, cause: 4096 }] }, 'fq.0.cause: '],
    ['half a record', { fq: [{ cause: 1 }] }, 'fq.0.did: missing'],
  ];
  for (const [what, changes, message] of bad)
    it(`is refused with ${what}`, async () => {
      const said = await refused(() => parsed({ ...SAMPLE, ...changes }));
      assert.match(said, /^f\.jsonl:7: .*; type iommu-tck replay --help for the format$/);
      assert.include(said, message);
    });

  for (const text of ['{"id":', '[]', '3', 'null', '"x"', '{"id":1}}', 'NaN'])
    it(`is refused: ${text}`, async () => assert.match(await refused(() => configurationOf('f', { number: 1, text })), /^f:1: .+; type /));
});
