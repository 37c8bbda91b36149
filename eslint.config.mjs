// @ts-check
import { existsSync, readdirSync } from 'node:fs';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * Which folder may import which, besides itself and packages. Targets are prefixes of paths; `<arch>` stands for any folder and
 * `{a,b}` for either. A row that ends in `/*` holds for each sub-folder without a row of its own, which then does not import its
 * neighbours; a folder with such a row keeps its own row for the files directly in it.
 * `types`: as `import type` only. `tests`: from `*.test.ts` only.
 * @type {Readonly<Record<string, { may?: string[], types?: string[], tests?: string[] }>>}
 */
const MAY_IMPORT = {
  features: {},
  'hw-models/core': { tests: ['hw-models/'] },
  'hw-models/*': { may: ['hw-models/core/'] },
  // Values of `result` too: a driver's author reads one file, which passes them on.
  'drivers/contract': { may: ['hw-models/core/{result,bits}'], types: ['hw-models/core/'] },
  'drivers/*': {
    may: [
      'drivers/contract/',
      'drivers/parts/',
      'drivers/mutants/{mutant,edited}',
      'hw-models/core/{result,address,bits}',
      'hw-models/<arch>/{layouts,registers,contexts,commands,descriptors,structures,tables,pte,ste,events,id-registers,fault-record,fault-reasons,queues}',
    ],
    tests: ['hw-models/', 'drivers/connect', 'steps/'],
  },
  // A core above another driver, and drivers that are made of the two.
  'drivers/iommufd': {
    may: ['drivers/contract/', 'drivers/parts/', 'drivers/mutants/{mutant,edited}', 'hw-models/core/{result,bits}'],
    tests: ['drivers/riscv/driver', 'drivers/toy/driver', 'hw-models/', 'steps/'],
  },
  'drivers/iommufd-over': {
    may: ['drivers/iommufd/{driver,suspected}', 'drivers/riscv/driver', 'drivers/vtd/driver'],
    tests: ['steps/'],
  },
  // What reference drivers have in common.
  'drivers/parts': { may: ['drivers/contract/', 'hw-models/core/{result,address,bits}'] },
  // An example may show another way above parts of a reference driver.
  'drivers/examples': {
    may: ['drivers/contract/', 'drivers/parts/', 'drivers/pkvm/', 'drivers/mutants/{mutant,like}', 'hw-models/core/{result,address,bits}'],
    tests: ['hw-models/', 'drivers/connect', 'steps/'],
  },
  // Make a driver of what is not TypeScript: they refuse what cannot be one.
  'drivers/adapters': {
    may: ['drivers/contract/', 'drivers/{module,usage}', 'hw-models/core/result'],
    tests: ['hw-models/', 'drivers/connect', 'drivers/native/tools', 'steps/'],
  },
  'drivers/native': {
    may: ['drivers/contract/', 'drivers/adapters/', 'drivers/mutants/{mutant,edited}', 'drivers/{make-folder,usage}'],
    tests: ['steps/'],
  },
  // Collects what lies beside the drivers.
  'drivers/mutants': { may: ['drivers/'], tests: ['hw-models/', 'steps/'] },
  drivers: { may: ['drivers/', 'hw-models/core/{result,address,bits}'], tests: ['hw-models/', 'steps/'] },
  steps: { may: ['drivers/contract/', 'drivers/connect', 'hw-models/'] },
  reports: {},
  cli: { may: ['hw-models/', 'drivers/', 'steps/', 'reports/', 'bench/'] },
  bench: { may: ['hw-models/', 'drivers/', 'steps/', 'reports/', 'cli/'] },
};

/** Where fields are shifted and masked by hand; everywhere else a declared layout does it. Tests may everywhere. */
const MAY_SHIFT = ['hw-models/core/**', 'hw-models/*/**/{translate,walk,msi,layouts*}.ts', 'hw-models/*/**/layouts/**', 'drivers/**'];

const TESTS = ['**/*.test.ts', '**/*.test-d.ts'];
const FOLDERS = [...new Set(Object.keys(MAY_IMPORT).map((row) => row.replace(/\/.*/, '')))];

/** @param {string} folder */
const entries = (folder) => (existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : []);

/** @param {readonly string[]} paths */
const anyOf = (paths) =>
  `(?:${paths.map((path) => path.replaceAll('<arch>', '[^/]+').replaceAll(/\{(.*?)\}/g, (_, names) => `(?:${names.replaceAll(',', '|')})`)).join('|')})`;

/** The rows of MAY_IMPORT with `/*` replaced by the folders that exist, and the files that each is about. */
const UNITS = Object.entries(MAY_IMPORT).flatMap(([row, rights]) => {
  if (!row.endsWith('/*')) return [{ own: row, files: `${row}/${`${row}/*` in MAY_IMPORT ? '*' : '**/*'}`, ...rights }];
  const top = row.slice(0, -2);
  return entries(top)
    .filter((entry) => entry.isDirectory() && !(`${top}/${entry.name}` in MAY_IMPORT))
    .map(({ name }) => ({ own: `${top}/${name}`, files: `${top}/${name}/**/*`, ...rights }));
});

/**
 * One unit's rights as a rule: an import of another project folder, written `#folder/…` or relative, must begin with an allowed path.
 * @param {string} own @param {readonly string[]} may @param {readonly string[]} types @returns {import('eslint').Linter.RuleEntry}
 */
function importRule(own, may, types) {
  const [top = ''] = own.split('/');
  const free = [`${own}/`, ...may];
  const allowed = [...free, ...types];
  const inTop = allowed.flatMap((path) => (path.startsWith(`${top}/`) ? [path.slice(top.length + 1)] : []));
  const neighbours = entries(top).map(({ name }) => name.replace(/\.ts$/, ''));
  const said = `${own} may import ${['itself', ...may].join(', ')}${types.length > 0 ? `, and types of ${types.join(', ')}` : ''}`;
  return [
    'error',
    {
      patterns: [
        { regex: `^(?:#|(?:\\.\\./)+)(?!${anyOf(allowed)})${anyOf(FOLDERS)}/`, message: said },
        ...(inTop.includes('') || own === top || neighbours.length === 0
          ? []
          : [{ regex: `^(?:\\.\\./)+(?!${anyOf(inTop)})${anyOf(neighbours)}(?:/|$)`, message: said }]),
        ...(types.length === 0
          ? []
          : [{ regex: `^(?:#|(?:\\.\\./)+)(?!${anyOf(free)})${anyOf(types)}`, allowTypeImports: true, message: said }]),
      ],
    },
  ];
}

const layers = UNITS.flatMap(({ own, files, may = [], types = [], tests = [] }) => [
  { files: [`${files}.ts`], rules: { 'no-restricted-imports': importRule(own, may, types) } },
  ...(tests.length === 0
    ? []
    : [{ files: [`${files}.test.ts`], rules: { 'no-restricted-imports': importRule(own, [...may, ...tests], types) } }]),
]);

const NO_STAR = { selector: 'ExportAllDeclaration', message: 'list the names that a folder exports' };
const NO_SHIFT = [
  { selector: 'BinaryExpression[operator=/^(<<|>>>?)$/]', message: 'declare a layout instead of shifting' },
  { selector: 'AssignmentExpression[operator=/^(<<|>>>?)=$/]', message: 'declare a layout instead of shifting' },
  { selector: 'BinaryExpression[operator=/^[&|^]$/] > Literal[raw=/^0x/i]', message: 'declare a layout instead of masking' },
  { selector: 'AssignmentExpression[operator=/^[&|^]=$/] > Literal[raw=/^0x/i]', message: 'declare a layout instead of masking' },
];
const DRIVERS = entries('drivers').flatMap(({ name }) => (name !== 'contract' && existsSync(`drivers/${name}/driver.ts`) ? [name] : []));
const NO_DRIVER_NAME = DRIVERS.map((name) => ({ selector: `Literal[value='${name}']`, message: 'ask for a capability, not for a driver' }));

/** @type {import('eslint').Linter.Config[]} */
const syntax = [
  { files: ['**/*.ts'], rules: { 'no-restricted-syntax': ['error', NO_STAR, ...NO_SHIFT] } },
  { files: [...MAY_SHIFT, ...TESTS], rules: { 'no-restricted-syntax': ['error', NO_STAR] } },
  { files: ['steps/**/*.ts'], ignores: TESTS, rules: { 'no-restricted-syntax': ['error', NO_STAR, ...NO_SHIFT, ...NO_DRIVER_NAME] } },
];

/** `describe(…)` and the like answer promises that only the test runner waits for. */
const TEST_CALLS = {
  from: 'package',
  package: 'node:test',
  name: ['after', 'afterEach', 'before', 'beforeEach', 'describe', 'it', 'suite', 'test'],
};

export default defineConfig(
  { ignores: ['dist/**', 'reports/output/**', '**/golden/**'] },
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafeCalls: [TEST_CALLS] }],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowBoolean: true, allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Fields, layouts and drivers are records of closures, made to be taken apart.
      '@typescript-eslint/unbound-method': 'off',
      // A driver's methods may answer at once or later, so an `async` one without `await` is ordinary.
      '@typescript-eslint/require-await': 'off',
      eqeqeq: 'error',
      'no-restricted-exports': [
        'error',
        { restrictDefaultExports: { direct: true, named: true, defaultFrom: true, namedFrom: true, namespaceFrom: true } },
      ],
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },
  { files: ['**/*.test-d.ts'], rules: { '@typescript-eslint/no-unused-expressions': 'off' } },
  ...layers,
  ...syntax,
  {
    files: ['**/*.{js,cjs,mjs}'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: {
      '@typescript-eslint/no-require-imports': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      'no-restricted-exports': 'off',
    },
  },
);
