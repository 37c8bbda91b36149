/** Says that it offers what it refuses. */
import { refuse } from '#drivers/contract/driver';
import { toyAllocating } from './toy-allocating';

export const driver = toyAllocating('refuses-paging', () => refuse('EOPNOTSUPP'));
