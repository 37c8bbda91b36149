/** Feature text to Gherkin document, or to what is wrong with it. */
import { AstBuilder, Errors, GherkinClassicTokenMatcher, Parser } from '@cucumber/gherkin';
import { IdGenerator } from '@cucumber/messages';
import type { GherkinDocument } from '@cucumber/messages';
import { refuse } from '#cli/lint/finding';
import type { Finding } from '#cli/lint/finding';

/** A feature file that parsed. */
export interface FeatureDocument {
  /** Its path, as findings show it. */
  readonly uri: string;
  readonly document: GherkinDocument;
}

/** What an author types for each kind of line that the grammar expects; kinds without an entry are never the answer. */
const TYPED: Readonly<Record<string, string>> = {
  FeatureLine: 'Feature:',
  BackgroundLine: 'Background:',
  RuleLine: 'Rule:',
  ScenarioLine: 'Example:',
  ExamplesLine: 'Examples:',
  TagLine: '@tag',
  StepLine: 'Given, When, Then, And or But',
  TableRow: '| cell |',
  DocStringSeparator: '"""',
};

/** Parses one feature file; refusals carry the line that the grammar did not expect. */
export function parseFeature(uri: string, text: string): FeatureDocument | readonly Finding[] {
  try {
    return { uri, document: new Parser(new AstBuilder(IdGenerator.incrementing()), new GherkinClassicTokenMatcher()).parse(text) };
  } catch (error) {
    if (!(error instanceof Errors.GherkinException)) throw error;
    const all: readonly Error[] = error instanceof Errors.CompositeParserException ? error.errors : [error];
    return all.map((one) => explain(uri, one instanceof Errors.GherkinException ? one.location.line : 1, one.message));
  }
}

function explain(uri: string, line: number, message: string): Finding {
  const said = message.replace(/^\(\d+:\d+\): /, '');
  const [, expected, got] = /^(?:unexpected end of file, )?expected: (.*?)(?:, got '(.*)')?$/s.exec(said) ?? [];
  if (expected === undefined) return refuse({ uri, line }, said, 'correct this line');
  const typed = expected.split(', ').flatMap((token) => TYPED[token.replace('#', '')] ?? []);
  return refuse(
    { uri, line },
    got === undefined ? 'the file ends too early' : `'${got}' does not belong here`,
    `write ${typed.join(', or ')}`,
  );
}
