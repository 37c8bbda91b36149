/** `npm run sdk [-- --check]`: writes the SDKs that are made from the contract's shapes, or says which files are stale. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '#cli/root';
import { cHeader } from './sdk/c-header';
import { cStdioTables } from './sdk/c-stdio';
import { stdioSchema } from './sdk/json-schema';
import { rustBindings } from './sdk/rust';

/** What is made, by the file that holds it. */
export const MADE: Readonly<Record<string, () => string>> = {
  'drivers/sdk/include/iommu_tck.h': cHeader,
  'drivers/sdk/stdio/iommu_tck_tables.h': cStdioTables,
  'docs/schemas/stdio.json': stdioSchema,
  'drivers/sdk/rust/src/abi.rs': rustBindings,
};

/** Brings the files below `root` up to date, or checks that they are; answers the exit code. */
export function main(root: string, check: boolean, print: (line: string) => void): 0 | 1 {
  let stale = 0;
  for (const [file, make] of Object.entries(MADE)) {
    const path = join(root, file);
    const text = make();
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
    stale++;
    if (!check) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    print(check ? `${file} is not what the contract says: npm run sdk` : `wrote ${file}`);
  }
  return check && stale > 0 ? 1 : 0;
}

if (require.main === module) {
  const { check } = parseArgs({ options: { check: { type: 'boolean', default: false } } }).values;
  process.exitCode = main(ROOT, check, console.log);
}
