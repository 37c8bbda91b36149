/* Fields of words, by the bit numbers that the specification prints. */
#ifndef PKVM_BITS_H
#define PKVM_BITS_H

#include <stdint.h>

#define BIT(at) (1ull << (at))
/* A field of a 64-bit word, both bits included. */
#define FIELD(msb, lsb) ((~0ull >> (63 - (msb))) & (~0ull << (lsb)))

static inline uint64_t field_get(uint64_t field, uint64_t word)
{
  return (word & field) >> __builtin_ctzll(field);
}

/* The word's bits for `value`, in place. */
static inline uint64_t field_put(uint64_t field, uint64_t value)
{
  return (value << __builtin_ctzll(field)) & field;
}

static inline uint32_t least_of(uint32_t a, uint32_t b)
{
  return a < b ? a : b;
}

static inline uint32_t most_of(uint32_t a, uint32_t b)
{
  return a > b ? a : b;
}

/* log2 of a power of two. */
static inline uint32_t log2_of(uint64_t value)
{
  return (uint32_t)__builtin_ctzll(value);
}

#endif
