/**
 * The translation procedure once more, in the plainest way: over memory alone, with no cache, no directory but one device context, and
 * no updates of A and D. For laws: the model is held against it.
 */
import { bit, field, type ReadWord } from '#hw-models/core/testdata/oracle';

/** What a device asks for, without a process_id. */
export interface Probe {
  readonly iova: bigint;
  readonly access: 'read' | 'write' | 'execute';
}

interface Leaf {
  /** The address that the input address leads to. */
  readonly output: bigint;
  readonly log2: bigint;
  readonly type: bigint;
}
/** As text: what the answer is compared by. */
type Fault = string;

const PAGE_FAULT = { execute: 12, read: 13, write: 15 } as const;
const GUEST_PAGE_FAULT = { execute: 20, read: 21, write: 23 } as const;
/** Of a bus with physical addresses of 56 bits. */
const ADDRESSES = 2n ** 56n;
const TYPES = ['PMA', 'NC', 'IO'] as const;
const LEVELS: Readonly<Record<string, bigint>> = { 8: 3n, 9: 4n, 10: 5n };

/**
 * What becomes of a request: `<pa> <log2 of its size> <memory type>`, or `<cause> <iotval2>`.
 * @param context Where the device context lies, in the extended format and without MSIs.
 */
export function oracle(read: ReadWord, context: bigint, { iova, access }: Probe): string {
  const tc = read(context);
  if (!bit(tc, 0n)) return '258 0';
  const managed = { first: bit(tc, 8n), second: bit(tc, 7n) };

  // Each walk begins with what the context says then: a cache may hold the leaf of an earlier one.
  const second = (gpa: bigint, right: Probe['access'], purpose: bigint): Leaf | Fault => {
    const iohgatp = read(context + 8n);
    const levels = LEVELS[String(field(iohgatp, 63n, 60n))];
    if (levels === undefined) return { output: gpa % ADDRESSES, log2: 12n, type: 0n };
    const fault = `${GUEST_PAGE_FAULT[access]} ${(gpa - (gpa % 4n) + purpose).toString(16)}`;
    if (gpa >= 2n ** (14n + 9n * levels)) return fault;
    const leaf = walk(read, field(iohgatp, 43n, 0n), levels, 4n, gpa, managed.second, right);
    return leaf ?? fault;
  };

  const iosatp = read(context + 24n);
  const levels = LEVELS[String(field(iosatp, 63n, 60n))];
  let first: Leaf = { output: iova, log2: 12n, type: 0n };
  if (levels !== undefined) {
    const width = Number(12n + 9n * levels);
    const fault = `${PAGE_FAULT[access]} 0`;
    if (BigInt.asUintN(64, BigInt.asIntN(width, iova)) !== iova) return fault;
    let failed: Fault | undefined;
    const through = (gpa: bigint): bigint => {
      const at = second(gpa, 'read', 1n);
      if (typeof at !== 'string') return read(at.output);
      failed = at;
      return 0n;
    };
    const leaf = walk(through, field(iosatp, 43n, 0n), levels, 1n, BigInt.asUintN(width, iova), managed.first, access);
    if (failed !== undefined) return failed;
    if (leaf === undefined) return fault;
    first = leaf;
  }
  const last = second(first.output, access, 0n);
  if (typeof last === 'string') return last;
  const type = first.type === 0n ? last.type : first.type;
  return `${last.output.toString(16)} ${first.log2 < last.log2 ? first.log2 : last.log2} ${TYPES[Number(type)]}`;
}

/** @param wide Entries of the root, in units of 512. */
function walk(
  read: ReadWord,
  root: bigint,
  levels: bigint,
  wide: bigint,
  address: bigint,
  managed: boolean,
  access: Probe['access'],
): Leaf | undefined {
  let table = root;
  for (let level = levels - 1n; level >= 0n; level--) {
    const log2 = 12n + 9n * level;
    const index = (address / 2n ** log2) % (level === levels - 1n ? 512n * wide : 512n);
    const raw = read(table * 4096n + index * 8n);
    if (!bit(raw, 0n) || field(raw, 58n, 54n) !== 0n) return undefined;
    const ppn = field(raw, 53n, 10n);
    const [r, w, x, u, a, d] = [1n, 2n, 3n, 4n, 6n, 7n].map((at) => bit(raw, at));
    if (!r && !w && !x) {
      if (u || a || d || field(raw, 63n, 61n) !== 0n) return undefined;
      table = ppn;
      continue;
    }
    const type = field(raw, 62n, 61n);
    const napot = bit(raw, 63n);
    if ((w && !r) || type === 3n || (napot && (level !== 0n || ppn % 16n !== 8n)) || ppn % 2n ** (9n * level) !== 0n) return undefined;
    if (!u || !(a || managed)) return undefined;
    const may = { read: r, write: w && (d || managed), execute: x };
    if (!may[access]) return undefined;
    const spanned = napot ? 16n : log2;
    const start = (ppn * 4096n) / 2n ** spanned;
    return { output: start * 2n ** spanned + (address % 2n ** spanned), log2, type };
  }
  return undefined;
}
