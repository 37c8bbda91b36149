/** Ends the process when it is asked for what it says that it offers. */
import { toyAllocating } from './toy-allocating';

export const driver = toyAllocating('exits-when-asked', () => process.exit(0));
