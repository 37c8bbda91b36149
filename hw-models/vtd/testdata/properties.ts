/** What holds for every case, by what is random. For `npm run fuzz`. */
import type * as fc from 'fast-check';

import { CONTROL_ROBUSTNESS } from './control-robustness';
import { invalidated } from './invalidation-laws';
import { afterStore, uncached } from './translate-laws';
import { TRANSLATE_ROBUSTNESS } from './translate-robustness';

export const PROPERTIES: Readonly<Record<string, fc.IProperty<[unknown]>>> = {
  ...CONTROL_ROBUSTNESS,
  ...TRANSLATE_ROBUSTNESS,
  'invalidations of a first stage': invalidated('first'),
  'invalidations of a second stage': invalidated('second'),
  'invalidations of two stages': invalidated('nested'),
  'one stage, against an uncached walk': uncached(false),
  'two stages, against uncached walks': uncached(true),
  'one stage, after a store': afterStore(false),
  'two stages, after a store': afterStore(true),
};
