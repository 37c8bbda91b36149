/** Answers what is no answer. */
import { toyWith } from './toy-with';

export const driver = toyWith('garbage', () => ({ ok: 'yes' }));
