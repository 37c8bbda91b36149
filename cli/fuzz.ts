/**
 * `npm run fuzz [-- --cases <n>] [--seed <n>] [word ...]`: random cases for every property that is listed here, or for those whose names
 * contain one of the words. A case that fails is made small and shown with its seed; the exit code is 1 then.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as fc from 'fast-check';
import { ROOT } from './root';

/** Files of properties, without their extension, by what they are about: each exports `PROPERTIES`. */
const SOURCES = {
  'riscv-iommu': 'hw-models/riscv-iommu/testdata/properties',
  'smmu-v3': 'hw-models/smmu-v3/testdata/properties',
  vtd: 'hw-models/vtd/testdata/properties',
  drivers: 'cli/testdata/user-data',
} as const;

type Property = fc.IProperty<[unknown]> | fc.IAsyncProperty<[unknown]>;

/** One property, and its name with what it is about. */
interface Named {
  readonly name: string;
  readonly property: Property;
}

const CASES = 100_000;
/** Cases between two lines of progress. */
const PORTION = 1000;
const SEEDS = 0x7fff_ffff;

// Not `import()`: under ts-node that loads no TypeScript on Node 20. Nor an import: what is published has no properties.
const load = createRequire(__filename);

const all = (): Named[] =>
  Object.entries(SOURCES).flatMap(([about, source]) => {
    const { PROPERTIES } = load(join(ROOT, source)) as { readonly PROPERTIES: Readonly<Record<string, Property>> };
    return Object.entries(PROPERTIES).map(([name, property]) => ({ name: `${about}: ${name}`, property }));
  });

function whole(option: string, value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 0) throw new RangeError(`--${option} takes a whole number, not ${value}`);
  return number;
}

/** @returns How many cases were run, or undefined after one that failed. */
async function fuzz({ name, property }: Named, cases: number, seed: number): Promise<number | undefined> {
  const began = performance.now();
  for (let done = 0; done < cases; done += PORTION) {
    const numRuns = Math.min(PORTION, cases - done);
    const details = await fc.check(property, { numRuns, seed: (seed + done) % SEEDS });
    if (details.failed) {
      process.stdout.write('\n');
      console.error(`${name} failed; again: npm run fuzz -- --cases ${PORTION} --seed ${details.seed} '${name}'`);
      console.error(fc.defaultReportMessage(details));
      console.error(details.errorInstance);
      return undefined;
    }
    progress(name, done + numRuns, cases, performance.now() - began);
  }
  process.stdout.write('\n');
  return cases;
}

/** On a terminal one line that grows, elsewhere the last one alone. */
function progress(name: string, done: number, cases: number, ms: number): void {
  if (!process.stdout.isTTY && done < cases) return;
  const line = `${name}: ${done} of ${cases} cases, ${((done * 1000) / ms).toFixed(0)} a second`;
  process.stdout.write(process.stdout.isTTY ? `\r${line}` : line);
}

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals: words } = parseArgs({
    args: [...argv],
    options: { cases: { type: 'string', default: String(CASES) }, seed: { type: 'string' } },
    allowPositionals: true,
  });
  const seed = values.seed === undefined ? Math.floor(Math.random() * SEEDS) : whole('seed', values.seed);
  const known = all();
  const chosen = known.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
  if (chosen.length === 0) {
    console.error(`no property's name contains ${words.join(' or ')}; name one of: ${known.map(({ name }) => name).join('; ')}`);
    return 2;
  }
  console.log(`--seed ${seed}`);
  const share = Math.ceil(whole('cases', values.cases) / chosen.length);
  let total = 0;
  let failed = 0;
  for (const one of chosen) {
    const cases = await fuzz(one, share, seed);
    if (cases === undefined) failed++;
    else total += cases;
  }
  console.log(`${total} cases passed${failed > 0 ? `, ${failed} ${failed === 1 ? 'property' : 'properties'} failed` : ''}`);
  return failed > 0 ? 1 : 0;
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  },
);
