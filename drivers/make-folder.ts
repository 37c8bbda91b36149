/** Makes a folder and those above it. Throws what the file system says. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** Not by the option `recursive`, which never ends where a parent answers ENOENT, as below /proc. */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have been faster.
    if (!existsSync(path)) throw error;
  }
}
