/** Scenarios that a run need not play, since what they ask does not apply to the driver or is answered by its manifest: one message for all. */
import { AttachmentContentEncoding } from '@cucumber/messages';
import type { Attachment, Envelope } from '@cucumber/messages';
import * as v from 'valibot';
import { explained, RecordError, ScenarioRecordSchema } from './record';
import type { ScenarioRecord } from './record';

/** Media type of the attachment that lists them, as JSON. It belongs to no scenario of the stream. */
export const EXEMPT_MEDIA_TYPE = 'application/vnd.iommu-tck.exempt+json';

const { driver, profile, mode, rules, scenario, uri, line, verdict, by, message } = ScenarioRecordSchema.entries;

const ExemptSchema = v.strictObject({
  /** How many scenarios of the run stand before it, played or not. */
  at: v.pipe(v.number(), v.integer(), v.minValue(0)),
  ...{ rules, scenario, uri, line, verdict, by, message },
});
export type Exempt = Readonly<v.InferOutput<typeof ExemptSchema>>;

const ExemptionsSchema = v.strictObject({ driver, profile, mode, scenarios: v.pipe(v.array(ExemptSchema), v.readonly()) });
export type Exemptions = Readonly<v.InferOutput<typeof ExemptionsSchema>>;

/** A record, and its place among all of a run. */
export interface Placed {
  readonly at: number;
  readonly record: ScenarioRecord;
}

/** The message, as a line of the stream. */
export function exemptionsLine(exemptions: Exemptions): string {
  const attachment: Attachment = {
    body: JSON.stringify(exemptions),
    contentEncoding: AttachmentContentEncoding.IDENTITY,
    mediaType: EXEMPT_MEDIA_TYPE,
  };
  return `${JSON.stringify({ attachment } satisfies Envelope)}\n`;
}

/** The records of such a message. Throws `RecordError`; `where` names the stream. */
export function readExemptions({ body }: Attachment, where: string): readonly Placed[] {
  const { scenarios, ...subject } = checked(body, `${where}: the scenarios that were not played`);
  // Nothing was played, so nothing took time.
  return scenarios.map(({ at, ...own }) => ({ at, record: { ...subject, ...own, ms: 0 } }));
}

function checked(body: string, where: string): Exemptions {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new RecordError(`${where}: no JSON`);
  }
  const { success, output, issues } = v.safeParse(ExemptionsSchema, value);
  if (success) return output;
  throw new RecordError(`${where}: ${explained(issues)}`);
}

/** All of a run in the order in which they were asked for. */
export function inOrder(played: readonly ScenarioRecord[], exempt: readonly Placed[]): ScenarioRecord[] {
  const all: ScenarioRecord[] = [];
  const rest = played.values();
  for (const { at, record } of [...exempt].sort((one, other) => one.at - other.at)) {
    while (all.length < at) {
      const next = rest.next();
      if (next.done) break;
      all.push(next.value);
    }
    all.push(record);
  }
  return [...all, ...rest];
}
