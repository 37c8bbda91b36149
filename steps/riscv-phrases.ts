/** What features say of RISC-V IOMMUs: what a part lacks, and what a device context holds. */
import { FULL, type Capabilities } from '#hw-models/riscv-iommu/capabilities';
import type { Commands } from './bench/watched';
import type { DeviceDescription } from '#drivers/contract/iommu';
import { address, HEX, NUMBER, number } from './literals';
import { phrases, says } from './wordings';

const FLAGS = Object.entries(FULL).flatMap(([name, value]) => (typeof value === 'boolean' ? [name] : []));

phrases<Partial<Capabilities>>('riscvPart', [
  { says: says(`no (${FLAGS.join('|')})`), means: (name = '') => ({ [name]: false }) },
  { says: /directories of (\d) levels?/, means: (levels) => ({ levels: [Number(levels) as 1 | 2 | 3] }) },
  { says: says(`queues of at most (${NUMBER}) entries`), means: (entries) => ({ queueLog2: Math.log2(number(entries)) }) },
]);

/** Where a device is, and what it can. */
phrases<Partial<DeviceDescription>>('place', [
  { says: says(`is behind IOMMU (${NUMBER})`), means: (iommu) => ({ iommu: number(iommu) }) },
  { says: says(`has the ids? ((?:${NUMBER})(?:, (?:${NUMBER}))*)`), means: (ids = '') => ({ ids: ids.split(', ').map(number) }) },
  { says: /keeps (translations) of its own/, means: () => ({ ats: true }) },
]);

/** What others have left of a space of identifiers. */
export interface IdsLeft {
  readonly space: string;
  readonly ids: readonly number[];
}

phrases<IdsLeft>('idsLeft', [
  { says: /no (PSCID|GSCID) is left/, means: (space = '') => ({ space: space.toLowerCase(), ids: [] }) },
  {
    says: says(`of the (PSCID|GSCID)s only (${NUMBER}) is left`),
    means: (space = '', id) => ({ space: space.toLowerCase(), ids: [number(id)] }),
  },
]);

/** A leaf of a guest's tables; undefined: it is cleared. */
export interface GuestEntry {
  readonly iova: bigint;
  readonly gpa: bigint | undefined;
}

phrases<GuestEntry>('guestEntry', [
  { says: says(`maps (${HEX}) to GPA (${HEX})`), means: (iova, gpa) => ({ iova: address(iova), gpa: address(gpa) }) },
  { says: says(`unmaps (${HEX})`), means: (iova) => ({ iova: address(iova), gpa: undefined }) },
]);

/** A field of a device context, and its value as the layout names it. */
export interface ContextField {
  readonly word: string;
  readonly field: string;
  readonly value: string;
}

phrases<ContextField>('contextField', [
  {
    says: says(`(tc|iohgatp|ta|iosatp|pdtp|msiptp)\\.(\\w+) (${NUMBER}|\\w+)`),
    means: (word = '', field = '', value = '') => ({ word, field, value: /^\d/.test(value) ? `${number(value)}` : value }),
  },
]);

phrases<Commands>('commands', [
  { says: /the commands "([^"]*)"/, means: (text = '') => ({ how: 'exactly', text }) },
  { says: /among others the commands "([^"]*)"/, means: (text = '') => ({ how: 'among', text }) },
  { says: /no command "([^"]*)"/, means: (text = '') => ({ how: 'no', text }) },
]);
