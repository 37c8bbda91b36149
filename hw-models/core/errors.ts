/**
 * The three things that our own code throws. What hardware or a driver refuses is a value, never one of these.
 */

/** An invariant of the model or of the harness is broken. Makes the whole run an error, never a driver's failure. */
export class ModelBug extends Error {
  override readonly name = 'ModelBug';
}

/** The specification describes it, this model does not do it. Makes the scenario *not tested*, with the feature as reason. */
export class NotModelled extends Error {
  override readonly name = 'NotModelled';
  /** What is left out, as the specification calls it. */
  readonly feature: string;

  /**
   * @param feature As the specification calls it, for example `STE.S1STALLD`.
   * @param where The register, entry or step that asked for it.
   */
  constructor(feature: string, where?: string) {
    super(`not modelled: ${feature}${where === undefined ? '' : `, in ${where}`}`);
    this.feature = feature;
  }
}

/** Software did what the specification leaves open. Makes the scenario fail: a driver must not rely on it. */
export class UnspecifiedBehaviour extends Error {
  override readonly name = 'UnspecifiedBehaviour';
  /** What software did. */
  readonly act: string;

  /**
   * @param act What software did and where, for example `32-bit read at 0x0ffc`.
   * @param reason Why the specification does not cover it.
   */
  constructor(act: string, reason?: string) {
    super(`unspecified behaviour: ${act}${reason === undefined ? '' : `, ${reason}`}`);
    this.act = act;
  }
}

/** Ends a `switch` over a union: a member without a case does not compile. Throws `ModelBug` if the types were wrong. */
export function unreachable(value: never): never {
  throw new ModelBug(`no case for ${show(value)}`);
}

function show(value: unknown): string {
  // JSON has no bigint, and undefined or a function has no JSON.
  const text = JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part)) as string | undefined;
  return text ?? String(value);
}
