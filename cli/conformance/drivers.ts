/** Drivers as people name them: which are bundled, which are files, and what each is known to break. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgsStringToArgv } from 'string-argv';
import { BUNDLED, expectedOf, REFERENCES } from '#drivers/bundled';
import { checkName } from '#drivers/connect';
import { parseConnectable } from '#drivers/connectable';
import type { Connectable } from '#drivers/connectable';
import { isNative } from '#drivers/native/drivers';
import { UsageError } from '#drivers/usage';
import type { Mode } from '#hw-models/core/sight';
import { readBaseline } from '#reports/baseline';
import type { ExpectedFailure } from '#reports/baseline';
import type { Trust } from '#cli/lanes/pool';
import type { Job } from './job';

export const DEFAULT_MODE: Mode = 'eager';
/** A driver that is meant to keep every rule shows it in every kind of mode. */
export const REFERENCE_MODES: readonly Mode[] = ['eager', 'lazy', 'seeded:1'];

function trustOf({ scheme, what }: Connectable): Trust {
  if (scheme !== undefined) return 'confined';
  return BUNDLED.includes(what) || isNative(what) ? 'ours' : 'foreign';
}

/**
 * One driver in each mode. Throws `UsageError` for a name that no bundled driver, form or mutant has. Files are not looked at: what is
 * in them is not ours, and runs in a lane.
 */
export function jobsOf(driver: string, modes: readonly Mode[]): Job[] {
  const named = parseConnectable(driver);
  checkName(named, driver);
  return modes.map((mode) => ({ driver, mode, trust: trustOf(named) }));
}

/** Every bundled driver: the references in all kinds of modes. */
export const bundledJobs = (): Job[] =>
  BUNDLED.flatMap((driver) =>
    (REFERENCES.includes(driver) ? REFERENCE_MODES : [DEFAULT_MODE]).map((mode) => ({ driver, mode, trust: 'ours' as const })),
  );

/** The driver's file; of a command the first word that is one, as a script of an interpreter is. */
function fileOf({ scheme, what }: Connectable): string {
  if (scheme !== 'stdio') return what;
  const words = parseArgsStringToArgv(what);
  return words.find((word) => existsSync(resolve(word))) ?? words[0] ?? what;
}

/** What the driver is known to break: a mutant nothing, a file what stands in `<file without extension>.expected.json` beside it. */
export async function baselineOf(driver: string): Promise<readonly ExpectedFailure[]> {
  const named = parseConnectable(driver);
  if (named.mutant !== undefined) return [];
  if (trustOf(named) === 'ours') return BUNDLED.includes(named.what) ? expectedOf(named.what) : [];
  const path = `${fileOf(named).replace(/\.\w+$/, '')}.expected.json`;
  if (!existsSync(resolve(path))) return [];
  try {
    return readBaseline(JSON.parse(readFileSync(path, 'utf8')), path);
  } catch (error) {
    throw new UsageError(error instanceof SyntaxError ? `${path}: is no JSON: ${error.message}` : String((error as Error).message));
  }
}
