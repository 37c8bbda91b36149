/** The scenarios of a feature as they run: one pickle for each, outlines expanded. */
import { compile } from '@cucumber/gherkin';
import type { Feature, IdGenerator, Pickle, Rule, Tag } from '@cucumber/messages';
import { FeatureError } from './error';
import type { ParsedFeature } from './parse';
import { idsOf } from './rules';
import { isHeavy, valuesOf } from './tags';

/** What a step does, as Cucumber's own `PickleStepType`: `Context` is Given, `Action` When, `Outcome` Then; `And` is what stands before it. */
export type StepType = 'Context' | 'Action' | 'Outcome' | 'Unknown';

/** One step of a scenario, with the values of its row filled in. */
export interface FeatureStep {
  readonly text: string;
  readonly type: StepType;
  /** The table below it, row by row. */
  readonly table?: readonly (readonly string[])[];
  /** Of the step in its file, also where a row of an outline fills it in. */
  readonly line: number;
}

/** One scenario to run. */
export interface FeaturePickle {
  /** Ids of the rules that it decides, at least one. */
  readonly rules: readonly string[];
  readonly name: string;
  /** `features/…` */
  readonly uri: string;
  /** Of the scenario, or of the row of an outline's Examples. */
  readonly line: number;
  /** Every tag that holds for it, with `@`, those of its Feature and Rule included. */
  readonly tags: readonly string[];
  readonly needs: readonly string[];
  /** The profiles that it is for; empty when for every driver. */
  readonly profiles: readonly string[];
  readonly heavy: boolean;
  readonly steps: readonly FeatureStep[];
  /** As Cucumber compiled it, with the tables and texts of its steps. */
  readonly pickle: Pickle;
}

/** The pickles of each Rule of a feature, in order of the file. Throws `FeatureError` for a scenario outside a Rule. */
export function compileFeature(parsed: ParsedFeature, newId: IdGenerator.NewId): ReadonlyMap<Rule, readonly FeaturePickle[]> {
  const { uri, document, feature } = parsed;
  const homes = new Map<string, { readonly rule: Rule; readonly ids: readonly string[] }>();
  const narrowed = new Map<string, readonly Tag[]>();
  const byRule = new Map<Rule, FeaturePickle[]>();
  const lines = linesOfSteps(feature);
  for (const { rule, scenario: stray } of feature.children) {
    if (stray) {
      throw new FeatureError(
        { uri, line: stray.location.line },
        `the scenario '${stray.name}' belongs to no Rule`,
        'write it under a Rule:',
      );
    }
    if (!rule) continue;
    const ids = idsOf(rule, uri);
    byRule.set(rule, []);
    for (const { scenario } of rule.children) {
      if (!scenario) continue;
      homes.set(scenario.id, { rule, ids });
      for (const { tags, tableBody } of scenario.examples) for (const { id } of tableBody) narrowed.set(id, tags);
    }
  }
  for (const pickle of compile(document, uri, newId)) {
    const [scenario = '', row = ''] = pickle.astNodeIds;
    const home = homes.get(scenario);
    if (home) byRule.get(home.rule)?.push(describe(pickle, uri, home.ids, narrowed.get(row) ?? [], lines));
  }
  return byRule;
}

/** Where each step stands, by its id. */
function linesOfSteps({ children }: Feature): ReadonlyMap<string, number> {
  const inside = children.flatMap((child) => [child, ...(child.rule?.children ?? [])]);
  const steps = inside.flatMap(({ background, scenario }) => [...(background?.steps ?? []), ...(scenario?.steps ?? [])]);
  return new Map(steps.map(({ id, location }) => [id, location.line]));
}

function describe(
  pickle: Pickle,
  uri: string,
  rules: readonly string[],
  ofExamples: readonly Tag[],
  lines: ReadonlyMap<string, number>,
): FeaturePickle {
  const { name, location, tags, steps } = pickle;
  const narrow = valuesOf('profile', ofExamples);
  return {
    rules,
    name,
    uri,
    line: location?.line ?? 1,
    tags: tags.map((tag) => tag.name),
    needs: valuesOf('needs', tags),
    // A profile on an Examples block narrows those of its Rule; the tags of a pickle no longer tell the two apart.
    profiles: narrow.length > 0 ? narrow : valuesOf('profile', tags),
    heavy: isHeavy(tags),
    steps: steps.map(({ text, type, argument, astNodeIds: [step = ''] }) => ({
      text,
      type: type ?? 'Unknown',
      line: lines.get(step) ?? 1,
      ...(argument?.dataTable && { table: argument.dataTable.rows.map(({ cells }) => cells.map(({ value }) => value)) }),
    })),
    pickle,
  };
}
