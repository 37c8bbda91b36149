/** One measurement. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** To a plain loop in the same run. */
  readonly ratio?: number;
}

/** Milliseconds of `body`, the best of several runs: whatever else the machine does only adds to it. */
export async function best(repeats: number, body: () => unknown): Promise<number> {
  let least = Infinity;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const began = performance.now();
    await body();
    least = Math.min(least, performance.now() - began);
  }
  return least;
}
