/** The place of a line that no step says: a lane only knows the line. */
import { FeatureError } from '#reports/ledger/error';
import type { FeaturePickle } from '#reports/ledger/pickles';
import { LineError } from '#steps/line-error';

/** What the steps of some scenarios say, each line once. */
export const linesOf = (pickles: readonly FeaturePickle[]): readonly string[] => [
  ...new Set(pickles.flatMap(({ steps }) => steps.map(({ text }) => text))),
];

/** Waits for lanes that read `pickles`, and throws a `FeatureError` for their `LineError`. */
export async function placed<T>(work: Promise<T>, pickles: readonly FeaturePickle[]): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof LineError ? refusal(error, pickles) : error;
  }
}

function refusal(error: LineError, pickles: readonly FeaturePickle[]): Error {
  for (const { uri, line: row, steps } of pickles) {
    const step = steps.find(({ text }) => text === error.line);
    if (step === undefined) continue;
    // The row of an outline stands behind its steps.
    const what = row > step.line ? `${error.what}, with the row of line ${row}` : error.what;
    return new FeatureError({ uri, line: step.line }, what, error.next);
  }
  return error;
}
