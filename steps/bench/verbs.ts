/**
 * What a scenario can do, as a table. A verb with plain arguments is data, so that a scene can be recorded and played again.
 */
import { HYP_VERBS } from './hyp-verbs';
import { IOMMUFD_VERBS } from './iommufd-verbs';
import { IOMMU_VERBS } from './iommu-verbs';
import type { Verb } from './verb';

export const VERBS = { ...IOMMU_VERBS, ...HYP_VERBS, ...IOMMUFD_VERBS } as const;

export type VerbName = keyof typeof VERBS;
export type ArgumentsOf<V extends VerbName> = (typeof VERBS)[V] extends Verb<infer A> ? A : never;

/** A verb with its arguments: data. */
export interface Act<V extends VerbName = VerbName> {
  readonly verb: V;
  readonly args: readonly unknown[];
}

export const act = <V extends VerbName>(verb: V, ...args: ArgumentsOf<V>): Act<V> => ({ verb, args });

/** The verb of an act, with the types of its arguments forgotten. */
export const verbOf = ({ verb: name }: Act): Verb<readonly unknown[]> => VERBS[name];

export const say = (done: Act): string => verbOf(done).say(...done.args);
