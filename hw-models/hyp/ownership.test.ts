import { assert } from 'chai';
import * as fc from 'fast-check';
import { suite, test } from 'node:test';

import { Ownership, type Component, type PageState } from '#hw-models/hyp/ownership';

const PAGE = 100;
const fresh = (): Ownership => new Ownership([{ first: 64, pages: 64 }]);

type Operation =
  | 'hostDonateHyp'
  | 'hypDonateHost'
  | 'hostDonateGuest'
  | 'hostShareHyp'
  | 'hostUnshareHyp'
  | 'hypShareHost'
  | 'pin'
  | 'unpin'
  | 'shareDma'
  | 'unshareDma';

const COMPONENTS: readonly Component[] = ['host', 'hyp', 'guest'];
const statesOf = (ownership: Ownership): string => COMPONENTS.map((component) => ownership.stateOf(PAGE, component)).join(' ');

/** How each state of a page comes about. */
const WAYS: Readonly<Record<string, readonly Operation[]>> = {
  'OWNED NOPAGE NOPAGE': [],
  'NOPAGE OWNED NOPAGE': ['hostDonateHyp'],
  'NOPAGE NOPAGE OWNED': ['hostDonateGuest'],
  'SHARED_OWNED SHARED_BORROWED NOPAGE': ['hostShareHyp'],
  'SHARED_BORROWED SHARED_OWNED NOPAGE': ['hostDonateHyp', 'hypShareHost'],
};
const HOSTS = 'OWNED NOPAGE NOPAGE';
const HYPS = 'NOPAGE OWNED NOPAGE';
const LENT_TO_HYP = 'SHARED_OWNED SHARED_BORROWED NOPAGE';
const LENT_TO_HOST = 'SHARED_BORROWED SHARED_OWNED NOPAGE';

/** Which states an operation accepts, and what it leaves; every other state is refused with EPERM. */
const TABLE: readonly (readonly [operation: Operation, from: readonly string[], to: string | undefined])[] = [
  ['hostDonateHyp', [HOSTS], HYPS],
  ['hypDonateHost', [HYPS], HOSTS],
  ['hostDonateGuest', [HOSTS], 'NOPAGE NOPAGE OWNED'],
  ['hostShareHyp', [HOSTS], LENT_TO_HYP],
  ['hostUnshareHyp', [LENT_TO_HYP], HOSTS],
  ['hypShareHost', [HYPS], LENT_TO_HOST],
  ['pin', [LENT_TO_HYP], undefined],
  ['shareDma', [HOSTS, LENT_TO_HYP], undefined],
  ['unpin', [], undefined],
  ['unshareDma', [], undefined],
];

suite('ownership, by state and operation', () => {
  for (const [operation, from, to] of TABLE) {
    for (const [state, way] of Object.entries(WAYS)) {
      const accepted = from.includes(state);
      test(`${operation} of a page that is ${state} is ${accepted ? 'accepted' : 'refused'}`, () => {
        const ownership = fresh();
        for (const step of way) ownership[step](PAGE, 1);
        assert.equal(statesOf(ownership), state);
        const outcome = ownership[operation](PAGE, 1);
        assert.equal(outcome.ok ? 'ok' : outcome.errno, accepted ? 'ok' : 'EPERM');
        assert.equal(statesOf(ownership), accepted && to !== undefined ? to : state);
      });
    }
    test(`${operation} outside memory is EINVAL`, () => {
      for (const [first, pages] of [
        [63, 1],
        [127, 2],
        [PAGE, 0],
        [PAGE, -1],
        [2 ** 60, 1],
        [Number.NaN, 1],
      ] as const) {
        const outcome = fresh()[operation](first, pages);
        assert.equal(outcome.ok ? 'ok' : outcome.errno, 'EINVAL');
      }
    });
  }
});

suite('pins and marks', () => {
  for (const keep of ['pin', 'shareDma'] as const) {
    const release = keep === 'pin' ? 'unpin' : 'unshareDma';
    test(`what is held by ${keep} is not taken back by the host until as many are released`, () => {
      const ownership = fresh();
      ownership.hostShareHyp(PAGE, 1);
      ownership[keep](PAGE, 1);
      ownership[keep](PAGE, 1);
      for (let n = 0; n < 2; n++) {
        assert.deepEqual(ownership.hostUnshareHyp(PAGE, 1), { ok: false, errno: 'EBUSY' });
        assert.isTrue(ownership[release](PAGE, 1).ok);
      }
      assert.isTrue(ownership.hostUnshareHyp(PAGE, 1).ok);
      assert.deepEqual(ownership[release](PAGE, 1), { ok: false, errno: 'EPERM' });
    });
  }

  test('a page that devices may reach is not donated, to anyone', () => {
    const ownership = fresh();
    ownership.shareDma(PAGE, 1);
    assert.equal(ownership.dmaCount(PAGE), 1);
    assert.deepEqual(ownership.hostDonateHyp(PAGE, 1), { ok: false, errno: 'EPERM' });
    assert.deepEqual(ownership.hostDonateGuest(PAGE, 1), { ok: false, errno: 'EPERM' });
    ownership.unshareDma(PAGE, 1);
    assert.isTrue(ownership.hostDonateHyp(PAGE, 1).ok);
  });
});

test('an operation over several pages changes all or none', () => {
  const ownership = fresh();
  ownership.hostShareHyp(PAGE + 2, 1);
  assert.isFalse(ownership.hostDonateHyp(PAGE, 4).ok);
  for (const page of [PAGE, PAGE + 1, PAGE + 3]) assert.equal(ownership.stateOf(page, 'host'), 'OWNED');
  assert.isFalse(ownership.shareDma(PAGE, 40).ok);
  assert.equal(ownership.dmaCount(PAGE), 0);
});

test('in any history a page has one owner, and a borrower only where the owner lent it', () => {
  const step = fc.constantFrom(...TABLE.map(([operation]) => operation));
  const legal = new Set(Object.keys(WAYS));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const ownership = fresh();
      return steps.every((operation) => {
        ownership[operation](PAGE, 1);
        const states: PageState[] = COMPONENTS.map((component) => ownership.stateOf(PAGE, component));
        return legal.has(states.join(' '));
      });
    }),
  );
});
