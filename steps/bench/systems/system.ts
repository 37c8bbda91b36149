/** What scenes say of one architecture: structures of the user, tables of guests, what is in the contexts of a device. */
import type { AnyLayout } from '#hw-models/core/bits';
import type { Hardware } from '#hw-models/core/hardware';
import { address, number } from '../../literals';
import type { Bench } from '../bench';
import type { Part } from '../machines';
import type { PlainData } from '../user-data';
import type { Sender } from '../verb';

/** A table of a step: rows of cells. */
export type Rows = readonly (readonly string[])[];

/** Words of a device's context and their fields, as their layouts read them. */
export type Context = Readonly<Record<string, Readonly<Record<string, boolean | number | bigint | string>> | undefined>>;

/** Who is asked about: an id behind an IOMMU, and a PASID or none. */
export interface Origin {
  readonly iommu: number;
  readonly id: number;
  readonly pasid: number | undefined;
}

/** A guest's first stage: 512 entries of 8 bytes in each table, the last level leading to 4 KiB. */
export interface GuestFormat {
  readonly levels: number;
  /** An entry that leads to a table. @param frame Of the guest. */
  table(frame: number): bigint;
  /** A leaf that every access of a user may use. @param frame Of the guest. */
  leaf(frame: number): bigint;
}

/** One that forgets everything of a guest's first stage, and one that is refused with `EINVAL`. */
export const ENTRY_NAMES = ['everything', 'malformed'] as const;
export type EntryName = (typeof ENTRY_NAMES)[number];

/** What hardware may lack: page tables of the depth that its neighbours have, notes of pages that were written, coherency whatever devices ask for. */
export type Lack = 'depth' | 'dirtyPages' | 'coherency';

export interface System {
  /** An IOMMU that lacks something, by its capabilities; undefined: that cannot be asked of this architecture. */
  readonly without: Readonly<Record<Lack, Part | undefined>>;
  /** Every device sees what the processors' caches hold. */
  readonly snoops: boolean;
  /** Entries of a guest's invalidations, by what features call them. */
  readonly entries: Readonly<Record<EntryName, readonly string[]>>;
  /** `enum iommu_hw_info_type`, and the bytes that stand for the registers of an IOMMU. */
  hardwareInfo(hardware: Hardware): { readonly type: number; readonly bytes: readonly number[] };
  /** As memory has it, whatever caches have. */
  contextOf(bench: Bench, origin: Origin): Context;
  readonly guest: GuestFormat;
  /** A nested domain's data with its tables there, but for what a step says. @param tables GPA of the root. */
  nestedData(tables: bigint, rows: Rows): PlainData;
  /** `enum iommu_hwpt_invalidate_data_type`, and bytes of an entry. */
  readonly invalidation: { readonly type: number; readonly length: number };
  /** Bytes of one entry of an array of invalidations. */
  entry(cells: readonly string[]): readonly number[];
  /** The message by which a device asks for a page; left out: it has none that scenes know. */
  asksForPage?(bench: Bench, asked: Asked): void;
}

/** A device's request for a page. */
export interface Asked extends Wish {
  readonly sender: Sender;
  /** Requests of a group are answered together, after the last of them. */
  readonly group: number;
}

/** What it asks for. */
export interface Wish {
  readonly iova: bigint;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  readonly privileged: boolean;
  readonly last: boolean;
}

/** Bytes of a structure, least significant first. */
export const littleEndian = (raw: bigint, bytes: number): number[] =>
  Array.from({ length: bytes }, (_none, n) => Number(BigInt.asUintN(8, raw / 256n ** BigInt(n))));

/** An address that no user has. */
const UNREADABLE = 0x10n;

/** What the caller says of bytes instead of the truth, by the names that tables give it. */
const SAID: Readonly<Record<string, (value: string) => Partial<PlainData>>> = {
  '(type)': (value) => ({ type: number(value) }),
  '(length)': (value) => ({ length: number(value) }),
  '(address)': () => ({ address: UNREADABLE }),
};

/** `data` with what the caller says of it, and the rows that are about the bytes themselves. */
export function saidOf(data: PlainData, rows: Rows): { readonly data: PlainData; readonly rest: Rows } {
  const rest = rows.filter(([name = '']) => !Object.hasOwn(SAID, name));
  const said = rows.flatMap(([name = '', value = '']) => (Object.hasOwn(SAID, name) ? [SAID[name]!(value)] : []));
  return { data: Object.assign({}, data, ...said) as PlainData, rest };
}

/** A layout's word with one field as a table writes it; `bit12` is a bit that has no name. */
export function withField(layout: AnyLayout, old: bigint, field: string, value: string): bigint {
  const bit = /^bit(\d+)$/.exec(field);
  if (bit !== null) return old | (2n ** BigInt(bit[1]!));
  const declared = layout.fields[field];
  if (declared === undefined) throw new Error(`${layout.name} has no field ${field}`);
  return layout.with(old, { [field]: READ[typeof declared.get(0n)]?.(value) ?? value });
}

/** How a value is written, by what its field reads as; names of `oneOf` are written as they are. */
const READ: Readonly<Partial<Record<string, (value: string) => unknown>>> = {
  boolean: (value) => value === '1',
  bigint: address,
  number,
};
