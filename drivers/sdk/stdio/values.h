/*
 * Values of the contract, as iommu_tck_tables.h describes them: from C into JSON and back.
 */
#ifndef IOMMU_TCK_VALUES_H
#define IOMMU_TCK_VALUES_H

#include "json.h"

enum shape_kind {
  SHAPE_U32,
  SHAPE_U53,
  SHAPE_WORD,
  SHAPE_FLAG,
  SHAPE_TEXT,
  SHAPE_BYTES,
  /* One of a set: a name in JSON, a number in C. */
  SHAPE_NAME,
  SHAPE_LIST,
  SHAPE_RECORD,
  /* Its first member is its kind. */
  SHAPE_UNION,
};

struct name {
  const char *text;
  size_t length;
  uint32_t number;
};

struct shape {
  enum shape_kind kind;
  /* Bytes of the value itself; of bytes and lists, of the address of the first. */
  size_t size;
  const char *what;
  const struct name *names;
  const struct member *members;
  /* Of a list: its items. */
  const struct shape *of;
  /* Names or members. */
  uint32_t count;
  /* The structure begins with the bits of its optional members. */
  bool has_bits;
};

struct member {
  const char *name;
  size_t length;
  const struct shape *shape;
  size_t offset;
  /* Where the number of bytes or items stands. */
  size_t count_offset;
  /* The bit of an optional member. */
  uint32_t has;
  /* For a member that only some kinds of a union have: a bit for each of them. */
  uint32_t kinds;
};

struct method {
  const char *name;
  /* What a message about it has after its id. */
  const char *head;
  size_t head_length;
  const struct member *args;
  uint32_t arg_count;
  size_t args_size;
  /* What it gives; NULL when that is nothing. */
  const struct member *value;
  size_t value_size;
  bool refuses;
};

#define TEXT(text) text, sizeof(text) - 1
#define METHOD(text) .name = text, .head = HEAD(text), .head_length = sizeof(HEAD(text)) - 1
#define HEAD(text) "\"method\":\"" text "\",\"params\":["

static uint32_t u32_at(const void *at) { return *(const uint32_t *)at; }

/* Into JSON. */

static void put_value(const struct shape *shape, const void *at, const void *count);

static void put_member(const struct member *member, const char *base) {
  put_value(member->shape, base + member->offset, base + member->count_offset);
}

static const struct name *name_of(const struct shape *shape, uint32_t number) {
  for (uint32_t index = 0; index < shape->count; index++)
    if (shape->names[index].number == number) return &shape->names[index];
  return NULL;
}

static void put_name(const struct shape *shape, uint32_t number) {
  const struct name *name = name_of(shape, number);
  if (name == NULL) die("%u is no %s", number, shape->what);
  PUT("\"");
  put(name->text, name->length);
  PUT("\"");
}

static uint32_t kind_bit(uint32_t kind) { return kind < 32 ? UINT32_C(1) << kind : 0; }

/* Whether a member of a structure is there. @param has Its bits. @param kinds The bit of its kind. */
static bool is_there(const struct member *member, uint32_t has, uint32_t kinds) {
  return (member->has == 0 || (member->has & has) != 0) && (member->kinds == 0 || (member->kinds & kinds) != 0);
}

static void put_structure(const struct shape *shape, const char *base) {
  uint32_t has = shape->has_bits ? u32_at(base) : 0;
  uint32_t kinds = shape->kind == SHAPE_UNION ? kind_bit(u32_at(base + shape->members[0].offset)) : 0;
  char before = '{';
  for (const struct member *member = shape->members; member < shape->members + shape->count; member++) {
    if (!is_there(member, has, kinds)) continue;
    put(&before, 1);
    PUT("\"");
    put(member->name, member->length);
    PUT("\":");
    put_member(member, base);
    before = ',';
  }
  if (before == '{') PUT("{");
  PUT("}");
}

static void put_list(const struct shape *item, const char *first, uint32_t count) {
  PUT("[");
  for (uint32_t index = 0; index < count; index++) {
    if (index > 0) PUT(",");
    put_value(item, first + index * item->size, NULL);
  }
  PUT("]");
}

/* The address at `at`, which leads to something. */
static const void *address_at(const struct shape *shape, const void *at, uint32_t count) {
  const void *address = *(const void *const *)at;
  if (address == NULL && count > 0) die("the address of %s is null", shape->kind == SHAPE_LIST ? "a list" : "text or bytes");
  return address;
}

static void put_value(const struct shape *shape, const void *at, const void *count) {
  switch (shape->kind) {
    case SHAPE_U32:
      put_number(u32_at(at));
      break;
    case SHAPE_U53:
      if (*(const uint64_t *)at > MOST) die("%llu is too large a number", *(const unsigned long long *)at);
      put_number(*(const uint64_t *)at);
      break;
    case SHAPE_WORD:
      put_word(*(const uint64_t *)at);
      break;
    case SHAPE_FLAG:
      if (u32_at(at) != 0) PUT("true");
      else PUT("false");
      break;
    case SHAPE_TEXT:
      put_text(address_at(shape, at, 1));
      break;
    case SHAPE_BYTES:
      put_bytes(address_at(shape, at, u32_at(count)), u32_at(count));
      break;
    case SHAPE_NAME:
      put_name(shape, u32_at(at));
      break;
    case SHAPE_LIST:
      put_list(shape->of, address_at(shape, at, u32_at(count)), u32_at(count));
      break;
    case SHAPE_RECORD:
    case SHAPE_UNION:
      put_structure(shape, at);
      break;
  }
}

/* Out of JSON. */

static void take_value(const char **at, const struct shape *shape, void *to, void *count);

static void take_member(const char **at, const struct member *member, char *base) {
  take_value(at, member->shape, base + member->offset, base + member->count_offset);
}

static uint64_t take_word(const char **at) {
  struct span raw = take_raw(at);
  uint64_t word = 0;
  if (raw.length < 3 || raw.length > 18 || !begins(raw.text, "0x")) malformed(raw.text, "a word");
  for (size_t index = 2; index < raw.length; index++) {
    int digit = hex_digit(raw.text[index]);
    if (digit < 0) malformed(raw.text, "a word");
    word = word << 4 | (uint64_t)digit;
  }
  return word;
}

static const char *take_text(const char **at) {
  const char *text = take_string(at).text;
  return begins(text, "text:") ? text + strlen("text:") : text;
}

static const uint8_t *take_bytes(const char **at, uint32_t *count) {
  struct span raw = take_raw(at);
  if (!begins(raw.text, "hex:") || raw.length % 2 != 0) malformed(raw.text, "bytes");
  *count = (uint32_t)(raw.length / 2 - 2);
  uint8_t *bytes = arena_take(*count);
  for (uint32_t index = 0; index < *count; index++) {
    int high = hex_digit(raw.text[4 + 2 * index]), low = hex_digit(raw.text[5 + 2 * index]);
    if (high < 0 || low < 0) malformed(raw.text, "bytes");
    bytes[index] = (uint8_t)(high << 4 | low);
  }
  return bytes;
}

static uint32_t take_name(const char **at, const struct shape *shape) {
  struct span raw = take_raw(at);
  for (uint32_t index = 0; index < shape->count; index++)
    if (is(raw, shape->names[index].text, shape->names[index].length)) return shape->names[index].number;
  malformed(raw.text, shape->what);
}

static uint32_t count_items(const char *at) {
  uint32_t count = 0;
  expect(&at, '[');
  for (; took_next(&at, count > 0, ']'); count++) skip_value(&at, 0);
  return count;
}

static void *take_list(const char **at, const struct shape *item, uint32_t *count) {
  *count = count_items(*at);
  char *first = arena_take(*count * item->size);
  expect(at, '[');
  for (uint32_t index = 0; took_next(at, index > 0, ']'); index++) take_value(at, item, first + index * item->size, NULL);
  return first;
}

static const struct member *member_named(const struct shape *shape, struct span name) {
  for (uint32_t index = 0; index < shape->count; index++)
    if (is(name, shape->members[index].name, shape->members[index].length)) return &shape->members[index];
  return NULL;
}

/* Whatever a record has to have, it has. @param seen A bit for each member that came. */
static void check_structure(const char *at, const struct shape *shape, const char *base, uint32_t seen) {
  uint32_t kinds = shape->kind == SHAPE_UNION ? kind_bit(u32_at(base + shape->members[0].offset)) : 0;
  for (uint32_t index = 0; index < shape->count; index++)
    if (is_there(&shape->members[index], 0, kinds) && (seen & kind_bit(index)) == 0) malformed(at, shape->members[index].name);
}

static void take_structure(const char **at, const struct shape *shape, char *base) {
  const char *from = *at;
  uint32_t seen = 0, has = 0;
  expect(at, '{');
  for (bool more = false; took_next(at, more, '}'); more = true) {
    const struct member *member = member_named(shape, take_key(at));
    if (member == NULL) {
      skip_value(at, 0);
      continue;
    }
    take_member(at, member, base);
    seen |= kind_bit((uint32_t)(member - shape->members));
    has |= member->has;
  }
  check_structure(from, shape, base, seen);
  if (shape->has_bits) *(uint32_t *)base = has;
}

static void take_value(const char **at, const struct shape *shape, void *to, void *count) {
  switch (shape->kind) {
    case SHAPE_U32:
      *(uint32_t *)to = (uint32_t)take_number(at, UINT32_MAX);
      break;
    case SHAPE_U53:
      *(uint64_t *)to = take_number(at, MOST);
      break;
    case SHAPE_WORD:
      *(uint64_t *)to = take_word(at);
      break;
    case SHAPE_FLAG:
      *(uint32_t *)to = take_flag(at);
      break;
    case SHAPE_TEXT:
      *(const char **)to = take_text(at);
      break;
    case SHAPE_BYTES:
      *(const uint8_t **)to = take_bytes(at, count);
      break;
    case SHAPE_NAME:
      *(uint32_t *)to = take_name(at, shape);
      break;
    case SHAPE_LIST:
      *(const void **)to = take_list(at, shape->of, count);
      break;
    case SHAPE_RECORD:
    case SHAPE_UNION:
      take_structure(at, shape, to);
      break;
  }
}

/* Arguments, in their order, in and out of an array. */

static void put_args(const struct method *method, const void *from) {
  for (uint32_t index = 0; index < method->arg_count; index++) {
    if (index > 0) PUT(",");
    put_member(&method->args[index], from);
  }
}

static void take_args(const char **at, const struct method *method, void *to) {
  expect(at, '[');
  for (uint32_t index = 0; index < method->arg_count; index++) {
    if (index > 0) expect(at, ',');
    take_member(at, &method->args[index], to);
  }
  expect(at, ']');
}

#endif
