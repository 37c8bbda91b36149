/** `iommu-tck replay`: what another implementation answered, against a model. */
import { EXIT } from '#cli/exit-code';
import type { ExitCode } from '#cli/exit-code';
import { modelOf } from '#cli/replay/models';
import { check, replay as play } from '#cli/replay/replay';
import type { Disagreement, Explanation, Tally } from '#cli/replay/replay';
import { paint, progress, say } from '#cli/terminal';

export interface ReplayOptions {
  readonly json?: boolean;
}

/** Differences that people are shown. */
const SHOWN = 5;

/** Throws `UsageError`. */
export async function replay(name: string, file: string, { json = false }: ReplayOptions): Promise<ExitCode> {
  const started = performance.now();
  const model = modelOf(name);
  const shown = progress(await check(file, model), json);
  const tally = await play(file, model, shown.tick).finally(() => shown.stop());
  const answer = answerOf(tally, Math.round(performance.now() - started) / 1000);
  if (json) process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
  else say([...tally.disagreements.slice(0, SHOWN).map(show), ...explanations(tally.explanations), totals(answer)].join('\n'));
  return tally.differ === 0 ? EXIT.kept : EXIT.broken;
}

/** As docs/schemas/replay.json has it. */
export type ReplayAnswer = Omit<Tally, 'disagreements'> & { readonly seconds: number; readonly differences: readonly Disagreement[] };

/** @param seconds From the first byte that was read. */
export const answerOf = ({ disagreements, ...counts }: Readonly<Tally>, seconds: number): Readonly<ReplayAnswer> => ({
  ...counts,
  seconds,
  differences: disagreements,
});

function show({ id, line, what, request, expected, found, differences }: Disagreement): string {
  const more = differences > 1 ? paint(`; ${differences - 1} more in this configuration`, 'quiet') : '';
  return [
    paint(`${id} (line ${line}): ${what}`, 'heading') + more,
    ...(request === undefined ? [] : [`Request:  ${request}`]),
    `Expected: ${expected}`,
    `Found:    ${paint(found, 'broken')}`,
    '',
  ].join('\n');
}

/** Each paragraph with the first configurations that it explains. */
function explanations(all: readonly Explanation[]): string[] {
  const paragraphs = new Set(all.map(({ paragraph }) => paragraph));
  return [...paragraphs].map((paragraph) => {
    const ids = all.filter((one) => one.paragraph === paragraph).map(({ id }) => id);
    return `Explained: ${ids.slice(0, SHOWN).join(', ')}${ids.length > SHOWN ? ` and ${ids.length - SHOWN} more` : ''}, by ${paragraph}`;
  });
}

function totals({ configurations, requests, agree, differ, explained, seconds }: Readonly<ReplayAnswer>): string {
  const left = differ > SHOWN ? ` (the first ${SHOWN} are above)` : '';
  return `${configurations} configurations, ${requests} requests: ${agree} agree, ${differ} differ${left}, ${explained} explained, in ${seconds} s`;
}
