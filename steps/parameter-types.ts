/** The literals of the domain, as features write them. A transformer returns the value; steps never parse. */
import type { Access } from './bench/bench';
import type { Expected } from './bench/outcomes';
import { address, device, HEX, NUMBER, number, PROT, protection, RANGE, range, SIZE, size, smmu } from './literals';
import { parameterType } from './registry';

const expected = (refused?: string, errno?: string): Expected => (refused === undefined ? undefined : (errno ?? 'any'));

parameterType('device', /d\d+/, device);
parameterType('domain', /[A-Z]/, (text = '') => text);
parameterType('iova', new RegExp(HEX), address);
parameterType('pa', new RegExp(`PA (${HEX})`), address);
parameterType('size', new RegExp(SIZE), size);
parameterType('range', new RegExp(RANGE), range);
parameterType('prot', new RegExp(PROT), protection);
parameterType<Access>('access', /reads|writes|executes/, (text = '') => text.slice(0, -1) as Access);
parameterType<Access>(
  'accessing',
  /reading|writing|executing/,
  (text = '') => ({ reading: 'read', writing: 'write', executing: 'execute' })[text] as Access,
);
parameterType<'faults' | bigint>('reach', new RegExp(`faults|reaches PA (${HEX})`), (at) => (at === undefined ? 'faults' : address(at)));
parameterType<bigint | undefined>('phys', new RegExp(`is not mapped|translates to PA (${HEX})`), (at) =>
  at === undefined ? undefined : address(at),
);
/** At the end of a step: nothing, or the answer that is expected. */
parameterType<Expected>('expected', /|, (?:accepted|(refused)(?: with (E[A-Z0-9]+))?)/, expected);
parameterType<Expected>('answer', /accepted|(refused)(?: with (E[A-Z0-9]+))?/, expected);
parameterType('errno', /E[A-Z0-9]+/, (text = '') => text);
/** A count or an identifier. */
parameterType('number', new RegExp(NUMBER), number);
parameterType('smmu', new RegExp(`| on SMMU (${NUMBER})`), smmu);
parameterType('pages', /(\d+|a shared) pages?(?: full of (ones))?/, (count = '', ones) =>
  count === 'a shared' ? { count: 1, content: 'shared' } : { count: Number(count), content: ones ?? 'zeros' },
);
parameterType('allocates', /allocates|frees/, (text = '') => (text === 'frees' ? 'hypFree' : 'hypAlloc'));
parameterType('attaches', /attaches|detaches/, (text = '') => (text === 'detaches' ? 'hypDetach' : 'hypAttach'));
parameterType('parameter', /nrDomains|domains|granule/, (text = '') => text);
