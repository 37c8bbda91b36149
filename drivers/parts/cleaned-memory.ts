/** Memory for walkers that do not see what is in the processors' caches: every store is written back. */
import type { Platform } from '#drivers/contract/driver';
import type { TableMemory } from './page-table';

const PAGE_BYTES = 4096;
const WORD_BYTES = 8;

/** What is stored is seen by a walker after the next barrier, whether it snoops or not. */
export const cleanedMemory = (platform: Platform): TableMemory => ({
  read64: (pa) => platform.read64(pa),
  write64: (pa, value) => {
    platform.write64(pa, value);
    platform.clean(pa, WORD_BYTES);
  },
  cmpxchg64: (pa, expected, value) => {
    const found = platform.cmpxchg64(pa, expected, value);
    if (found === expected) platform.clean(pa, WORD_BYTES);
    return found;
  },
  fetchAnd64: (pa, mask) => {
    const found = platform.fetchAnd64(pa, mask);
    platform.clean(pa, WORD_BYTES);
    return found;
  },
  fetchOr64: (pa, mask) => {
    const found = platform.fetchOr64(pa, mask);
    platform.clean(pa, WORD_BYTES);
    return found;
  },
  barrier: () => platform.barrier(),
  pageAlloc: (request) => {
    const page = platform.pageAlloc(request);
    if (page.ok) platform.clean(page.value, PAGE_BYTES * 2 ** request.order);
    return page;
  },
  pageFree: (pa, order) => platform.pageFree(pa, order),
});

/** Memory as a walker needs it. @param isSnooped It sees what is in the processors' caches. */
export const memoryFor = (platform: Platform, isSnooped: boolean): TableMemory => (isSnooped ? platform : cleanedMemory(platform));
