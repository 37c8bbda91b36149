/** A judged run for people, and as an exit code. */
import { failureMail, failuresOf } from '#reports/failure';
import type { Failure } from '#reports/failure';
import { matrix } from '#reports/matrix';
import { countVerdicts, LABELS, VERDICTS } from '#reports/run';
import type { Run } from '#reports/run';
import { EXIT, strongest } from '#cli/exit-code';
import type { ExitCode } from '#cli/exit-code';
import { paint, widthOf } from '#cli/terminal';
import type { Conformance } from './conformance';

/** More are in the reports. */
const MOST_FAILURES = 20;

/** What a run says to the shell. */
export function exitCodeOf(run: Run): ExitCode {
  const verdicts = run.answer.drivers.flatMap((driver) => driver.verdicts);
  const nothing = run.answer.drivers.some((driver) => !run.filtered && driver.verdicts.every(({ verdict }) => UNJUDGED.includes(verdict)));
  return strongest(
    verdicts.some(({ verdict }) => verdict === 'harness-error') || nothing ? EXIT.harness : EXIT.kept,
    verdicts.some(({ verdict, expected }) => verdict === 'broken' && expected !== true) || run.stale.length > 0 ? EXIT.broken : EXIT.kept,
    run.answer.partial ? EXIT.partial : EXIT.kept,
  );
}

/** A driver of which nothing else can be said has not been tested at all. */
const UNJUDGED: readonly string[] = ['not-applicable', 'not-tested', 'harness-error'];

/** Why drivers could not be asked, a line each: they cannot be used (`refused`), or our own code failed. */
export const unable = ({ results }: Conformance, which: 'refused' | 'failed'): readonly string[] => [
  ...new Set(results.flatMap(({ finish: { kind, message } }) => (kind === which ? [message] : []))),
];

/** Failures, then a line for each driver, then what was left out. */
export function showRun(run: Run, conformance: Conformance): string {
  return [...failures(run, conformance), ...remarks(run), ...totals(run), ...notices(run)].map((part) => `${part.trimEnd()}\n`).join('\n');
}

/** The matrix, then the failures that no baseline expects. */
export function showMatrix(run: Run, conformance: Conformance): string {
  const shown = matrix(run, { width: Math.max(widthOf(process.stdout), 80), paint });
  return [...failures(run, conformance), shown].map((part) => `${part.trimEnd()}\n`).join('\n');
}

function failures(run: Run, { results }: Conformance): readonly string[] {
  const unloaded = new Set(results.flatMap(({ job, finish: { kind } }) => (kind === 'refused' || kind === 'failed' ? [job.driver] : [])));
  const surprising = failuresOf(run).filter(({ driver, expected }) => !expected && !unloaded.has(driver));
  const more = surprising.length - MOST_FAILURES;
  return [...surprising.slice(0, MOST_FAILURES).map(coloured), ...(more > 0 ? [`${more} more failures are in the reports.`] : [])];
}

function coloured(failure: Failure): string {
  const [headline = '', ...rest] = failureMail(failure).split('\n');
  return [paint(headline, failure.verdict === 'harness-error' ? 'harness-error' : 'broken'), ...rest].join('\n');
}

/** What fails nothing and is worth knowing. */
function remarks(run: Run): readonly string[] {
  const lines = run.answer.drivers.flatMap(({ verdicts }) =>
    verdicts.flatMap(({ verdict, rule, mode, message = '' }) =>
      verdict === 'differs' || verdict === 'advice'
        ? [`${paint(LABELS[verdict], verdict)}  ${rule} (${mode}): ${message.split('\n', 1)[0] ?? ''}`]
        : [],
    ),
  );
  return lines.length > 0 ? [lines.join('\n')] : [];
}

function totals({ answer }: Run): readonly string[] {
  const lines = answer.drivers.map(({ name, profile, modes, verdicts }) => {
    const counts = countVerdicts(verdicts);
    const said = [...VERDICTS].reverse().flatMap((verdict) => (counts[verdict] > 0 ? [paint(`${counts[verdict]} ${LABELS[verdict]}`, verdict)] : []));
    const expected = counts.expected > 0 ? [paint(`${counts.expected} broken as expected`, 'expected')] : [];
    return `${name} (${profile}; ${modes.join(', ')}): ${[...said, ...expected].join(', ')}`;
  });
  return [lines.join('\n')];
}

function notices({ answer, leftOut, stale }: Run): readonly string[] {
  const partial = answer.partial ? ['partial: this run makes no claim of conformance', ...leftOut.map((why) => `  ${why}`)] : [];
  const lines = [...stale.map(({ message }) => paint(message, 'broken')), ...partial];
  return lines.length > 0 ? [lines.join('\n')] : [];
}
