/** Changes what nothing runs without. */
import { ATTACHED, toyWith } from './toy-with';

export const driver = toyWith('ruins', () => {
  Array.prototype[Symbol.iterator] = () => {
    throw new Error('no arrays here');
  };
  return ATTACHED;
});
