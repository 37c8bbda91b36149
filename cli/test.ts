/** `npm test [-- name ...]`: every check of the project, or those whose names contain one of the words given. */
import { runChecks } from '#cli/checks';
import type { Check } from '#cli/checks';

/** In the order in which a mistake is cheapest to find. */
const CHECKS: readonly Check[] = [
  { name: 'format', command: 'prettier --check --log-level warn .' },
  { name: 'types', command: 'tsc -p tsconfig.check.json' },
  { name: 'types of the build', command: 'tsc -p tsconfig.build.json --noEmit' },
  { name: 'lint', command: 'eslint --max-warnings 0 .' },
  { name: 'feature lint', command: 'node --require ts-node/register cli/lint-features.ts' },
  { name: 'registers', command: 'node --require ts-node/register cli/registers.ts --check' },
  { name: 'unit tests', command: 'node --require ts-node/register --test-reporter=spec cli/unit.ts', counts: true, minutes: 30 },
  { name: 'features', command: 'cucumber-js', counts: true },
  { name: 'rules have scenarios', command: 'node bin/iommu-tck.js rules --strict' },
  { name: 'conformance', command: 'node bin/iommu-tck.js matrix' },
  { name: 'mutants', command: 'node bin/iommu-tck.js mutants' },
];

async function main(words: readonly string[]): Promise<number> {
  const chosen = words.length === 0 ? CHECKS : CHECKS.filter(({ name }) => words.some((word) => name.includes(word)));
  if (chosen.length === 0) {
    console.error(`no check is named ${words.join(' or ')}; name one of: ${CHECKS.map(({ name }) => name).join(', ')}`);
    return 2;
  }
  const { passed, failed } = await runChecks(chosen, (text) => process.stdout.write(text));
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
