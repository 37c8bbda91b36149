/** Changes what everybody uses, and prints where answers are printed. */
import { toyWith } from './toy-with';

export const driver = toyWith('spoils', () => {
  console.log('{ "this": "is not an answer" }');
  Array.prototype.includes = () => true;
  Object.assign(Object.prototype, { everywhere: 1 });
  return { ok: false, errno: 'EBUSY' };
});
