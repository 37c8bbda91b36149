/**
 * How a driver is named: `toy`, `./my-driver.ts`, `wasm:./driver.wasm`, `stdio:./driver --quiet` (a command with its arguments), each but
 * the last also in a form (`toy+serialised`) and, where the suite has them, with a defect (`toy!unmap-without-invalidation`).
 */
import { UsageError } from './usage';

export const SCHEMES = ['wasm', 'stdio'] as const;
export type Scheme = (typeof SCHEMES)[number];

export interface Connectable {
  /** Absent for a bundled driver and for a TypeScript module. */
  readonly scheme?: Scheme;
  /** A bundled driver's name, a path, or a command. */
  readonly what: string;
  readonly form?: string;
  readonly mutant?: string;
}

/** Throws `UsageError`. */
export function parseConnectable(name: string): Connectable {
  const [, scheme, rest = ''] = /^([a-z]+):(.*)$/s.exec(name) ?? [undefined, undefined, name];
  if (scheme !== undefined && !isScheme(scheme))
    throw new UsageError(`"${name}": no kind of driver is called "${scheme}:"; type a name, a path, or one of ${SCHEMES.join(': ')}:`);
  if (scheme === 'stdio') {
    if (rest.trim() === '') throw new UsageError(`"${name}" names no command: type stdio:<command>, like stdio:./my-driver`);
    return { scheme, what: rest.trim() };
  }
  const [, what = '', form, mutant] = /^([^+!]+)(?:\+([\w-]+))?(?:!([\w-]+))?$/.exec(rest) ?? [];
  if (what === '') throw new UsageError(`"${name}" names no driver: type <driver>, <driver>+<form> or <driver>!<mutant>`);
  return { ...(scheme && { scheme }), what, ...(form && { form }), ...(mutant && { mutant }) };
}

const isScheme = (text: string): text is Scheme => SCHEMES.some((scheme) => scheme === text);
