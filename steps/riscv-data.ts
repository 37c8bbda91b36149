/** Structures of the user, as tables of features write them: fields by the names of their layouts, and what the caller says in brackets. */
import { HWPT_DATA, HWPT_RISCV_BYTES, HwptRiscv, INVALIDATE_DATA } from '#drivers/contract/uapi';
import type { AnyLayout } from '#hw-models/core/bits';
import { pageOf } from '#hw-models/core/address';
import { COMMANDS, type CommandName } from '#hw-models/riscv-iommu/commands';
import { DcTa, Iohgatp, Iosatp, MsiAddrMask, MsiAddrPattern, Msiptp, Pdtp, Tc } from '#hw-models/riscv-iommu/contexts';
import { littleEndian } from './bench/described';
import type { GuestArray } from './bench/iommu-verbs';
import type { PlainData } from './bench/user-data';
import { address, number } from './literals';

/** A table of a step: rows of cells. */
export type Rows = readonly (readonly string[])[];

/** Words of a guest's device context, and where in the structure each lies. `pdtp` is the same word as `iosatp`. */
const WORDS: Readonly<Record<string, { readonly of: keyof (typeof HwptRiscv)['fields']; readonly layout: AnyLayout }>> = {
  tc: { of: 'tc', layout: Tc },
  iohgatp: { of: 'iohgatp', layout: Iohgatp },
  ta: { of: 'ta', layout: DcTa },
  iosatp: { of: 'fsc', layout: Iosatp },
  pdtp: { of: 'fsc', layout: Pdtp },
  msiptp: { of: 'msiptp', layout: Msiptp },
  msi_addr_mask: { of: 'msi_addr_mask', layout: MsiAddrMask },
  msi_addr_pattern: { of: 'msi_addr_pattern', layout: MsiAddrPattern },
};

/** An address that no user has. */
const UNREADABLE = 0x10n;

/** A device context with an Sv39 first stage. @param tables GPA of its root. */
export const contextOn = (tables: bigint): bigint =>
  HwptRiscv.encode({ tc: Tc.encode({ V: true }), fsc: Iosatp.encode({ MODE: 'Sv39', PPN: pageOf(tables) }) });

/** A nested domain's data. */
export const nestedData = (raw: bigint): PlainData => ({
  type: HWPT_DATA.RISCV_IOMMU,
  bytes: littleEndian(raw, HWPT_RISCV_BYTES.most),
});

/** `raw` with the fields that a table gives, such as `tc.PDTV | 1`; `(type)`, `(length)`, `(address)` are what the caller says. */
export function nestedDataOf(raw: bigint, rows: Rows): PlainData {
  let data = nestedData(raw);
  for (const [name = '', value = ''] of rows) {
    if (name === '(type)') data = { ...data, type: number(value) };
    else if (name === '(length)') data = { ...data, length: number(value) };
    else if (name === '(address)') data = { ...data, address: UNREADABLE };
    else data = { ...data, bytes: nestedData((raw = withField(raw, name, value))).bytes };
  }
  return data;
}

function withField(raw: bigint, name: string, value: string): bigint {
  const [word = '', field] = name.split('.');
  if (field === undefined) return HwptRiscv.with(raw, { [word]: address(value) });
  const place = WORDS[word];
  if (place === undefined) throw new Error(`a guest's device context has no word ${word}: write one of ${Object.keys(WORDS).join(' ')}`);
  const old = HwptRiscv.of(raw)[place.of];
  return HwptRiscv.with(raw, { [place.of]: withValue(place.layout, old, field, value) });
}

/** Reserved bits by number, `rsv 12`, where a layout has no name for them. */
function withValue(layout: AnyLayout, old: bigint, field: string, value: string): bigint {
  const bit = /^bit(\d+)$/.exec(field);
  if (bit !== null) return old | (2n ** BigInt(bit[1]!));
  const declared = layout.fields[field];
  if (declared === undefined) throw new Error(`${layout.name} has no field ${field}`);
  const read = declared.get(0n);
  const given =
    typeof read === 'boolean'
      ? value === '1'
      : typeof read === 'bigint'
        ? address(value)
        : typeof read === 'number'
          ? number(value)
          : value;
  return layout.with(old, { [field]: given });
}

/** An entry is a command; a table has one in each row: its name, then fields and values. */
export function commandsOf(rows: Rows, length: number): GuestArray {
  const raw = rows.map(([name = '', ...fields]) => commandOf(name, fields));
  const bytes = raw.flatMap((command) => littleEndian(command, 16));
  return { data: { type: INVALIDATE_DATA.RISCV_IOMMU, bytes, entries: raw.length }, length };
}

function commandOf(name: string, fields: readonly string[]): bigint {
  if (!Object.hasOwn(COMMANDS, name)) throw new Error(`no command is named ${name}: write one of ${Object.keys(COMMANDS).join(' ')}`);
  const { opcode, func3, layout }: { opcode: number; func3: number; layout: AnyLayout } = COMMANDS[name as CommandName];
  let raw = layout.encode({ opcode, func3 });
  for (const field of fields) {
    if (field === '') continue;
    const [key = '', value = '1'] = field.split(' ');
    raw = withValue(layout, raw, key, value);
  }
  return raw;
}
