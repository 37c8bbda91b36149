import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, describe, it } from 'node:test';
import { assert } from 'chai';
import { connect } from '#drivers/connect';
import type { DriverModule } from '#drivers/contract/driver';
import { HARDWARE } from '#drivers/contract/manifest';
import { missingForProject } from '#drivers/native/build';
import { tool } from '#drivers/native/tools';
import { UsageError } from '#drivers/usage';
import { readPickles } from '#reports/ledger/ledger';
import { compiler, play } from '#steps/loop';
import { newDriver } from '#cli/commands/new-driver';
import { EXIT } from '#cli/exit-code';
import { FEATURES } from '#cli/root';

const rustc = tool('rustc').found?.program ?? 'rustc';
const OTHER_RUSTC = rustc === 'rustc' ? '' : ` RUSTC=${rustc}`;

const folder = mkdtempSync(join(tmpdir(), 'iommu-tck-'));
after(() => rmSync(folder, { recursive: true }));

/** What the command answers, and what it says on both streams. */
function made(target: string, lang: string, system: string): { readonly code: number; readonly stdout: string; readonly stderr: string } {
  const said = { stdout: '', stderr: '' };
  const writes = { stdout: process.stdout.write, stderr: process.stderr.write };
  for (const name of ['stdout', 'stderr'] as const)
    process[name].write = (text: string | Uint8Array) => {
      said[name] += String(text);
      return true;
    };
  try {
    return { code: newDriver(target, { lang, system }), ...said };
  } finally {
    for (const name of ['stdout', 'stderr'] as const) process[name].write = writes[name];
  }
}

const filesIn = (path: string): readonly string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(path.length + 1))
    .sort();

const SDK = ['iommu_tck.h', 'iommu_tck_stdio.c', 'iommu_tck_tables.h', 'json.h', 'values.h'];
const RUST_SDK = ['abi.rs', 'lib.rs', 'mutex.rs', 'platform.rs', 'refusal.rs'];

/** The files that every project in a language has. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  ts: ['README.md', 'driver.ts'],
  c: ['.gitignore', 'Makefile', 'README.md', 'driver.c', ...SDK.map((file) => `iommu_tck/${file}`)],
  rust: [
    '.gitignore',
    'Makefile',
    'README.md',
    'src/lib.rs',
    ...RUST_SDK.map((file) => `iommu_tck/src/${file}`),
    ...SDK.map((file) => `iommu_tck/stdio/${file}`),
  ],
};

const compile = compiler();
const SCENARIOS = readPickles(FEATURES)
  .filter(({ tags }) => !tags.includes('@heavy'))
  .map(compile);

/** How many scenarios end in which way. */
async function verdictsOf(module: DriverModule): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = { kept: 0, broken: 0, 'harness-error': 0 };
  for (const scenario of SCENARIOS) {
    const { verdict } = await play(scenario, module, 'eager');
    counts[verdict] = (counts[verdict] ?? 0) + 1;
  }
  return counts;
}

/** It runs, keeps something by chance, and breaks the rest. */
async function assertRuns(driver: string, name: string, system: string): Promise<void> {
  const module = await connect(driver);
  assert.deepEqual([module.manifest.name, module.manifest.hardware], [name, system as (typeof HARDWARE)[number]]);
  const { kept, broken, 'harness-error': errors } = await verdictsOf(module);
  assert.strictEqual(errors, 0);
  assert.isAbove(kept!, 0);
  assert.isAbove(broken!, kept!);
}

for (const system of HARDWARE) {
  describe(`a new driver for ${system}`, () => {
    for (const [lang, files] of Object.entries(FILES)) {
      it(`in ${lang} is written, and named as its folder is`, () => {
        const name = `${lang}.${system}-driver`;
        const target = join(folder, name);
        const { code, stdout, stderr } = made(target, lang, system);
        const missing = lang === 'ts' ? undefined : missingForProject(lang as 'c' | 'rust');
        assert.deepEqual([code, stderr], [EXIT.kept, missing === undefined ? '' : `iommu-tck: ${missing}\n`]);
        assert.includeMembers([...filesIn(target)], [...files]);
        const opened = files.find((file) => /(?:driver\.ts|driver\.c|src\/lib\.rs)$/.test(file))!;
        const text = readFileSync(join(target, opened), 'utf8');
        assert.include(text, name);
        assert.notInclude(text, 'my-driver');
        assert.include(stdout, join(target, opened));
        const drivers = lang === 'ts' ? ['driver.ts'] : ['wasm:driver.wasm', 'stdio:driver'];
        const shown = drivers.map((driver) => driver.replace(/[^:]*$/, (file) => `${target}/${file}`));
        const build = lang === 'ts' ? [] : [`  make -C ${target}${lang === 'rust' ? OTHER_RUSTC : ''}`];
        assert.include(stdout, ['', ...build, ...shown.map((driver) => `  npx iommu-tck run --driver ${driver}`), ''].join('\n'));
      });
    }

    it('in ts loads and runs', async () => {
      const name = `${system}-runs`;
      made(join(folder, name), 'ts', system);
      await assertRuns(join(folder, name, 'driver.ts'), name, system);
    });

    for (const language of ['c', 'rust'] as const) {
      const skip = missingForProject(language) ?? false;
      it(`in ${language} is built by make, and runs`, { skip }, async () => {
        const name = `${system}-${language}`;
        const target = join(folder, name);
        made(target, language, system);
        const { status, stderr } = spawnSync('make', ['-C', target, `RUSTC=${tool('rustc').found?.program}`], { encoding: 'utf8' });
        assert.deepEqual([status, stderr], [0, '']);
        await assertRuns(`wasm:${join(target, 'driver.wasm')}`, name, system);
        const { manifest } = await connect(`stdio:${join(target, 'driver')}`);
        assert.strictEqual(manifest.name, name);
      });
    }
  });
}

describe('the name of a new driver', () => {
  it('has what a manifest may have', async () => {
    const target = join(folder, "it's my driver");
    const { stdout } = made(target, 'ts', 'toy');
    assert.strictEqual((await connect(join(target, 'driver.ts'))).manifest.name, 'it-s-my-driver');
    assert.include(stdout, `  npx iommu-tck run --driver '${folder}/it'\\''s my driver'/driver.ts\n`);
  });

  it('is that of a folder below the one it is called from, too', () => {
    const below = relative('', join(folder, 'below', 'deeper'));
    const { stdout } = made(below, 'c', 'toy');
    assert.include(stdout, `  make -C ${below}\n`);
    assert.include(readFileSync(join(folder, 'below', 'deeper', 'driver.c'), 'utf8'), '\\"deeper\\"');
  });

  it('is that of an empty folder', () => {
    const target = join(folder, 'empty');
    mkdirSync(target);
    assert.strictEqual(made(target, 'ts', 'pkvm').code, EXIT.kept);
    assert.include(filesIn(target), 'driver.ts');
  });
});

describe('a new driver that cannot be', () => {
  const file = join(folder, 'file');
  const full = join(folder, 'full');
  const none = join(folder, 'none');
  writeFileSync(file, 'text');
  mkdirSync(full);
  writeFileSync(join(full, 'file'), 'text');

  const NEW = 'name a folder that does not exist yet';
  const NO_LANGUAGE = 'there is no such choice; use one of: ts c rust';
  const NO_SYSTEM = 'there is no such choice; use one of: pkvm riscv toy vtd';
  const REFUSED: readonly (readonly [what: string, target: string, lang: string, system: string, message: string])[] = [
    ['in an unknown language', none, 'zig', 'toy', `--lang zig: ${NO_LANGUAGE}`],
    ['in a language that every object has', none, 'constructor', 'toy', `--lang constructor: ${NO_LANGUAGE}`],
    ['for an unknown system', none, 'c', 'vt-d', `--system vt-d: ${NO_SYSTEM}`],
    ['for what templates have in common', none, 'c', 'common', `--system common: ${NO_SYSTEM}`],
    ['in a folder that is not empty', full, 'c', 'toy', `${full}: is not empty; ${NEW}`],
    ['in a file', file, 'c', 'toy', `${file}: is a file; ${NEW}`],
  ];
  function refusal(target: string, lang: string, system: string): string {
    try {
      made(target, lang, system);
    } catch (error) {
      assert.instanceOf(error, UsageError);
      return error.message;
    }
    throw new Error('it was accepted');
  }

  for (const [what, target, lang, system, message] of REFUSED) {
    it(`is refused, and nothing is written: ${what}`, () => {
      assert.strictEqual(refusal(target, lang, system), message);
      assert.isFalse(existsSync(none));
      assert.deepEqual([readFileSync(file, 'utf8'), ...readdirSync(full)], ['text', 'file']);
    });
  }

  it('is refused in one line below a file', () => {
    const below = join(file, 'below');
    const message = refusal(below, 'c', 'toy');
    assert.isTrue(message.startsWith(`${below}: `), message);
    assert.notInclude(message, '\n');
  });
});
