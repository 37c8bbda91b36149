/** What is wrong with a feature file, for the person who writes it. */

/** A file and a line in it, from 1. */
export interface Place {
  readonly uri: string;
  readonly line: number;
}

/** A feature that cannot be read. `message` is `file:line: what; next`. */
export class FeatureError extends Error {
  override readonly name = 'FeatureError';
  readonly uri: string;
  readonly line: number;
  readonly what: string;
  /** What its author types instead. */
  readonly next: string;

  constructor({ uri, line }: Place, what: string, next: string) {
    super(`${uri}:${line}: ${what}; ${next}`);
    this.uri = uri;
    this.line = line;
    this.what = what;
    this.next = next;
  }
}
