/** The records of a job: from its message stream, or made up for scenarios of which nothing could be recorded. */
import { recordsFromMessages } from '#reports/messages';
import { RecordError } from '#reports/record';
import type { ScenarioRecord } from '#reports/record';
import { quoted } from '#reports/shell';
import type { Finish, Lost } from '#cli/lanes/run-to-end';
import type { Job } from './job';
import type { Selected } from './select';

/** Of a driver that could not be loaded. */
const UNKNOWN_PROFILE = 'unknown';

/** What a scenario's hooks would have said if it had not ended its lane. */
export function recordOfLoss({ scenario, profile, verdict }: Lost, { driver, mode }: Job): ScenarioRecord {
  const { name, uri, line, tags } = scenario;
  const rules = tags.flatMap((tag) => (tag.startsWith('@rule:') ? [tag.slice('@rule:'.length)] : []));
  return { driver, profile, mode, rules, scenario: name, uri, line, ...verdict };
}

/** Never throws: a stream that cannot be read is a failure of ours, with every scenario in error. @returns Also how the job ended. */
export function readRecords(
  job: Job,
  finish: Finish,
  { text, file }: { readonly text: string; readonly file: string },
  selected: Selected,
): { readonly finish: Finish; readonly records: readonly ScenarioRecord[] } {
  if (finish.kind === 'refused' || finish.kind === 'failed') return { finish, records: inError(job, finish, selected) };
  const { driver, mode } = job;
  const { profile } = finish;
  if (profile === undefined) return { finish, records: [] };
  try {
    const records = recordsFromMessages(text.split('\n'), file, { driver, profile, mode });
    return { finish, records: records.map((record) => ({ ...record, reproduce: commandFor(job, record.rules, selected) })) };
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    const failed: Finish = { ...finish, kind: 'failed', message: error.message };
    return { finish: failed, records: inError(job, failed, selected) };
  }
}

function inError(job: Job, { message, profile = UNKNOWN_PROFILE }: Finish, selected: Selected): readonly ScenarioRecord[] {
  const { driver, mode } = job;
  return selected.pickles.map(({ rules, name, uri, line }) => ({
    ...{ driver, profile, mode, rules, scenario: name, uri, line },
    ...{ verdict: 'harness-error', message, reproduce: commandFor(job, rules, selected) },
  }));
}

/** What a person types to see a scenario of these rules again. */
function commandFor({ driver, mode }: Job, [rule = '']: readonly string[], { elsewhere }: Selected): string {
  const features = elsewhere === undefined ? '' : ` --features ${quoted(elsewhere)}`;
  return `npx iommu-tck run --driver ${quoted(driver)} --rule ${rule} --mode ${mode}${features}`;
}
