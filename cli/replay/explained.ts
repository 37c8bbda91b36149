/** Configurations in which the vectors are wrong and the model is right, each with what decides it. */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';

const text = v.pipe(v.string(), v.nonEmpty('is empty'));
const ExplainedSchema = v.array(
  v.strictObject({
    /** Of the configuration. */
    id: text,
    /** The paragraph of the specification that decides, and what it says here. */
    paragraph: text,
  }),
);

/** Paragraphs by id of the configuration. */
export type Explained = ReadonlyMap<string, string>;

/** Throws `ValiError`. */
export function readExplained(file: string): Explained {
  const entries = v.parse(ExplainedSchema, JSON.parse(readFileSync(file, 'utf8')));
  return new Map(entries.map(({ id, paragraph }) => [id, paragraph]));
}
