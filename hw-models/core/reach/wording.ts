/** How findings name what they are about. */
import { hex } from '#hw-models/core/hex';
import { showProt } from '#hw-models/core/walk';
import type { Facts } from './facts';
import type { Edge, Table } from './tables';
import type { Reachable } from './translations';

const FRAME_BYTES = 4096n;
const WORD_BYTES = 8n;

export const showFrame = (page: number): string => hex(BigInt(page) * FRAME_BYTES);

export const showTable = ({ level, word }: Table): string => `the ${level.name} table at ${hex(BigInt(word) * WORD_BYTES)}`;

/** `entry 3 of the toy level 2 table at 0x1000_1000, stored at #12 and overwritten at #20`. */
export function showEdge({ table, index, at, overwrittenAt }: Edge, { storedAt }: Pick<Facts, 'storedAt'>): string {
  const stored = storedAt(table.word + index, overwrittenAt ?? Infinity);
  const since = stored === undefined ? `there at #${at}` : `stored at #${stored}`;
  return `entry ${index} of ${showTable(table)}, ${since}${overwrittenAt === undefined ? '' : ` and overwritten at #${overwrittenAt}`}`;
}

/** `PA 0x8000_0000 (rw-, 4 KiB) at IOVA 0x1000`. */
export const showReached = ({ leaf, input }: Pick<Reachable, 'leaf' | 'input'>): string =>
  `PA ${showFrame(leaf.page)} (${showProt(leaf.prot)}, ${showSize(leaf.sizeLog2)}) at IOVA ${showFrame(input)}`;

/** Where a translation comes from. */
export function showOrigin({ aged, from, space }: Reachable, facts: Pick<Facts, 'storedAt'>): string {
  return `${aged ? 'what a cache may still hold: ' : ''}${showEdge(from, facts)}; space ${space.name}`;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `2 MiB`, from log2 of the bytes. */
const showSize = (sizeLog2: number): string => `${2 ** (sizeLog2 % 10)} ${UNITS[Math.floor(sizeLog2 / 10)]}`;
