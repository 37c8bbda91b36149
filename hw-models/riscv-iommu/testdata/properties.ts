/** What holds for every case, by what is random. For `npm run fuzz`. */
import type * as fc from 'fast-check';

import { afterStore, uncached } from './laws';
import { ROBUSTNESS } from './robustness';

export const PROPERTIES: Readonly<Record<string, fc.IProperty<[unknown]>>> = {
  ...ROBUSTNESS,
  'one stage, against an uncached walk': uncached(false),
  'two stages, against uncached walks': uncached(true),
  'one stage, after a store': afterStore(false),
  'two stages, after a store': afterStore(true),
};
