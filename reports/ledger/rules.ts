/** One `Rule:` of a feature to entries of the ledger. */
import type { Rule } from '@cucumber/messages';
import { FeatureError } from './error';
import type { Place } from './error';
import type { FeaturePickle } from './pickles';
import { isHeavy, isKind, KINDS, RULE_ID, valuesOf } from './tags';
import type { Kind, Named } from './tags';

/** Where a rule is written down. */
export interface Source {
  /** Title and date. */
  readonly document: string;
  /** At most 12 words of it. */
  readonly quote: string;
}

/** One rule, as the features have it. */
export interface LedgerEntry {
  readonly id: string;
  /** The folder under `features/`. */
  readonly system: string;
  readonly kind: Kind;
  /** One sentence, the Rule's title. */
  readonly statement: string;
  readonly source: Source;
  /** `untested`: no scenario runs for it and nobody said why. */
  readonly state: 'tested' | 'untested' | 'excluded';
  /** Why it is excluded; only then. */
  readonly reason?: string;
  /** `features/…:line` of the Rule. */
  readonly at: string;
  /** Names of its scenarios and outlines, in order. */
  readonly scenarios: readonly string[];
  /** Capabilities that every scenario of the rule needs. */
  readonly needs: readonly string[];
  /** The profiles that the rule binds; empty when it binds every driver. */
  readonly profiles: readonly string[];
  /** One of its scenarios, or more, is heavy. */
  readonly heavy: boolean;
}

const SOURCE = /^Source: (\S.*) "([^"]+)"$/;
const EXCLUDED = /^Excluded: (\S.*)$/;

/** What a Rule stands in: the path for people, the system, and the tags of its Feature. */
export interface Surroundings {
  readonly uri: string;
  readonly system: string;
  readonly inherited: readonly Named[];
}

/** The entries of one Rule, one for each id. `pickles` are those that it compiled to. Throws `FeatureError`. */
export function entriesOf(rule: Rule, pickles: readonly FeaturePickle[], { uri, system, inherited }: Surroundings): LedgerEntry[] {
  const place: Place = { uri, line: rule.location.line };
  const ids = idsOf(rule, uri);
  const kind = kindOf(rule, place);
  if (rule.name === '') throw new FeatureError(place, 'the Rule has no title', 'write the statement after "Rule:"');
  const source = sourceOf(rule, place);
  const reason = reasonOf(rule, place);
  const scenarios = rule.children.flatMap(({ scenario }) => (scenario ? [scenario.name] : []));
  if (reason !== undefined && scenarios.length > 0) {
    throw new FeatureError(place, 'the Rule is excluded and has examples', 'delete the examples or the line "Excluded:"');
  }
  const tags = [...inherited, ...rule.tags];
  const entry: Omit<LedgerEntry, 'id'> = {
    system,
    kind,
    statement: rule.name,
    source,
    state: reason !== undefined ? 'excluded' : pickles.length > 0 ? 'tested' : 'untested',
    ...(reason !== undefined && { reason }),
    at: `${uri}:${rule.location.line}`,
    scenarios,
    needs: valuesOf('needs', tags),
    profiles: profilesOf(rule, pickles),
    heavy: isHeavy(tags) || pickles.some(({ heavy }) => heavy),
  };
  return ids.map((id) => ({ id, ...entry }));
}

/** Ids of a Rule. Throws `FeatureError` when it has none, a malformed one, or one twice. */
export function idsOf({ tags, location }: Rule, uri: string): string[] {
  const ids: string[] = [];
  for (const tag of tags) {
    const place: Place = { uri, line: tag.location.line };
    for (const id of valuesOf('rule', [tag])) {
      if (!RULE_ID.test(id)) {
        throw new FeatureError(place, `malformed rule id '${id}'`, 'write capitals, digits and hyphens, such as @rule:MAP-01');
      }
      if (ids.includes(id)) throw new FeatureError(place, `rule id ${id} is given twice`, 'keep one');
      ids.push(id);
    }
  }
  if (ids.length > 0) return ids;
  throw new FeatureError({ uri, line: location.line }, 'the Rule has no id', 'add @rule:<ID> on the line above');
}

function kindOf({ tags }: Rule, place: Place): Kind {
  const kinds = valuesOf('kind', tags);
  const [kind] = kinds;
  if (kind === undefined) throw new FeatureError(place, 'the Rule has no kind', 'add @kind:<kind> on the line above');
  if (kinds.length > 1) throw new FeatureError(place, `the Rule has ${kinds.length} kinds`, 'keep one @kind:');
  if (!isKind(kind)) throw new FeatureError(place, `unknown kind '${kind}'`, `use one of: ${KINDS.join(' ')}`);
  return kind;
}

const linesOf = ({ description }: Rule, label: RegExp): readonly string[] =>
  description
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => label.test(line));

function sourceOf(rule: Rule, place: Place): Source {
  const lines = linesOf(rule, /^source\b/i);
  const [line] = lines;
  if (line === undefined) throw new FeatureError(place, 'the Rule has no source', 'add a line: Source: <document> "<quote>"');
  if (lines.length > 1)
    throw new FeatureError(place, `the Rule has ${lines.length} sources`, 'keep one line: Source: <document> "<quote>"');
  const [, document, quote] = SOURCE.exec(line) ?? [];
  if (document === undefined || quote === undefined) {
    throw new FeatureError(place, `malformed source '${line}'`, 'write: Source: <document> "<quote>"');
  }
  return { document, quote };
}

function reasonOf(rule: Rule, place: Place): string | undefined {
  const lines = linesOf(rule, /^excluded\b/i);
  const [line] = lines;
  if (line === undefined) return undefined;
  if (lines.length > 1) throw new FeatureError(place, `the Rule has ${lines.length} exclusions`, 'keep one line: Excluded: <reason>');
  const [, reason] = EXCLUDED.exec(line) ?? [];
  if (reason === undefined) throw new FeatureError(place, `malformed exclusion '${line}'`, 'write: Excluded: <reason>');
  return reason;
}

/** A rule with one pickle for everybody binds everybody, whatever profiles its other Examples blocks are for. */
function profilesOf({ tags }: Rule, pickles: readonly FeaturePickle[]): string[] {
  if (pickles.length === 0) return valuesOf('profile', tags);
  if (pickles.some(({ profiles }) => profiles.length === 0)) return [];
  return [...new Set(pickles.flatMap(({ profiles }) => profiles))];
}
