/** The contract in Rust: `drivers/sdk/rust/src/abi.rs`, which `rustfmt` leaves as it is. */
import { signatureOf, structOf } from '#drivers/adapters/abi/layout';
import type { CParam, Slot } from '#drivers/adapters/abi/layout';
import { ABI_VERSION, constantOf, EXPORTS, IMPORT_MODULE, IMPORTS, MANIFEST_EXPORT, numberOf } from '#drivers/adapters/abi/names';
import type { CFunction } from '#drivers/adapters/abi/names';
import type { Shape } from '#drivers/contract/shape';
import { ERRNO_NUMBERS } from '#hw-models/core/result';
import { CONSTANTS, hasConstant } from './c-header';
import { comment, readComments } from './comments';
import type { Comments } from './comments';
import { declared, typeName, wordsOf } from './declared';

/** Characters of a line, as `rustfmt` has them. */
const WIDTH = 100;
const TEXT = '*const u8';
const SCALARS = { u32: 'u32', u64: 'u64', text: TEXT } as const;
const RETURNS = { errno: ' -> i32', u32: ' -> u32', u64: ' -> u64', void: '' } as const;
/** Names of fields and parameters that are words of Rust. */
const KEYWORDS: ReadonlySet<string> = new Set(['type']);

const nameOf = (name: string): string => (KEYWORDS.has(name) ? `r#${name}` : name);
const withoutPrefix = (constant: string): string => constant.replace(/^TCK_/, '');
const hex = (number: number): string => `0x${number.toString(16)}`;
const constant = (name: string, type: string, value: string): string => `pub const ${withoutPrefix(name)}: ${type} = ${value};\n`;

function itemType(shape: Shape): string {
  if (shape.kind === 'bytes') return 'u8';
  if (shape.kind === 'record' || shape.kind === 'union') return typeName(shape.name);
  if (shape.kind === 'text') return TEXT;
  return shape.kind === 'word' || shape.kind === 'u53' ? 'u64' : 'u32';
}

function typeOf(slot: Slot): string {
  if (slot.kind === 'struct') return typeName(slot.shape.name);
  return slot.kind === 'items' ? `*const ${itemType(slot.shape)}` : SCALARS[slot.kind];
}

function paramOf({ pass, slot }: CParam): string {
  const name = nameOf(slot.name);
  if (pass === 'room') return `${name}: *mut u8`;
  if (pass === 'out') return `${name}: *mut ${typeOf(slot)}`;
  return `${name}: ${slot.kind === 'struct' ? '*const ' : ''}${typeOf(slot)}`;
}

/** Parameters and result of a function whose declaration begins with `head`: in one line, or a line for each where that is too long. */
function declaration(indent: string, head: string, { method }: CFunction): string {
  const { params, returns } = signatureOf(method);
  const written = params.map(paramOf);
  const tail = `(${written.join(', ')})${RETURNS[returns]};`;
  if (`${indent}${head}${tail}`.length <= WIDTH) return `${indent}${head}${tail}\n`;
  return `${indent}${head}(\n${written.map((param) => `${indent}    ${param},\n`).join('')}${indent})${RETURNS[returns]};\n`;
}

const isOneLine = (text: string): boolean => text.indexOf('\n') === text.length - 1;

/** The type of a function: one that fits into a line below its name stands there. */
function typeDeclaration(one: CFunction): string {
  const [head, type] = [`pub type ${one.name} =`, 'extern "C" fn'];
  const below = declaration('        ', type, one);
  const beside = declaration('    ', `${head} ${type}`, one);
  return isOneLine(below) && !isOneLine(beside) ? `    ${head}\n${below}` : beside;
}

export function rustBindings(): string {
  const comments = readComments();
  const { names, structs } = declared();
  const errnos = Object.entries(ERRNO_NUMBERS).map(([name, number]) => constant(name, 'i32', `${number}`));
  const sets = names
    .filter(({ name }) => name !== 'errno')
    .map((one) => one.names.map((member) => constant(constantOf(one, member), 'u32', `${numberOf(one, member)}`)).join(''));
  const imports = IMPORTS.map(
    (one) => `${comment(wordsOf(one, comments), '    ', '///')}${declaration('    ', `pub fn ${one.name}`, one)}`,
  );
  const exports = EXPORTS.map((one) => `${comment(wordsOf(one, comments), '    ', '///')}${typeDeclaration(one)}`);
  return `//! The contract between a driver and iommu-tck. Made from drivers/contract by \`npm run sdk\`.
//!
//! A function that returns \`i32\` returns 0, or an errno below 0 (\`-EINVAL\`), and puts its value at the address that its last
//! parameter holds. Text ends with a NUL. What an address leads to is valid until the function that got it returns; what a
//! driver answers with by address has to stay until it is called again. In a structure with \`has\`, the bits \`…_HAS_…\` say
//! which of the optional members are there.

/// Version of the functions, of the structures and of their meaning.
pub const ABI_VERSION: u32 = ${ABI_VERSION};

// The Linux numbers of the refusals.

${errnos.join('')}
${Object.entries(CONSTANTS)
  .map(([name, number]) => constant(name, 'u32', hex(number)))
  .join('')}
${sets.join('\n')}
${structs.map((shape) => structText(shape, comments)).join('\n')}
// What a driver may call: the platform, its caller, and the back end where there is one.

#[cfg_attr(target_arch = "wasm32", link(wasm_import_module = "${IMPORT_MODULE}"))]
extern "C" {
${imports.join('\n')}}

/// What a driver defines: the first three, and the methods of each interface that its manifest says it implements. Here are
/// the types of the functions, each by the function's name.
#[allow(non_camel_case_types)]
pub mod exports {
    use super::*;

    /// The manifest as JSON: drivers/contract/manifest.ts.
    pub type ${MANIFEST_EXPORT} = extern "C" fn() -> ${TEXT};

${exports.join('\n')}}
`;
}

function structText(shape: Parameters<typeof structOf>[0], comments: Comments): string {
  const { hasBits, members } = structOf(shape);
  const bits = members.flatMap(({ bit, slots }) =>
    bit === undefined ? [] : [constant(hasConstant(shape.name, slots[0]!.name), 'u32', hex(2 ** bit))],
  );
  const lines = members.flatMap(({ field, slots }) => [
    comment(comments.get(`${typeName(shape.name)}.${field}`), '    ', '///'),
    ...slots.map((slot) => `    pub ${nameOf(slot.name)}: ${typeOf(slot)},\n`),
  ]);
  return `${bits.length === 0 ? '' : `${bits.join('')}\n`}${comment(comments.get(typeName(shape.name)), '', '///')}#[repr(C)]
#[derive(Clone, Copy)]
pub struct ${typeName(shape.name)} {
${hasBits ? '    pub has: u32,\n' : ''}${lines.join('')}}
`;
}
