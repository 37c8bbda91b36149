/**
 * The device context as this driver uses it: four words, whatever the format, since the words that the extended format adds stay 0
 * (there is no MSI page table). Domains say what a context is to be; `sequencer.ts` gets it there.
 */
import { Iohgatp, Iosatp, Tc } from '#hw-models/riscv-iommu/contexts';

/** In memory order. @spec RISCV-IOMMU "Leaf DDT entry" */
export const WORDS = ['tc', 'iohgatp', 'ta', 'fsc'] as const;
export type Word = (typeof WORDS)[number];

export type DeviceContext = Readonly<Record<Word, bigint>>;

/** Not valid, and nothing in the words that are not looked at then. */
export const BLOCKED: DeviceContext = { tc: 0n, iohgatp: 0n, ta: 0n, fsc: 0n };

/** Both stages Bare: what a device asks for is what it gets. */
export const IDENTITY: DeviceContext = { ...BLOCKED, tc: Tc.encode({ V: true }) };

export const isValid = ({ tc }: DeviceContext): boolean => Tc.of(tc).V;
export const hasSecondStage = ({ iohgatp }: DeviceContext): boolean => Iohgatp.of(iohgatp).MODE !== 'Bare';
export const hasProcesses = ({ tc }: DeviceContext): boolean => Tc.of(tc).PDTV;
/** MODE lies in the same place whether `fsc` is an iosatp or a pdtp, and 0 is Bare in both. */
export const hasFirstStage = ({ fsc }: DeviceContext): boolean => Iosatp.of(fsc).MODE !== 'Bare';

/** Whether the PSCID of `ta` tags anything: a process directory has PSCIDs of its own. @spec RISCV-IOMMU "Translation attributes (ta)" */
const isTagged = (context: DeviceContext): boolean => hasFirstStage(context) && !hasProcesses(context);

/** Whether the hardware looks at a word. */
export function uses(context: DeviceContext, word: Word): boolean {
  if (word === 'tc') return true;
  return isValid(context) && (word !== 'ta' || isTagged(context));
}

/** What a domain asks for, for a device that keeps translations of its own or does not. */
export const contextFor = (asked: DeviceContext, ats: boolean): DeviceContext =>
  ats && isValid(asked) ? { ...asked, tc: Tc.with(asked.tc, { EN_ATS: true }) } : asked;
