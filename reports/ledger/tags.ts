/** The closed tag families of the features, and how a tag is read. */
import { FeatureError } from './error';
import type { Place } from './error';

/** The kinds of rule, which decide how strong a verdict can be. */
export const KINDS = ['spec', 'uapi', 'review', 'patch', 'observed', 'hardened', 'open'] as const;
export type Kind = (typeof KINDS)[number];

/** Tag families; `heavy` is the one that has no value. */
export const FAMILIES = ['rule', 'kind', 'needs', 'profile', 'area', 'heavy'] as const;
export type Family = (typeof FAMILIES)[number];

/** A rule's id: groups of capitals and digits joined by hyphens, at most one small letter behind. */
export const RULE_ID = /^[A-Z]+(-[A-Z0-9]+)+[a-z]?$/;

/** A tag as Gherkin gives it, on a feature, a rule, a scenario, an Examples block or a pickle. */
export interface Named {
  readonly name: string;
}

/** The values of one family among `tags`, each once, in order: of `@needs:pasid @needs:ats`, `pasid` and `ats`. */
export function valuesOf(family: Family, tags: readonly Named[]): string[] {
  const prefix = `@${family}:`;
  return [...new Set(tags.flatMap(({ name }) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : [])))];
}

/** Whether a word names a kind. */
export const isKind = (value: string): value is Kind => KINDS.some((kind) => kind === value);

/** Whether `@heavy` is among the tags. */
export const isHeavy = (tags: readonly Named[]): boolean => tags.some(({ name }) => name === '@heavy');

/** The names that tags may use. A list that is absent is not checked. */
export interface Vocabulary {
  /** Capabilities and interfaces, as `@needs:` names them. */
  readonly capabilities?: readonly string[];
  readonly profiles?: readonly string[];
}

/** Throws `FeatureError` for a tag of no family, one that lacks its value or has one too many, and a name that nothing has. */
export function checkTag({ name }: Named, place: Place, { capabilities, profiles }: Vocabulary): void {
  const [, family = '', value] = /^@([^:]*)(?::(.*))?$/.exec(name) ?? [];
  if (family === 'heavy' && value === undefined) return;
  if (family !== 'heavy' && FAMILIES.some((one) => one === family) && value !== undefined && value !== '') {
    // Whoever needs what nobody has would be left out everywhere, and kept nowhere.
    const names = { needs: capabilities, profile: profiles }[family];
    if (names?.includes(value) ?? true) return;
    throw new FeatureError(place, `unknown name in ${name}`, `use one of: ${names?.join(' ')}`);
  }
  const all = FAMILIES.map((one) => (one === 'heavy' ? '@heavy' : `@${one}:<value>`)).join(' ');
  throw new FeatureError(place, `unknown tag ${name}`, `use one of: ${all}`);
}
