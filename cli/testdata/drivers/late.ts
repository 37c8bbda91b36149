/** Fails when nobody looks any more. */
import { ATTACHED, toyWith } from './toy-with';

export const driver = toyWith('late', () => {
  void Promise.reject(new Error('a late rejection'));
  setTimeout(() => {
    throw new Error('a late exception');
  });
  return ATTACHED;
});
