/** The drivers in other languages that come with the suite, by name: `pkvm-c` is a WebAssembly module, `pkvm-c+stdio` a process. */
import { loadProgram } from '../adapters/stdio/load';
import { loadWasm } from '../adapters/wasm/load';
import type { DriverModule } from '../contract/driver';
import type { Edit } from '../mutants/mutant';
import { build, missingFor } from './build';
import type { NativeForm, NativeSource } from './build';

const NATIVE: Readonly<Record<string, NativeSource>> = {
  'pkvm-c': { language: 'c', folder: 'examples/pkvm-c' },
  'pkvm-rust': { language: 'rust', folder: 'examples/pkvm-rust' },
};

export const NATIVE_NAMES: readonly string[] = Object.keys(NATIVE);

/** Not every name that objects have is a driver's. */
export const isNative = (name: string): boolean => Object.hasOwn(NATIVE, name);

/** Why this machine cannot make it, with what to type; undefined when it can. */
export const missingTools = (name: string, form: NativeForm): string | undefined => missingFor(NATIVE[name]!, form);

/** Throws `UsageError` when a compiler is missing. */
export async function loadNative(name: string, form: NativeForm, edits: readonly Edit[] = []): Promise<DriverModule> {
  const made = build(name, NATIVE[name]!, form, edits);
  return form === 'wasm' ? loadWasm(made, name) : loadProgram([made], `${name}+${form}`);
}
