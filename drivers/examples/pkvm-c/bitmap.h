/* Sets of small numbers. */
#ifndef PKVM_BITMAP_H
#define PKVM_BITMAP_H

#include <stdbool.h>
#include <stdint.h>

#define BITMAP_WORDS(bits) (((bits) + 63) / 64)

static inline void bitmap_clear(uint64_t *map, uint32_t words)
{
  for (uint32_t word = 0; word < words; word++)
    map[word] = 0;
}

static inline void bitmap_add(uint64_t *map, uint32_t bit)
{
  map[bit / 64] |= 1ull << (bit % 64);
}

static inline void bitmap_remove(uint64_t *map, uint32_t bit)
{
  map[bit / 64] &= ~(1ull << (bit % 64));
}

/* The first member from `*bit` on, put there; false when there is none. */
static inline bool bitmap_next(const uint64_t *map, uint32_t words, uint32_t *bit)
{
  uint32_t word = *bit / 64;
  uint64_t rest;

  if (word >= words)
    return false;
  rest = map[word] & (~0ull << (*bit % 64));
  while (rest == 0) {
    if (++word == words)
      return false;
    rest = map[word];
  }
  *bit = word * 64 + (uint32_t)__builtin_ctzll(rest);
  return true;
}

#endif
