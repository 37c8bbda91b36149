/** Drivers as people name them: which are bundled, which are files, and what each is known to break. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { BUNDLED, expectedOf, REFERENCES } from '#drivers/bundled';
import { connect } from '#drivers/connect';
import { UsageError } from '#drivers/usage';
import type { Mode } from '#hw-models/core/sight';
import { readBaseline } from '#reports/baseline';
import type { ExpectedFailure } from '#reports/baseline';
import type { Job } from './job';

export const DEFAULT_MODE: Mode = 'eager';
/** A driver that is meant to keep every rule shows it in every kind of mode. */
const REFERENCE_MODES: readonly Mode[] = ['eager', 'lazy', 'seeded:1'];

/** A driver's name without form and mutant. */
const baseOf = (driver: string): string => driver.replace(/[+!].*$/, '');

const isFile = (driver: string): boolean => !BUNDLED.includes(baseOf(driver));

/**
 * One driver in each mode. Throws `UsageError` for a name that no bundled driver, form or mutant has. Files are not looked at: what is
 * in them is not ours, and runs in a lane.
 */
export async function jobsOf(driver: string, modes: readonly Mode[]): Promise<Job[]> {
  const isForeign = isFile(driver);
  // A path has a separator or a dot; all else is a name.
  if (!isForeign || !/[./\\]/.test(driver)) await connect(driver);
  return modes.map((mode) => ({ driver, mode, isForeign }));
}

/** Every bundled driver: the references in all kinds of modes. */
export const bundledJobs = (): Job[] =>
  BUNDLED.flatMap((driver) =>
    (REFERENCES.includes(driver) ? REFERENCE_MODES : [DEFAULT_MODE]).map((mode) => ({ driver, mode, isForeign: false })),
  );

/** What the driver is known to break: a mutant nothing, a file what stands in `<file without extension>.expected.json` beside it. */
export async function baselineOf(driver: string): Promise<readonly ExpectedFailure[]> {
  if (driver.includes('!')) return [];
  if (!isFile(driver)) return expectedOf(baseOf(driver));
  const path = `${baseOf(driver).replace(/\.[cm]?[jt]s$/, '')}.expected.json`;
  if (!existsSync(resolve(path))) return [];
  try {
    return readBaseline(JSON.parse(readFileSync(path, 'utf8')), path);
  } catch (error) {
    throw new UsageError(error instanceof SyntaxError ? `${path}: is no JSON: ${error.message}` : String((error as Error).message));
  }
}
