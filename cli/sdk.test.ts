import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { assert } from 'chai';
import { EXPORTS, IMPORTS, MANIFEST_EXPORT } from '#drivers/adapters/abi/names';
import { missingFor } from '#drivers/native/build';
import { ROOT } from '#cli/root';
import { MADE, main } from '#cli/sdk';

const HEADER = 'drivers/sdk/include/iommu_tck.h';
const BINDINGS = 'drivers/sdk/rust/src/abi.rs';

describe('the SDKs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'iommu-tck-'));
  after(() => rmSync(folder, { recursive: true }));

  const said: string[] = [];
  const run = (root: string, check: boolean): 0 | 1 => main(root, check, (line) => said.push(line));
  const stale = (file: string): string => `${file} is not what the contract says: npm run sdk`;

  beforeEach(() => {
    said.length = 0;
    for (const file of Object.keys(MADE)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      cpSync(join(ROOT, file), join(folder, file));
    }
  });

  it('are what the contract says', () => {
    assert.strictEqual(run(ROOT, true), 0);
    assert.deepEqual(said, []);
  });

  it('are stale until they are written', () => {
    const path = join(folder, HEADER);
    writeFileSync(path, readFileSync(path, 'utf8').replace('#define TCK_ABI_VERSION 1\n', ''));
    const edited = readFileSync(path, 'utf8');
    assert.strictEqual(run(folder, true), 1);
    assert.strictEqual(readFileSync(path, 'utf8'), edited, 'a check writes nothing');
    assert.strictEqual(run(folder, false), 0);
    assert.strictEqual(readFileSync(path, 'utf8'), readFileSync(join(ROOT, HEADER), 'utf8'));
    assert.strictEqual(run(folder, true), 0);
    assert.deepEqual(said, [stale(HEADER), `wrote ${HEADER}`]);
  });

  it('are stale where they are not there, and each is named', () => {
    const empty = join(folder, 'empty');
    assert.strictEqual(run(empty, true), 1);
    assert.isFalse(existsSync(empty), 'a check writes nothing');
    assert.deepEqual(said, Object.keys(MADE).map(stale));
    assert.strictEqual(run(empty, false), 0);
    for (const file of Object.keys(MADE))
      assert.strictEqual(readFileSync(join(empty, file), 'utf8'), readFileSync(join(ROOT, file), 'utf8'));
    rmSync(empty, { recursive: true });
  });
});

describe('every function of the contract', () => {
  const occurrences = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;
  const imports = IMPORTS.map(({ name }) => name);
  const exports = [MANIFEST_EXPORT, ...EXPORTS.map(({ name }) => name)];

  it('has a name of its own', () => {
    const all = [...imports, ...exports];
    assert.strictEqual(new Set(all).size, all.length);
  });

  it('stands in the header once', () => {
    const header = readFileSync(join(ROOT, HEADER), 'utf8');
    const counts = ([attribute, names]: readonly [string, readonly string[]]): readonly (readonly [string, number])[] =>
      names.map((name) => [name, occurrences(header, new RegExp(`^${attribute}\\(${name}\\) .*\\b${name}\\(.*\\);$`, 'gm'))]);
    const wrong = [...counts(['TCK_IMPORT', imports]), ...counts(['TCK_EXPORT', exports])].filter(([, count]) => count !== 1);
    assert.deepEqual(wrong, []);
    assert.strictEqual(occurrences(header, /^TCK_IMPORT\(/gm), imports.length);
    assert.strictEqual(occurrences(header, /^TCK_EXPORT\(/gm), exports.length);
  });

  it('stands in the Rust bindings once', () => {
    const bindings = readFileSync(join(ROOT, BINDINGS), 'utf8');
    const counts = (names: readonly string[], before: string, behind: string): readonly (readonly [string, number])[] =>
      names.map((name) => [name, occurrences(bindings, new RegExp(`${before} ${name}${behind}`, 'g'))]);
    const wrong = [...counts(imports, 'pub fn', '\\('), ...counts(exports, 'pub type', ' =')].filter(([, count]) => count !== 1);
    assert.deepEqual(wrong, []);
    assert.strictEqual(occurrences(bindings, /\bpub fn /g), imports.length);
    assert.strictEqual(occurrences(bindings, /\bpub type /g), exports.length);
  });
});

describe('the header', { skip: missingFor({ language: 'c', folder: '' }, 'stdio') ?? false }, () => {
  const STANDARDS: readonly (readonly [language: string, standard: string])[] = [
    ['c', 'c11'],
    ['c++', 'c++17'],
  ];
  for (const [language, standard] of STANDARDS) {
    it(`compiles as ${standard}, also where it is included twice`, () => {
      const args = ['-x', language, `-std=${standard}`, '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-fsyntax-only'];
      const { status, stderr } = spawnSync('clang', [...args, `-I${join(ROOT, dirname(HEADER))}`, '-'], {
        input: '#include "iommu_tck.h"\n#include "iommu_tck.h"\nint main(void) { return TCK_ABI_VERSION - 1; }\n',
        encoding: 'utf8',
      });
      assert.strictEqual(stderr, '');
      assert.strictEqual(status, 0);
    });
  }
});
