/** Registers that an implementation may lack. */
import type { Capabilities } from '#hw-models/vtd/capabilities';
import { MAP, type RegisterName } from '#hw-models/vtd/registers';

/** By how a name begins: whether an implementation has the register. @spec VT-D "Register Descriptions" */
const OPTIONAL: readonly { readonly begins: RegExp; readonly has: (part: Capabilities, index: number) => boolean }[] = [
  { begins: /^P(Q[HTA]|RS|E.+)$/, has: ({ PRS }) => PRS },
  { begins: /^FRCD/, has: ({ NFR }, index) => index < NFR },
];

/** The registers that `part` does not have: they read as 0. */
export function absentFrom(part: Capabilities): ReadonlySet<RegisterName> {
  const names = Object.keys(MAP) as RegisterName[];
  return new Set(
    names.filter((name) => OPTIONAL.some(({ begins, has }) => begins.test(name) && !has(part, Number(name.replace(begins, ''))))),
  );
}
