/** What docs/adding-a-driver.md shows is what happens. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { assert } from 'chai';
import type { RunAnswer } from '#reports/run';
import { ROOT } from '#cli/root';

const output = join(ROOT, 'reports', 'output');
mkdirSync(output, { recursive: true });
// Below the project's root, where its imports resolve.
const folder = mkdtempSync(join(output, 'tutorial-'));
after(() => rmSync(folder, { recursive: true }));

const page = readFileSync(join(ROOT, 'docs', 'adding-a-driver.md'), 'utf8');

describe('the smallest driver of docs/adding-a-driver.md', () => {
  let verdicts: RunAnswer['drivers'][number]['verdicts'];
  before(async () => {
    const driver = join(folder, 'my-driver.ts');
    writeFileSync(driver, /^```ts\n(.*?)^```$/ms.exec(page)![1]!);
    const said = await new Promise<string>((resolve) => {
      execFile(
        process.execPath,
        ['bin/iommu-tck.js', 'run', '--driver', driver, '--json', '--out', folder],
        { cwd: ROOT, maxBuffer: 1 << 24 },
        (_error, stdout) => resolve(stdout),
      );
    });
    verdicts = (JSON.parse(said) as RunAnswer).drivers[0]!.verdicts;
  });

  it('passes the first feature', () => {
    const first = [...readFileSync(join(ROOT, 'features/common/01-mapping.feature'), 'utf8').matchAll(/@rule:(\S+)/g)].map(([, id]) => id!);
    assert.isAbove(first.length, 3);
    assert.deepEqual(
      first.map((id) => `${id} ${verdicts.find(({ rule }) => rule === id)?.verdict}`),
      first.map((id) => `${id} kept`),
    );
  });

  it('breaks and keeps as many rules as the page says', () => {
    const count = (kind: string): number => verdicts.filter(({ verdict }) => verdict === kind).length;
    const summary = `${count('broken')} broken, ${count('kept')} kept, ${count('not-applicable')} not applicable`;
    assert.include(page.match(/^\.\/my-driver\.ts \(toy; eager\): .*$/gm) ?? [], `./my-driver.ts (toy; eager): ${summary}`);
  });
});
