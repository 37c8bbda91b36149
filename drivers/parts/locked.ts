/** Calls that run one at a time. */
import type { Platform } from '#drivers/contract/driver';

export function locked<T>(platform: Pick<Platform, 'lock' | 'unlock'>, name: string, body: () => T): T {
  platform.lock(name);
  const result = body();
  platform.unlock(name);
  return result;
}
