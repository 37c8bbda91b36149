/** Feature text to Gherkin document. */
import { AstBuilder, Errors, GherkinClassicTokenMatcher, Parser } from '@cucumber/gherkin';
import type { Feature, GherkinDocument, IdGenerator } from '@cucumber/messages';
import { FeatureError } from './error';

/** A feature file that parsed. */
export interface ParsedFeature {
  /** Its path, as people are shown it. */
  readonly uri: string;
  readonly document: GherkinDocument;
  readonly feature: Feature;
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

/** Parses one feature file. Throws `FeatureError` at the first line that the grammar did not expect, and for a file without a feature. */
export function parseFeature(uri: string, text: string, newId: IdGenerator.NewId): ParsedFeature {
  try {
    const document = new Parser(new AstBuilder(newId), new GherkinClassicTokenMatcher()).parse(text);
    if (document.feature) return { uri, document, feature: document.feature };
  } catch (error) {
    if (!(error instanceof Errors.GherkinException)) throw error;
    const first = error instanceof Errors.CompositeParserException ? error.errors[0] : error;
    throw explained(uri, first instanceof Errors.GherkinException ? first.location.line : 1, first?.message ?? error.message);
  }
  throw new FeatureError({ uri, line: 1 }, 'the file is empty', 'write Feature: and its rules');
}

function explained(uri: string, line: number, message: string): FeatureError {
  const said = message.replace(/^\(\d+:\d+\): /, '');
  const [, expected, got] = /^(?:unexpected end of file, )?expected: (.*?)(?:, got '(.*)')?$/s.exec(said) ?? [];
  if (expected === undefined) return new FeatureError({ uri, line }, said, 'correct this line');
  const typed = expected.split(', ').flatMap((token) => TYPED[token.replace('#', '')] ?? []);
  const what = got === undefined ? 'the file ends too early' : `'${got}' does not belong here`;
  return new FeatureError({ uri, line }, what, `write ${typed.join(', or ')}`);
}
