import type { Place } from '#reports/ledger/error';

/** One thing that a feature file must not contain, and what its author types instead. */
export interface Finding extends Place {
  /** A warning is counted and does not fail the lint. */
  readonly level: 'error' | 'warning';
  readonly what: string;
  readonly next: string;
}

/** A finding that fails the lint. */
export const refuse = ({ uri, line }: Place, what: string, next: string): Finding => ({ level: 'error', uri, line, what, next });

/** A finding that is only counted. */
export const warn = ({ uri, line }: Place, what: string, next: string): Finding => ({ level: 'warning', uri, line, what, next });

/** `file:line: what; what to type next`. */
export const show = ({ uri, line, what, next }: Finding): string => `${uri}:${line}: ${what}; ${next}`;
