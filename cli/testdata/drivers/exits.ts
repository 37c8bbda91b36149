/** Ends the process. */
import { toyWith } from './toy-with';

export const driver = toyWith('exits', () => process.exit(0));
