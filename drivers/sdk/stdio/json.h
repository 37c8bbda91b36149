/*
 * JSON as docs/protocol.md has it: a buffer to write into, and what reads one line, which ends with a NUL. There is no tree: who reads
 * knows what has to come, and what does not come ends the program.
 */
#ifndef IOMMU_TCK_JSON_H
#define IOMMU_TCK_JSON_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The largest whole number that crosses as a number. */
#define MOST ((UINT64_C(1) << 53) - 1)
/* Deeper values are none of the protocol's. */
#define DEEPEST 32

/* The method that is under way, for messages. */
static const char *doing = "iommu_tck_stdio";

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *message, ...) {
  va_list rest;
  va_start(rest, message);
  fprintf(stderr, "%s: ", doing);
  vfprintf(stderr, message, rest);
  fputc('\n', stderr);
  exit(1);
}

__attribute__((noreturn)) static void malformed(const char *at, const char *wanted) {
  die("malformed line: %s was expected at \"%.60s\"", wanted, at);
}

static void *grown(void *data, size_t size) {
  data = realloc(data, size);
  if (data == NULL) die("no memory for %zu bytes", size);
  return data;
}

/* What is read lives here until all of it is forgotten at once. */
struct chunk {
  struct chunk *next;
  size_t size, used;
  max_align_t data[];
};

/* Where values go that are read. */
static struct chunk **arena;

/* Zeroed bytes that no later call moves. */
static void *arena_take(size_t bytes) {
  struct chunk *chunk = *arena;
  size_t whole = (bytes + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
  if (chunk == NULL || chunk->size - chunk->used < whole) {
    size_t size = whole > 4096 ? whole : 4096;
    chunk = grown(NULL, sizeof(*chunk) + size);
    *chunk = (struct chunk){ .next = *arena, .size = size };
    *arena = chunk;
  }
  void *taken = (char *)chunk->data + chunk->used;
  chunk->used += whole;
  return memset(taken, 0, bytes);
}

/* Forgets what is in an arena, and makes it the one that is read into. */
static void arena_reset(struct chunk **which) {
  arena = which;
  struct chunk *chunk = *which;
  while (chunk != NULL && chunk->next != NULL) {
    struct chunk *next = chunk->next;
    free(chunk);
    chunk = next;
  }
  if (chunk != NULL) chunk->used = 0;
  *which = chunk;
}

/* Writing. */

struct buffer {
  char *data;
  size_t length, size;
};

static struct buffer out;

/* Room for `more` bytes at the end of what is written. */
static char *put_room(size_t more) {
  if (out.size - out.length < more) {
    out.size = 2 * out.size + more;
    out.data = grown(out.data, out.size);
  }
  return out.data + out.length;
}

static void put(const char *text, size_t length) {
  memcpy(put_room(length), text, length);
  out.length += length;
}

#define PUT(literal) put(literal, sizeof(literal) - 1)

static void put_number(uint64_t number) {
  char digits[20];
  size_t at = sizeof(digits);
  do digits[--at] = (char)('0' + number % 10);
  while ((number /= 10) != 0);
  put(digits + at, sizeof(digits) - at);
}

static const char HEX[] = "0123456789abcdef";

static void put_word(uint64_t word) {
  char *to = put_room(20);
  size_t digits = 1;
  while (digits < 16 && word >> (4 * digits) != 0) digits++;
  memcpy(to, "\"0x", 3);
  for (size_t digit = 0; digit < digits; digit++) to[3 + digit] = HEX[word >> (4 * (digits - 1 - digit)) & 15];
  to[3 + digits] = '"';
  out.length += digits + 4;
}

static void put_bytes(const uint8_t *bytes, size_t count) {
  PUT("\"hex:");
  char *to = put_room(2 * count);
  for (size_t index = 0; index < count; index++) {
    *to++ = HEX[bytes[index] >> 4];
    *to++ = HEX[bytes[index] & 15];
  }
  out.length += 2 * count;
  PUT("\"");
}

static void put_escaped(const char *text) {
  for (; *text != '\0'; text++) {
    unsigned char byte = (unsigned char)*text;
    if (byte < ' ') {
      const char escape[] = { '\\', 'u', '0', '0', HEX[byte >> 4], HEX[byte & 15] };
      put(escape, sizeof(escape));
    } else {
      if (byte == '"' || byte == '\\') PUT("\\");
      put(text, 1);
    }
  }
}

static bool begins(const char *text, const char *with) { return strncmp(text, with, strlen(with)) == 0; }

/* Text that begins like something else is marked as text. */
static void put_text(const char *text) {
  PUT("\"");
  if (begins(text, "0x") || begins(text, "hex:") || begins(text, "text:")) PUT("text:");
  put_escaped(text);
  PUT("\"");
}

/* Reading: each function moves `at` behind what it took. */

static char peek(const char **at) {
  while (**at == ' ' || **at == '\t' || **at == '\r') (*at)++;
  return **at;
}

static bool took(const char **at, char mark) {
  if (peek(at) != mark) return false;
  (*at)++;
  return true;
}

static void expect(const char **at, char mark) {
  const char wanted[] = { '\'', mark, '\'', '\0' };
  if (!took(at, mark)) malformed(*at, wanted);
}

static bool took_word(const char **at, const char *word) {
  peek(at);
  if (!begins(*at, word)) return false;
  *at += strlen(word);
  return true;
}

static uint64_t take_number(const char **at, uint64_t most) {
  uint64_t number = 0;
  peek(at);
  const char *from = *at;
  for (; **at >= '0' && **at <= '9'; (*at)++) {
    number = 10 * number + (uint64_t)(**at - '0');
    if (number > most) malformed(from, "a smaller number");
  }
  if (*at == from || **at == '.' || **at == 'e' || **at == 'E') malformed(from, "a whole number");
  return number;
}

static bool take_flag(const char **at) {
  if (took_word(at, "true")) return true;
  if (!took_word(at, "false")) malformed(*at, "true or false");
  return false;
}

/* A part of the line, or of an arena. */
struct span {
  const char *text;
  size_t length;
};

/* What is between the quotes, as it stands there. */
static struct span take_raw(const char **at) {
  expect(at, '"');
  const char *from = *at;
  for (; **at != '"'; (*at)++) {
    if (**at == '\\') (*at)++;
    if ((unsigned char)**at < ' ') malformed(from, "the end of a string");
  }
  return (struct span){ from, (size_t)((*at)++ - from) };
}

static int hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  digit |= 0x20;
  return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* Four digits after `\u`. */
static uint32_t take_unit(const char **at) {
  uint32_t unit = 0;
  for (int digit = 0; digit < 4; digit++) {
    int value = hex_digit(**at);
    if (value < 0) malformed(*at, "a digit");
    unit = unit << 4 | (uint32_t)value;
    (*at)++;
  }
  return unit;
}

/* What follows `\u`, which is two units for what lies above 16 bits. */
static uint32_t take_code_point(const char **at) {
  uint32_t high = take_unit(at);
  if (high < 0xd800 || high > 0xdfff) return high;
  const char *from = *at;
  if (high > 0xdbff || !took_word(at, "\\u")) malformed(from, "the other half of a pair");
  uint32_t low = take_unit(at);
  if (low < 0xdc00 || low > 0xdfff) malformed(from, "the other half of a pair");
  return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

static char *to_utf8(char *to, uint32_t code) {
  static const uint8_t first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
  int bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (int index = bytes - 1; index > 0; index--, code >>= 6) to[index] = (char)(0x80 | (code & 0x3f));
  to[0] = (char)(bytes == 1 ? code : first[bytes] | code);
  return to + bytes;
}

/* The character of `\n` and its like. */
static char unescaped(const char *at) {
  static const char escapes[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
  const char *found = strchr(escapes, *at);
  if (found == NULL) malformed(at, "an escape");
  return meant[found - escapes];
}

/* The text of a string, with a NUL behind it. */
static struct span take_string(const char **at) {
  struct span raw = take_raw(at);
  char *text = arena_take(raw.length + 1), *to = text;
  for (const char *from = raw.text; from < raw.text + raw.length;) {
    if (*from != '\\') *to++ = *from++;
    else if (from[1] != 'u') {
      *to++ = unescaped(from + 1);
      from += 2;
    } else {
      const char *begin = from;
      from += 2;
      uint32_t code = take_code_point(&from);
      if (code == 0) malformed(begin, "text without NUL");
      to = to_utf8(to, code);
    }
  }
  return (struct span){ text, (size_t)(to - text) };
}

static struct span take_key(const char **at) {
  const char *from = *at;
  struct span key = take_raw(at);
  if (memchr(key.text, '\\', key.length) != NULL) key = take_string(&from);
  expect(at, ':');
  return key;
}

static bool is(struct span span, const char *text, size_t length) { return span.length == length && memcmp(span.text, text, length) == 0; }

/* Whether another item comes in an array or object. @param more Whether there was one before. */
static bool took_next(const char **at, bool more, char end) {
  if (took(at, end)) return false;
  if (more) expect(at, ',');
  return true;
}

static void skip_scalar(const char **at) {
  if (took_word(at, "true") || took_word(at, "false") || took_word(at, "null")) return;
  size_t length = strspn(*at, "+-.0123456789eE");
  if (length == 0) malformed(*at, "a value");
  *at += length;
}

static void skip_value(const char **at, int depth) {
  char mark = peek(at);
  if (depth > DEEPEST) malformed(*at, "a value that is less deep");
  if (mark == '"') {
    take_raw(at);
  } else if (mark == '[' || mark == '{') {
    expect(at, mark);
    for (bool more = false; took_next(at, more, mark == '[' ? ']' : '}'); more = true) {
      if (mark == '{') take_key(at);
      skip_value(at, depth + 1);
    }
  } else {
    skip_scalar(at);
  }
}

/* The members of an object that are asked for, each where its value begins; NULL for those that are not there. */
static void take_members(const char **at, const char *const *names, const char **values, size_t count) {
  for (size_t index = 0; index < count; index++) values[index] = NULL;
  expect(at, '{');
  for (bool more = false; took_next(at, more, '}'); more = true) {
    struct span key = take_key(at);
    for (size_t index = 0; index < count; index++)
      if (is(key, names[index], strlen(names[index]))) values[index] = *at;
    skip_value(at, 0);
  }
}

#endif
