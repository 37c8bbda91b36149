/** Calls that take one thing after another: what was taken is given back when a later step is refused. */
import type { Result } from '#drivers/contract/driver';

/** Notes what to do about something that was taken, if the call is refused after all. */
export type Take = <T>(taken: Result<T>, giveBack: (value: T) => void) => Result<T>;

/** Runs `steps`; when they are refused, gives back what they took, the last first. */
export function unwinding<T>(steps: (take: Take) => Result<T>): Result<T> {
  const undo: (() => void)[] = [];
  const result = steps((taken, giveBack) => {
    if (taken.ok) undo.push(() => giveBack(taken.value));
    return taken;
  });
  if (!result.ok) for (const giveBack of undo.reverse()) giveBack();
  return result;
}
