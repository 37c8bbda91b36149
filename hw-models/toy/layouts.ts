/**
 * The toy IOMMU's registers, commands and table entries: small enough to read in a minute, and still with configuration of several
 * words, tagged caches, commands with a fence, and fault records. Its whole specification is docs/systems/toy.md.
 */
import { bit, bits, oneOf, reserved, ro, uint, w1c, word } from '#hw-models/core/bits';

/** Which devices may translate at all, and where their entries are. @spec TOY "Registers" */
export const Control = word(64, 'CONTROL', { table: bits(63, 12), rsv: reserved(11, 1), enable: bit(0) });

/** A write hands over one command. @spec TOY "Commands" */
export const Command = word(64, 'COMMAND', {
  page: bits(63, 32),
  id: uint(31, 16),
  rsv: reserved(15, 3),
  op: oneOf(2, 0, { none: 0, device: 1, space: 2, page: 3 }),
});

/** @spec TOY "Registers" */
export const Status = word(64, 'STATUS', { rsv: reserved(63, 2), error: w1c(bit(1)), busy: ro(bit(0)) });

/** The first fault that software has not cleared. @spec TOY "Faults" */
export const Fault = word(64, 'FAULT', {
  page: ro(bits(63, 32)),
  id: ro(uint(31, 16)),
  rsv: reserved(15, 5),
  lost: w1c(bit(4)),
  cause: ro(oneOf(3, 1, { none: 0, device: 1, translation: 2, permission: 3, input: 4 })),
  valid: w1c(bit(0)),
});

export const MAP = {
  control: { at: 0x00, layout: Control },
  command: { at: 0x08, layout: Command },
  status: { at: 0x10, layout: Status },
  fault: { at: 0x18, layout: Fault },
} as const;

/** First word of a device's entry; `second` says which of the two roots is used. @spec TOY "Device table" */
export const DeviceEntry = word(64, 'device entry', {
  rsv1: reserved(63, 32),
  space: uint(31, 16),
  rsv: reserved(15, 2),
  second: bit(1),
  V: bit(0),
});

/** The words after it: a root of translation tables each. @spec TOY "Device table" */
export const DeviceRoot = word(64, 'device root', { root: bits(63, 12), rsv: reserved(11, 0) });

/** An entry of either level; R and W count at the second. @spec TOY "Translation tables" */
export const TableEntry = word(64, 'table entry', { page: bits(63, 12), rsv: reserved(11, 3), W: bit(2), R: bit(1), V: bit(0) });

/** Devices that a device table has entries for. */
export const DEVICES = 128;
/** Words of a device's entry; the last is not used. */
export const DEVICE_ENTRY_WORDS = 4;
/** Entries of a table of either level. */
export const TABLE_ENTRIES = 512;
/** log2 of the bytes that an entry of the first and of the second level maps. */
export const LEVEL_SHIFTS = [21, 12] as const;
/** First IOVA beyond what two levels translate: 1 GiB. */
export const INPUT_END = 1n << 30n;
