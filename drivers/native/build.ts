/**
 * Drivers in C and Rust made into WebAssembly modules and programs. What is made is kept under the name of everything that it is made
 * from, so that nothing is made twice and nothing is ever stale.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { makeFolder } from '#drivers/make-folder';
import { UsageError } from '#drivers/usage';
import { applyEdit, DRIVERS } from '../mutants/edited';
import type { Edit } from '../mutants/mutant';
import { tool, WASM_TARGET } from './tools';
import type { ToolName } from './tools';

export const FORMS = ['wasm', 'stdio'] as const;
/** A module for `wasm:`, or a program for `stdio:`. */
export type NativeForm = (typeof FORMS)[number];

export interface NativeSource {
  readonly language: 'c' | 'rust';
  /** Where its sources are, below drivers/. */
  readonly folder: string;
}

interface Step {
  readonly tool: ToolName;
  readonly args: readonly string[];
}

/** What a form is made with. Paths are below drivers/, and `OUT/` is where results go. */
interface Recipe {
  readonly needs: readonly ToolName[];
  readonly steps: (folder: string, sources: readonly string[]) => readonly Step[];
  /** Folders of the SDK that it is made from. */
  readonly sdk: readonly string[];
  readonly result: string;
}

const WARNINGS = ['-Wall', '-Wextra', '-Werror'] as const;
const C_FLAGS = ['-std=c11', '-O2', ...WARNINGS, '-Isdk/include'] as const;
const RUST_FLAGS = ['--edition', '2021', '-C', 'opt-level=2', '-C', 'panic=abort', '--remap-path-prefix', '=.'] as const;
const STDIO_RUNTIME = 'sdk/stdio/iommu_tck_stdio.c';
const WASM_C_FLAGS = ['--target=wasm32', '-mbulk-memory', '-mmutable-globals', '-ffreestanding', '-nostdlib'] as const;
/** A stack of one page: memory is set up anew for each scenario. */
const WASM_LINK = ['--export=__stack_pointer', '--strip-all', '-zstack-size=65536'] as const;

const isC = (file: string): boolean => file.endsWith('.c');

const rust = (folder: string, target: readonly string[], type: string, out: string, more: readonly string[] = []): readonly Step[] => [
  {
    tool: 'rustc',
    args: [
      ...RUST_FLAGS,
      ...target,
      '--crate-type',
      'rlib',
      '--crate-name',
      'iommu_tck',
      '-o',
      'OUT/libiommu_tck.rlib',
      'sdk/rust/src/lib.rs',
    ],
  },
  {
    tool: 'rustc',
    args: [
      ...RUST_FLAGS,
      ...target,
      '--crate-type',
      type,
      '--extern',
      'iommu_tck=OUT/libiommu_tck.rlib',
      ...more,
      '-o',
      out,
      `${folder}/src/lib.rs`,
    ],
  },
];

const RECIPES: Readonly<Record<NativeSource['language'], Readonly<Record<NativeForm, Recipe>>>> = {
  c: {
    wasm: {
      needs: ['clang', 'wasm-ld'],
      sdk: ['sdk/include'],
      result: 'driver.wasm',
      steps: (_folder, sources) => [
        {
          tool: 'clang',
          args: [
            ...WASM_C_FLAGS,
            ...C_FLAGS,
            '-Wl,--no-entry',
            ...WASM_LINK.map((flag) => `-Wl,${flag}`),
            '-o',
            'OUT/driver.wasm',
            ...sources.filter(isC),
          ],
        },
      ],
    },
    stdio: {
      needs: ['clang'],
      sdk: ['sdk/include', 'sdk/stdio'],
      result: 'driver',
      steps: (_folder, sources) => [{ tool: 'clang', args: [...C_FLAGS, '-o', 'OUT/driver', ...sources.filter(isC), STDIO_RUNTIME] }],
    },
  },
  rust: {
    wasm: {
      needs: ['rustc', 'wasm-ld'],
      sdk: ['sdk/rust/src'],
      result: 'driver.wasm',
      steps: (folder) =>
        rust(folder, ['--target', WASM_TARGET], 'cdylib', 'OUT/driver.wasm', [
          '-C',
          'linker=wasm-ld',
          '-C',
          'target-feature=+bulk-memory,+mutable-globals',
          ...WASM_LINK.flatMap((flag) => ['-C', `link-arg=${flag}`]),
        ]),
    },
    stdio: {
      needs: ['rustc', 'clang'],
      sdk: ['sdk/rust/src', 'sdk/include', 'sdk/stdio'],
      result: 'driver',
      steps: (folder) => [
        ...rust(folder, [], 'staticlib', 'OUT/libdriver.a'),
        {
          tool: 'clang',
          args: [
            ...C_FLAGS,
            '-o',
            'OUT/driver',
            STDIO_RUNTIME,
            '-Wl,--whole-archive',
            'OUT/libdriver.a',
            '-Wl,--no-whole-archive',
            '-Wl,--gc-sections',
          ],
        },
      ],
    },
  },
};

/** Why a form of a driver cannot be made on this machine, with what to type; undefined when it can. */
export function missingFor({ language }: NativeSource, form: NativeForm): string | undefined {
  return missingOf(RECIPES[language][form].needs);
}

/** Why a project in a language cannot be built by its Makefile, in both forms. */
export const missingForProject = (language: NativeSource['language']): string | undefined =>
  missingOf(['make', ...new Set(FORMS.flatMap((form) => RECIPES[language][form].needs))]);

function missingOf(needs: readonly ToolName[]): string | undefined {
  const missing = needs.map(tool).filter(({ found }) => found === undefined);
  if (missing.length === 0) return undefined;
  return `${missing.map(({ name }) => name).join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing: ${missing.map(({ hint }) => hint).join('; ')}`;
}

/**
 * @param edits Places in its sources that are changed first.
 * @returns The path of what was made. Throws `UsageError` when a compiler is missing, and an `Error` when it refuses.
 */
export function build(name: string, source: NativeSource, form: NativeForm, edits: readonly Edit[] = []): string {
  const missing = missingFor(source, form);
  if (missing !== undefined) throw new UsageError(`${name}: ${missing}`);
  const recipe = RECIPES[source.language][form];
  const own = filesIn(source.folder);
  const files = new Map([...own, ...recipe.sdk.flatMap(filesIn)].map((file) => [file, textOf(file, edits)]));
  const steps = recipe.steps(source.folder, own);
  const kept = join(cache(), `${keyOf(files, steps)}-${recipe.result}`);
  if (!existsSync(kept)) make(name, files, steps, recipe.result, kept);
  // It is kept for a week from its last use on.
  else utimesSync(kept, new Date(), new Date());
  return kept;
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(join(DRIVERS, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:c|h|rs)$/.test(entry.name))
    .map(({ parentPath, name }) =>
      join(parentPath, name)
        .slice(DRIVERS.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}

const textOf = (file: string, edits: readonly Edit[]): string =>
  edits.filter((edit) => edit.file === file).reduce(applyEdit, readFileSync(join(DRIVERS, file), 'utf8'));

function keyOf(files: ReadonlyMap<string, string>, steps: readonly Step[]): string {
  const hash = createHash('sha256');
  for (const [file, text] of files) hash.update(`${file}\0${text}\0`);
  for (const { tool: name, args } of steps) hash.update(JSON.stringify([name, tool(name).found, args]));
  return hash.digest('hex').slice(0, 32);
}

const DAYS_KEPT = 7;
const DAY_MS = 86_400_000;

function cache(): string {
  const named = process.env['XDG_CACHE_HOME'];
  // As the base directory specification says: one that is empty or relative counts as none.
  const folder = join(named !== undefined && isAbsolute(named) ? named : join(homedir() || tmpdir(), '.cache'), 'iommu-tck');
  try {
    makeFolder(folder);
  } catch (error) {
    throw new UsageError(`what is built cannot be kept: ${(error as Error).message}; name a folder in XDG_CACHE_HOME`);
  }
  return folder;
}

/** Makes it beside the cache, and puts it there whole. */
function make(name: string, files: ReadonlyMap<string, string>, steps: readonly Step[], result: string, kept: string): void {
  tidy();
  const folder = mkdtempSync(join(cache(), 'build-'));
  try {
    for (const [file, text] of files) {
      mkdirSync(join(folder, dirname(file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
    mkdirSync(join(folder, 'OUT'));
    for (const { tool: needed, args } of steps) {
      const { status, stderr, error } = spawnSync(tool(needed).found!.program, args, { cwd: folder, encoding: 'utf8' });
      if (status !== 0) throw new Error(`${name} cannot be built: ${error?.message ?? firstError(stderr)}`);
    }
    renameSync(join(folder, 'OUT', result), kept);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What nobody has asked for in a week, and what an interrupted build has left. */
function tidy(): void {
  for (const entry of readdirSync(cache())) {
    const path = join(cache(), entry);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > DAYS_KEPT * DAY_MS) rmSync(path, { recursive: true, force: true });
  }
}

/** The first error that a compiler names, with the file: rustc has it on the line below. */
function firstError(stderr: string): string {
  const lines = stderr.split('\n');
  const at = lines.findIndex((line) => /\berror\b/.test(line));
  const [, place] = /^\s*--> (\S+)/.exec(lines[at + 1] ?? '') ?? [];
  return `${place === undefined ? '' : `${place}: `}${lines[Math.max(at, 0)] ?? ''}`;
}
