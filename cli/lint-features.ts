/** The Gherkin lint: `npm run lint:features [-- file or folder ...]`. Exit code 0 when clean, 1 with findings or without any feature file. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { IdGenerator } from '@cucumber/messages';
import type { Feature, GherkinDocument, Rule, Scenario, Tag } from '@cucumber/messages';
import { VOCABULARY } from '#cli/conformance/vocabulary';
import { refuse, show } from '#cli/lint/finding';
import type { Finding } from '#cli/lint/finding';
import { lintIds, lintRule } from '#cli/lint/rules';
import { lintBackground, lintScenario, lintTable } from '#cli/lint/scenarios';
import { lintTags } from '#cli/lint/tags';
import type { Vocabulary } from '#cli/lint/tags';
import { FeatureError } from '#reports/ledger/error';
import { parseFeature } from '#reports/ledger/parse';

const MOST_SCENARIOS = 20;

/** A feature file that parsed; `uri` is its path, as findings show it. */
export interface FeatureDocument {
  readonly uri: string;
  readonly document: GherkinDocument;
}

/** Everything that `documents` must not contain, file by file from top to bottom. Rule ids are unique over all of them. */
export function lintFeatures(documents: readonly FeatureDocument[], vocabulary: Vocabulary = {}): readonly Finding[] {
  const seen = new Map<string, string>();
  return documents.flatMap(({ uri, document: { feature } }) =>
    feature ? lintFeature(uri, feature, seen, vocabulary) : [refuse({ uri, line: 1 }, 'the file is empty', 'write Feature: and its rules')],
  );
}

function lintFeature(uri: string, feature: Feature, seen: Map<string, string>, vocabulary: Vocabulary): readonly Finding[] {
  const findings: Finding[] = [...lintTags(uri, 'feature', feature.tags, vocabulary)];
  const { line } = feature.location;
  let scenarios = 0;
  let rules = 0;
  for (const { rule, scenario, background } of feature.children) {
    if (background) findings.push(...lintBackground(uri, background, vocabulary));
    if (scenario) {
      scenarios += 1;
      findings.push(
        refuse({ uri, line: scenario.location.line }, `the scenario '${scenario.name}' belongs to no Rule`, 'write it under a Rule:'),
        ...lintExample(uri, scenario, feature.tags, vocabulary),
      );
    }
    if (rule) {
      rules += 1;
      scenarios += rule.children.filter((child) => child.scenario).length;
      findings.push(...lintIds(uri, rule, seen), ...lintRuleBlock(uri, rule, feature.tags, vocabulary));
    }
  }
  if (rules === 0) findings.push(refuse({ uri, line }, 'the file has no Rule', 'add a Rule: with @rule:<ID> and @kind:<kind> above it'));
  if (scenarios > MOST_SCENARIOS) {
    findings.push(
      refuse({ uri, line }, `the file has ${scenarios} scenarios`, `keep at most ${MOST_SCENARIOS}, and move rules to another file`),
    );
  }
  return findings;
}

function lintRuleBlock(uri: string, rule: Rule, inherited: readonly Tag[], vocabulary: Vocabulary): readonly Finding[] {
  return [
    ...lintTags(uri, 'rule', rule.tags, vocabulary),
    ...lintRule(uri, rule),
    ...rule.children.flatMap(({ scenario, background }) => [
      ...(background ? lintBackground(uri, background, vocabulary) : []),
      ...(scenario ? lintExample(uri, scenario, [...inherited, ...rule.tags], vocabulary) : []),
    ]),
  ];
}

function lintExample(uri: string, scenario: Scenario, inherited: readonly Tag[], vocabulary: Vocabulary): readonly Finding[] {
  return [
    ...lintTags(uri, 'scenario', scenario.tags, vocabulary),
    ...lintScenario(uri, scenario, inherited, vocabulary),
    ...scenario.examples.flatMap((table) => [...lintTags(uri, 'examples', table.tags, vocabulary), ...lintTable(uri, table, vocabulary)]),
  ];
}

/** The feature files in and below `paths`, in order of their names. */
export function featureFiles(paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => {
    if (!existsSync(path) || !statSync(path).isDirectory()) return [path];
    return readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.feature'))
      .sort()
      .map((name) => join(path, name));
  });
}

/** Names of the drivers in `folder`: its sub-folders with a `driver.ts`, the contract apart. */
export function driverNames(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name !== 'contract' && existsSync(join(folder, name, 'driver.ts')));
}

/** A parsed file, or why it cannot be one. */
function readFeature(uri: string): FeatureDocument | Finding {
  if (!existsSync(uri)) return refuse({ uri, line: 1 }, 'there is no such file', 'name a .feature file or a folder');
  try {
    return parseFeature(uri, readFileSync(uri, 'utf8'), IdGenerator.incrementing());
  } catch (error) {
    if (error instanceof FeatureError) return refuse(error, error.what, error.next);
    throw error;
  }
}

/** Lints the files in and below `paths`, prints to `print`, and answers the exit code. */
export function main(paths: readonly string[], vocabulary: Vocabulary, print: (line: string) => void): 0 | 1 {
  const files = featureFiles(paths);
  if (files.length === 0) {
    print(`no feature file in ${paths.join(', ')}; name a folder that holds .feature files`);
    return 1;
  }
  const read = files.map(readFeature);
  const findings = [
    ...read.flatMap((one) => ('document' in one ? [] : [one])),
    ...lintFeatures(
      read.flatMap((one) => ('document' in one ? [one] : [])),
      vocabulary,
    ),
  ];
  const errors = findings.filter(({ level }) => level === 'error');
  const warnings = findings.length - errors.length;
  for (const error of errors) print(show(error));
  print(`${files.length} feature files: ${errors.length} errors, ${warnings} warnings (scenarios with several Whens)`);
  return errors.length === 0 ? 0 : 1;
}

if (require.main === module) {
  const paths = process.argv.slice(2);
  const vocabulary = { ...VOCABULARY, drivers: driverNames('drivers') };
  process.exitCode = main(paths.length > 0 ? paths : ['features'], vocabulary, console.log);
}
