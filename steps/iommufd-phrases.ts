/** What features say of the process that uses /dev/iommu: what it calls, and what it does with devices, files and memory. */
import { IOCTLS, type IoctlName } from '#drivers/contract/uapi-iommufd';
import { RECORD_NAMES } from './bench/user-records';
import { act, type Act } from './bench/verbs';
import type { Rows } from './bench/systems/system';
import { address, device, HEX, NUMBER, number, pasidOf, PROT, RANGE, range, SIZE, size } from './literals';
import { parameterType } from './registry';
import { phrases, says, type Wording } from './wordings';

/** What poll(2) is expected to say of a file. */
export type Readiness = { readonly readable: boolean } | { readonly writable: boolean };

/** A name that a scene gives: a letter for what it is, and a number. */
const NAME = '[A-Z]\\d+';
const PASID = '(?: with PASID (\\d+))?';
const AT_OFFSET = `(?: at offset (${NUMBER}))?`;
/** What the answer of an attach is called afterwards. */
const AS = `(?:, as (${NAME}))?`;
const TERM = `(?:${NUMBER}|${NAME}|[A-Z_]{2,}|missing)`;
const VALUE = `${TERM}(?: \\+ ${TERM})*`;

parameterType('object', new RegExp(NAME), (text = '') => text);
parameterType('ioctl', new RegExp(Object.keys(IOCTLS).join('|')), (text = '') => text as IoctlName);
parameterType('record', new RegExp(RECORD_NAMES.join('|')), (text = '') => text);
parameterType('member', /\w+/, (text = '') => text);
parameterType('value', new RegExp(VALUE), (text = '') => text);
/** Of a HWPT: words, or a number. */
parameterType('withFlags', new RegExp(`| with flags (${VALUE})`), (flags = '0') => flags);
parameterType<Readiness>('readiness', /(has something to read)|(has nothing to read)|can be written/, (something, nothing) =>
  something === undefined && nothing === undefined ? { writable: true } : { readable: nothing === undefined },
);

/** Calls of the user as nouns. */
export const USER_ACTS: readonly Wording<Act>[] = [
  {
    says: says(`attaching (${NAME})${PASID} to (${NAME})`),
    means: (name = '', pasid, pt = '') => act('userAttach', name, pt, pasidOf(pasid)),
  },
  {
    says: says(`moving (${NAME})${PASID} to (${NAME})`),
    means: (name = '', pasid, pt = '') => act('userReplace', name, pt, pasidOf(pasid)),
  },
  { says: says(`binding (d\\d+) as (${NAME})`), means: (who, name = '') => act('userBind', device(who), name) },
  {
    says: says('mapping ', SIZE, ` of (${VALUE}) in (${NAME}) at (${HEX})`),
    means: (count, unit, from = '', ioas = '', at) => act('userIoctl', 'IOMMU_IOAS_MAP', mapRows(size(count, unit), from, ioas, at)),
  },
  {
    says: says(`making a HWPT of (${NAME}) for (${NAME})`),
    means: (ioas = '', name = '') =>
      act('userIoctl', 'IOMMU_HWPT_ALLOC', [
        ['dev_id', name],
        ['pt_id', ioas],
      ]),
  },
];

/** `binds d1 as D1`, `attaches D1 to H1`. */
phrases<Act>('userDeed', [
  {
    says: says(`binds (d\\d+) as (${NAME})(?: by (${NAME}))?`),
    means: (who, name = '', file) => act('userBind', device(who), name, file),
  },
  { says: says(`opens /dev/iommu once more, as (${NAME})`), means: (name = '') => act('userOpen', name) },
  {
    says: says(`lets the guest (?:map|unmap) (${HEX})(?: to GPA (${HEX}))? in its tables at (${VALUE}), GPA (${HEX})`),
    means: (iova, gpa, where = '', tables) =>
      act('userGuestMaps', { iova: address(iova), gpa: gpa === undefined ? undefined : address(gpa), above: 0 }, where, address(tables)),
  },
  { says: says(`unbinds (${NAME})`), means: (name = '') => act('userUnbind', name) },
  {
    says: says(`attaches (${NAME})${PASID} to (${NAME}|missing)${AS}`),
    means: (name = '', pasid, pt = '', as) => act('userAttach', name, pt, pasidOf(pasid), as),
  },
  {
    says: says(`moves (${NAME})${PASID} to (${NAME}|missing)${AS}`),
    means: (name = '', pasid, pt = '', as) => act('userReplace', name, pt, pasidOf(pasid), as),
  },
  { says: says(`detaches (${NAME})${PASID}`), means: (name = '', pasid) => act('userDetach', name, pasidOf(pasid)) },
  {
    says: says(`closes (/dev/iommu|${NAME})`),
    means: (name = '') => (name === '/dev/iommu' ? act('userClose') : act('userClose', name)),
  },
  {
    says: says('allocates ', SIZE, ` as (${NAME})(, read-only)?`),
    means: (count, unit, name = '', readOnly) => act('userAllocate', name, Number(size(count, unit)), readOnly === undefined),
  },
  {
    says: says('has ', SIZE, ` as (${NAME}) in (${NAME}) at (${HEX})`),
    means: (count, unit, name = '', ioas = '', at) => act('userHas', name, size(count, unit), mapRows(size(count, unit), name, ioas, at)),
  },
  { says: says(`frees (${NAME})`), means: (name = '') => act('userFree', name) },
  {
    says: says(`reads (${NUMBER}) bytes of (${NAME}) to (${VALUE})`, AT_OFFSET),
    means: (bytes, name = '', where = '', offset) => act('userRead', name, number(bytes), where, address(offset ?? '0')),
  },
  {
    says: says(`writes (${NUMBER}) bytes to (${NAME}) from (${VALUE})`, AT_OFFSET),
    means: (bytes, name = '', where = '', offset) => act('userWrite', name, number(bytes), where, address(offset ?? '0')),
  },
  {
    says: says('maps ', SIZE, ` of (${VALUE}) in (${NAME})(?: at (${HEX}))?(?:, (${PROT}))?`),
    means: (count, unit, from = '', ioas = '', at, prot) =>
      act('userIoctl', 'IOMMU_IOAS_MAP', mapRows(size(count, unit), from, ioas, at, prot)),
  },
  {
    says: says('unmaps ', RANGE, ` in (${NAME})`),
    means: (count, unit, at = '', ioas = '') =>
      act('userIoctl', 'IOMMU_IOAS_UNMAP', [
        ['ioas_id', ioas],
        ['iova', at],
        ['length', `${size(count, unit)}`],
      ]),
  },
  {
    says: says(`takes page faults of (${NAME})${PASID} by (${NAME}) of (${NAME}), in (${NAME}), (${NAME})`),
    means: (name = '', pasid, hwpt = '', ioas = '', queue = '', file = '') =>
      act('userTakesFaults', name, pasidOf(pasid), { hwpt, ioas, queue, file }),
  },
  {
    says: says(`answers cookie (${NUMBER}) of (${NAME}) with code (\\d+)`),
    means: (cookie, file = '', code) => act('userAnswers', file, number(cookie), Number(code)),
  },
  {
    says: says(`(starts|stops) tracking in (${NAME})`),
    means: (what, name = '') =>
      act('userIoctl', 'IOMMU_HWPT_SET_DIRTY_TRACKING', [
        ['hwpt_id', name],
        ['flags', what === 'starts' ? 'ENABLE' : '0'],
      ]),
  },
  {
    says: says(`finds (${NUMBER}) of `, RANGE, ` dirty in (${NAME}), by `, SIZE, '(, and leaves it so)?'),
    means: (bits, count, unit, at, name = '', pageCount, pageUnit, stays) =>
      act('userFindsDirty', name, range(count, unit, at), size(pageCount, pageUnit), stays !== undefined, address(bits)),
  },
  {
    says: says('maps ', SIZE, ` of the file (/dev/iommu|${NAME})`, AT_OFFSET, '(, private)?(, to be executed)?'),
    means: (count, unit, name = '', offset, isPrivate, execute) =>
      act('userMapFile', name, size(count, unit), address(offset ?? '0'), isPrivate === undefined, execute !== undefined),
  },
]);

/** Members of a mapping of user memory; without an IOVA wherever there is room. */
function mapRows(bytes: bigint, from: string, ioas: string, at: string | undefined, prot = 'read-write'): Rows {
  const flags = [
    ...(at === undefined ? [] : ['FIXED_IOVA']),
    ...(prot === 'write-only' ? [] : ['READABLE']),
    ...(prot === 'read-only' ? [] : ['WRITEABLE']),
  ];
  const rows: Rows = [
    ['flags', flags.join(' + ')],
    ['ioas_id', ioas],
    ['user_va', from],
    ['length', `${bytes}`],
  ];
  return at === undefined ? rows : [...rows, ['iova', at]];
}
