import { describe, it } from 'node:test';
import { assert } from 'chai';
import { connect } from '#drivers/connect';
import { ModelBug, NotModelled, UnspecifiedBehaviour } from '#hw-models/core/errors';
import { Runaway } from '#hw-models/core/port-events';
import { Violation } from '#hw-models/core/reach/violation';
import { play, type Compiled } from '#steps/loop';
import { Broken, DriverFault, judge, NotApplicable, NotTested, type Phase } from './outcomes';

const PHASES: readonly Phase[] = ['given', 'when', 'then', 'end'];

describe('what a thrown error says of a scenario', () => {
  const verdicts = (error: unknown): string[] => PHASES.map((phase) => judge(error, phase).verdict);

  it('breaks the rule only by an expectation, a crash of the driver, or what the specification leaves open; not in the scene', () => {
    for (const error of [new Broken('no'), new DriverFault('no'), new Runaway('no'), new UnspecifiedBehaviour('no')]) {
      assert.deepEqual(verdicts(error), ['not-tested', 'broken', 'broken', 'broken'], error.name);
    }
  });

  it("breaks the sanitizer's rule wherever it is, and the scenario's own where it was asked about", () => {
    assert.deepEqual(verdicts(new Violation('staleness', 'no')), ['not-tested', 'broken', 'broken', 'kept']);
    for (const phase of PHASES)
      assert.include(judge(new Violation('staleness', 'no'), phase), { by: 'staleness', sanitizer: 'SAN-STALENESS' });
  });

  it('tests nothing where the scene cannot be set or the model leaves something out', () => {
    for (const error of [new NotTested('no'), new NotModelled('no')]) assert.deepEqual(verdicts(error), Array(4).fill('not-tested'));
    assert.deepEqual(verdicts(new NotApplicable('no')), Array(4).fill('not-applicable'));
  });

  it('is an error of the harness for everything else, never a finding', () => {
    for (const error of [new TypeError('x is not a function'), new RangeError('no'), new ModelBug('no'), 'no', undefined]) {
      for (const phase of PHASES) {
        const { verdict, by, sanitizer } = judge(error, phase);
        assert.deepEqual([verdict, by, sanitizer], ['harness-error', undefined, undefined]);
      }
    }
  });
});

describe('a scenario in the plain loop', () => {
  const scenario = (...steps: readonly (readonly [Phase, () => unknown])[]): Compiled => ({
    name: 'a scenario',
    tags: [],
    steps: steps.map(([phase, run]) => ({ text: phase, phase, run })),
  });
  const nothing = (): void => undefined;
  const throws = (error: Error) => (): never => {
    throw error;
  };

  it('is not kept when a step could not be made', async () => {
    const skipped = scenario(['given', throws(new NotTested('setup: no'))], ['when', nothing], ['then', nothing]);
    assert.include(await play(skipped, await connect('toy'), 'eager'), { verdict: 'not-tested', message: 'setup: no' });
  });

  it('is an error of the harness when our own code fails, in whatever step', async () => {
    for (const phase of ['given', 'when', 'then'] as const) {
      const failing = scenario([phase, throws(new TypeError('x is not a function'))]);
      assert.include(await play(failing, await connect('toy'), 'eager'), { verdict: 'harness-error' });
    }
  });
});
