/** How a scenario can end, by what was thrown. Everything else that is thrown is an error of the harness, never a finding. */
import { Runaway } from '#hw-models/core/port-events';
import { NotModelled, UnspecifiedBehaviour } from '#hw-models/core/errors';
import { ruleOf, Violation, type Check } from '#hw-models/core/reach/violation';

/** The scene could not be set, or what it needs is not there: the rule is not tested, with this reason. */
export class NotTested extends Error {
  override readonly name = 'NotTested';
}

/** The driver lacks a capability that the rule needs: the rule does not apply, with this reason. */
export class NotApplicable extends Error {
  override readonly name = 'NotApplicable';
}

/** What the rule expects did not happen. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

/** The driver threw, answered garbage, or never answered. */
export class DriverFault extends Error {
  override readonly name = 'DriverFault';
}

/**
 * What a step expects of a call: that it is carried out (undefined), refused (`any`), refused with one errno (of an array, perhaps `after`
 * a number of entries), or answered at all (`either`).
 */
export type Expected = string | undefined;

/** Where in a scenario something happened; `end` is after the last step. */
export type Phase = 'given' | 'when' | 'then' | 'end';

/** What a scenario says of its rules, on one driver in one mode. */
export interface ScenarioVerdict {
  readonly verdict: 'kept' | 'broken' | 'not-tested' | 'not-applicable' | 'harness-error';
  /** What found it: a step's expectation, or a check of the sanitizer. */
  readonly by?: 'step' | Check;
  /** The sanitizer's rule that is broken as well, or alone. */
  readonly sanitizer?: string;
  readonly message?: string;
}

export const KEPT: ScenarioVerdict = { verdict: 'kept' };

/**
 * The verdict for an error, as DESIGN.md section 8 divides it: a violation in the scene or in the clean-up is the sanitizer rule's
 * finding and leaves the scenario's own rule untested or kept.
 */
export function judge(error: unknown, phase: Phase): ScenarioVerdict {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof NotTested || error instanceof NotModelled) return { verdict: 'not-tested', message };
  if (error instanceof NotApplicable) return { verdict: 'not-applicable', message };
  if (error instanceof Violation) {
    const verdict = phase === 'given' ? 'not-tested' : phase === 'end' ? 'kept' : 'broken';
    return { verdict, by: error.check, sanitizer: ruleOf(error.check), message };
  }
  if (error instanceof Broken || error instanceof DriverFault || error instanceof Runaway || error instanceof UnspecifiedBehaviour) {
    // A driver that crashes while the scene is set has not been asked what the rule is about.
    if (phase === 'given') return { verdict: 'not-tested', by: 'step', message: `setup: ${message}` };
    return { verdict: 'broken', by: 'step', message };
  }
  return { verdict: 'harness-error', message: error instanceof Error ? (error.stack ?? message) : message };
}

/** Throws `Broken` unless the two shown values are the same. */
export function expectSame(what: string, actual: string, expected: string): void {
  if (actual !== expected) throw new Broken(`${what}: ${actual}, expected ${expected}`);
}
