/**
 * What a guest says of a device's context, and what of it is the guest's to say: the first stage, and how it is used. Everything else is
 * the host's, and has to be left 0.
 */
import { ok, refuse, type Platform, type Result } from '#drivers/contract/driver';
import type { UserData } from '#drivers/contract/iommu';
import { HwptRiscv, HWPT_RISCV_BYTES } from '#drivers/contract/uapi';
import { fromWords, type ViewOf } from '#hw-models/core/bits';
import { Iosatp, Pdtp, Tc } from '#hw-models/riscv-iommu/contexts';
import { BLOCKED, type DeviceContext } from './device-context';
import type { Capabilities } from './iommu';

type Given = ViewOf<typeof HwptRiscv>;

/** Words of the host's, and what there is no meaning for. */
const HOSTS = HwptRiscv.mask('iohgatp', 'ta', 'msiptp', 'msi_addr_mask', 'msi_addr_pattern', 'reserved7');
const GUESTS_TC = Tc.mask('V', 'PDTV', 'DPE', 'SADE');

/** What cannot be put into a context. A MODE that some IOMMU has is the hardware's affair, when it is used. */
const REFUSED: readonly { readonly why: string; readonly when: (given: Given, capabilities: Capabilities) => boolean }[] = [
  { why: 'a word is the host’s', when: ({ raw }) => (raw & HOSTS) !== 0n },
  { why: 'a bit of tc is the host’s, or has no meaning', when: ({ tc }) => (tc & ~GUESTS_TC) !== 0n },
  { why: 'fsc has reserved bits set', when: ({ fsc }) => Iosatp.hasReserved(fsc) },
  { why: 'a default process takes a process directory', when: ({ tc }) => Tc.of(tc).DPE && !Tc.of(tc).PDTV },
  { why: 'the hardware does not update A and D', when: ({ tc }, { AMO_HWAD }) => Tc.of(tc).SADE && !AMO_HWAD },
  { why: 'iosatp.MODE is reserved', when: ({ tc, fsc }) => !Tc.of(tc).PDTV && Iosatp.of(fsc).MODE === 'reserved' },
  { why: 'there is no such process directory', when: ({ tc, fsc }, part) => Tc.of(tc).PDTV && !hasDirectory(part, Pdtp.of(fsc).MODE) },
];

const hasDirectory = (part: Capabilities, mode: ReturnType<typeof Pdtp.of>['MODE']): boolean =>
  mode === 'Bare' || (mode !== 'reserved' && part[mode]);

/** Copies what the guest says, once. `EINVAL`: too short, or longer than anything known. `EFAULT`. */
export function copyGuestContext(platform: Platform, { address, length }: UserData): Result<bigint> {
  if (length < HWPT_RISCV_BYTES.least || length > HWPT_RISCV_BYTES.most) return refuse('EINVAL');
  const copied = platform.copyIn(address, length);
  return copied.ok ? ok(numberOf(copied.value)) : copied;
}

/** Little-endian. */
export function numberOf(bytes: Uint8Array): bigint {
  const padded = new Uint8Array(Math.ceil(bytes.length / WORD_BYTES) * WORD_BYTES);
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  return fromWords(Array.from({ length: padded.length / WORD_BYTES }, (_, word) => view.getBigUint64(word * WORD_BYTES, true)));
}

const WORD_BYTES = 8;

/** Why the guest's words cannot be used on an IOMMU, if they cannot. One that is not valid blocks the device, whatever else it says. */
export function refusalOf(raw: bigint, capabilities: Capabilities): string | undefined {
  const given = HwptRiscv.of(raw);
  return Tc.of(given.tc).V ? REFUSED.find(({ when }) => when(given, capabilities))?.why : undefined;
}

/** What is the guest's of the context that its words ask for. */
export function guestContext(raw: bigint): DeviceContext {
  const { tc, fsc } = HwptRiscv.of(raw);
  return Tc.of(tc).V ? { ...BLOCKED, tc, fsc } : BLOCKED;
}
