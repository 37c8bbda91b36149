/** What features say of RISC-V IOMMUs: what a part lacks, and what a device context holds. */
import { FULL as RISCV } from '#hw-models/riscv-iommu/capabilities';
import { LEGACY, FULL as VTD } from '#hw-models/vtd/capabilities';
import { hex } from '#hw-models/core/hex';
import type { DeviceTrait } from './bench/described';
import type { GuestEntry } from './bench/guest';
import type { SceneArguments, SceneName } from './bench/scene';
import type { Part } from './bench/machines';
import type { Lack } from './bench/systems/system';
import type { Range } from './bench/verb';
import type { Commands } from './bench/watched';
import { ALLOC_DIRTY_TRACKING, ALLOC_NEST_PARENT, ALLOC_PASID, type DeviceDescription, type ReservedRegion } from '#drivers/contract/iommu';
import { address, device, HEX, NUMBER, number, RANGE, range, SENDER, sender } from './literals';
import { phrases, says } from './wordings';

const FLAGS = [
  ...new Set([RISCV, VTD].flatMap((all) => Object.entries(all).flatMap(([name, value]) => (typeof value === 'boolean' ? [name] : [])))),
];

/** What hardware of any architecture may lack. */
const LACKS: Readonly<Record<string, Lack>> = {
  'shorter page tables': 'depth',
  'no way to note dirty pages': 'dirtyPages',
  'no way to enforce coherency': 'coherency',
};

phrases<Part | Lack>('part', [
  { says: says(`(${Object.keys(LACKS).join('|')})`), means: (what = '') => LACKS[what]! },
  {
    says: says(`no ((?:${FLAGS.join('|')})(?:, (?:${FLAGS.join('|')}))*)`),
    means: (names = '') => Object.fromEntries(names.split(', ').map((name) => [name, false])),
  },
  { says: /no (scalable) mode/, means: () => LEGACY },
  { says: /(caching) mode/, means: () => ({ CM: true }) },
  { says: /a (write) buffer/, means: () => ({ RWBF: true }) },
  { says: /erratum 772415 at (the top|any) level/, means: (where) => ({ erratum772415: where === 'any' ? 'any-level' : 'top-level' }) },
  { says: /domain-ids of (4|6|8|10|12|14|16) bits/, means: (bits) => ({ ND: (Number(bits) - 4) / 2 }) },
  {
    says: /second-stage tables of ((?:[345])(?:, [345])*) levels/,
    means: (levels = '') => ({ SAGAW: levels.split(', ').map((n) => WIDTHS[n]) }),
  },
  { says: /second-stage pages of at most (4 KiB|2 MiB)/, means: (size) => ({ SLLPS: size === '2 MiB' ? ['2M'] : [] }) },
  { says: /addresses of (\d+) bits/, means: (bits) => ({ MGAW: Number(bits) }) },
  { says: /directories of (\d) levels?/, means: (levels) => ({ levels: [Number(levels) as 1 | 2 | 3] }) },
  { says: says(`queues of at most (${NUMBER}) entries`), means: (entries) => ({ queueLog2: Math.log2(number(entries)) }) },
]);

/** Bits of an address that so many levels translate. */
const WIDTHS: Readonly<Record<string, number>> = { 3: 39, 4: 48, 5: 57 };

/** Regions that firmware reserves for a device. */
const REGIONS: Readonly<Record<string, ReservedRegion['kind']>> = {
  direct: 'direct',
  relaxable: 'direct-relaxable',
  reserved: 'reserved',
  MSI: 'msi',
  'software MSI': 'sw-msi',
};
const REGION = `an? (${Object.keys(REGIONS).join('|')}) region of ${RANGE}`;

const region = (kind: string, { iova: start, size: length }: Range): ReservedRegion => ({ start, length, kind: REGIONS[kind]! });

/** Where a device is, and what it can. */
phrases<Partial<DeviceDescription>>('place', [
  { says: says(`is behind IOMMU (${NUMBER})`), means: (iommu) => ({ iommu: number(iommu) }) },
  { says: says(`has the ids? ((?:${NUMBER})(?:, (?:${NUMBER}))*)`), means: (ids = '') => ({ ids: ids.split(', ').map(number) }) },
  { says: /keeps (translations) of its own/, means: () => ({ ats: true }) },
  { says: /has PASIDs of (\d+) bits/, means: (bits) => ({ pasidBits: Number(bits) }) },
  { says: /asks for pages, with PASIDs of (\d+) bits/, means: (bits) => ({ pri: true, ats: true, pasidBits: Number(bits) }) },
  { says: /asks for (pages)/, means: () => ({ pri: true, ats: true }) },
  { says: /does not see what (caches) hold/, means: () => ({ coherent: false }) },
  { says: /is in the group of (d\d+)/, means: (other) => ({ group: device(other) }) },
  {
    says: says('has ', REGION, '(?: and ', REGION, ')?'),
    means: (...[kind = '', count, unit, at, other, otherCount, otherUnit, otherAt]) => ({
      reserved: [
        region(kind, range(count, unit, at)),
        ...(other === undefined ? [] : [region(other, range(otherCount, otherUnit, otherAt))]),
      ],
    }),
  },
]);

/** What happens besides calls of the driver. */
export interface Circumstance {
  readonly name: SceneName;
  readonly args: readonly unknown[];
}

const circumstance = <N extends SceneName>(name: N, ...args: SceneArguments<N>): Circumstance => ({ name, args });

/** As drivers name it to the platform; domain-ids are those of the first IOMMU. */
const spaceOf = (name: string): string => (name === 'DID' ? 'did of IOMMU 0' : name.toLowerCase());

/** What a device asks to do; nothing: it will not ask any more. */
const RIGHTS = 'read|write|execute|read and write|read and execute|do nothing at';

phrases<Circumstance>('circumstance', [
  { says: /the next (allocation) fails/, means: () => circumstance('allocationFails') },
  { says: /no (PSCID|GSCID|DID) is left/, means: (space = '') => circumstance('idsLeft', spaceOf(space)) },
  {
    says: says(`of the (PSCID|GSCID|DID)s only (${NUMBER}) is left`),
    means: (space = '', id) => circumstance('idsLeft', spaceOf(space), number(id)),
  },
  {
    says: says(`${SENDER} asks to (${RIGHTS}) (${HEX})( as a supervisor)? in groups? (\\d+)(?: to (\\d+))?(, and for more)?`),
    means: (who, pasid, rights = '', iova, privileged, first, last = first, more) =>
      circumstance('asksForPages', sender(who, pasid), groups(Number(first), Number(last)), {
        ...{ iova: address(iova), read: rights.includes('read'), write: rights.includes('write'), execute: rights.includes('execute') },
        ...{ privileged: privileged !== undefined, last: more === undefined },
      }),
  },
]);

const groups = (first: number, last: number): readonly number[] => Array.from({ length: last - first + 1 }, (_none, n) => first + n);

phrases<DeviceTrait & { readonly device: number }>('deviceTrait', [
  { says: /hardware information of (d\d+) is that of its IOMMU/, means: (who) => ({ says: 'hardware', device: device(who) }) },
  {
    says: says(`reserved regions of (d\\d+) are ((?:${Object.keys(REGIONS).join('|')}) ${HEX} to ${HEX})`),
    means: (who, region = '') => ({ says: 'regions', device: device(who), regions: [regionOf(region)] }),
  },
]);

function regionOf(text: string): string {
  const [, kind = '', start, last] = new RegExp(`^(.*) (${HEX}) to (${HEX})$`).exec(text)!;
  return `${REGIONS[kind]!} ${hex(address(start))} to ${hex(address(last))}`;
}

/** A domain that is about to be there. */
export interface NewDomain {
  readonly name: string;
  readonly device: number;
  readonly type: 'paging' | 'identity' | 'blocked';
  readonly flags: number;
  /** Of a nest parent: 0x1000 is mapped to GPA 0x20_0000, in tables at GPA 0x10_0000; 64 KiB at GPA 0x20_0000 are at PA 0x8000_0000. */
  readonly hasGuest: boolean;
}

/** The domains that callers make without data of a user, by how features name them. */
export const KINDS: Readonly<Record<string, Pick<NewDomain, 'type' | 'flags'>>> = {
  domain: { type: 'paging', flags: 0 },
  'nest parent': { type: 'paging', flags: ALLOC_NEST_PARENT },
  'dirty-tracked domain': { type: 'paging', flags: ALLOC_DIRTY_TRACKING },
  'dirty-tracked nest parent': { type: 'paging', flags: ALLOC_NEST_PARENT | ALLOC_DIRTY_TRACKING },
  'domain for PASIDs': { type: 'paging', flags: ALLOC_PASID },
  'identity domain': { type: 'identity', flags: 0 },
  'blocked domain': { type: 'blocked', flags: 0 },
};
export const KIND = Object.keys(KINDS).join('|');

phrases<NewDomain>('newDomain', [
  {
    says: says(`an? (${KIND}) ([A-Z]) for (d\\d+)(?: with flags (${NUMBER}))?(?: with a (guest))?`),
    means: (kind = '', name = '', who, flags, guest) => ({
      name,
      device: device(who),
      type: KINDS[kind]!.type,
      flags: KINDS[kind]!.flags | number(flags ?? '0'),
      hasGuest: guest !== undefined,
    }),
  },
]);

phrases<GuestEntry>('guestEntry', [
  { says: says(`maps (${HEX}) to GPA (${HEX})`), means: (iova, gpa) => ({ iova: address(iova), gpa: address(gpa), above: 0 }) },
  { says: says(`unmaps (${HEX})`), means: (iova) => ({ iova: address(iova), gpa: undefined, above: 0 }) },
  {
    says: says(`leads (${HEX}) to a table at GPA (${HEX})`),
    means: (iova, gpa) => ({ iova: address(iova), gpa: address(gpa), above: 1 }),
  },
]);

/** A field of a device context, and its value as the layout names it. */
export interface ContextField {
  readonly word: string;
  readonly field: string;
  readonly value: string;
}

/** Names may begin with a digit, too. */
const WHOLE_NUMBER = new RegExp(`^(?:${NUMBER})$`);

phrases<ContextField>('contextField', [
  {
    says: says(`(tc|iohgatp|ta|iosatp|pdtp|msiptp|context|pasid)\\.(\\w+) ([\\w-]+)`),
    means: (word = '', field = '', value = '') => ({ word, field, value: WHOLE_NUMBER.test(value) ? `${number(value)}` : value }),
  },
]);

phrases<Commands>('commands', [
  { says: /the commands "([^"]*)"/, means: (text = '') => ({ how: 'exactly', text }) },
  { says: /among others the commands "([^"]*)"/, means: (text = '') => ({ how: 'among', text }) },
  { says: /no command "([^"]*)"/, means: (text = '') => ({ how: 'no', text }) },
]);
