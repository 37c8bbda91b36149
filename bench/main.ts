/** `npm run bench [-- --json] [word ...]`: every measurement of this folder, or of the files whose names contain one of the words. */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import type { Row } from './row';

/** A file of measurements. */
interface Measurements {
  readonly rows?: () => Promise<readonly Row[]>;
}

// Not `import()`: under ts-node that loads no TypeScript on Node 20.
const load = createRequire(__filename);

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals: words } = parseArgs({
    args: [...argv],
    options: { json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const files = readdirSync(__dirname)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'main.ts')
    .filter((name) => words.length === 0 || words.some((word) => name.includes(word)));
  const rows: Row[] = [];
  for (const name of files) {
    const { rows: measure } = load(`./${name}`) as Measurements;
    const measured = (await measure?.()) ?? [];
    rows.push(...measured);
    if (!values.json) for (const row of measured) console.log(line(row));
  }
  if (values.json) console.log(JSON.stringify({ rows }, null, 2));
  if (rows.length > 0) return 0;
  console.error(`no measurement is named ${words.join(' or ')}; name one of: ${readdirSync(__dirname).join(' ')}`);
  return 2;
}

const NAME_WIDTH = 58;
const VALUE_WIDTH = 10;

/** Three digits say all that a measurement knows. */
const shown = (value: number): string => (value >= 1000 ? value.toFixed(0) : value.toPrecision(3));

function line({ name, value, unit, ratio }: Row): string {
  const compared = ratio === undefined ? '' : `${shown(ratio)} x`;
  return `${name.padEnd(NAME_WIDTH)}${shown(value).padStart(VALUE_WIDTH)} ${unit.padEnd(12)}${compared.padStart(VALUE_WIDTH)}`.trimEnd();
}

void main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  },
);
