/** The contract as tables of C, for a driver that is a process: `drivers/sdk/stdio/iommu_tck_tables.h`. */
import { HAS, signatureOf, slotsOf, structOf, VALUE } from '#drivers/adapters/abi/layout';
import type { CParam, Member, Slot } from '#drivers/adapters/abi/layout';
import { EXPORTS, IMPORTS, memberName, numberOf } from '#drivers/adapters/abi/names';
import type { CFunction } from '#drivers/adapters/abi/names';
import type { Method, OneOf, RecordShape, Shape, Union } from '#drivers/contract/shape';
import { memberOf, prototypeOf } from './c-header';
import { declared } from './declared';

/** A method as messages name it: those of every driver's life stand for themselves. */
export const messageName = ({ of, member }: CFunction): string => (of === 'driver' ? member : `${of}.${member}`);

/** A method that nothing comes back from is carried out without an answer. */
export const isPosted = ({ gives, refuses }: Method): boolean => gives.kind === 'nothing' && !refuses;

/** The interpreter has a bit for each member and each kind. */
const MOST_BITS = 32;

type Described = Pick<Member, 'shape' | 'bit' | 'kinds'> & { readonly field: string; readonly slots: readonly Slot[] };

const block = (head: string, lines: readonly string[]): string => `${head} {\n${lines.map((line) => `  ${line}\n`).join('')}}`;
const hex = (bits: number): string => `0x${bits.toString(16)}u`;

/** The name of the description of a shape. */
function described(shape: Shape): string {
  if (shape.kind === 'list') return `list_of_${described(shape.of)}`;
  return 'name' in shape ? `${shape.name}_shape` : `${shape.kind}_shape`;
}

export function cStdioTables(): string {
  const { names, structs } = declared();
  return `/*
 * What messages and structures of the contract look like to one another, for iommu_tck_stdio.c; values.h says what the tables mean.
 * Made from drivers/contract by \`npm run sdk\`.
 */
#ifndef IOMMU_TCK_TABLES_H
#define IOMMU_TCK_TABLES_H

${scalarTexts().join('\n')}

${names.map(namesText).join('\n\n')}

${inOrder(structs).join('\n\n')}

/* What a driver may call. */

${IMPORTS.map(importText).join('\n\n')}

/* What a driver may define. */

${EXPORTS.map(exportText).join('\n\n')}

static const struct entry entries[] = {
${EXPORTS.map(({ name }) => `  { &${name}_method, "${name}", (void (*)(void))${name}, call_${name} },`).join('\n')}
};

#endif
`;
}

const SCALARS = { u32: 'uint32_t', u53: 'uint64_t', word: 'uint64_t', flag: 'uint32_t', text: 'const char *', bytes: 'const uint8_t *' };

const scalarTexts = (): readonly string[] =>
  Object.entries(SCALARS).map(
    ([kind, type]) => `static const struct shape ${kind}_shape = { .kind = SHAPE_${kind.toUpperCase()}, .size = sizeof(${type}) };`,
  );

function namesText(set: OneOf): string {
  const lines = set.names.map((name) => `{ TEXT("${name}"), ${numberOf(set, name)} },`);
  return `${block(`static const struct name ${set.name}_names[] =`, lines)};
static const struct shape ${set.name}_shape = {
  .kind = SHAPE_NAME, .size = sizeof(uint32_t), .what = "${set.name}", .names = ${set.name}_names, .count = ${set.names.length},
};`;
}

/** Structures and the lists of what came before them, each once and before it is named; those of methods last. */
function inOrder(structs: readonly (RecordShape | Union)[]): readonly string[] {
  const lists = new Set<string>();
  const listsOf = (shapes: readonly Shape[]): readonly string[] =>
    shapes.flatMap((shape) => {
      if (shape.kind !== 'list' || lists.has(described(shape))) return [];
      if (shape.of.kind === 'list' || shape.of.kind === 'bytes')
        throw new TypeError(`${described(shape)}: lists of lists have no form in C`);
      lists.add(described(shape));
      return [
        `static const struct shape ${described(shape)} = { .kind = SHAPE_LIST, .size = sizeof(void *), .of = &${described(shape.of)} };`,
      ];
    });
  const methods = [...IMPORTS, ...EXPORTS].map(({ method }) => method);
  return [
    ...structs.flatMap((shape) => [...listsOf(structOf(shape).members.map((member) => member.shape)), structText(shape)]),
    ...methods.flatMap(({ params, gives }) => listsOf([...Object.values(params), gives])),
  ];
}

/** Bits of the kinds that have a field; none when all have it. */
function kindBits(shape: RecordShape | Union, kinds: readonly string[] | undefined): number {
  if (shape.kind !== 'union' || kinds === undefined) return 0;
  return Object.keys(shape.kinds).reduce((bits, kind, index) => (kinds.includes(kind) ? bits + 2 ** index : bits), 0);
}

function structText(shape: RecordShape | Union): string {
  const { name, hasBits, members } = structOf(shape);
  if (members.length > MOST_BITS) throw new TypeError(`${shape.name} has more members than bits`);
  const lines = members.map(({ field, ...member }) => memberText(name, { ...member, field: field! }, kindBits(shape, member.kinds)));
  return `${block(`static const struct member ${shape.name}_members[] =`, lines)};
static const struct shape ${shape.name}_shape = {
  .kind = SHAPE_${shape.kind.toUpperCase()}, .size = sizeof(struct ${name}), .what = "${shape.name}",
  .members = ${shape.name}_members, .count = ${members.length},${hasBits ? ' .has_bits = true,' : ''}
};`;
}

/** One member of `struct <owner>`. @param kinds The kinds of a union that have it, as bits. */
function memberText(owner: string, { field, shape, bit, slots: [first, count] }: Described, kinds: number): string {
  const parts = [
    `TEXT("${field}")`,
    `.shape = &${described(shape)}`,
    `.offset = offsetof(struct ${owner}, ${first!.name})`,
    ...(count ? [`.count_offset = offsetof(struct ${owner}, ${count.name})`] : []),
    ...(bit === undefined ? [] : [`.${HAS.name} = ${hex(2 ** bit)}`]),
    ...(kinds === 0 ? [] : [`.kinds = ${hex(kinds)}`]),
  ];
  return `{ ${parts.join(', ')} },`;
}

/** The structure of a method's arguments, or of its value, and its description. */
function pseudoRecord(owner: string, fields: Readonly<Record<string, Shape>>): string {
  const members = Object.entries(fields).map(([field, shape]): Described => ({ field, shape, slots: slotsOf(memberName(field), shape) }));
  if (members.length === 0) return '';
  return `${block(
    `struct ${owner}`,
    members.flatMap(({ slots }) => slots.map((slot) => `${memberOf(slot)};`)),
  )};
${block(
  `static const struct member ${owner}_members[] =`,
  members.map((member) => memberText(owner, member, 0)),
)};
`;
}

const valueOf = ({ gives }: Method): Readonly<Record<string, Shape>> => (gives.kind === 'nothing' ? {} : { [VALUE]: gives });

function methodText(one: CFunction): string {
  const { name, method } = one;
  const count = Object.keys(method.params).length;
  const args = count === 0 ? '' : `\n  .args = ${name}_args_members, .arg_count = ${count}, .args_size = sizeof(struct ${name}_args),`;
  const value = method.gives.kind === 'nothing' ? '' : `\n  .value = ${name}_value_members, .value_size = sizeof(struct ${name}_value),`;
  return `${pseudoRecord(`${name}_args`, method.params)}${pseudoRecord(`${name}_value`, valueOf(method))}static const struct method ${name}_method = {
  METHOD("${messageName(one)}"),${args}${value}${method.refuses ? ' .refuses = true,' : ''}
};`;
}

function importText(one: CFunction): string {
  return `${methodText(one)}\n\n${block(prototypeOf(one), isPosted(one.method) ? postLines(one) : callLines(one))}`;
}

const isGiven = ({ pass }: CParam): boolean => pass === 'out' || pass === 'room';

/** The arguments in their structure, and what leads to it. */
function argumentsOf({ name, method }: CFunction): { readonly lines: readonly string[]; readonly at: string } {
  const given = signatureOf(method).params.filter((param) => !isGiven(param));
  if (given.length === 0) return { lines: [], at: 'NULL' };
  const members = given.map(({ slot }) => `.${slot.name} = ${slot.kind === 'struct' ? '*' : ''}${slot.name}`);
  return { lines: [`const struct ${name}_args args = { ${members.join(', ')} };`], at: '&args' };
}

function postLines(one: CFunction): readonly string[] {
  const { lines, at } = argumentsOf(one);
  return [...lines, `tck_post(&${one.name}_method, ${at});`];
}

function callLines(one: CFunction): readonly string[] {
  const { name, method } = one;
  const { lines, at } = argumentsOf(one);
  const call = (to: string): string => `tck_call(&${name}_method, ${at}, ${to})`;
  if (method.gives.kind === 'nothing') return [...lines, `return ${call('NULL')};`];
  const given = `struct ${name}_value given = { 0 };`;
  if (!method.refuses) return [...lines, given, `${call('&given')};`, `return given.${VALUE};`];
  return [
    ...lines,
    given,
    `int32_t error = ${call('&given')};`,
    'if (error == 0) {',
    ...takeLines(method).map((line) => `  ${line}`),
    '}',
    'return error;',
  ];
}

/** Puts what was given where the caller wants it. */
function takeLines(method: Method): readonly string[] {
  if (method.sizedBy !== undefined) return [`tck_fill(${VALUE}, ${memberName(method.sizedBy)}, given.${VALUE}, given.${VALUE}_size);`];
  return signatureOf(method)
    .params.filter(isGiven)
    .map(({ slot }) => `*${slot.name} = given.${slot.name};`);
}

/** The function of the driver, called with a structure of its arguments and one for its value. */
function exportText(one: CFunction): string {
  const { name, method } = one;
  const { params, returns } = signatureOf(method);
  if (returns !== 'errno') throw new TypeError(`${name}: a method of a driver may refuse`);
  const passed = params.map((param) => {
    if (isGiven(param)) return `&value->${param.slot.name}`;
    return `${param.slot.kind === 'struct' ? '&' : ''}args->${param.slot.name}`;
  });
  const lines = [
    params.every(isGiven) ? '(void)from;' : `const struct ${name}_args *args = from;`,
    params.some(isGiven) ? `struct ${name}_value *value = to;` : '(void)to;',
    `return ${name}(${passed.join(', ')});`,
  ];
  return `${methodText(one)}\n\n${block(`static int32_t call_${name}(const void *from, void *to)`, lines)}`;
}
