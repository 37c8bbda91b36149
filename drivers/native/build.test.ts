import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { assert } from 'chai';
import { UsageError } from '#drivers/usage';
import { DRIVERS, loadEdited } from '../mutants/edited';
import { edit } from '../mutants/mutant';
import type { Edit } from '../mutants/mutant';
import { build, FORMS, missingFor } from './build';
import type { NativeForm, NativeSource } from './build';

const folder = mkdtempSync(join(tmpdir(), 'iommu-tck-'));
const CACHE = join(folder, 'iommu-tck');

/** What is set while these tests run, and what was set before. */
const was: Readonly<Record<string, string | undefined>> = { XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'], PATH: process.env['PATH'] };
function restore(name: string): void {
  const before = was[name];
  if (before === undefined) delete process.env[name];
  else process.env[name] = before;
}

before(() => {
  process.env['XDG_CACHE_HOME'] = folder;
});
after(() => {
  restore('XDG_CACHE_HOME');
  rmSync(folder, { recursive: true });
});

interface Example extends NativeSource {
  readonly file: string;
  /** Words that are in the file once: before a declaration, and in the driver's name. */
  readonly declares: string;
  readonly name: string;
}

const EXAMPLES: readonly Example[] = [
  {
    language: 'c',
    folder: 'templates/toy/c',
    file: 'templates/toy/c/driver.c',
    declares: 'int32_t driver_stop',
    name: '\\"name\\": \\"my-driver\\"',
  },
  {
    language: 'rust',
    folder: 'templates/toy/rust',
    file: 'templates/toy/rust/src/lib.rs',
    declares: 'pub extern "C" fn driver_stop',
    name: '"my-driver"',
  },
];

function refusal(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was accepted');
}

for (const source of EXAMPLES)
  for (const form of FORMS) {
    it(`a driver in ${source.language} is built once, for ${form}`, { skip: missingFor(source, form) ?? false }, () => {
      const path = build('one', source, form);
      const { ino } = statSync(path);
      assert.strictEqual(dirname(path), CACHE);
      assert.match(basename(path), form === 'wasm' ? /^[0-9a-f]{32}-driver\.wasm$/ : /^[0-9a-f]{32}-driver$/);
      assert.strictEqual(build('one', source, form), path);
      assert.strictEqual(statSync(path).ino, ino);
      assert.lengthOf(
        readdirSync(CACHE).filter((name) => name.startsWith('build-')),
        0,
      );
    });
  }

for (const source of EXAMPLES) {
  const { file, name, declares } = source;
  describe(`a driver in ${source.language} that is edited`, { skip: missingFor(source, 'wasm') ?? false }, () => {
    const built = (edits: readonly Edit[] = []): string => build('one', source, 'wasm', edits);

    it('is another file, and its source stays', () => {
      const text = readFileSync(join(DRIVERS, file), 'utf8');
      const paths = [built(), built(edit(file, name, name.replace('my-driver', 'other')))];
      assert.notStrictEqual(paths[1], paths[0]);
      assert.deepEqual(
        paths.map((path) => readFileSync(path, 'latin1').includes('my-driver')),
        [true, false],
      );
      assert.strictEqual(readFileSync(join(DRIVERS, file), 'utf8'), text);
    });

    it('is refused by the compiler in one line, which names the file', () => {
      const { message } = refusal(() => built(edit(file, declares, `nonsense ${declares}`)));
      assert.match(message, /^one cannot be built: [^\n]+$/);
      assert.include(message, file);
    });

    it('is not built where the edit does not fit', () => {
      const { message } = refusal(() => built(edit(file, 'not there', '')));
      assert.strictEqual(message, `edit of drivers/${file}: "not there" is there 0 times, expected once`);
    });
  });
}

describe('what was built', { skip: missingFor({ language: 'c', folder: '' }, 'wasm') ?? false }, () => {
  const [source] = EXAMPLES as readonly [Example, ...Example[]];
  const { file, name } = source;

  it('is thrown away after a week, when something else is built', () => {
    const [old, young] = [join(CACHE, 'build-left'), join(CACHE, 'build-begun')];
    build('one', source, 'wasm');
    const day = 86_400;
    for (const [path, days] of [
      [old, 8],
      [young, 6],
    ] as const) {
      writeFileSync(path, '');
      utimesSync(path, Date.now() / 1000 - days * day, Date.now() / 1000 - days * day);
    }
    build('one', source, 'wasm', edit(file, name, name.replace('my-driver', 'weekly')));
    assert.includeMembers(readdirSync(CACHE), ['build-begun']);
    assert.notInclude(readdirSync(CACHE), 'build-left');
    rmSync(young);
  });
});

describe('a driver without compilers', () => {
  const source: NativeSource = { language: 'c', folder: 'templates/toy/c' };
  const MISSING: Readonly<Record<NativeForm, string>> = {
    wasm: 'clang and wasm-ld are missing: apt-get install clang; apt-get install lld',
    stdio: 'clang is missing: apt-get install clang',
  };
  for (const form of FORMS) {
    it(`is refused with what to type, for ${form}`, () => {
      // Loaded afresh: compilers are looked for once.
      const bare = loadEdited('native/build.ts', []) as { readonly build: typeof build; readonly missingFor: typeof missingFor };
      process.env['PATH'] = folder;
      try {
        assert.strictEqual(bare.missingFor(source, form), MISSING[form]);
        const refused = refusal(() => bare.build('one', source, form));
        assert.instanceOf(refused, UsageError);
        assert.strictEqual(refused.message, `one: ${MISSING[form]}`);
      } finally {
        restore('PATH');
      }
    });
  }
});
