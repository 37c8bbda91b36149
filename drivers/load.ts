/** Loads a module by path: TypeScript and CommonJS as the suite itself is loaded, ECMAScript modules as Node does. */
import { createRequire } from 'node:module';

const requireHere = createRequire(__filename);

export async function loadFile(path: string): Promise<unknown> {
  if (path.endsWith('.mjs') || path.endsWith('.mts')) return (await import(path)) as unknown;
  return requireHere(path) as unknown;
}
