/** The literals of the domain, as features write them. A transformer returns the value; steps never parse. */
import type { Arrival } from './bench/arrival';
import type { Access } from './bench/bench';
import type { Expected } from './bench/outcomes';
import type { Trait } from './bench/described';
import { UNFIT } from './bench/hyp-scene';
import type { Shortage, Winners } from './bench/replays';
import type { Dirty } from './bench/told';
import { DEED_NAMES, type Deed } from './bench/watched';
import { address, device, HEX, NUMBER, number, PROT, protection, RANGE, range, SENDER, sender, SIZE, size, smmu } from './literals';
import { parameterType } from './registry';

const expected = (refused?: string, errno?: string, handled?: string): Expected => {
  if (refused === undefined) return undefined;
  return handled === undefined ? (errno ?? 'any') : `${errno} after ${handled}`;
};

parameterType('device', /d\d+/, device);
parameterType('sender', new RegExp(SENDER), sender);
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
parameterType<Arrival>('reach', new RegExp(`faults(?: with cause (${NUMBER}))?|reaches PA (${HEX})`), (cause, at) =>
  at !== undefined ? address(at) : cause === undefined ? 'faults' : { cause },
);
parameterType('cause', new RegExp(NUMBER), (text = '') => text);
parameterType('switching', /starts|stops/, (text = '') => text === 'starts');
parameterType('ability', /can|cannot/, (text = '') => text === 'can');
parameterType<Dirty>('dirty', new RegExp(`none|((?:${HEX})(?:, (?:${HEX}))*)(, and stay so)?`), (pages, stay) => ({
  pages: pages === undefined ? [] : pages.split(', ').map(address),
  stay: stay !== undefined,
}));
parameterType('gpa', new RegExp(`GPA (${HEX})`), address);
parameterType<bigint | undefined>('phys', new RegExp(`is not mapped|translates to PA (${HEX})`), (at) =>
  at === undefined ? undefined : address(at),
);
/** At the end of a step: nothing, or the answer that is expected; either is right where what follows decides. */
parameterType<Expected>(
  'expected',
  /|, (?:(accepted or refused)|accepted|(refused)(?: with (E[A-Z0-9]+)(?: after (\d+) entr(?:y|ies))?)?)/,
  (either, ...refusal) => (either === undefined ? expected(...refusal) : 'either'),
);
parameterType<Expected>('answer', /accepted|(refused)(?: with (E[A-Z0-9]+))?/, expected);
parameterType('errno', /E[A-Z0-9]+/, (text = '') => text);
/** A count or an identifier. */
parameterType('number', new RegExp(NUMBER), number);
/** An SMMU, or the hypervisor itself. */
parameterType('smmuToInitialise', new RegExp(`| SMMU (${NUMBER})`), (text) => (text === undefined ? undefined : smmu(text)));
parameterType('smmu', new RegExp(`| on SMMU (${NUMBER})`), smmu);
/** A domain whose root the host passes once more. */
parameterType('rootOf', new RegExp(`| with the root of domain (${NUMBER})`), (domain) =>
  domain === undefined ? undefined : number(domain),
);
parameterType('pages', new RegExp(`(\\d+) pages?(?: full of (ones))?|a (${UNFIT.join('|')}) page`), (count, ones, unfit) =>
  unfit === undefined ? { count: Number(count), content: ones ?? 'zeros' } : { count: 1, content: unfit },
);
parameterType('allocates', /allocates|frees/, (text = '') => (text === 'frees' ? 'hypFree' : 'hypAlloc'));
parameterType('attaches', /attaches|detaches/, (text = '') => (text === 'detaches' ? 'hypDetach' : 'hypAttach'));
parameterType('parameter', /nrDomains|domains|ias|oas|granule|mmio/, (text = '') => text);
/** Whether hardware goes on, or stops in the middle of its work. */
parameterType('answering', /answers again|stops answering/, (text = '') => text === 'answers again');
parameterType<Shortage>('shortage', /allocation fails|wait times out/, (text = '') => text as Shortage);
/** What comes of two calls at once: how many are accepted, and what the other is told. */
parameterType<Winners>('winners', /both succeed|one succeeds(?: and the other is refused with (E[A-Z0-9]+))?()/, (errno, one) =>
  one === undefined ? { accepted: 2 } : { accepted: 1, ...(errno !== undefined && { refused: errno }) },
);
parameterType<Deed>('deed', new RegExp(DEED_NAMES.join('|')), (text = '') => text as Deed);
parameterType('times', /(never|once|\d+ times)/, (text = '') => ({ never: 0, once: 1 })[text] ?? Number.parseInt(text));
parameterType<Trait>('trait', /no page sizes|no aperture|the type \w+|no operation \w+/, (text = '') => text as Trait);
/** Whether accesses that both domains translate alike may be disturbed on the way from one to the other. */
parameterType('disturbance', /|, without an (interval)/, (text) => text === undefined);
