/** The ledger: every rule that the features hold, computed from them, so that a rule's text is written once, where it is executed. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { IdGenerator } from '@cucumber/messages';
import type { Feature, Rule, Tag } from '@cucumber/messages';
import { FeatureError } from './error';
import { parseFeature } from './parse';
import { compileFeature } from './pickles';
import type { FeaturePickle } from './pickles';
import { entriesOf } from './rules';
import type { LedgerEntry } from './rules';
import { checkTag, valuesOf } from './tags';
import type { Vocabulary } from './tags';

/** The rules that the features hold. */
export interface Ledger {
  /** In order of file and line. */
  readonly rules: readonly LedgerEntry[];
}

/** The two things that features say: which rules there are, and what runs for them. */
export interface Catalogue {
  readonly ledger: Ledger;
  readonly pickles: readonly FeaturePickle[];
}

/** The ledger of the features in and below `folder`. Throws as `readFeatures` does. */
export const readLedger = (folder: string, vocabulary?: Vocabulary): Ledger => readFeatures(folder, vocabulary).ledger;

/** The scenarios in and below `folder`, for runners other than Cucumber. Throws as `readFeatures` does. */
export const readPickles = (folder: string): readonly FeaturePickle[] => readFeatures(folder).pickles;

/**
 * Ledger and pickles from one parse of the features in and below `folder`: a folder `features`, or one system's folder in it.
 * Throws `FeatureError` for a feature that is malformed, and an `Error` for a folder that does not exist or holds no feature.
 */
export function readFeatures(folder: string, vocabulary: Vocabulary = {}): Catalogue {
  const newId = IdGenerator.incrementing();
  const rules: LedgerEntry[] = [];
  const pickles: FeaturePickle[] = [];
  const seen = new Map<string, string>();
  for (const { path, uri, system } of featureFiles(folder)) {
    const parsed = parseFeature(uri, readFileSync(path, 'utf8'), newId);
    checkTags(uri, parsed.feature, vocabulary);
    for (const [rule, own] of compileFeature(parsed, newId)) {
      const entries = entriesOf(rule, own, { uri, system, inherited: parsed.feature.tags });
      for (const { id, at } of entries) {
        const first = seen.get(id);
        if (first !== undefined)
          throw new FeatureError(placeOf(rule, uri), `rule id ${id} is already at ${first}`, 'give this Rule an id of its own');
        seen.set(id, at);
      }
      rules.push(...entries);
      pickles.push(...own);
    }
  }
  return { ledger: { rules }, pickles };
}

/** Entries by id. */
export const indexRules = ({ rules }: Ledger): ReadonlyMap<string, LedgerEntry> => new Map(rules.map((entry) => [entry.id, entry]));

const placeOf = ({ location }: Rule, uri: string): { uri: string; line: number } => ({ uri, line: location.line });

interface FeatureFile {
  /** Where to read it. */
  readonly path: string;
  /** What people and reports are shown: the same on every machine. */
  readonly uri: string;
  readonly system: string;
}

function featureFiles(folder: string): readonly FeatureFile[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new Error(`${folder}: there is no such folder; name the folder that holds the features`);
  }
  const prefix = shownPrefix(folder);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.feature'))
    .sort();
  if (files.length === 0) throw new Error(`${folder}: there is no .feature file in it; name the folder that holds the features`);
  return files.map((name) => {
    const uri = `${prefix}/${name}`;
    const [, system, file] = uri.split('/');
    if (system === undefined || file === undefined) {
      throw new FeatureError({ uri, line: 1 }, "the file is in no system's folder", `move it to ${prefix}/<system>/${name}`);
    }
    return { path: join(folder, name), uri, system };
  });
}

/** Ledgers speak of `features/…` wherever the package is installed, and also when one system's folder was named. */
function shownPrefix(folder: string): string {
  const full = resolve(folder);
  const above = basename(dirname(full));
  return above === 'features' ? `features/${basename(full)}` : basename(full);
}

/** Every tag of the file belongs to a family, and an id stands only where the ledger reads it. */
function checkTags(uri: string, feature: Feature, vocabulary: Vocabulary): void {
  const elsewhere = (tags: readonly Tag[], holder: string): void => {
    for (const tag of tags) {
      const place = { uri, line: tag.location.line };
      checkTag(tag, place, vocabulary);
      const [family] = (['rule', 'kind'] as const).filter((one) => valuesOf(one, [tag]).length > 0);
      if (family) throw new FeatureError(place, `${tag.name} does not belong on a ${holder}`, 'move it to the line above a Rule:');
    }
  };
  elsewhere(feature.tags, 'feature');
  for (const { rule } of feature.children) {
    if (!rule) continue;
    for (const tag of rule.tags) checkTag(tag, { uri, line: tag.location.line }, vocabulary);
    for (const { scenario } of rule.children) {
      elsewhere(scenario?.tags ?? [], 'scenario');
      for (const { tags } of scenario?.examples ?? []) elsewhere(tags, 'Examples block');
    }
  }
}
