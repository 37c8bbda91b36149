/** What a guest says of its first stage, copied in once. */
import { ok, refuse, type Platform, type Result } from '#drivers/contract/driver';
import type { UserData } from '#drivers/contract/iommu';
import { HwptVtdS1, HwptVtdS1Flags } from '#drivers/contract/uapi';
import { fromWords } from '#hw-models/core/bits';

const BYTES = HwptVtdS1.width / 8;
const WORD_BYTES = 8;

/**
 * `EINVAL`: too short, or longer than anything known. `EFAULT`. `EOPNOTSUPP`: what has no meaning yet. What a unit cannot do is found when it
 * is to do it.
 */
export function copyFirstStage(platform: Platform, { address, length }: UserData): Result<bigint> {
  if (length !== BYTES) return refuse('EINVAL');
  const copied = platform.copyIn(address, length);
  if (!copied.ok) return copied;
  const raw = numberOf(copied.value);
  const isKnown = !HwptVtdS1.hasReserved(raw) && !HwptVtdS1Flags.hasReserved(HwptVtdS1.of(raw).flags);
  return isKnown ? ok(raw) : refuse('EOPNOTSUPP');
}

/** Little-endian, whole words. */
export function numberOf(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return fromWords(Array.from({ length: bytes.length / WORD_BYTES }, (_, word) => view.getBigUint64(word * WORD_BYTES, true)));
}
