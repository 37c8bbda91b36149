/** Promises an answer and does not give it. */
import { toyWith } from './toy-with';

export const driver = toyWith('never', () => new Promise(() => undefined));
