/** Takes memory without end. */
import { toyWith } from './toy-with';

const taken: number[][] = [];

export const driver = toyWith('hungry', () => {
  for (;;) taken.push(Array.from({ length: 100_000 }, (_, index) => index));
});
