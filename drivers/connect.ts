/** A driver from its name as people type it. Wrong input is refused with one line that says what is wrong and what to type. */
import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { promised } from './adapters/promised';
import { serialised } from './adapters/serialised';
import { loadStdio } from './adapters/stdio/load';
import { loadWasm } from './adapters/wasm/load';
import { BUNDLED, bundled } from './bundled';
import { parseConnectable } from './connectable';
import type { Connectable } from './connectable';
import type { DriverModule } from './contract/driver';
import { loadFile } from './load';
import { checkModule } from './module';
import { MUTANTS } from './mutants/mutants';
import type { Mutant } from './mutants/mutant';
import { mutate } from './mutants/mutate';
import { FORMS as NATIVE_FORMS } from './native/build';
import type { NativeForm } from './native/build';
import { isNative, loadNative, missingTools, NATIVE_NAMES } from './native/drivers';
import { UsageError } from './usage';

/** Another way to the same driver. */
const FORMS: Readonly<Record<string, (module: DriverModule) => DriverModule>> = { promised, serialised };

let last: { readonly name: string; readonly module: DriverModule } | undefined;

/** The driver that was connected last, if it is the one that is asked for: its program is not begun twice. */
export const connected = async (name: string): Promise<DriverModule> => (last?.name === name ? last.module : connect(name));

/** Loaded anew. Throws `UsageError`. */
export async function connect(name: string): Promise<DriverModule> {
  const module = await fresh(name);
  last = { name, module };
  return module;
}

async function fresh(name: string): Promise<DriverModule> {
  const named = parseConnectable(name);
  checkName(named, name);
  const mutant = named.mutant === undefined ? undefined : mutantOf(named, named.mutant);
  const module = await load(named, mutant);
  const wrap = FORMS[named.form ?? ''];
  return wrap === undefined ? module : wrap(module);
}

/**
 * What can be refused without loading anything: names, forms and mutants that are not there, and compilers that are missing. Throws
 * `UsageError`.
 * @param name As the person typed it.
 */
export function checkName(named: Connectable, name: string): void {
  const { scheme, what, form, mutant } = named;
  const native = scheme === undefined && isNative(what);
  const forms = [...Object.keys(FORMS), ...(native ? NATIVE_FORMS : [])];
  if (form !== undefined && !forms.includes(form))
    throw new UsageError(`"${name}": no form is called "${form}"; forms are ${forms.join(', ')}`);
  if (mutant !== undefined) mutantOf(named, mutant);
  const missing = native ? missingTools(what, formOf(named)) : undefined;
  if (missing !== undefined) throw new UsageError(`${name}: ${missing}`);
  if (scheme === undefined && !native && !BUNDLED.includes(what) && !/[./\\]/.test(what))
    throw new UsageError(
      `no driver is called "${what}"; bundled are ${[...BUNDLED, ...NATIVE_NAMES].join(', ')}; a file is named by its path, like ./${what}.ts`,
    );
}

const formOf = ({ form }: Connectable): NativeForm => (form === 'stdio' ? 'stdio' : 'wasm');

async function load(named: Connectable, mutant: Mutant | undefined): Promise<DriverModule> {
  if (named.scheme === undefined && isNative(named.what)) return loadNative(named.what, formOf(named), mutant?.edits);
  const module = await plain(named);
  return mutant === undefined ? module : mutate(module, mutant);
}

async function plain({ scheme, what }: Connectable): Promise<DriverModule> {
  if (scheme === 'wasm') return loadWasm(existing(what), `wasm:${what}`);
  if (scheme === 'stdio') return loadStdio(what);
  return (await bundled(what)) ?? loadModule(what);
}

async function loadModule(file: string): Promise<DriverModule> {
  const path = existing(file);
  if (path.endsWith('.wasm')) throw new UsageError(`${file}: a WebAssembly module is named wasm:${file}`);
  if (!/\.[cm]?[jt]s$/.test(path))
    throw new UsageError(`${file}: is no TypeScript or JavaScript; a WebAssembly module is named wasm:<file>, a program stdio:<command>`);
  let loaded: unknown;
  try {
    loaded = await loadFile(path);
  } catch (error) {
    throw new UsageError(`${file}: cannot be loaded: ${whyNot(error)}`);
  }
  return checkModule(file, loaded);
}

function existing(file: string): string {
  const path = resolve(file);
  if (!existsSync(path)) throw new UsageError(`${file}: there is no such file`);
  return path;
}

/** The first line of an error, and where in which file its author finds the mistake, as far as the error says so. */
function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [first = ''] = error.message.split('\n', 1);
  // swc draws the place below its message; Node puts it before the stack of a SyntaxError.
  const [, file, line] = /,-\[(.*):(\d+):\d+\]$/m.exec(error.message) ?? /^(.*):(\d+)$/m.exec((error.stack ?? '').split('\n', 1)[0]!) ?? [];
  return file === undefined ? first : `${relative('', file)}:${line}: ${first.replace(/^\s*x /, '')}`;
}

function mutantOf({ scheme, what }: Connectable, id: string): Mutant {
  const mutant = MUTANTS.find((candidate) => scheme === undefined && candidate.of === what && candidate.id === id);
  if (mutant === undefined) throw new UsageError(`${what} has no mutant "${id}"; type iommu-tck mutants --driver ${what} to see them`);
  return mutant;
}
