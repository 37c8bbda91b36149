/** `iommu-tck new-driver`: a small project that builds, runs, and breaks most rules. */
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { makeFolder } from '#drivers/make-folder';
import { missingForProject } from '#drivers/native/build';
import { tool } from '#drivers/native/tools';
import { UsageError } from '#drivers/usage';
import { quoted } from '#reports/shell';
import { complain } from '#cli/complain';
import { EXIT } from '#cli/exit-code';
import type { ExitCode } from '#cli/exit-code';
import { ROOT } from '#cli/root';
import { say } from '#cli/terminal';

export interface NewDriverOptions {
  readonly lang: string;
  readonly system: string;
}

const TEMPLATES = join(ROOT, 'drivers', 'templates');
const SDK = join(ROOT, 'drivers', 'sdk');
/** What the templates have in common, by language. */
const COMMON = 'common';

interface Language {
  readonly name: string;
  /** The file that a person opens first. */
  readonly opens: string;
  /** Where parts of the SDK go, below the project. */
  readonly sdk: Readonly<Record<string, string>>;
  /** How it is built. */
  readonly build?: (folder: string) => string;
  /** What `--driver` names, from the folder of the project on. */
  readonly drivers: readonly (readonly [scheme: string, file: string])[];
}

const NATIVE_DRIVERS = [
  ['wasm:', 'driver.wasm'],
  ['stdio:', 'driver'],
] as const;

const LANGUAGES: Readonly<Record<string, Language>> = {
  ts: { name: 'TypeScript', opens: 'driver.ts', sdk: {}, drivers: [['', 'driver.ts']] },
  c: {
    name: 'C',
    opens: 'driver.c',
    sdk: { include: 'iommu_tck', stdio: 'iommu_tck' },
    build: (folder) => `make -C ${folder}`,
    drivers: NATIVE_DRIVERS,
  },
  rust: {
    name: 'Rust',
    opens: 'src/lib.rs',
    sdk: { rust: 'iommu_tck', include: 'iommu_tck/stdio', stdio: 'iommu_tck/stdio' },
    build: (folder) => `make -C ${folder}${otherRustc()}`,
    drivers: NATIVE_DRIVERS,
  },
};

/** The compiler that has the target, where it is not the first on the path. */
function otherRustc(): string {
  const program = tool('rustc').found?.program ?? 'rustc';
  return program === 'rustc' ? '' : ` RUSTC=${program}`;
}

/** Throws `UsageError`, and has written nothing then. */
export function newDriver(folder: string, { lang, system }: NewDriverOptions): ExitCode {
  const language = chosen('--lang', lang, LANGUAGES);
  const systems = Object.fromEntries(systemsOf().map((name) => [name, name]));
  chosen('--system', system, systems);
  const target = resolve(folder);
  checkTarget(folder, target);
  const name = nameOf(target);
  try {
    makeFolder(target);
  } catch (error) {
    throw new UsageError(`${folder}: cannot be made: ${(error as Error).message}; name another folder`);
  }
  const common = join(TEMPLATES, COMMON, lang);
  if (existsSync(common)) cpSync(common, target, { recursive: true });
  for (const [part, place] of Object.entries(language.sdk)) cpSync(join(SDK, part), join(target, place), { recursive: true });
  cpSync(join(TEMPLATES, system, lang), target, { recursive: true });
  const hidden = join(target, 'gitignore');
  if (existsSync(hidden)) renameSync(hidden, join(target, '.gitignore'));
  rename(join(target, language.opens), name, target);
  say(`${folder}: a driver in ${language.name} for ${system}; it breaks most rules until ${join(folder, language.opens)} is filled in`);
  say(nextSteps(folder, language).join('\n'));
  const missing = lang === 'c' || lang === 'rust' ? missingForProject(lang) : undefined;
  if (missing !== undefined) complain(missing);
  return EXIT.kept;
}

const systemsOf = (): readonly string[] => readdirSync(TEMPLATES).filter((name) => name !== COMMON);

function chosen<T>(option: string, value: string, choices: Readonly<Record<string, T>>): T {
  if (!Object.hasOwn(choices, value))
    throw new UsageError(`${option} ${value}: there is no such choice; use one of: ${Object.keys(choices).join(' ')}`);
  return choices[value]!;
}

/** A folder that is not there, or an empty one. */
function checkTarget(folder: string, target: string): void {
  if (/[+!]/.test(target)) throw new UsageError(`${folder}: a path with + or ! names no driver; name another folder`);
  const there = statSync(existing(target));
  if (!existsSync(target)) {
    if (there.isDirectory()) return;
    throw new UsageError(`${folder}: lies below a file; name another folder`);
  }
  if (!there.isDirectory()) throw new UsageError(`${folder}: is a file; name a folder that does not exist yet`);
  if (readdirSync(target).length > 0) throw new UsageError(`${folder}: is not empty; name a folder that does not exist yet`);
}

/** The folder, or the nearest above it that is there. */
function existing(target: string): string {
  const above = dirname(target);
  return existsSync(target) || above === target ? target : existing(above);
}

/** A name that a manifest may have. */
const nameOf = (target: string): string => basename(target).replaceAll(/[^\w.-]/g, '-') || 'my-driver';

/** The driver is called as its folder is, and a TypeScript module finds the types of the contract from where it lies. */
function rename(file: string, name: string, target: string): void {
  const suite = relative(target, ROOT).split('\\').join('/');
  const from = suite.startsWith('.') ? suite : `./${suite}`;
  const text = readFileSync(file, 'utf8').replace('my-driver', name).replaceAll("'#drivers/", `'${from}/drivers/`);
  writeFileSync(file, text);
}

function nextSteps(folder: string, { build, drivers }: Language): readonly string[] {
  const path = folder.startsWith('/') || folder.startsWith('.') ? quoted(folder) : `./${quoted(folder)}`;
  const runs = drivers.map(([scheme, file]) => `  npx iommu-tck run --driver ${scheme}${path}/${file}`);
  return ['', ...(build === undefined ? [] : [`  ${build(quoted(folder))}`]), ...runs];
}
