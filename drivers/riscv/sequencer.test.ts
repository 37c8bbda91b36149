/** Which stores bring a context from one state to another, and that every state in between is the one or the other, or stopped. */
import { suite, test } from 'node:test';
import { assert } from 'chai';
import * as fc from 'fast-check';
import { DcTa, Iohgatp, Iosatp, Pdtp, Tc } from '#hw-models/riscv-iommu/contexts';
import { BLOCKED, IDENTITY, isValid, uses, WORDS, type DeviceContext, type Word } from './device-context';
import { plan, type Step } from './sequencer';

const first = (PSCID: number, PPN: number): DeviceContext => ({
  ...IDENTITY,
  ta: DcTa.encode({ PSCID }),
  fsc: Iosatp.encode({ MODE: 'Sv39', PPN }),
});
const second = (GSCID: number): DeviceContext => ({ ...IDENTITY, iohgatp: Iohgatp.encode({ MODE: 'Sv39x4', GSCID, PPN: 4 * GSCID }) });
const on = (below: DeviceContext, { ta, fsc }: DeviceContext): DeviceContext => ({ ...below, ta, fsc });
const processes = (below: DeviceContext, PPN: number): DeviceContext => ({
  ...below,
  tc: Tc.encode({ V: true, PDTV: true }),
  fsc: Pdtp.encode({ MODE: 'PD8', PPN }),
});

/** `fsc; translations` for a step. */
const say = ({ stores, from, forget, tidies }: Step): string =>
  `${stores.map((word) => (word === 'tc' && !isValid(from) ? 'V=0' : word)).join('+')}${forget === 'nothing' ? '' : `, forget ${forget}`}${tidies ? ' (tidies)' : ''}`;

const ROWS: readonly (readonly [said: string, now: DeviceContext, next: DeviceContext, steps: readonly string[]])[] = [
  ['second stage to both', second(1), on(second(1), first(5, 9)), ['ta, forget context', 'fsc, forget translations']],
  ['both to the second stage', on(second(1), first(5, 9)), second(1), ['fsc, forget translations', 'ta, forget context (tidies)']],
  ['another first stage under the same PSCID', on(second(1), first(5, 9)), on(second(1), first(5, 8)), ['fsc, forget translations']],
  [
    'another first stage under another PSCID',
    on(second(1), first(5, 9)),
    on(second(1), first(6, 8)),
    ['V=0, forget translations', 'ta+fsc', 'tc'],
  ],
  [
    'a first stage to a process directory',
    on(second(1), first(5, 9)),
    processes(second(1), 9),
    ['V=0, forget translations', 'ta+fsc', 'tc'],
  ],
  ['another second stage', second(1), second(2), ['iohgatp, forget translations']],
  ['identity to a first stage', IDENTITY, first(5, 9), ['ta, forget context', 'fsc, forget translations']],
  ['identity to a second stage', IDENTITY, second(1), ['iohgatp, forget translations']],
  [
    'the same word of a first stage, now of a guest',
    first(5, 9),
    on(second(1), first(5, 9)),
    ['V=0, forget translations', 'iohgatp', 'tc'],
  ],
  ['a first stage to a second', first(5, 9), second(1), ['V=0, forget translations', 'iohgatp+ta+fsc', 'tc']],
  ['anything to blocked', on(second(1), first(5, 9)), BLOCKED, ['V=0, forget translations', 'iohgatp+ta+fsc (tidies)']],
  ['blocked to anything', BLOCKED, on(second(1), first(5, 9)), ['iohgatp+ta+fsc', 'tc']],
  ['blocked to blocked', BLOCKED, BLOCKED, []],
  ['the same', first(5, 9), first(5, 9), []],
];

suite('the steps from a context to another', () => {
  for (const [said, now, next, steps] of ROWS) test(said, () => assert.deepEqual(plan(now, next).map(say), [...steps]));
});

const context = fc.oneof(
  fc.constantFrom(BLOCKED, IDENTITY, second(1), second(2), processes(IDENTITY, 7), processes(second(1), 7)),
  fc.tuple(fc.constantFrom(5, 6), fc.constantFrom(8, 9)).map(([pscid, ppn]) => first(pscid, ppn)),
  fc
    .tuple(fc.constantFrom(1, 2), fc.constantFrom(5, 6), fc.constantFrom(8, 9))
    .map(([gscid, pscid, ppn]) => on(second(gscid), first(pscid, ppn))),
);

/** What the hardware makes of the words: those that it does not look at make no difference. */
const meaningOf = (words: DeviceContext): string =>
  isValid(words) ? WORDS.map((word) => (uses(words, word) ? words[word].toString(16) : '-')).join(' ') : 'blocked';

type Held = Readonly<Record<Word, Set<bigint>>>;
const only = (words: DeviceContext): Held => ({
  tc: new Set([words.tc]),
  iohgatp: new Set([words.iohgatp]),
  ta: new Set([words.ta]),
  fsc: new Set([words.fsc]),
});

/** Every context that the hardware may put together of the values that it may have read, and will not have forgotten, of each word. */
function* seen(held: Held): Iterable<DeviceContext> {
  for (const tc of held.tc)
    for (const iohgatp of held.iohgatp) for (const ta of held.ta) for (const fsc of held.fsc) yield { tc, iohgatp, ta, fsc };
}

suite('whatever the hardware has read, word by word, of a context that changes', () => {
  test('it is sent to the old place, to the new one, or stopped', () => {
    fc.assert(
      fc.property(context, context, (now, next) => {
        const allowed = [now, next, BLOCKED].map(meaningOf);
        let words = now;
        let held = only(now);
        for (const { stores, from, forget } of plan(now, next)) {
          // What is not valid is read anew each time.
          if (![...held.tc].some((tc) => isValid({ ...words, tc }))) held = only(words);
          for (const word of stores) {
            words = { ...words, [word]: from[word] };
            held[word].add(from[word]);
          }
          for (const each of seen(held)) assert.include(allowed, meaningOf(each));
          if (forget !== 'nothing') held = only(words);
        }
        assert.equal(meaningOf(words), meaningOf(next));
      }),
      { numRuns: 2000 },
    );
  });
});
