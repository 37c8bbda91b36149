import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { assert } from 'chai';
import { BUNDLED, REFERENCES } from '#drivers/bundled';
import { baselineOf, bundledJobs, jobsOf } from './drivers';

async function refusal(asked: () => unknown): Promise<string> {
  try {
    await asked();
  } catch (error) {
    return String(error);
  }
  return 'nothing was refused';
}

describe('jobs', () => {
  it('are one for each mode', async () => {
    assert.deepEqual(jobsOf('toy+promised', ['lazy', 'seeded:1']), [
      { driver: 'toy+promised', mode: 'lazy', trust: 'ours' },
      { driver: 'toy+promised', mode: 'seeded:1', trust: 'ours' },
    ]);
  });

  it('do not look into a file: what is in it is not ours', async () => {
    assert.deepEqual(jobsOf('./no/such.ts', ['eager']), [{ driver: './no/such.ts', mode: 'eager', trust: 'foreign' }]);
  });

  it('are refused for a name that nothing has', async () => {
    assert.match(
      await refusal(() => jobsOf('tou', ['eager'])),
      /no driver is called "tou"; bundled are toy, .*; a file is named by its path/,
    );
    assert.match(await refusal(() => jobsOf('toy+twice', ['eager'])), /no form is called "twice"; forms are promised, serialised/);
    assert.match(await refusal(() => jobsOf('toy!fine', ['eager'])), /toy has no mutant "fine"; type iommu-tck mutants --driver toy/);
  });

  it('run every bundled driver, and the references in every kind of mode', () => {
    const all = bundledJobs();
    for (const name of BUNDLED) {
      const modes = all.filter(({ driver }) => driver === name).map(({ mode }) => mode);
      assert.deepEqual(modes, REFERENCES.includes(name) ? ['eager', 'lazy', 'seeded:1'] : ['eager'], name);
    }
  });
});

describe('baselineOf', () => {
  const folder = mkdtempSync(join(tmpdir(), 'iommu-tck-'));
  after(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, `${name}.expected.json`), text);
    return join(folder, `${name}.ts`);
  };

  it('reads what stands beside a file', async () => {
    const expected = [{ rule: 'A-1', message: 'no', mode: 'lazy' }];
    assert.deepEqual(await baselineOf(write('mine', JSON.stringify(expected))), expected);
    assert.deepEqual(await baselineOf(`${join(folder, 'mine.ts')}+serialised`), expected);
    assert.deepEqual(await baselineOf(join(folder, 'other.ts')), []);
  });

  it('expects nothing of a reference, and nothing of a mutant', async () => {
    assert.deepEqual(await baselineOf('toy'), []);
    assert.deepEqual(await baselineOf('toy!no-locks'), []);
  });

  it('refuses what is no baseline, naming file and field', async () => {
    assert.match(await refusal(() => baselineOf(write('broken', '['))), /broken\.expected\.json: is no JSON/);
    assert.match(await refusal(() => baselineOf(write('wrong', '[{ "rule": "A-1" }]'))), /wrong\.expected\.json: 0\.message: missing/);
  });
});
