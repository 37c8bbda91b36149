/** The contract as a header of C: `drivers/sdk/include/iommu_tck.h`. */
import { signatureOf, structOf } from '#drivers/adapters/abi/layout';
import type { CParam, Slot } from '#drivers/adapters/abi/layout';
import { ABI_VERSION, constantOf, EXPORTS, IMPORT_MODULE, IMPORTS, MANIFEST_EXPORT, numberOf } from '#drivers/adapters/abi/names';
import type { CFunction } from '#drivers/adapters/abi/names';
import { ALLOC_DIRTY_TRACKING, ALLOC_FAULT_ID_VALID, ALLOC_NEST_PARENT, ALLOC_PASID, NO_PASID } from '#drivers/contract/iommu';
import { HYP_READ, HYP_WRITE } from '#drivers/contract/hyp';
import { ERRNO_NUMBERS } from '#hw-models/core/result';
import type { Shape } from '#drivers/contract/shape';
import { comment, readComments } from './comments';
import type { Comments } from './comments';
import { declared, typeName, wordsOf } from './declared';

/** Numbers that stand for themselves. */
export const CONSTANTS: Readonly<Record<string, number>> = {
  NO_PASID,
  ALLOC_NEST_PARENT,
  ALLOC_DIRTY_TRACKING,
  ALLOC_FAULT_ID_VALID,
  ALLOC_PASID,
  HYP_READ,
  HYP_WRITE,
};

const SCALARS = { u32: 'uint32_t', u64: 'uint64_t', text: 'const char *' } as const;
const RETURNS = { errno: 'int32_t', u32: 'uint32_t', u64: 'uint64_t', void: 'void' } as const;

const named = (type: string, name: string): string => (type.endsWith('*') ? `${type}${name}` : `${type} ${name}`);

function itemType(shape: Shape): string {
  if (shape.kind === 'bytes') return 'uint8_t';
  if (shape.kind === 'record' || shape.kind === 'union') return `struct ${structOf(shape).name}`;
  if (shape.kind === 'text') return 'char *const';
  return shape.kind === 'word' || shape.kind === 'u53' ? 'uint64_t' : 'uint32_t';
}

export const memberOf = (slot: Slot): string => named(typeOf(slot), slot.name);

function typeOf(slot: Slot): string {
  if (slot.kind === 'struct') return `struct ${structOf(slot.shape).name}`;
  return slot.kind === 'items' ? `const ${itemType(slot.shape)} *` : SCALARS[slot.kind];
}

function paramOf({ pass, slot }: CParam): string {
  if (pass === 'room') return `uint8_t *${slot.name}`;
  const type = typeOf(slot);
  if (pass === 'out') return `${type}${type.endsWith('*') ? '' : ' '}*${slot.name}`;
  return slot.kind === 'struct' ? `const ${type} *${slot.name}` : named(type, slot.name);
}

export function prototypeOf({ name, method }: CFunction): string {
  const { params, returns } = signatureOf(method);
  return `${RETURNS[returns]} ${name}(${params.length === 0 ? 'void' : params.map(paramOf).join(', ')})`;
}

export function cHeader(): string {
  const comments = readComments();
  const { names, structs } = declared();
  const errnos = Object.entries(ERRNO_NUMBERS).map(([name, number]) => `  TCK_${name} = ${number},`);
  const sets = names
    .filter(({ name }) => name !== 'errno')
    .map((one) => `enum {\n${one.names.map((member) => `  ${constantOf(one, member)} = ${numberOf(one, member)},`).join('\n')}\n};`);
  return `/*
 * The contract between a driver and iommu-tck, for drivers in C and whatever calls C. Made from drivers/contract by \`npm run sdk\`.
 *
 * The suite calls the functions of the last part, which the driver defines; the driver calls the functions before it. A function that
 * returns int32_t returns 0, or an errno below 0 (-TCK_EINVAL), and puts its value at the address that its last parameter holds. Text
 * ends with a NUL. What an address leads to is valid until the function that got it returns; what a driver answers with by address has
 * to stay until it is called again. In a structure with \`has\`, the bits TCK_…_HAS_… say which of the optional members are there. A flag
 * is 0 or 1. Comments use the names of TypeScript: hypPageBytes is tck_hyp_page_bytes, NO_PASID is TCK_NO_PASID.
 *
 * Each bundled form of a driver is made from the same source: WebAssembly (everything here is an import or an export), or a process
 * that is linked with iommu_tck_stdio.c. docs/adding-a-driver.md shows both.
 */
#ifndef IOMMU_TCK_H
#define IOMMU_TCK_H

#include <stddef.h>
#include <stdint.h>

#define TCK_ABI_VERSION ${ABI_VERSION}

#ifdef __wasm__
#define TCK_IMPORT(name) __attribute__((import_module("${IMPORT_MODULE}"), import_name(#name)))
#define TCK_EXPORT(name) __attribute__((export_name(#name)))
#else
#define TCK_IMPORT(name)
#define TCK_EXPORT(name) __attribute__((weak))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The Linux numbers of the refusals. */
enum {
${errnos.join('\n')}
};

${Object.entries(CONSTANTS)
  .map(([name, number]) => `#define TCK_${name} 0x${number.toString(16)}u`)
  .join('\n')}

${sets.join('\n\n')}

${structs.map((shape) => structText(shape, comments)).join('\n\n')}

/* What a driver may call: the platform, its caller, and the back end where there is one. */

${IMPORTS.map((one) => functionText(one, 'TCK_IMPORT', comments)).join('\n')}
/*
 * What a driver defines: the first three, and the methods of each interface that its manifest says it implements. An iommu_ function that
 * is not defined is refused with EOPNOTSUPP; of the other interfaces all are needed.
 */

/* The manifest as JSON: drivers/contract/manifest.ts. */
TCK_EXPORT(${MANIFEST_EXPORT}) const char *${MANIFEST_EXPORT}(void);

${EXPORTS.map((one) => functionText(one, 'TCK_EXPORT', comments)).join('\n')}
#ifdef __cplusplus
}
#endif

#endif
`;
}

function structText(shape: Parameters<typeof structOf>[0], comments: Comments): string {
  const { name, hasBits, members } = structOf(shape);
  const bits = members.flatMap(({ field, bit, slots }) =>
    bit === undefined ? [] : [`#define ${hasConstant(shape.name, slots[0]!.name)} 0x${(2 ** bit).toString(16)}u /* ${field} */`],
  );
  const lines = members.flatMap(({ field, slots }) => [
    comment(comments.get(`${typeName(shape.name)}.${field}`), '  '),
    ...slots.map((slot) => `  ${memberOf(slot)};\n`),
  ]);
  return `${bits.map((bit) => `${bit}\n`).join('')}${comment(comments.get(typeName(shape.name)), '')}struct ${name} {\n${hasBits ? '  uint32_t has;\n' : ''}${lines.join('')}};`;
}

export const hasConstant = (record: string, member: string): string => `TCK_${record}_HAS_${member}`.toUpperCase();

function functionText(one: CFunction, attribute: string, comments: Comments): string {
  return `${comment(wordsOf(one, comments), '')}${attribute}(${one.name}) ${prototypeOf(one)};\n`;
}
