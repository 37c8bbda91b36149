/** The closed tag families: which exist, where each may stand, and what it may say. */
import type { Tag } from '@cucumber/messages';
import { refuse } from '#cli/lint/finding';
import type { Finding } from '#cli/lint/finding';
import type { Place } from '#reports/ledger/error';
import { KINDS, RULE_ID } from '#reports/ledger/tags';
import type { Family, Vocabulary as Names } from '#reports/ledger/tags';

/** What a tag can stand on. */
export type Holder = 'feature' | 'rule' | 'scenario' | 'examples';

/** The names that features may use, and those that they may not. */
export interface Vocabulary extends Names {
  /** Names of drivers, which no feature mentions. */
  readonly drivers?: readonly string[];
}

interface Form {
  readonly on: readonly Holder[];
  /** What follows the colon, as its author should see it; absent for a tag without a value. */
  readonly form?: string;
  readonly accepts: (value: string, vocabulary: Vocabulary) => boolean;
  readonly says: (vocabulary: Vocabulary) => string;
}

const EVERYWHERE: readonly Holder[] = ['feature', 'rule', 'scenario', 'examples'];
const NAME = /^[A-Za-z0-9][\w.-]*$/;

/** A family whose values are listed, or, without a list, any single word. */
const listed = (pick: (vocabulary: Vocabulary) => readonly string[] | undefined): Pick<Form, 'accepts' | 'says'> => ({
  accepts: (value, vocabulary) => pick(vocabulary)?.includes(value) ?? NAME.test(value),
  says: (vocabulary) => `use one of: ${pick(vocabulary)?.join(' ') ?? 'words of letters, digits, dots and hyphens'}`,
});

const FORMS: Readonly<Record<Family, Form>> = {
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

const ALL = Object.entries(FORMS)
  .map(([name, { form }]) => `@${name}${form === undefined ? '' : `:${form}`}`)
  .join(' ');

const isFamily = (name: string): name is Family => Object.hasOwn(FORMS, name);

/** Refuses tags of unknown families, in the wrong place, or with a value that the family does not have. */
export function lintTags(uri: string, holder: Holder, tags: readonly Tag[], vocabulary: Vocabulary): readonly Finding[] {
  return tags.flatMap((tag) => {
    const at: Place = { uri, line: tag.location.line };
    const [, name = '', value] = /^@([^:]*)(?::(.*))?$/.exec(tag.name) ?? [];
    if (!isFamily(name)) return [refuse(at, `unknown tag ${tag.name}`, `use one of: ${ALL}`)];
    const { on, form, accepts, says } = FORMS[name];
    if (!on.includes(holder)) {
      return [refuse(at, `${tag.name} does not belong on a ${holder}`, `move it to a ${on.join(' or ')}`)];
    }
    const wellFormed = form === undefined ? value === undefined : value !== undefined && accepts(value, vocabulary);
    return wellFormed ? [] : [refuse(at, `malformed tag ${tag.name}`, says(vocabulary))];
  });
}
