/** The closed tag families: which exist, where each may stand, and what it may say. */
import type { Tag } from '@cucumber/messages';
import { refuse } from '#cli/lint/finding';
import type { Finding, Place } from '#cli/lint/finding';

/** What a tag can stand on. */
export type Holder = 'feature' | 'rule' | 'scenario' | 'examples';

/** The kinds of rule, which decide how strong a verdict can be. */
export const KINDS = ['spec', 'uapi', 'review', 'patch', 'observed', 'hardened', 'open'] as const;

/** The names that tags may use. A list that is absent is not checked. */
export interface Vocabulary {
  readonly capabilities?: readonly string[];
  readonly profiles?: readonly string[];
  /** Names of drivers, which no feature mentions. */
  readonly drivers?: readonly string[];
}

interface Family {
  readonly on: readonly Holder[];
  /** What follows the colon, as its author should see it; absent for a tag without a value. */
  readonly form?: string;
  readonly accepts: (value: string, vocabulary: Vocabulary) => boolean;
  readonly says: (vocabulary: Vocabulary) => string;
}

const EVERYWHERE: readonly Holder[] = ['feature', 'rule', 'scenario', 'examples'];
const NAME = /^[A-Za-z0-9][\w.-]*$/;
const RULE_ID = /^[A-Z]+(-[A-Z0-9]+)+[a-z]?$/;

/** A family whose values are listed, or, without a list, any single word. */
const listed = (pick: (vocabulary: Vocabulary) => readonly string[] | undefined): Pick<Family, 'accepts' | 'says'> => ({
  accepts: (value, vocabulary) => pick(vocabulary)?.includes(value) ?? NAME.test(value),
  says: (vocabulary) => `use one of: ${pick(vocabulary)?.join(' ') ?? 'words of letters, digits, dots and hyphens'}`,
});

const FAMILIES: Readonly<Record<string, Family>> = {
  rule: {
    on: ['rule'],
    form: '<ID>',
    accepts: (value) => RULE_ID.test(value),
    says: () => 'write capitals, digits and hyphens, such as @rule:MAP-01',
  },
  kind: { on: ['rule'], form: '<kind>', ...listed(() => KINDS) },
  needs: { on: EVERYWHERE, form: '<capability>', ...listed(({ capabilities }) => capabilities) },
  profile: { on: ['rule', 'examples'], form: '<name>', ...listed(({ profiles }) => profiles) },
  area: { on: ['feature', 'rule', 'scenario'], form: '<name>', ...listed(() => undefined) },
  heavy: { on: EVERYWHERE, accepts: () => true, says: () => 'write @heavy alone' },
};

const ALL = Object.entries(FAMILIES)
  .map(([name, { form }]) => `@${name}${form === undefined ? '' : `:${form}`}`)
  .join(' ');

/** The values of one family among `tags`, in order. */
export function valuesOf(family: string, tags: readonly Tag[]): string[] {
  return tags.flatMap(({ name }) => (name.startsWith(`@${family}:`) ? [name.slice(family.length + 2)] : []));
}

/** Refuses tags of unknown families, in the wrong place, or with a value that the family does not have. */
export function lintTags(uri: string, holder: Holder, tags: readonly Tag[], vocabulary: Vocabulary): readonly Finding[] {
  return tags.flatMap((tag) => {
    const at: Place = { uri, line: tag.location.line };
    const [, name = '', value] = /^@([^:]*)(?::(.*))?$/.exec(tag.name) ?? [];
    const family = Object.hasOwn(FAMILIES, name) ? FAMILIES[name] : undefined;
    if (!family) return [refuse(at, `unknown tag ${tag.name}`, `use one of: ${ALL}`)];
    if (!family.on.includes(holder)) {
      return [refuse(at, `${tag.name} does not belong on a ${holder}`, `move it to a ${family.on.join(' or ')}`)];
    }
    const wellFormed = family.form === undefined ? value === undefined : value !== undefined && family.accepts(value, vocabulary);
    return wellFormed ? [] : [refuse(at, `malformed tag ${tag.name}`, family.says(vocabulary))];
  });
}
