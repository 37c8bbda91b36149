/** A line of a feature that is no step, or several. By itself: who only reports it does not load the steps. */
export class LineError extends Error {
  override readonly name = 'LineError';
  readonly line: string;
  readonly what: string;
  /** What its author types instead. */
  readonly next: string;

  constructor({ line, what, next }: { readonly line: string; readonly what: string; readonly next: string }) {
    super(`${what}; ${next}`);
    this.line = line;
    this.what = what;
    this.next = next;
  }
}
