/** `--validate`: every message of both sides against the published schema. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import type { ValidateFunction } from 'ajv';
import { DriverFailure } from '#drivers/contract/failure';

type Direction = 'toDriver' | 'fromDriver';

/** Whether messages are checked; set once, before the first of them. */
export const validation = { isOn: false };

let validators: Readonly<Record<Direction, ValidateFunction>> | undefined;

const SCHEMA = join(
  __dirname,
  ...(__filename.endsWith('.ts') ? ['..', '..', '..'] : ['..', '..', '..', '..']),
  'docs',
  'schemas',
  'stdio.json',
);

function compile(): Readonly<Record<Direction, ValidateFunction>> {
  const ajv = new Ajv();
  ajv.addSchema(JSON.parse(readFileSync(SCHEMA, 'utf8')) as object, 'stdio');
  return { toDriver: ajv.getSchema('stdio#/definitions/toDriver')!, fromDriver: ajv.getSchema('stdio#/definitions/fromDriver')! };
}

/** @param line A message that is JSON. Throws `DriverFailure` for one of the driver's, and an `Error` for one of ours. */
export function validate(direction: Direction, line: string): void {
  if (!validation.isOn) return;
  const check = (validators ??= compile())[direction];
  if (check(JSON.parse(line))) return;
  const [first] = check.errors ?? [];
  const what = `${first?.instancePath ?? ''} ${first?.message ?? 'does not fit'}`.trim();
  if (direction === 'fromDriver')
    throw new DriverFailure(`sent a message that is not as docs/schemas/stdio.json says: ${what}: ${line.slice(0, 100)}`);
  throw new Error(`a message of the suite is not as docs/schemas/stdio.json says: ${what}: ${line}`);
}
