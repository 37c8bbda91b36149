/**
 * `npm run docs:registers [-- --check]`: writes the layouts of the models between the markers of docs/registers/*.md, or says which
 * pages are stale.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '#cli/root';
import { describe, type AnyLayout, type FieldRow } from '#hw-models/core/bits';
import { PageGrpReq } from '#hw-models/vtd/descriptors';
import { hex } from '#hw-models/core/hex';
import type { RegisterMap } from '#hw-models/core/registers';
import * as hyp from '#hw-models/hyp/layouts';
import * as riscvCommands from '#hw-models/riscv-iommu/commands';
import * as contexts from '#hw-models/riscv-iommu/contexts';
import { FaultRecord } from '#hw-models/riscv-iommu/fault-record';
import { PageRequestRecord } from '#hw-models/riscv-iommu/page-request-queue';
import * as riscv from '#hw-models/riscv-iommu/registers';
import { Pte } from '#hw-models/riscv-iommu/tables';
import * as commands from '#hw-models/smmu-v3/commands';
import * as events from '#hw-models/smmu-v3/events';
import { MAP } from '#hw-models/smmu-v3/registers';
import * as streams from '#hw-models/smmu-v3/ste';
import { STAGE2_LEAVES, STAGE2_TABLES, Stage2Descriptor } from '#hw-models/smmu-v3/tables';
import * as toy from '#hw-models/toy/layouts';
import * as descriptors from '#hw-models/vtd/descriptors';
import * as entries from '#hw-models/vtd/pte';
import * as vtd from '#hw-models/vtd/registers';
import * as structures from '#hw-models/vtd/structures';

/** A layout as a page shows it. */
export interface Shown {
  readonly layout: AnyLayout;
  /** What has this layout: registers by offset, commands by opcode, events by number. */
  readonly of: readonly string[];
  /** Whether software's access differs by field. */
  readonly isRegister: boolean;
}

/** What a page shows, by the names in its markers. */
export type Page = Readonly<Record<string, readonly Shown[]>>;

/** The pages by the names of their files. */
export const PAGES: Readonly<Record<string, Page>> = {
  toy: { registers: registers(toy.MAP), memory: inMemory(toy.DeviceEntry, toy.DeviceRoot, toy.TableEntry) },
  'smmu-v3': {
    registers: registers(MAP),
    'Stream table': inMemory(streams.L1Std, streams.Ste),
    commands: [...inMemory(commands.Command), ...numbered(commands.COMMANDS, ({ opcode }) => opcode)],
    events: [...inMemory(events.EventRecord), ...numbered(events.EVENTS, ({ number }) => number)],
    'stage-2 tables': inMemory(
      Stage2Descriptor,
      ...Object.values(STAGE2_TABLES),
      ...Object.values<Readonly<Record<number, AnyLayout>>>(STAGE2_LEAVES).flatMap((levels) => Object.values(levels)),
    ),
  },
  'riscv-iommu': {
    registers: registers(riscv.MAP),
    directories: inMemory(
      ...[contexts.DdtEntry, contexts.Tc, contexts.Iohgatp, contexts.DcTa, contexts.Iosatp, contexts.Pdtp, contexts.Msiptp],
      ...[contexts.MsiAddrMask, contexts.MsiAddrPattern, contexts.DcLast, contexts.PdtEntry, contexts.PcTa],
      ...[contexts.MsiBasic, contexts.MsiFile, contexts.MsiNotice],
    ),
    commands: [
      ...inMemory(riscvCommands.CommandWord),
      ...numbered(riscvCommands.COMMANDS, (row) => Number(riscvCommands.CommandWord.encode({ opcode: row.opcode, func3: row.func3 }))),
    ],
    records: inMemory(FaultRecord, PageRequestRecord),
    'page tables': inMemory(Pte),
  },
  vtd: {
    registers: registers(vtd.MAP),
    structures: inMemory(
      ...[structures.RootEntry, structures.ContextEntry, structures.ScalableRootHalf, structures.ScalableContextEntry],
      ...[structures.PasidDirectoryEntry, structures.PasidEntry],
    ),
    descriptors: [...inMemory(descriptors.DescriptorWord), ...numbered(descriptors.DESCRIPTORS, ({ type }) => type)],
    records: inMemory(PageGrpReq),
    'page tables': inMemory(entries.FsPte, entries.SsPte),
  },
  hyp: {
    domains: inMemory(hyp.DomainPgd, hyp.DomainRefs),
    memcaches: inMemory(hyp.MemcacheHead, hyp.MemcachePages, hyp.MemcacheNeeds),
  },
};

function registers(map: RegisterMap): readonly Shown[] {
  return shared(map, (name, { at }) => `${name} at ${hex(at, 4)}`, true);
}

function inMemory(...layouts: readonly AnyLayout[]): readonly Shown[] {
  return layouts.map((layout) => ({ layout, of: [], isRegister: false }));
}

function numbered<Row extends { readonly layout: AnyLayout }>(
  rows: Readonly<Record<string, Row>>,
  numberOf: (row: Row) => number,
): readonly Shown[] {
  return shared(rows, (name, row) => `${name} ${hex(numberOf(row), 2)}`, false);
}

/** Several rows may share a layout, which is shown once. */
function shared<Row extends { readonly layout: AnyLayout }>(
  rows: Readonly<Record<string, Row>>,
  show: (name: string, row: Row) => string,
  isRegister: boolean,
): readonly Shown[] {
  const layouts = new Set(Object.values(rows).map(({ layout }) => layout));
  return [...layouts].map((layout) => ({
    layout,
    of: Object.entries(rows).flatMap(([name, row]) => (row.layout === layout ? [show(name, row)] : [])),
    isRegister,
  }));
}

const isReserved = ({ access }: FieldRow): boolean => access === 'reserved';

const COLUMNS: readonly {
  readonly head: string;
  on(this: void, rows: readonly FieldRow[], isRegister: boolean): boolean;
  cell(this: void, row: FieldRow): string;
}[] = [
  { head: 'Bits', on: () => true, cell: ({ msb, lsb }) => (msb === lsb ? `${msb}` : `${msb}:${lsb}`) },
  { head: 'Field', on: () => true, cell: (row) => (isReserved(row) ? 'reserved' : `\`${row.field}\``) },
  { head: 'Access', on: (_rows, isRegister) => isRegister, cell: (row) => (isReserved(row) ? '' : row.access) },
  {
    head: 'Encodings',
    on: (rows) => rows.some(({ names }) => names !== undefined),
    cell: ({ names = {} }) =>
      Object.entries(names)
        .map(([name, code]) => `${code} \`${name}\``)
        .join(', '),
  },
];

/** A heading and a table for each layout. */
export const render = (section: readonly Shown[]): string => section.map(tableOf).join('\n\n');

function tableOf({ layout, of, isRegister }: Shown): string {
  const rows = describe(layout);
  const columns = COLUMNS.filter(({ on }) => on(rows, isRegister));
  const lines = [columns.map(({ head }) => head), columns.map(() => '---'), ...rows.map((row) => columns.map(({ cell }) => cell(row)))];
  const where = [`${layout.width} bits`, ...of].join('; ');
  return [`### \`${layout.name}\``, '', where, '', ...lines.map((cells) => `| ${cells.join(' | ')} |`)].join('\n');
}

/** `text` with what belongs between its markers. Throws `RangeError` when markers and sections are not the same. */
export function filled(text: string, page: Page): string {
  const names: string[] = [];
  const result = text.replaceAll(
    /(<!-- layouts: (.+) -->\n)[^]*?(<!-- end of layouts -->)/g,
    (_, begin: string, name: string, end: string) => {
      names.push(name);
      return `${begin}\n${render(page[name] ?? [])}\n\n${end}`;
    },
  );
  const [found, wanted] = [names, Object.keys(page)].map((list) => list.toSorted().join(', '));
  if (found !== wanted) throw new RangeError(`markers are for ${found}, and layouts are for ${wanted}`);
  return result;
}

/** Brings the pages in `folder` up to date, or checks that they are; answers the exit code. */
export function main(folder: string, pages: Readonly<Record<string, Page>>, check: boolean, print: (line: string) => void): 0 | 1 {
  let stale = 0;
  for (const [name, page] of Object.entries(pages)) {
    const path = join(folder, `${name}.md`);
    const before = readFileSync(path, 'utf8');
    const after = filled(before, page);
    if (after === before) continue;
    stale++;
    if (!check) writeFileSync(path, after);
    print(check ? `docs/registers/${name}.md is not what the layouts say: npm run docs:registers` : `wrote docs/registers/${name}.md`);
  }
  return check && stale > 0 ? 1 : 0;
}

if (require.main === module) {
  const { check } = parseArgs({ options: { check: { type: 'boolean', default: false } } }).values;
  process.exitCode = main(join(ROOT, 'docs', 'registers'), PAGES, check, console.log);
}
