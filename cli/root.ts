/** Where the package lies: in a checkout the folder above this one, in the published package the one above `dist/`. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder that holds `features/`, `docs/` and `cucumber.json`. */
export const ROOT = above(__dirname);

/** The features that come with the suite. */
export const FEATURES = join(ROOT, 'features');

function above(folder: string): string {
  const parent = dirname(folder);
  if (existsSync(join(folder, 'cucumber.json')) || parent === folder) return folder;
  return above(parent);
}
