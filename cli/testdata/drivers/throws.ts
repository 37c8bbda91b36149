/** Crashes. */
import { toyWith } from './toy-with';

export const driver = toyWith('throws', () => {
  throw new TypeError('nothing here');
});
