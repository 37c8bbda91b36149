/** A module that does something wrong: one clear verdict, or one clear refusal, and the run goes on. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { assert } from 'chai';
import { connect } from '#drivers/connect';
import { assemble } from '#drivers/adapters/testdata/wat';
import { watOf } from '#cli/testdata/wasm';
import type { Parts } from '#cli/testdata/wasm';
import { Bad } from '#cli/testdata/bad-drivers';

const folder = mkdtempSync(join(tmpdir(), 'iommu-tck-'));
after(() => rmSync(folder, { recursive: true }));

/** Its connectable. */
async function written(name: string, parts: Parts): Promise<string> {
  const path = join(folder, `${name}.wasm`);
  writeFileSync(path, await assemble(watOf(parts)));
  return `wasm:${path}`;
}

describe('a WebAssembly driver that fails in a call', () => {
  const faults: Readonly<Record<string, readonly [attach: string, message: string]>> = {
    traps: ['unreachable', 'in attach(d2, A), the driver trapped: unreachable'],
    overflows: ['(drop (i32.div_s (i32.const 1) (i32.const 0)))', 'in attach(d2, A), the driver trapped: divide by zero'],
    loops: ['(loop $again (br $again))', 'in "the driver attaches d2 to A", the driver did not answer within 2 s'],
    grabs: [
      '(loop $again (drop (memory.grow (i32.const 256))) (memory.fill (i32.const 131072) (i32.const 1) (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 131072))) (br $again))',
      'in "the driver attaches d2 to A", the driver did not answer within 2 s',
    ],
    points: ['(call $lock (i32.const -4))', 'in attach(d2, A), the driver passed tck_lock: name at 0xfffffffc, where no text is'],
    requests: [
      '(i32.store (i32.const 80) (i32.const 99)) (drop (call $page_alloc (i32.const 64) (i32.const 8)))',
      'in attach(d2, A), the driver passed 99 as tck_page_alloc: request.kind, which is no page kind',
    ],
    'answers-with-too-many': ['(return (i32.const 2147483647))', 'in attach(d2, A), the driver returned 2147483647 from iommu_attach'],
    answers: [
      '(return (i32.const 7))',
      'in attach(d2, A), the driver returned 7 from iommu_attach, which is neither 0 nor an errno of the contract below 0',
    ],
    refuses: ['(return (i32.const -1000))', 'in attach(d2, A), the driver returned -1000 from iommu_attach'],
  };
  let bad: Bad;
  before(async () => {
    const names = await Promise.all(Object.entries(faults).map(([name, [attach]]) => written(name, { attach })));
    bad = await Bad.run(names, folder);
  });

  for (const [name, [, message]] of Object.entries(faults)) {
    it(`is broken there and nowhere else: ${name}`, () => {
      const verdicts = bad.of((driver) => driver.endsWith(`/${name}.wasm`));
      assert.deepEqual([verdicts['before']?.verdict, verdicts['call']?.verdict], ['kept', 'broken']);
      assert.include(verdicts['call']?.message, message);
      assert.notStrictEqual(verdicts['after']?.verdict, 'harness-error');
    });
  }
});

describe('a module that is no driver', () => {
  const refused: Readonly<Record<string, readonly [parts: Parts, message: string]>> = {
    'without an export': [{ without: ['driver_stop'] }, 'it does not export driver_stop, which every driver has'],
    'with an export of another type': [
      { instead: { iommu_attach: '(func (export "iommu_attach") (param i32 i32) (result i32) i32.const 0)' } },
      'it exports iommu_attach as (i32, i32) -> i32, which is (i32, i32, i32) -> i32',
    ],
    'with a name that is nearly right': [
      { instead: { iommu_attach: '(func (export "iommu_atach") (param i32 i32 i32) (result i32) i32.const 0)' } },
      'it exports iommu_atach, which is no method of the contract',
    ],
    'with a table that fills the memory of the suite': [
      { imports: '', memory: '(table 10000000 funcref) (memory (export "memory") 2)' },
      'it begins with a table of 10000000 entries, and a driver may have 65536',
    ],
    'that wants files': [
      { imports: '(import "wasi_snapshot_preview1" "path_open" (func (param i32) (result i32)))' },
      'it imports path_open from "wasi_snapshot_preview1"; a driver has iommu_tck_1 and nothing else',
    ],
    'of another version': [
      { imports: '(import "iommu_tck_2" "tck_cpu" (func (result i32)))' },
      'it imports tck_cpu from "iommu_tck_2"; a driver has iommu_tck_1',
    ],
    'that imports what is not there': [
      { imports: '(import "iommu_tck_1" "tck_format" (func))' },
      'it imports tck_format, which iommu_tck_1 does not have',
    ],
    'that imports in another type': [
      { imports: '(import "iommu_tck_1" "tck_cpu" (func (result i64)))' },
      'it imports tck_cpu as () -> i64, which is () -> i32',
    ],
    'without memory': [{ memory: '(memory 2)' }, 'it exports no memory'],
    'whose memory cannot grow': [{ memory: '(memory (export "memory") 2 2)' }, 'cannot be asked for its manifest'],
    'with more memory than a driver may have': [
      { memory: '(memory (export "memory") 2000)' },
      'it begins with 125 MiB of memory, and a driver may have 64',
    ],
    'whose manifest is no JSON': [{ manifest: '{ name: wat }' }, 'driver.manifest: is no JSON'],
    'whose manifest says nothing': [{ manifest: '{}' }, 'driver.manifest.name'],
  };
  for (const [what, [parts, message]] of Object.entries(refused)) {
    it(`is refused with one line: ${what}`, async () => {
      const name = await written(what.replaceAll(' ', '-'), parts);
      const said = await connect(name).then(
        () => 'it was accepted',
        (error: unknown) => String(error),
      );
      assert.include(said, `UsageError: ${name}: `);
      assert.include(said, message);
      assert.notInclude(said, '\n');
    });
  }

  it('is refused with one line: that is none', async () => {
    const said = await connect('wasm:README.md').then(
      () => 'it was accepted',
      (error: unknown) => String(error),
    );
    assert.match(said, /^UsageError: wasm:README\.md: is no WebAssembly module: /);
  });
});
