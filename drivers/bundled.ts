/** The drivers that come with the suite, loaded when they are asked for. */
import { join } from 'node:path';
import type { DriverModule } from './contract/driver';
import type { ExpectedFailure } from './contract/expected';
import { loadFile } from './load';

interface Entry {
  /** Below this folder, without extension; it exports `driver`. */
  readonly module: string;
  /** It is meant to keep every rule that binds it, so that it is run in every mode. */
  readonly reference: boolean;
  /** For a driver that is wrong on purpose: below this folder, without extension; it exports `EXPECTED: readonly ExpectedFailure[]`. */
  readonly expected?: string;
}

const ENTRIES: Readonly<Record<string, Entry>> = {
  toy: { module: 'toy/driver', reference: true },
  riscv: { module: 'riscv/driver', reference: true },
  'riscv-as-submitted': { module: 'riscv/as-submitted', reference: false, expected: 'riscv/expected' },
  'riscv-mainline': { module: 'riscv/mainline', reference: false },
  'iommufd-riscv': { module: 'iommufd-over/riscv', reference: true },
  'iommufd-vtd': { module: 'iommufd-over/vtd', reference: true },
  'iommufd-suspected': { module: 'iommufd-over/suspected', reference: false, expected: 'iommufd/suspected-expected' },
  vtd: { module: 'vtd/driver', reference: true },
  'vtd-v3': { module: 'vtd/v3', reference: false },
  'vtd-v4': { module: 'vtd/v4', reference: false },
  'vtd-as-submitted': { module: 'vtd/as-submitted', reference: false, expected: 'vtd/expected' },
  'vtd-suspected': { module: 'vtd/suspected', reference: false, expected: 'vtd/suspected-expected' },
  pkvm: { module: 'pkvm/driver', reference: true },
  'pkvm-as-submitted': { module: 'pkvm/as-submitted', reference: false, expected: 'pkvm/expected' },
  'pkvm-flat': { module: 'examples/pkvm-flat/driver', reference: false },
};

export const BUNDLED: readonly string[] = Object.keys(ENTRIES);

/** Those of `BUNDLED` that are meant to keep every rule. */
export const REFERENCES: readonly string[] = BUNDLED.filter((name) => ENTRIES[name]?.reference);

/** The bundled driver of that name, if there is one. */
export async function bundled(name: string): Promise<DriverModule | undefined> {
  const entry = entryOf(name);
  if (entry === undefined) return undefined;
  return ((await loadFile(join(__dirname, entry.module))) as { readonly driver: DriverModule }).driver;
}

/** Where the bundled driver of that name is declared, below this folder. */
export const sourceOf = (name: string): string => `${entryOf(name)?.module ?? `${name}/driver`}.ts`;

/** What the bundled driver of that name is known to break. */
export async function expectedOf(name: string): Promise<readonly ExpectedFailure[]> {
  const expected = entryOf(name)?.expected;
  if (expected === undefined) return [];
  return ((await loadFile(join(__dirname, expected))) as { readonly EXPECTED: readonly ExpectedFailure[] }).EXPECTED;
}

/** Not every name that objects have is a driver's. */
const entryOf = (name: string): Entry | undefined => (Object.hasOwn(ENTRIES, name) ? ENTRIES[name] : undefined);
