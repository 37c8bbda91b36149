/** The toy driver as a process that does one thing wrong, when d2 is attached or as its argument says. */
import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { driver } from '#drivers/toy/driver';
import { send, serve, write } from './serve';
import type { Faults } from './serve';

const MEBIBYTE = 2 ** 20;

const plain = ({ id }: { readonly id: number }, result: unknown): string => `${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`;

const FAULTS: Readonly<Record<string, Faults>> = {
  none: {},
  hangs: {
    before: () => {
      for (;;);
    },
  },
  exits: { before: () => process.exit(3) },
  'is-ended': { before: () => process.kill(process.pid, 'SIGSEGV') },
  'answers-twice': { answer: (request, result) => write(plain(request, result) + plain(request, result)) },
  'answers-before': { answer: ({ id }, result) => send({ id: id + 1, result }) },
  'answers-an-error': { answer: ({ id }) => send({ id, error: { code: -32000, message: 'out of cheese' } }) },
  'splits-a-line': {
    answer: (request, result) => {
      for (const byte of Buffer.from(plain(request, result))) write(Uint8Array.of(byte));
    },
  },
  'long-line': {
    answer: () => {
      const part = Buffer.alloc(MEBIBYTE, 'x');
      for (let sent = 0; sent < 100; sent++) write(part);
    },
  },
  'no-utf8': { answer: () => write(Uint8Array.of(0x7b, 0xff, 0xfe, 0x0a)) },
  'no-json': { before: () => write('attaching d2\n') },
  'no-message': { before: () => write('{"attaching": 2}\n') },
  'noise-before-hello': { hello: () => write('my driver, version 3\n') },
  'closes-stdin': {
    before: () => {
      closeSync(0);
      send({ id: 9003, method: 'platform.now', params: [] });
      for (;;);
    },
  },
  'calls-late': {
    answer: (request, result) => write(plain(request, result) + '{"jsonrpc":"2.0","id":9000,"method":"platform.read64","params":["0x0"]}\n'),
  },
  'calls-what-is-not': { before: () => send({ id: 9001, method: 'platform.format', params: [] }) },
  'calls-with-rubbish': { before: () => send({ id: 9002, method: 'platform.write64', params: ['0x1000', -1] }) },
  'writes-elsewhere': { before: () => send({ method: 'platform.write64', params: ['0x123456000', '0x1'] }) },
  'other-version': { hello: () => write('{"jsonrpc":"2.0","id":1,"result":{"protocol":2,"manifest":{}}}\n') },
  'no-manifest': { hello: () => write('{"jsonrpc":"2.0","id":1,"result":{"protocol":1,"manifest":{"name":"x"}}}\n') },
  'answers-null-error': { answer: ({ id }) => send({ id, result: { ok: true, value: null }, error: null }) },
  'method-is-no-text': { before: () => send({ method: { name: 'platform.barrier' }, params: [] }) },
  'id-is-text': { before: () => send({ id: '1', method: 'platform.now', params: [] }) },
  'long-error': { answer: ({ id }) => send({ id, error: { code: -32000, message: 'cheese '.repeat(100_000) } }) },
  'hello-is-an-error': { hello: () => write('{"jsonrpc":"2.0","id":1,"error":null}\n') },
  'says-more-at-the-end': { end: () => write('bye\n') },
  'says-hello-late': {
    hello: () => {
      for (const end = Date.now() + 3300; Date.now() < end;);
    },
    before: () => process.exit(5),
  },
  'leaves-a-child': { before: () => void spawn('sleep', ['6174'], { stdio: 'ignore' }) },
  'begins-another': {
    before: () => {
      spawn('sleep', ['6173'], { stdio: 'ignore' });
      process.exit(4);
    },
  },
};

const fault = FAULTS[process.argv[2] ?? ''];
if (fault === undefined) throw new RangeError(`no fault is called ${process.argv[2]}`);
serve(driver, fault, ({ method, params: [device] }) => method === 'iommu.attach' && device === 2);
