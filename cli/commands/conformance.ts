/** What `run` and `matrix` share: jobs in, reports and an exit code out. */
import { relative } from 'node:path';
import { UsageError } from '#drivers/usage';
import type { Mode } from '#hw-models/core/sight';
import { runJson } from '#reports/run';
import { conform, messagesIn, named } from '#cli/conformance/conformance';
import type { Conformance } from '#cli/conformance/conformance';
import type { Job } from '#cli/conformance/job';
import { checkOutput, writeCucumberPages, writeReports } from '#cli/conformance/output';
import { exitCodeOf, showMatrix, showRun, unjudged } from '#cli/conformance/present';
import { select } from '#cli/conformance/select';
import { complain } from '#cli/complain';
import { EXIT } from '#cli/exit-code';
import type { ExitCode } from '#cli/exit-code';
import { onInterrupt } from '#cli/interrupt';
import type { Format } from '#cli/options';
import { progress, say } from '#cli/terminal';

/** Options of both commands. */
export interface ConformanceOptions {
  readonly tags?: string;
  readonly rule?: readonly string[];
  readonly mode?: readonly Mode[];
  readonly shard?: string;
  readonly format?: readonly Format[];
  readonly features?: string;
  readonly out: string;
  readonly limit: number;
  readonly validate?: boolean;
  readonly json?: boolean;
}

interface Purpose {
  readonly jobs: readonly Job[];
  /** Written besides what `--format` asks for. */
  readonly formats: readonly Format[];
  /** Several drivers: one that cannot be loaded is a column of its own, and not the end. */
  readonly isMatrix: boolean;
}

/** Throws `UsageError` and `FeatureError`. */
export async function conformance(options: ConformanceOptions, { jobs, formats, isMatrix }: Purpose): Promise<ExitCode> {
  const { tags, rule, shard, features, format = [], out, limit, validate = false, json = false } = options;
  const selected = select({
    ...(tags !== undefined && { tags }),
    ...(rule !== undefined && { rules: rule }),
    ...(shard !== undefined && { shard }),
    ...(features !== undefined && { features }),
  });
  checkOutput(out);
  const shown = progress(jobs.length * selected.pickles.length, json || !isMatrix);
  const interruption = onInterrupt(() => complain(`interrupted: writing what is finished to ${out}; press Ctrl-C again to end at once`));
  const done = await conform({
    jobs,
    selected,
    out,
    limits: { answerMs: limit, validates: validate },
    signal: interruption.signal,
    on: {
      tick: (job) => shown.tick(named(job)),
      ended: ({ job, records, ms }) => {
        if (isMatrix) shown.line(`${named(job)}: ${records.length} scenarios in ${(ms / 1000).toFixed(1)} s`);
      },
    },
  }).finally(() => shown.stop());
  const code = await report(done, options, { formats: [...formats, ...format], isMatrix, wantsPages: format.includes('html') });
  interruption.release();
  return code;
}

interface Reporting {
  readonly formats: readonly Format[];
  readonly isMatrix: boolean;
  /** Cucumber's own pages too. */
  readonly wantsPages: boolean;
}

async function report(done: Conformance, options: ConformanceOptions, { formats, isMatrix, wantsPages }: Reporting): Promise<ExitCode> {
  const { run, results, unloaded } = done;
  const { out, json = false } = options;
  for (const { kind, message } of unloaded.values()) {
    // The only driver of a run: nothing else is worth saying.
    if (!isMatrix) throw kind === 'refused' ? new UsageError(message) : new Error(message);
    complain(message);
  }
  if (run === undefined) {
    complain('interrupted before a scenario had ended; run again');
    return EXIT.partial;
  }
  const written = writeReports(run, out, formats);
  const pages = wantsPages ? await writeCucumberPages(results, out) : [];
  if (json) process.stdout.write(runJson(run));
  else {
    say(isMatrix ? showMatrix(run, unloaded) : showRun(run, unloaded));
    say(`\nreports: ${[...written, ...pages, `${relative(out, messagesIn(out))}/`].join(' ')} in ${out}`);
  }
  const isNarrowed = isPartOf(options) || done.isInterrupted;
  for (const driver of unjudged(run, isNarrowed)) {
    if (!unloaded.has(driver)) complain(`${driver}: no rule could be judged; see what is not tested above and correct the driver`);
  }
  return exitCodeOf(run, isNarrowed);
}

const isPartOf = ({ tags, rule, shard }: ConformanceOptions): boolean => tags !== undefined || rule !== undefined || shard !== undefined;
