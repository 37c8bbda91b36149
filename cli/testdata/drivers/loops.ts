/** Never comes back. */
import { toyWith } from './toy-with';

export const driver = toyWith('loops', () => {
  for (;;);
});
