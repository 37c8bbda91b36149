/** `npm test [-- name ...]`: every check of the project, or those whose names contain one of the words given. */
import { runChecks } from '#cli/checks';
import type { Check } from '#cli/checks';
import { REFERENCE_MODES } from '#cli/conformance/drivers';
import { MUTANTS } from '#drivers/mutants/mutants';
import type { NativeForm } from '#drivers/native/build';
import { isNative, missingTools, NATIVE_NAMES } from '#drivers/native/drivers';

/** Drivers in TypeScript that have mutants. */
const MUTATED = [...new Set(MUTANTS.map(({ of }) => of))].filter((name) => !isNative(name));

/** In the order in which a mistake is cheapest to find. */
const CHECKS: readonly Check[] = [
  { name: 'format', command: 'prettier --check --log-level warn .' },
  { name: 'types', command: 'tsc -p tsconfig.check.json' },
  { name: 'types of the build', command: 'tsc -p tsconfig.build.json --noEmit' },
  { name: 'lint', command: 'eslint --max-warnings 0 .' },
  { name: 'feature lint', command: 'node --require ts-node/register cli/lint-features.ts' },
  { name: 'registers', command: 'node --require ts-node/register cli/registers.ts --check' },
  { name: 'SDK', command: 'node --require ts-node/register cli/sdk.ts --check' },
  { name: 'unit tests', command: 'node --require ts-node/register --test-reporter=spec cli/unit.ts', counts: true, minutes: 30 },
  { name: 'features', command: 'cucumber-js', counts: true },
  { name: 'rules have scenarios', command: 'node bin/iommu-tck.js rules --strict' },
  { name: 'conformance', command: 'node bin/iommu-tck.js matrix' },
  { name: 'mutants', command: `node bin/iommu-tck.js mutants ${MUTATED.map((name) => `--driver ${name}`).join(' ')}` },
  ...NATIVE_NAMES.flatMap(nativeChecks),
];

/** A driver in another language keeps what the reference keeps, in both of its forms and every kind of mode, and so do its mutants. */
function nativeChecks(name: string): readonly Check[] {
  const modes = REFERENCE_MODES.map((mode) => `--mode ${mode}`).join(' ');
  const form = (driver: string, target: NativeForm): Check => ({
    name: driver,
    command: `node bin/iommu-tck.js run --driver ${driver} ${modes} --out reports/output/${driver}`,
    unless: () => missingTools(name, target),
  });
  return [
    form(name, 'wasm'),
    form(`${name}+stdio`, 'stdio'),
    { name: `mutants of ${name}`, command: `node bin/iommu-tck.js mutants --driver ${name}`, unless: () => missingTools(name, 'wasm') },
  ];
}

async function main(words: readonly string[]): Promise<number> {
  const chosen = words.length === 0 ? CHECKS : CHECKS.filter(({ name }) => words.some((word) => name.includes(word)));
  const unknown = words.filter((word) => !CHECKS.some(({ name }) => name.includes(word)));
  if (unknown.length > 0) {
    const names = CHECKS.map(({ name }) => name).join(', ');
    console.error(`no check is named ${unknown.join(' or ')}; name one of: ${names}; a file of unit tests: npm run unit -- ${unknown[0]}`);
    return 2;
  }
  const { passed, failed, skipped = 0 } = await runChecks(chosen, (text) => process.stdout.write(text));
  if (skipped > 0) console.log(`${skipped} ${skipped === 1 ? 'check' : 'checks'} skipped: npx iommu-tck doctor`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
