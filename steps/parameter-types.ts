/** The literals of the domain, as features write them. A transformer returns the value; steps never parse. */
import type { Protection } from '#drivers/contract/iommu';
import type { Access } from './bench/bench';
import { act, type Act, type Range } from './bench/verbs';
import { parameterType } from './registry';

const UNITS: Readonly<Record<string, bigint>> = { B: 1n, KiB: 1n << 10n, MiB: 1n << 20n, GiB: 1n << 30n };
const HEX = '0x[0-9a-f]{1,4}(?:_[0-9a-f]{4})*';
const RANGE = `(\\d+) (${Object.keys(UNITS).join('|')}) at (${HEX})`;
const PROT = 'read-only|write-only|read-write';

const address = (text = ''): bigint => BigInt(text.replaceAll('_', ''));
const device = (text = ''): number => Number(text.slice(1));
const range = (count = '', unit = '', at = ''): Range => ({ iova: address(at), size: BigInt(count) * (UNITS[unit] ?? 0n) });
const protection = (text = ''): Protection => ({ read: text !== 'write-only', write: text !== 'read-only', execute: false, privileged: false, mmio: false });

parameterType('device', /d\d+/, device);
parameterType('domain', /[A-Z]/, (text = '') => text);
parameterType('iova', new RegExp(HEX), address);
parameterType('pa', new RegExp(`PA (${HEX})`), address);
parameterType('range', new RegExp(RANGE), range);
parameterType('prot', new RegExp(PROT), protection);
parameterType<Access>('access', /reads|writes|executes/, (text = '') => text.slice(0, -1) as Access);
parameterType<Access>('accessing', /reading|writing|executing/, (text = '') => ({ reading: 'read', writing: 'write', executing: 'execute' })[text] as Access);
parameterType<'faults' | bigint>('reach', new RegExp(`faults|reaches PA (${HEX})`), (at) => (at === undefined ? 'faults' : address(at)));
parameterType<bigint | undefined>('phys', new RegExp(`is not mapped|translates to PA (${HEX})`), (at) => (at === undefined ? undefined : address(at)));
/** At the end of a step: nothing, or the refusal that is expected. */
parameterType<string | undefined>('refusal', /|, refused with (E[A-Z0-9]+)/, (errno) => errno);

parameterType<string | undefined>('answer', /accepted|refused with (E[A-Z0-9]+)/, (errno) => errno);

/** A call as a noun: `attaching d1 to A`. */
parameterType<Act>(
  'act',
  [/attaching (d\d+) to ([A-Z])/, /detaching (d\d+) from ([A-Z])/, /replacing the domain of (d\d+) by ([A-Z])/, /freeing ([A-Z])/, /allocating domain ([A-Z]) for (d\d+)/, new RegExp(`mapping ${RANGE} in ([A-Z]) to PA (${HEX}), (${PROT})`), new RegExp(`unmapping ${RANGE} in ([A-Z])`)],
  (...groups) => {
    const found = groups.filter((group) => group !== undefined);
    return actOf(groups, found);
  },
);

/** Which of the alternatives matched is told by the position of its first group. */
function actOf(groups: readonly (string | undefined)[], [a = '', b = '', c = '', d = '', e = '', f = '']: readonly string[]): Act {
  const first = groups.findIndex((group) => group !== undefined);
  switch (first) {
    case 0:
      return act('attach', device(a), b);
    case 2:
      return act('detach', device(a), b);
    case 4:
      return act('replace', device(a), b);
    case 6:
      return act('free', a);
    case 7:
      return act('alloc', a, device(b), 'paging');
    case 9:
      return act('map', d, range(a, b, c), address(e), protection(f));
    default:
      return act('unmap', d, range(a, b, c));
  }
}
