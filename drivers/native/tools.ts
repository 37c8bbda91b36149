/** The compilers that drivers in other languages need, found when they are asked for. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

export const WASM_TARGET = 'wasm32-unknown-unknown';
const TOOL_MS = 10_000;

export interface Tool {
  readonly name: string;
  /** Its program, or why there is none. */
  readonly found: { readonly program: string; readonly version: string } | undefined;
  /** What to type to get it. */
  readonly hint: string;
  /** What needs it. */
  readonly affects: readonly string[];
}

/** What a program prints; undefined when it is not there or fails. */
function ask(program: string, ...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', timeout: TOOL_MS, stdio: ['ignore', 'pipe', 'ignore'] });
  return status === 0 ? stdout.trim() : undefined;
}

/** A program by its first name that answers `--version`. */
function program(...names: readonly string[]): Tool['found'] {
  for (const name of names) {
    const said = ask(name, '--version');
    if (said !== undefined) return { program: name, version: /\d+\.\d+(?:\.\d+)?/.exec(said)?.[0] ?? said };
  }
  return undefined;
}

/** A compiler of Rust that has the library of the target: a distribution's may stand behind another one on the path. */
function rustFor(target: string): Tool['found'] {
  for (const name of [process.env['RUSTC'], 'rustc', '/usr/bin/rustc']) {
    if (name === undefined) continue;
    const folder = ask(name, '--print', 'target-libdir', '--target', target);
    if (folder !== undefined && existsSync(folder) && readdirSync(folder).some((file) => file.startsWith('libcore-'))) return program(name);
  }
  return undefined;
}

const C_AFFECTS = ['examples and projects in C', 'stdio: examples in Rust'] as const;

const TOOLS = {
  clang: { find: () => program('clang'), name: 'clang', hint: 'apt-get install clang', affects: C_AFFECTS },
  'wasm-ld': {
    find: () => program('wasm-ld'),
    name: 'wasm-ld',
    hint: 'apt-get install lld',
    affects: ['wasm: examples and projects in C and Rust'],
  },
  rustc: {
    find: () => rustFor(WASM_TARGET),
    name: `rustc for ${WASM_TARGET}`,
    hint: `apt-get install rustc libstd-rust-dev-wasm32, or rustup target add ${WASM_TARGET}`,
    affects: ['examples and projects in Rust'],
  },
  make: { find: () => program('make'), name: 'make', hint: 'apt-get install make', affects: ['projects in C and Rust'] },
} as const;

export type ToolName = keyof typeof TOOLS;
export const TOOL_NAMES = Object.keys(TOOLS) as readonly ToolName[];

const known = new Map<ToolName, Tool>();

/** Looked for once. */
export function tool(name: ToolName): Tool {
  const { find, ...rest } = TOOLS[name];
  const looked = known.get(name) ?? { ...rest, found: find() };
  known.set(name, looked);
  return looked;
}
