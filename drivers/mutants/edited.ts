/** A driver's module loaded with edits in its sources, beside the unedited one. */
import { readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { register, REGISTER_INSTANCE, type Service } from 'ts-node';
import type { Edit } from './mutant';

/** The sources: the published package has them beside what was compiled. */
export const DRIVERS = __filename.endsWith('.ts') ? resolve(__dirname, '..') : resolve(__dirname, '..', '..', '..', 'drivers');
const compiled = new Map<string, string>();

const compiler = (): Service => process[REGISTER_INSTANCE] ?? register({ project: join(DRIVERS, '..', 'tsconfig.json') });

/** The source with an edit made. Throws when the place is not there exactly once: a mutant must not rot unnoticed. */
export function applyEdit(source: string, { file, find, replace }: Edit): string {
  const words = find
    .trim()
    .split(/\s+/)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(words.join('\\s+'), 'g');
  const matches = source.match(pattern)?.length ?? 0;
  if (matches !== 1) throw new Error(`edit of drivers/${file}: "${find}" is there ${matches} times, expected once`);
  return source.replace(pattern, () => replace);
}

/**
 * What `entry` exports when its driver's folder is loaded afresh with the edits.
 * @param entry Below drivers/, like `toy/driver.ts`.
 */
export function loadEdited(entry: string, edits: readonly Edit[]): unknown {
  const folders = new Set([dirname(entry), ...edits.map(({ file }) => dirname(file))]);
  const loaded = new Map<string, LoadedModule>();

  const isOurs = (path: string): boolean => path.endsWith('.ts') && folders.has(dirname(relative(DRIVERS, path)).split(sep).join('/'));

  const load = (path: string): unknown => {
    const known = loaded.get(path);
    if (known !== undefined) return known.exports;
    const module = new Module(path) as LoadedModule;
    module.filename = path;
    module.paths = require.main?.paths ?? [];
    loaded.set(path, module);
    const requireHere = createRequire(path);
    module.require = ((id: string) => {
      const found = resolveFrom(requireHere, path, id);
      return isOurs(found) ? load(found) : (requireHere(id) as unknown);
    }) as NodeJS.Require;
    module._compile(codeOf(path, edits), `${path}?edited`);
    return module.exports;
  };
  return load(join(DRIVERS, entry));
}

interface LoadedModule extends NodeJS.Module {
  _compile(code: string, file: string): void;
}

function codeOf(path: string, edits: readonly Edit[]): string {
  const file = relative(DRIVERS, path).split(sep).join('/');
  const mine = edits.filter((edit) => edit.file === file);
  const cached = compiled.get(path);
  if (mine.length === 0 && cached !== undefined) return cached;
  const source = mine.reduce(applyEdit, readFileSync(path, 'utf8'));
  const code = compiler().compile(source, path);
  if (mine.length === 0) compiled.set(path, code);
  return code;
}

function resolveFrom(requireHere: NodeJS.Require, path: string, id: string): string {
  try {
    return requireHere.resolve(id);
  } catch {
    return requireHere.resolve(`${resolve(dirname(path), id)}.ts`);
  }
}
