/** Drivers that do something wrong, on the features of the command's own tests. */
import { conform } from '#cli/conformance/conformance';
import type { Conformance } from '#cli/conformance/conformance';
import { select } from '#cli/conformance/select';
import type { RuleVerdict } from '#reports/run';

export const FEATURES = 'cli/testdata/features';
/** What one step may take; one call has half of it. */
const STEP_MS = 2000;

export class Bad {
  readonly result: Conformance;

  private constructor(result: Conformance) {
    this.result = result;
  }

  static async run(drivers: readonly string[], out: string, answerMs = STEP_MS): Promise<Bad> {
    const result = await conform({
      jobs: drivers.map((driver) => ({ driver, mode: 'eager', trust: 'confined' })),
      selected: select({ features: FEATURES }),
      out,
      limits: { answerMs },
      signal: new AbortController().signal,
      on: { tick: () => undefined, ended: () => undefined },
    });
    return new Bad(result);
  }

  /** Verdicts of the sample rules by their names: `before`, `call`, `scene`, `after`. */
  of(isIt: (driver: string) => boolean): Readonly<Record<string, RuleVerdict>> {
    const own = this.result.run?.answer.drivers.find(({ name }) => isIt(name));
    return Object.fromEntries((own?.verdicts ?? []).map((verdict) => [verdict.rule.split('-')[1]!.toLowerCase(), verdict]));
  }
}
