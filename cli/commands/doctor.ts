/** `iommu-tck doctor`: what this machine has, and what suffers without it. */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { TOOL_NAMES, tool } from '#drivers/native/tools';
import type { ToolName } from '#drivers/native/tools';
import { EXIT } from '#cli/exit-code';
import type { ExitCode } from '#cli/exit-code';
import { FEATURES, ROOT } from '#cli/root';
import { paint, say } from '#cli/terminal';

/** As docs/schemas/doctor.json has it. */
interface CheckUp {
  readonly name: string;
  readonly ok: boolean;
  readonly version?: string;
  /** What needs it. */
  readonly affects: readonly string[];
  /** What to type to get it. */
  readonly hint?: string;
}

interface Found extends CheckUp {
  /** Without it nothing works. */
  readonly required: boolean;
}

export interface DoctorOptions {
  readonly out: string;
  readonly json?: boolean;
}

export function doctor({ out, json = false }: DoctorOptions): ExitCode {
  const found = [node(), features(), output(out), ...TOOL_NAMES.map(toolOf)];
  const checks: readonly CheckUp[] = found.map(({ required: _, ...check }) => check);
  if (json) process.stdout.write(`${JSON.stringify({ checks }, null, 2)}\n`);
  else say(found.map(line).join('\n'));
  return found.every(({ ok, required }) => ok || !required) ? EXIT.kept : EXIT.harness;
}

const EVERYTHING = ['every command'] as const;

function node(): Found {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly engines: { readonly node: string } };
  const least = engines.node.replace(/^>=/, '');
  const ok = isAtLeast(process.versions.node, least);
  return {
    name: 'node',
    ok,
    required: true,
    version: process.versions.node,
    affects: EVERYTHING,
    ...(!ok && { hint: `install Node ${least} or later` }),
  };
}

function isAtLeast(version: string, least: string): boolean {
  const [one = [], other = []] = [version, least].map((text) => text.split('.').map(Number));
  for (let part = 0; part < other.length; part++) {
    const difference = (one[part] ?? 0) - (other[part] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function features(): Found {
  const ok = existsSync(FEATURES);
  return { name: 'features', ok, required: true, affects: EVERYTHING, ...(!ok && { hint: 'install the package again' }) };
}

function output(out: string): Found {
  const ok = isWritable(out);
  return {
    name: `output folder ${out}`,
    ok,
    required: true,
    affects: ['run', 'matrix'],
    ...(!ok && { hint: 'name another one with --out' }),
  };
}

/** A folder that does not exist yet is made in the nearest one that does. */
function isWritable(folder: string): boolean {
  const full = resolve(folder);
  if (!existsSync(full)) return dirname(full) !== full && isWritable(dirname(full));
  try {
    accessSync(full, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function toolOf(name: ToolName): Found {
  const { name: shown, found, affects, hint } = tool(name);
  const ok = found !== undefined;
  return {
    name: shown,
    ok,
    required: false,
    affects,
    ...(ok && { version: found.program.includes('/') ? `${found.version} (${found.program})` : found.version }),
    ...(!ok && { hint }),
  };
}

function line({ name, ok, required, version, affects, hint }: Found): string {
  const state = ok ? paint('ok      ', 'kept') : required ? paint('MISSING ', 'broken') : paint('missing ', 'quiet');
  const why = ok ? (version ?? '') : `needed by ${affects.join(' and ')}${hint === undefined ? '' : `; ${hint}`}`;
  return `${state} ${name}${why === '' ? '' : `: ${why}`}`;
}
