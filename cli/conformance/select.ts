/** Which scenarios are asked for. Everything that a person typed and that names nothing is refused here. */
import { parse } from '@cucumber/tag-expressions';
import { basename, dirname, relative, resolve } from 'node:path';
import { UsageError } from '#drivers/usage';
import { indexRules, readFeatures } from '#reports/ledger/ledger';
import type { Catalogue, Ledger } from '#reports/ledger/ledger';
import type { FeaturePickle } from '#reports/ledger/pickles';
import type { Selection } from '#reports/verdicts';
import { FEATURES } from '#cli/root';
import { VOCABULARY } from './vocabulary';

export { sourcesOf } from '#cli/lanes/sources';

/** The scenarios of a run, and what they are a part of. */
export interface Selected {
  readonly ledger: Ledger;
  readonly pickles: readonly FeaturePickle[];
  readonly selection: Selection;
  /** The folder that the pickles' `uri` starts from. */
  readonly cwd: string;
  /** The folder that was named instead of the suite's own. */
  readonly elsewhere?: string;
}

export interface Wanted extends Selection {
  /** A folder of features. */
  readonly features?: string;
}

/** Throws `UsageError`, and `FeatureError` for a feature that is malformed. */
export function select({ features = FEATURES, ...selection }: Wanted): Selected {
  const { ledger, pickles } = readCatalogue(features);
  const byRule = inRules(pickles, ledger, selection.rules ?? []);
  const byTags = withTags(byRule, pickles, selection.tags);
  const chosen = inShard(byTags, selection.shard);
  if (chosen.length === 0) throw new UsageError(`no scenario is left by ${filtersOf(selection)}; drop one of them`);
  const folder = resolve(features);
  const isOwn = folder === FEATURES;
  const whole = isOwn ? ledger : withSanitizer(ledger);
  return { ledger: whole, pickles: chosen, selection, cwd: above(folder), ...(!isOwn && { elsewhere: features }) };
}

/** The sanitizer's rules can be broken in every scenario, whoever wrote it; their own are in the suite's features. */
function withSanitizer({ rules }: Ledger): Ledger {
  const known = new Set(rules.map(({ id }) => id));
  const own = readFeatures(FEATURES).ledger.rules.filter(({ id }) => id.startsWith('SAN-') && !known.has(id));
  const reason = 'its scenarios are in the features of the suite';
  return { rules: [...rules, ...own.map((entry) => ({ ...entry, state: 'excluded', reason, scenarios: [] }) as const)] };
}

function readCatalogue(folder: string): Catalogue {
  try {
    return readFeatures(folder, VOCABULARY);
  } catch (error) {
    // Of all that reading throws, only a missing folder has no class of its own.
    if (error instanceof Error && error.name === 'Error') throw new UsageError(error.message);
    throw error;
  }
}

/** Where `features/…` begins: as the ledger shows it. */
function above(folder: string): string {
  const parent = dirname(folder);
  return basename(parent) === 'features' ? dirname(parent) : parent;
}

function inRules(pickles: readonly FeaturePickle[], ledger: Ledger, ids: readonly string[]): readonly FeaturePickle[] {
  if (ids.length === 0) return pickles;
  const entries = indexRules(ledger);
  for (const id of ids) {
    const entry = entries.get(id);
    if (!entry) throw new UsageError(`--rule ${id}: there is no such rule; type iommu-tck rules to see them`);
    if (entry.state === 'excluded') throw new UsageError(`--rule ${id}: the rule is excluded: ${entry.reason ?? ''}; name another`);
    if (entry.state === 'untested') throw new UsageError(`--rule ${id}: the rule has no scenario; write one at ${entry.at}`);
  }
  return pickles.filter(({ rules }) => rules.some((id) => ids.includes(id)));
}

function withTags(
  pickles: readonly FeaturePickle[],
  all: readonly FeaturePickle[],
  expression: string | undefined,
): readonly FeaturePickle[] {
  if (expression === undefined) return pickles;
  const known = new Set(all.flatMap(({ tags }) => tags));
  for (const [tag] of expression.matchAll(/@[^\s()]+/g)) {
    if (!known.has(tag)) throw new UsageError(`--tags ${tag}: no scenario has this tag; ${familyOf(tag, known)}`);
  }
  const wanted = parsed(expression);
  return pickles.filter(({ tags }) => wanted.evaluate([...tags]));
}

/** What exists instead. */
function familyOf(tag: string, known: ReadonlySet<string>): string {
  const family = /^@\w+:/.exec(tag)?.[0];
  const others = [...known].filter((one) => family !== undefined && family !== '@rule:' && one.startsWith(family)).sort();
  return others.length > 0 ? `use one of: ${others.join(' ')}` : 'type iommu-tck rules to see the rules';
}

function parsed(expression: string): ReturnType<typeof parse> {
  try {
    return parse(expression);
  } catch (error) {
    const [why] = (error instanceof Error ? error.message : String(error))
      .split('\n')
      .filter((line) => line !== '')
      .slice(-1);
    throw new UsageError(`--tags ${expression}: ${why ?? 'no tag expression'}; write @a and not @b`);
  }
}

function inShard(pickles: readonly FeaturePickle[], shard: string | undefined): readonly FeaturePickle[] {
  if (shard === undefined) return pickles;
  const [index = 0, of = 0] = shard.split('/').map(Number);
  return pickles.filter((_, position) => position % of === index - 1);
}

function filtersOf({ tags, rules = [], shard }: Selection): string {
  const said = [
    tags === undefined ? [] : `--tags ${tags}`,
    rules.map((id) => `--rule ${id}`),
    shard === undefined ? [] : `--shard ${shard}`,
  ];
  return said.flat().join(' and ');
}

/** A path as people are shown it. */
export const shown = (path: string): string => {
  const near = relative(process.cwd(), path);
  return near === '' ? '.' : near.startsWith('..') ? path : near;
};
