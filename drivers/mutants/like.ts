/** The same defects in a driver that was written again in another language. */
import type { Edit, Mutant } from './mutant';

/**
 * Mutants of `of` with the ids, rules and reasons of those of another driver: what finds a defect there finds it here.
 * @param edits By the id of the other driver's mutant. Throws for an id that it does not have.
 */
export function mutantsLike(of: string, others: readonly Mutant[], edits: Readonly<Record<string, readonly Edit[]>>): readonly Mutant[] {
  return Object.entries(edits).map(([id, own]) => {
    const like = others.find((mutant) => mutant.id === id);
    if (like === undefined) throw new Error(`${of}: there is no mutant "${id}" to be like`);
    const { system, rule, by, mode } = like;
    return { id, of, system, rule, by, ...(mode && { mode }), edits: own };
  });
}
