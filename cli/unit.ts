/**
 * `npm run unit [-- [--seed <n>|random] word ...]`: the unit tests (`*.test.ts`) whose paths contain one of the words, all of them
 * without words. One process loads every file: starting a process per file costs more than most files' tests.
 *
 * Laws meet the cases of one seed, so that nothing but a change decides whether they hold; another seed looks further.
 */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { parseArgs } from 'node:util';
import * as fc from 'fast-check';

const SEED = '1';
const SEEDS = 0x7fff_ffff;

const NOT_SOURCE: readonly string[] = ['node_modules', 'dist'];

/** Test files in the source folders of `root`, as paths relative to it, in order of their names. */
function testFiles(root: string): readonly string[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !NOT_SOURCE.includes(entry.name))
    .flatMap(({ name }) => readdirSync(join(root, name), { recursive: true, encoding: 'utf8' }).map((path) => join(name, path)))
    .filter((path) => path.endsWith('.test.ts'))
    .sort();
}

// Not `import()`: under ts-node that loads no TypeScript on Node 20.
const load = createRequire(__filename);

const { values, positionals: words } = parseArgs({ options: { seed: { type: 'string', default: SEED } }, allowPositionals: true });
const seed = values.seed === 'random' ? Math.floor(Math.random() * SEEDS) : Number(values.seed);
if (!Number.isSafeInteger(seed)) throw new RangeError(`--seed takes a whole number or random, not ${values.seed}`);
fc.configureGlobal({ seed });
console.log(`laws: --seed ${seed}`);

const chosen = testFiles('.').filter((path) => words.length === 0 || words.some((word) => path.includes(word)));
if (chosen.length === 0) {
  console.error(`no test file's path contains ${words.join(' or ')}`);
  process.exitCode = 1;
}
for (const path of chosen) {
  try {
    load(resolve(path));
  } catch (error) {
    // A file that does not load is one failed test, and the others still run.
    void test(path, () => {
      throw error;
    });
  }
}
