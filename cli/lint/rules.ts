/** What a `Rule:` must say of itself: id, kind, source, and its examples or why it has none. */
import type { Rule } from '@cucumber/messages';
import { refuse } from '#cli/lint/finding';
import type { Finding } from '#cli/lint/finding';
import type { Place } from '#reports/ledger/error';
import { valuesOf } from '#reports/ledger/tags';

const MOST_QUOTED_WORDS = 12;
/** A document's title may itself be quoted, so the quote is what stands between the last two marks. */
const SOURCE = /^Source: \S.* "([^"]+)"$/;
const EXCLUDED = /^Excluded: \S/;

/** Checks one Rule by itself. */
export function lintRule(uri: string, rule: Rule): readonly Finding[] {
  const at: Place = { uri, line: rule.location.line };
  return [...lintIdentity(at, rule), ...lintSource(at, rule), ...lintExamples(at, rule)];
}

/** Refuses an id that an earlier Rule has. `seen` maps each id met so far to where it stands, and grows. */
export function lintIds(uri: string, rule: Rule, seen: Map<string, string>): readonly Finding[] {
  return rule.tags.flatMap((tag) =>
    valuesOf('rule', [tag]).flatMap((id) => {
      const { line } = tag.location;
      const first = seen.get(id);
      if (first !== undefined) return [refuse({ uri, line }, `rule id ${id} is already at ${first}`, 'give this Rule an id of its own')];
      seen.set(id, `${uri}:${line}`);
      return [];
    }),
  );
}

function lintIdentity(at: Place, { name, tags }: Rule): readonly Finding[] {
  const kinds = valuesOf('kind', tags);
  return [
    ...(name === '' ? [refuse(at, 'the Rule has no title', 'write the statement after "Rule:"')] : []),
    ...(valuesOf('rule', tags).length === 0 ? [refuse(at, 'the Rule has no id', 'add @rule:<ID> on the line above')] : []),
    ...(kinds.length === 0 ? [refuse(at, 'the Rule has no kind', 'add @kind:<kind> on the line above')] : []),
    ...(kinds.length > 1 ? [refuse(at, `the Rule has ${kinds.length} kinds`, 'keep one @kind:')] : []),
  ];
}

const linesOf = ({ description }: Rule, label: RegExp): readonly string[] =>
  description
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => label.test(line));

function lintSource(at: Place, rule: Rule): readonly Finding[] {
  const lines = linesOf(rule, /^source\b/i);
  if (lines.length === 0) return [refuse(at, 'the Rule has no source', 'add a line: Source: <document> "<quote>"')];
  if (lines.length > 1) return [refuse(at, `the Rule has ${lines.length} sources`, 'keep one line: Source: <document> "<quote>"')];
  return lines.flatMap((line) => {
    const [, quote] = SOURCE.exec(line) ?? [];
    if (quote === undefined) return [refuse(at, `malformed source '${line}'`, 'write: Source: <document> "<quote>"')];
    const words = quote.trim().split(/\s+/).length;
    if (words <= MOST_QUOTED_WORDS) return [];
    return [refuse(at, `the quote has ${words} words`, `quote at most ${MOST_QUOTED_WORDS}`)];
  });
}

function lintExamples(at: Place, rule: Rule): readonly Finding[] {
  const excluded = linesOf(rule, /^excluded\b/i);
  const malformed = excluded.filter((line) => !EXCLUDED.test(line));
  const scenarios = rule.children.flatMap(({ scenario }) => (scenario ? [scenario] : []));
  const run = scenarios.some(
    ({ keyword, examples }) => !isOutline(keyword, examples) || examples.some((table) => table.tableBody.length > 0),
  );
  return [
    ...malformed.map((line) => refuse(at, `malformed exclusion '${line}'`, 'write: Excluded: <reason>')),
    ...(excluded.length > 1 ? [refuse(at, `the Rule has ${excluded.length} exclusions`, 'keep one line: Excluded: <reason>')] : []),
    ...(excluded.length > 0 && scenarios.length > 0
      ? [refuse(at, 'the Rule is excluded and has examples', 'delete the examples or the line "Excluded:"')]
      : []),
    ...(excluded.length === 0 && !run ? [refuse(at, 'the Rule has no examples', 'add an Example, or a line: Excluded: <reason>')] : []),
  ];
}

const isOutline = (keyword: string, examples: readonly unknown[]): boolean => examples.length > 0 || /Outline|Template/.test(keyword);
