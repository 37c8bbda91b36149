/** Structures of the user as bytes: least significant first. */
import { fromWords, toWords } from '#hw-models/core/bits';

const WORD_BYTES = 8;

/** The number that bytes hold. */
export function numberOf(bytes: Uint8Array): bigint {
  const padded = new Uint8Array(Math.ceil(bytes.length / WORD_BYTES) * WORD_BYTES);
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  return fromWords(Array.from({ length: padded.length / WORD_BYTES }, (_none, word) => view.getBigUint64(word * WORD_BYTES, true)));
}

/** The first `length` bytes of a number. */
export function bytesFrom(raw: bigint, length: number): Uint8Array {
  const words = toWords(raw, Math.ceil(length / WORD_BYTES));
  const view = new DataView(new ArrayBuffer(words.length * WORD_BYTES));
  for (const [word, value] of words.entries()) view.setBigUint64(word * WORD_BYTES, value, true);
  return new Uint8Array(view.buffer, 0, length);
}
