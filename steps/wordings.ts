/** Parameter types with several wordings, each with its own meaning: what is said, and what it stands for. */
import { parameterType } from './registry';

type Groups = readonly (string | undefined)[];

/** One wording. Its expression has at least one group, and `means` gets the groups. */
export interface Wording<T> {
  readonly says: RegExp;
  means(this: void, ...groups: Groups): T;
}

/** Declares a parameter type from its wordings; the first that fits decides. */
export function phrases<T>(name: string, wordings: readonly Wording<T>[]): void {
  const counts = wordings.map(({ says }) => new RegExp(`${says.source}|`).exec('')!.length - 1);
  parameterType(
    name,
    wordings.map(({ says }) => says),
    (...groups) => {
      let at = 0;
      for (const [index, { means }] of wordings.entries()) {
        const own = groups.slice(at, (at += counts[index]!));
        if (own[0] !== undefined) return means(...own);
      }
      throw new Error(`${name}: no wording fits`);
    },
  );
}

/** A regular expression from parts. */
export const says = (...parts: readonly string[]): RegExp => new RegExp(parts.join(''));
