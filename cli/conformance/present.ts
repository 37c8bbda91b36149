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
const LEAST_WIDTH = 80;

/** A driver of which nothing else can be said has not been tested at all. */
const UNJUDGED: readonly string[] = ['not-applicable', 'not-tested', 'harness-error'];

/** What a run says to the shell. */
export function exitCodeOf(run: Run, isNarrowed: boolean): ExitCode {
  const verdicts = run.answer.drivers.flatMap((driver) => driver.verdicts);
  const unable = verdicts.some(({ verdict }) => verdict === 'harness-error') || unjudged(run, isNarrowed).length > 0;
  const broken = verdicts.some(({ verdict, expected }) => verdict === 'broken' && expected !== true) || run.stale.length > 0;
  return strongest(unable ? EXIT.harness : EXIT.kept, broken ? EXIT.broken : EXIT.kept, run.answer.partial ? EXIT.partial : EXIT.kept);
}

/** Drivers on which no rule was judged, although all were asked. */
export function unjudged({ answer }: Run, isNarrowed: boolean): readonly string[] {
  if (isNarrowed) return [];
  return answer.drivers.filter(({ verdicts }) => verdicts.every(({ verdict }) => UNJUDGED.includes(verdict))).map(({ name }) => name);
}

/** Failures, then what is worth knowing, then a line for each driver, then what was left out. */
export function showRun(run: Run, unloaded: Conformance['unloaded']): string {
  return paragraphs([...failures(run, unloaded), ...remarks(run), ...totals(run), ...notices(run)]);
}

/** The failures that no baseline expects, then the matrix. */
export function showMatrix(run: Run, unloaded: Conformance['unloaded']): string {
  return paragraphs([...failures(run, unloaded), matrix(run, { width: Math.max(widthOf(process.stdout), LEAST_WIDTH), paint })]);
}

const paragraphs = (parts: readonly string[]): string => parts.map((part) => `${part.trimEnd()}\n`).join('\n');

function failures(run: Run, unloaded: Conformance['unloaded']): readonly string[] {
  const surprising = failuresOf(run).filter(({ driver, expected }) => !expected && !unloaded.has(driver));
  const more = surprising.length - MOST_FAILURES;
  return [...surprising.slice(0, MOST_FAILURES).map(coloured), ...(more > 0 ? [`${more} more failures are in the reports.`] : [])];
}

function coloured(failure: Failure): string {
  const [headline = '', ...rest] = failureMail(failure).split('\n');
  return [paint(headline, failure.verdict === 'harness-error' ? 'harness-error' : 'broken'), ...rest].join('\n');
}

/** What fails nothing. */
function remarks({ answer }: Run): readonly string[] {
  const lines = answer.drivers.flatMap(({ verdicts }) =>
    verdicts.flatMap(({ verdict, rule, mode, message = '' }) =>
      verdict === 'differs' || verdict === 'advice' || (verdict === 'kept' && message !== '')
        ? [`${paint(LABELS[verdict], verdict)}  ${rule} (${mode}): ${firstLine(message)}`]
        : [],
    ),
  );
  return lines.length > 0 ? [lines.join('\n')] : [];
}

function totals({ answer }: Run): readonly string[] {
  const lines = answer.drivers.map(({ name, profile, modes, verdicts }) => {
    const counts = countVerdicts(verdicts);
    const said = [...VERDICTS]
      .reverse()
      .flatMap((verdict) => (counts[verdict] > 0 ? [paint(`${counts[verdict]} ${LABELS[verdict]}`, verdict)] : []));
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

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? text;
