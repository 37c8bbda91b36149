/**
 * The translation procedure once more, in the plainest way: over memory alone, with no cache, from one PASID table entry on, and without
 * setting flags. For a part that has everything. For laws: the model is held against it.
 */
import { bit, field, type ReadWord } from '#hw-models/core/testdata/oracle';
import type { Erratum772415 } from '#hw-models/vtd/capabilities';

/** What a device asks for, without a PASID. */
export interface Probe {
  readonly iova: bigint;
  readonly access: 'read' | 'write';
}

interface Leaf {
  /** The address that the input address leads to. */
  readonly output: bigint;
  readonly log2: bigint;
}
/** As text: what the answer is compared by. */
type Fault = string;

/** An entry of a first stage on the way. */
interface Step {
  readonly gpa: bigint;
  readonly raw: bigint;
}

const PAGE = 4096n;
const addressIn = (raw: bigint): bigint => field(raw, 51n, 12n) * PAGE;
const isPageAt = (raw: bigint, level: bigint): boolean => level === 0n || bit(raw, 7n);

/** Which codes a second stage refuses by. */
interface Codes {
  readonly width: Fault;
  readonly read: Fault;
  readonly write: Fault;
}
const ALONE: Codes = { width: '0x84', read: '0x86', write: '0x85' };
const OUTPUT: Codes = { width: '0x84', read: '0x79', write: '0x79' };
const ROOT: Codes = { width: '0x74', read: '0x75', write: '0x77' };
const ENTRY: Codes = { width: '0x74', read: '0x76', write: '0x77' };

/** What becomes of a request: `<pa> <log2 of its size>`, or a reason. @param entry Where the PASID table entry lies. */
export function oracle(read: ReadWord, entry: bigint, { iova, access }: Probe, erratum: Erratum772415 = 'off'): string {
  const low = read(entry);
  if (!bit(low, 0n)) return '0x59';
  const type = field(low, 8n, 6n);
  const snoops = bit(read(entry + 8n), 23n);

  // Each walk begins with what the entry says then: a cache may hold the leaf of an earlier one.
  const second = (gpa: bigint, right: Probe['access'], codes: Codes): Leaf | Fault => {
    const now = read(entry);
    const levels = field(now, 4n, 2n) + 2n;
    if (gpa >= 2n ** (12n + 9n * levels)) return codes.width;
    let table = addressIn(now);
    let rights = 3n;
    for (let level = levels - 1n; ; level--) {
      const log2 = 12n + 9n * level;
      const raw = read(table + field(gpa, log2 + 8n, log2) * 8n);
      if (field(raw, 1n, 0n) === 0n) return codes[right];
      rights &= raw;
      const isMarked = !bit(now, 9n) || snoops || bit(raw, 8n);
      if (isPageAt(raw, level)) {
        if (level > 2n || field(raw, log2 - 1n, 12n) !== 0n) return '0x7a';
        if (!isMarked) return '0x7c';
        if (!bit(rights, right === 'read' ? 0n : 1n)) return codes[right];
        if (bit(now, 9n) && !snoops && right === 'write' && !bit(raw, 9n)) return '0x7c';
        return { output: addressIn(raw) + field(gpa, log2 - 1n, 0n), log2 };
      }
      if (bit(raw, 11n) || bit(raw, 62n)) return '0x7a';
      if (!isMarked) return '0x7c';
      if (rights === 0n) return codes[right];
      table = addressIn(raw);
    }
  };
  const through = (gpa: bigint, codes: Codes): bigint | Fault => {
    if (type === 1n) return gpa;
    const leaf = second(gpa, 'read', codes);
    return typeof leaf === 'string' ? leaf : leaf.output;
  };

  const first = (): Leaf | Fault => {
    const third = read(entry + 16n);
    const levels = field(third, 3n, 2n) + 4n;
    const width = Number(12n + 9n * levels);
    if (BigInt.asUintN(64, BigInt.asIntN(width, iova)) !== iova) return '0x80';
    const steps: Step[] = [];
    let table = addressIn(third);
    let rights = 6n;
    for (let level = levels - 1n; ; level--) {
      const log2 = 12n + 9n * level;
      const gpa = table + field(iova, log2 + 8n, log2) * 8n;
      const at = through(gpa, steps.length === 0 ? ROOT : ENTRY);
      if (typeof at === 'string') return at;
      const raw = read(at);
      steps.push({ gpa, raw });
      if (!bit(raw, 0n)) return '0x71';
      rights &= raw;
      if (isPageAt(raw, level) && (level > 2n || (level > 0n && field(raw, log2 - 1n, 13n) !== 0n))) return '0x72';
      if (!snoops && !(bit(raw, 5n) && (!bit(third, 7n) || bit(raw, 10n)))) return '0x90';
      if (!isPageAt(raw, level)) {
        table = addressIn(raw);
        continue;
      }
      if (!bit(rights, 2n)) return '0x81';
      if (access === 'write' && !bit(rights, 1n)) return '0x85';
      const fault = marked(steps, bit(third, 7n));
      const output = addressIn(raw) - (level > 0n ? addressIn(raw) % (2n * PAGE) : 0n);
      return fault ?? { output: output + field(iova, log2 - 1n, 0n), log2 };
    }
  };

  const marked = (steps: readonly Step[], EAFE: boolean): Fault | undefined => {
    const unmarked = steps.filter(
      ({ raw }, n) => !bit(raw, 5n) || (EAFE && !bit(raw, 10n)) || (access === 'write' && n === steps.length - 1 && !bit(raw, 6n)),
    );
    if (unmarked.length === 0) return undefined;
    if (!snoops) return '0x90';
    if (type === 1n) return undefined;
    for (const step of unmarked) {
      const isTop = step === steps[0];
      const leaf = second(step.gpa, 'write', isTop ? ROOT : ENTRY);
      const isIgnored = erratum === 'any-level' || (erratum === 'top-level' && isTop);
      if (typeof leaf === 'string' && !(leaf === '0x77' && isIgnored)) return leaf;
    }
    return undefined;
  };

  const found = (): Leaf | Fault => {
    if (type === 4n) return { output: iova, log2: 12n };
    if (type === 2n) return second(iova, access, ALONE);
    const outer = first();
    if (type === 1n || typeof outer === 'string') return outer;
    const inner = second(outer.output, access, OUTPUT);
    return typeof inner === 'string' ? inner : { output: inner.output, log2: inner.log2 < outer.log2 ? inner.log2 : outer.log2 };
  };

  const INTERRUPTS = 0xfee0_0000n;
  if (iova >= INTERRUPTS && iova < INTERRUPTS + 2n ** 20n) return access === 'read' ? '0x29' : `${iova.toString(16)} 12`;
  const leaf = found();
  if (typeof leaf === 'string') return leaf;
  if (leaf.output >= 2n ** 52n) return '0x83';
  if (leaf.output >= INTERRUPTS && leaf.output < INTERRUPTS + 2n ** 20n) return '0x87';
  return `${leaf.output.toString(16)} ${leaf.log2}`;
}
