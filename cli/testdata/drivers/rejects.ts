/** Crashes later. */
import { toyWith } from './toy-with';

export const driver = toyWith('rejects', () => Promise.reject(new Error('nothing there')));
