/** Values of structures as tables write them: numbers, names of the scene, and words for flags, added with ` + `. */
import { ALLOC_DIRTY_TRACKING, ALLOC_FAULT_ID_VALID, ALLOC_NEST_PARENT, ALLOC_PASID } from '#drivers/contract/iommu';
import {
  DIRTY_BITMAP_NO_CLEAR,
  DIRTY_TRACKING_ENABLE,
  HW_INFO_INPUT_TYPE,
  MAP_FIXED_IOVA,
  MAP_READABLE,
  MAP_WRITEABLE,
  OPTION,
  OPTION_OP,
} from '#drivers/contract/uapi-iommufd-values';
import { address, NUMBER } from '../literals';
import { NotTested } from './outcomes';

const WORDS: Readonly<Record<string, number>> = {
  FIXED_IOVA: MAP_FIXED_IOVA,
  WRITEABLE: MAP_WRITEABLE,
  READABLE: MAP_READABLE,
  NEST_PARENT: ALLOC_NEST_PARENT,
  DIRTY_TRACKING: ALLOC_DIRTY_TRACKING,
  FAULT_ID_VALID: ALLOC_FAULT_ID_VALID,
  PASID: ALLOC_PASID,
  INPUT_TYPE: HW_INFO_INPUT_TYPE,
  ENABLE: DIRTY_TRACKING_ENABLE,
  NO_CLEAR: DIRTY_BITMAP_NO_CLEAR,
  ...OPTION,
  ...OPTION_OP,
  /** An id that no object has. */
  missing: 0xdead,
};

const NUMERIC = new RegExp(`^(?:${NUMBER})$`);

type Lookup = (name: string) => bigint | undefined;

/** @param named What a name of the scene stands for. @param known What a word stands for, besides those that are the same everywhere. */
export const valueOf = (text: string, named: Lookup, known: Lookup = () => undefined): bigint =>
  text.split(' + ').reduce((sum, term) => sum + (known(term) ?? termOf(term, named)), 0n);

function termOf(term: string, named: Lookup): bigint {
  if (NUMERIC.test(term)) return address(term);
  if (Object.hasOwn(WORDS, term)) return BigInt(WORDS[term]!);
  if (!/^[A-Z]\d+$/.test(term))
    throw new Error(`"${term}" is no value: write a number, a name like H1, or one of ${Object.keys(WORDS).join(' ')}`);
  const value = named(term);
  if (value === undefined) throw new NotTested(`setup: nothing is called ${term}`);
  return value;
}
