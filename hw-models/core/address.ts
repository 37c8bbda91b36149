/**
 * Addresses, one type per address space, and the pages and words that they lie in.
 * Addresses and byte counts are bigint, page and word numbers are number.
 */

import { hex } from '#hw-models/core/hex';

declare const space: unique symbol;

/** An address of one space, in bytes. Arithmetic gives a plain `bigint` again: name its space where the meaning is known. */
export type Address<Space extends string> = bigint & { readonly [space]: Space };

/** What a device puts on the bus: input of stage 1, or of the only stage. 64 bits. */
export type Iova = Address<'IOVA'>;

/** What a guest takes for physical: output of stage 1 and input of stage 2. */
export type Gpa = Address<'GPA'>;

/** Where memory is. At most 56 bits in every architecture modelled. */
export type Pa = Address<'PA'>;

/** `value` as an IOVA. Not checked: the width in use depends on the configuration. */
export const iova = (value: bigint): Iova => value as Iova;

/** `value` as a guest physical address. Not checked. */
export const gpa = (value: bigint): Gpa => value as Gpa;

/** `value` as a physical address. Not checked. */
export const pa = (value: bigint): Pa => value as Pa;

/** log2 of the bytes of a page of memory, whatever the translation granule. */
export const PAGE_SHIFT = 12;

/** Bytes of a page of memory. */
export const PAGE_SIZE = 4096n;

/** log2 of the bytes of a word. */
export const WORD_SHIFT = 3;

/** Words of 8 bytes in a page of memory. */
export const WORDS_PER_PAGE = 512;

const PAGES = 2 ** 52;
const WORDS = 2 ** 53;
const FRAME_SHIFT = 12n;
const PAGE_BYTES = 2 ** PAGE_SHIFT;
/** Frames whose bytes have numbers that are exact: one bigint is made for an address, and not four. */
const EXACT_FRAMES = 2 ** 41;

/** Number of the 4 KiB page that holds `address`. Throws `RangeError` beyond 52 bits, that is for an address of more than 64 bits. */
export function pageOf(address: bigint): number {
  const page = Number(address >> 12n);
  // The shift keeps the sign, and a number rounds only beyond the limit: comparing afterwards is exact and cheap.
  if (page < 0 || page >= PAGES) throw new RangeError(`address ${hex(address)}: the page number has more than 52 bits`);
  return page;
}

/** Bytes from the start of its page to `address`. */
export function pageOffset(address: bigint): number {
  return Number(address & 0xfffn);
}

/** Where a page starts. Re-brand the result: `pa(pageStart(page))`. */
export function pageStart(page: number): bigint {
  return BigInt(page) << 12n;
}

/** Number of the 4 KiB frame that holds `address`, which wraps at 64 bits. Wrapped at each step, which keeps it in a machine register. */
export const frameOf = (address: bigint): number => Number(BigInt.asUintN(64, BigInt.asUintN(64, address) >> FRAME_SHIFT));

/** The address in a frame that is at the place of `address` in its own. */
export const addressOf = (frame: number, address: bigint): bigint =>
  frame < EXACT_FRAMES
    ? BigInt(frame * PAGE_BYTES + Number(BigInt.asUintN(PAGE_SHIFT, address)))
    : (BigInt(frame) << FRAME_SHIFT) | BigInt.asUintN(PAGE_SHIFT, address);

/** Number of the 8-byte word that holds `address`. Throws `RangeError` beyond 53 bits, that is for an address of more than 56 bits. */
export function wordOf(address: bigint): number {
  const word = Number(address >> 3n);
  if (word < 0 || word >= WORDS) throw new RangeError(`address ${hex(address)}: the word number has more than 53 bits`);
  return word;
}

/** Where a word of 8 bytes starts. Re-brand the result: `pa(wordStart(word))`. */
export function wordStart(word: number): bigint {
  return BigInt(word) << 3n;
}

/** Number of the first word of a page. Exact for pages of up to 44 bits, that is addresses of 56 bits. */
export function firstWordOf(page: number): number {
  return page * WORDS_PER_PAGE;
}

/** Number of the page that holds a word. */
export function pageOfWord(word: number): number {
  return Math.floor(word / WORDS_PER_PAGE);
}

/** `2 ** sizeLog2` bytes. */
export function sizeOf(sizeLog2: number): bigint {
  return 1n << BigInt(sizeLog2);
}

/** log2 of `size`. Throws `RangeError` when `size` is not a power of two. */
export function log2(size: bigint): number {
  if (!isPowerOfTwo(size)) throw new RangeError(`size ${hex(size)} is not a power of two`);
  return size.toString(2).length - 1;
}

/** Whether `size` is 1, 2, 4, … */
export function isPowerOfTwo(size: bigint): boolean {
  return size > 0n && (size & (size - 1n)) === 0n;
}

/** Whether `value` is a multiple of `2 ** sizeLog2`. */
export function isAligned(value: bigint, sizeLog2: number): boolean {
  return (value & (sizeOf(sizeLog2) - 1n)) === 0n;
}

/** The largest multiple of `2 ** sizeLog2` that is not above `value`. */
export function alignDown(value: bigint, sizeLog2: number): bigint {
  return (value >> BigInt(sizeLog2)) << BigInt(sizeLog2);
}

/** The smallest multiple of `2 ** sizeLog2` that is not below `value`. */
export function alignUp(value: bigint, sizeLog2: number): bigint {
  return alignDown(value + sizeOf(sizeLog2) - 1n, sizeLog2);
}
