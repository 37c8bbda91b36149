/** The drivers that come with the suite, loaded when they are asked for. */
import { join } from 'node:path';
import type { DriverModule } from './contract/driver';
import { loadFile } from './load';

/** Below this folder, without extension: each exports `driver`. */
const ENTRIES: Readonly<Record<string, string>> = {
  toy: 'toy/driver',
};

export const BUNDLED: readonly string[] = Object.keys(ENTRIES);

/** The bundled driver of that name, if there is one. */
export async function bundled(name: string): Promise<DriverModule | undefined> {
  const entry = ENTRIES[name];
  if (entry === undefined) return undefined;
  return ((await loadFile(join(__dirname, entry))) as { readonly driver: DriverModule }).driver;
}
