/** docs/adding-a-driver.md, command by command, from an empty folder: what it shows is what happens. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { assert } from 'chai';
import { missingForProject } from '#drivers/native/build';
import { EXIT } from '#cli/exit-code';
import { ROOT } from '#cli/root';

const page = readFileSync(join(ROOT, 'docs', 'adding-a-driver.md'), 'utf8');
const tutorial = page.slice(0, page.indexOf('## What a driver may do'));

/** What the reader types, what is shown then, and files that are replaced. */
const blocks = [...tutorial.matchAll(/^```(sh|text|c)\n(.*?)^```$/gms)].map(([, kind = '', text = '']) => ({ kind, text }));

const folder = mkdtempSync(join(tmpdir(), 'iommu-tck-tutorial-'));
after(() => rmSync(folder, { recursive: true }));

const tools = join(folder, 'bin');
mkdirSync(tools);
writeFileSync(join(tools, 'npx'), `#!/bin/sh\nshift\nexec '${process.execPath}' '${join(ROOT, 'bin', 'iommu-tck.js')}' "$@"\n`);
chmodSync(join(tools, 'npx'), 0o755);

const OUTCOMES: readonly number[] = [EXIT.kept, EXIT.broken, EXIT.partial];

function type(command: string): Promise<string> {
  const env = { ...process.env, PATH: `${tools}${delimiter}${process.env['PATH']}` };
  return new Promise((resolve) => {
    execFile('sh', ['-c', command], { cwd: folder, env, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code);
      assert.include(OUTCOMES, code, `${command}\n${stdout}${stderr}`);
      resolve(stdout);
    });
  });
}

/** Whether the lines are there in this order; `…` stands for others. */
function assertShown(output: string, shown: string): void {
  const lines = output.split('\n');
  let at = 0;
  for (const line of shown.split('\n')) {
    if (line === '…' || line === '') continue;
    const found = lines.indexOf(line, at);
    assert.isAtLeast(found, at, `"${line}" is not shown in\n${output}`);
    at = found + 1;
  }
}

describe('docs/adding-a-driver.md', { skip: missingForProject('c') ?? false }, () => {
  it('has something to type and to see', () => {
    const count = (kind: string): number => blocks.filter((block) => block.kind === kind).length;
    assert.isAbove(count('sh'), 4);
    assert.isAbove(count('text'), 3);
    assert.strictEqual(count('c'), 1);
  });

  let output = '';
  for (const { kind, text } of blocks) {
    if (kind === 'c') {
      it('has a driver', () => writeFileSync(join(folder, 'my-driver', 'driver.c'), text));
    } else if (kind === 'text') {
      it(`shows ${text.split('\n', 1)[0]}`, () => assertShown(output, text));
    } else {
      for (const command of text.trimEnd().split('\n')) {
        it(command, async () => {
          output = await type(command);
        });
      }
    }
  }
});
