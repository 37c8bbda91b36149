/** The lines of features, held against the steps before anything runs. */
import { FeatureError } from '#reports/ledger/error';
import type { FeaturePickle } from '#reports/ledger/pickles';
import { finder, LineError } from '#steps/finder';

/** Throws `FeatureError` for the first line that no step says, that several say, or that has a malformed literal. */
export function checkSteps(pickles: readonly FeaturePickle[]): void {
  const find = finder();
  const known = new Set<string>();
  for (const { uri, line: row, steps } of pickles) {
    for (const { text, line } of steps) {
      if (known.has(text)) continue;
      try {
        find(text);
      } catch (error) {
        if (!(error instanceof LineError)) throw error;
        // The row of an outline stands behind its steps.
        throw new FeatureError({ uri, line }, row > line ? `${error.what}, with the row of line ${row}` : error.what, error.next);
      }
      known.add(text);
    }
  }
}
