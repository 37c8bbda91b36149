/** The answer of `rules --json` (docs/schemas/rules.json). */
import type { Ledger } from './ledger';
import type { LedgerEntry } from './rules';

/** What a rule says to machines; what a runner needs besides stays in the ledger. */
export type RuleAnswer = Omit<LedgerEntry, 'needs' | 'profiles' | 'heavy'>;

/** Every rule, in the order of the ledger. */
export interface RulesAnswer {
  readonly rules: readonly RuleAnswer[];
}

/** The ledger as machines are told it. */
export function rulesAnswer({ rules }: Ledger): RulesAnswer {
  return {
    rules: rules.map(({ id, system, kind, statement, source, state, reason, at, scenarios }) => ({
      id,
      system,
      kind,
      statement,
      source,
      state,
      ...(reason !== undefined && { reason }),
      at,
      scenarios,
    })),
  };
}

/** The text of `rules --json`. */
export const rulesJson = (ledger: Ledger): string => `${JSON.stringify(rulesAnswer(ledger), null, 2)}\n`;
