/** Expected failures: what a driver is known to break. They belong to the driver, match rule and message, and fail when stale. */
import * as v from 'valibot';
import { findingsOf, verdictOf } from './findings';
import type { Finding } from './findings';
import { indexRules } from './ledger/ledger';
import { explained, RecordError } from './record';
import type { Run, RunRecord, Stale } from './run';

const text = v.pipe(v.string(), v.nonEmpty('is empty'));

/** One failure that is expected: the rule, a part of the message, and the mode if only one shows it. */
export const ExpectedFailureSchema = v.strictObject({ rule: text, message: text, mode: v.exactOptional(text) });
export type ExpectedFailure = Readonly<v.InferOutput<typeof ExpectedFailureSchema>>;

/** Checks a driver's baseline. Throws `RecordError`, naming each field that is wrong; `where` is the file it was read from. */
export function readBaseline(value: unknown, where: string): readonly ExpectedFailure[] {
  const { success, output, issues } = v.safeParse(v.array(ExpectedFailureSchema), value);
  if (success) return output;
  throw new RecordError(`${where}: ${explained(issues)}`);
}

/**
 * Marks as `expected` each broken verdict of which every broken scenario matches an entry of the driver's baseline, and those scenarios'
 * records. An entry that matches nothing is stale and listed in the answer's `stale`, where it fails the run; but not when it could not
 * have matched: its mode did not run, or only seeded ones, whose caches drop things by chance, or only some scenarios did. *Differs* and
 * *advice* fail nothing and need no entry.
 * @param baselines By name of the driver; those of drivers that did not run are left alone.
 */
export function applyBaseline(run: Run, baselines: ReadonlyMap<string, readonly ExpectedFailure[]>): Run {
  const entries = indexRules(run.ledger);
  const used = new Set<ExpectedFailure>();
  const surprising = new Set<string>();
  const records = run.records.map((record): RunRecord => {
    const broken = findingsOf(record, entries).filter((finding) => verdictOf(finding) === 'broken');
    let all = broken.length > 0 && record.verdict !== 'harness-error';
    for (const finding of broken) {
      const matching = (baselines.get(record.driver) ?? []).filter((expected) => matches(expected, finding));
      for (const expected of matching) used.add(expected);
      if (matching.length > 0) continue;
      all = false;
      surprising.add(keyOf(record.driver, finding.entry.id, record.mode));
    }
    return all ? { ...record, expected: true } : record;
  });
  const drivers = run.answer.drivers.map((driver) => ({
    ...driver,
    verdicts: driver.verdicts.map((verdict) =>
      verdict.verdict === 'broken' && !surprising.has(keyOf(driver.name, verdict.rule, verdict.mode))
        ? { ...verdict, expected: true as const }
        : verdict,
    ),
  }));
  const stale = run.answer.drivers.flatMap(({ name, modes }) =>
    (baselines.get(name) ?? []).flatMap((expected): Stale[] => {
      if (used.has(expected)) return [];
      const { rule, message, mode } = expected;
      const say = (why: string): Stale[] => [{ driver: name, rule, message: `${why}; delete the entry from the baseline of ${name}` }];
      if (!entries.has(rule)) return say(`${rule} is expected to fail and is no rule`);
      if (run.filtered || !modes.some((ran) => (mode === undefined ? !isSeeded(ran) : ran === mode))) return [];
      return say(`${rule} is expected to fail with "${message}"${mode === undefined ? '' : ` in mode ${mode}`} and did not`);
    }),
  );
  return { ...run, answer: { ...run.answer, drivers }, records, stale };
}

const isSeeded = (mode: string): boolean => mode.startsWith('seeded');

const keyOf = (driver: string, rule: string, mode: string): string => JSON.stringify([driver, rule, mode]);

const matches = ({ rule, message, mode }: ExpectedFailure, { entry, record }: Finding): boolean =>
  entry.id === rule && (mode === undefined || mode === record.mode) && (record.message ?? '').includes(message);
