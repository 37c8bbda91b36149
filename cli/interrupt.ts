/** Ctrl-C: the first ends the work and keeps what is finished, the second ends everything at once. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Interruption {
  readonly signal: AbortSignal;
  /** From now on signals do again what they always do. */
  release(): void;
}

/** @param announce Tells the person that it has been heard. */
export function onInterrupt(announce: () => void): Interruption {
  const controller = new AbortController();
  const release = (): void => {
    for (const signal of SIGNALS) process.removeListener(signal, stop);
  };
  const stop = (): void => {
    // Without a listener the next signal ends the process, even in the middle of writing a report.
    release();
    announce();
    controller.abort();
  };
  for (const signal of SIGNALS) process.once(signal, stop);
  return { signal: controller.signal, release };
}
