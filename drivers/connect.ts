/**
 * A driver's name as people type it: `toy`, `./my-driver.ts`, `toy+serialised` (a form of it), `toy!unmap-without-invalidation` (a
 * mutant of it). Wrong input is refused with one line that says what is wrong and what to type.
 */
import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { promised } from './adapters/promised';
import { serialised } from './adapters/serialised';
import type { DriverModule } from './contract/driver';
import { loadFile } from './load';
import { checkModule } from './module';
import { BUNDLED, bundled } from './bundled';
import { MUTANTS } from './mutants/mutants';
import { mutate } from './mutants/mutate';
import { UsageError } from './usage';

const FORMS: Readonly<Record<string, (module: DriverModule) => DriverModule>> = { promised, serialised };

export async function connect(name: string): Promise<DriverModule> {
  const [, base = '', form, mutant] = /^([^+!]+)(?:\+([\w-]+))?(?:!([\w-]+))?$/.exec(name) ?? [];
  if (base === '') throw new UsageError(`"${name}" names no driver: type <driver>, <driver>+<form> or <driver>!<mutant>`);
  let module = mutant === undefined ? await load(base) : await mutated(base, mutant);
  if (form !== undefined) {
    const wrap = FORMS[form];
    if (wrap === undefined) throw new UsageError(`"${name}": no form is called "${form}"; forms are ${Object.keys(FORMS).join(', ')}`);
    module = wrap(module);
  }
  return module;
}

async function load(base: string): Promise<DriverModule> {
  const known = await bundled(base);
  if (known !== undefined) return known;
  if (!/[./\\]/.test(base))
    throw new UsageError(
      `no driver is called "${base}"; bundled are ${BUNDLED.join(', ')}; a file is named by its path, like ./${base}.ts`,
    );
  const path = resolve(base);
  if (!existsSync(path)) throw new UsageError(`${base}: there is no such file`);
  let loaded: unknown;
  try {
    loaded = await loadFile(path);
  } catch (error) {
    throw new UsageError(`${base}: cannot be loaded: ${whyNot(error)}`);
  }
  return checkModule(base, loaded);
}

/** The first line of an error, and where in which file its author finds the mistake, as far as the error says so. */
function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [first = ''] = error.message.split('\n', 1);
  // swc draws the place below its message; Node puts it before the stack of a SyntaxError.
  const [, file, line] = /,-\[(.*):(\d+):\d+\]$/m.exec(error.message) ?? /^(.*):(\d+)$/m.exec((error.stack ?? '').split('\n', 1)[0]!) ?? [];
  return file === undefined ? first : `${relative('', file)}:${line}: ${first.replace(/^\s*x /, '')}`;
}

async function mutated(base: string, id: string): Promise<DriverModule> {
  const mutant = MUTANTS.find((candidate) => candidate.of === base && candidate.id === id);
  if (mutant === undefined) throw new UsageError(`${base} has no mutant "${id}"; type iommu-tck mutants --driver ${base} to see them`);
  return mutate(await load(base), mutant);
}
