/*
 * A driver that was written against iommu_tck.h, as a process that speaks docs/protocol.md:
 *
 *   clang -std=c11 -O2 -Idrivers/sdk/include -o my-driver my-driver.c drivers/sdk/stdio/iommu_tck_stdio.c
 *
 * A driver in an archive is linked whole (-Wl,--whole-archive libdriver.a -Wl,--no-whole-archive): all its functions are weak, and a
 * linker fetches nothing for a weak name.
 *
 * What gives nothing is not waited for: it stands in the buffer until something is to be read, or the driver answers, and goes out before
 * that, in one write.
 */
#include <errno.h>
#include <signal.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "iommu_tck.h"
#include "values.h"

/* Calls that are not sent yet are at most about as long as this. */
#define MOST_POSTED (64 * 1024)
#define LONGEST_LINE (16 * 1024 * 1024)

/* A function of the driver. */
struct entry {
  const struct method *method;
  const char *name;
  /* NULL when the driver does not define it. */
  void (*there)(void);
  int32_t (*call)(const void *args, void *value);
};

static void tck_post(const struct method *method, const void *args);
static int32_t tck_call(const struct method *method, const void *args, void *value);
static void tck_fill(uint8_t *room, uint32_t length, const uint8_t *bytes, uint32_t count);

#include "iommu_tck_tables.h"

/* Lines. */

static struct buffer in;
/* Where in it the next line begins. */
static size_t in_next;

/* The answer is mostly there within microseconds, and to be woken for it takes longer than to look for it. */
enum { LOOKS = 200 };

/* Appends what there is to be read; ends with the input. */
static void read_more(void) {
  if (in.size - in.length < 4096) {
    in.size = 2 * in.size + 65536;
    in.data = grown(in.data, in.size);
  }
  ssize_t got = -1;
  errno = EAGAIN;
  for (int look = 0; look < LOOKS && got < 0 && errno == EAGAIN; look++)
    got = recv(STDIN_FILENO, in.data + in.length, in.size - in.length, MSG_DONTWAIT);
  while (got < 0 && (errno == EAGAIN || errno == ENOTSOCK || errno == EINTR)) {
    struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
    poll(&input, 1, -1);
    got = read(STDIN_FILENO, in.data + in.length, in.size - in.length);
  }
  if (got < 0) die("cannot read: %s", strerror(errno));
  if (got == 0) exit(0);
  in.length += (size_t)got;
}

/* The next line, with a NUL for its end; it stays until the next one is asked for. */
static const char *read_line(void) {
  in.length -= in_next;
  if (in.length > 0) memmove(in.data, in.data + in_next, in.length);
  in_next = 0;
  size_t seen = 0;
  char *end;
  while (in.length == 0 || (end = memchr(in.data + seen, '\n', in.length - seen)) == NULL) {
    seen = in.length;
    if (seen > LONGEST_LINE) die("a line is longer than %d bytes", LONGEST_LINE);
    read_more();
  }
  *end = '\0';
  in_next = (size_t)(end - in.data) + 1;
  return in.data;
}

static void end_of_line(const char *at) {
  if (peek(&at) != '\0') malformed(at, "the end of the line");
}

/* Where messages go. */
static int wire;

/* Keeps standard output for messages: what a driver prints goes to standard error, with all that is for people. */
static void take_stdout(void) {
  wire = dup(STDOUT_FILENO);
  if (wire < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0) die("cannot keep standard output: %s", strerror(errno));
  signal(SIGPIPE, SIG_IGN);
}

static void write_all(const char *from, size_t length) {
  while (length > 0) {
    ssize_t written = write(wire, from, length);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EPIPE) exit(0);
    if (written < 0) die("cannot write: %s", strerror(errno));
    from += written;
    length -= (size_t)written;
  }
}

/* What is to be sent: the buffer begins with the bracket of a batch, which is left out when one call is alone. */

/* Calls in the buffer. */
static uint32_t posted;

static void send_out(void) {
  size_t from = posted > 1 ? 0 : 1;
  write_all(out.data + from, out.length - from);
  out.length = 1;
  posted = 0;
}

static void end_calls(void) {
  if (posted > 1) PUT("]\n");
  else if (posted == 1) PUT("\n");
}

/* Calls of the driver. */

static struct chunk *of_request, *of_answer;
/* The function of the driver that is at work. */
static const struct entry *at_work;
static uint64_t last_id;

static void put_call(const struct method *method, const void *args, uint64_t id) {
  if (at_work == NULL) die("%s is called while the driver is asked nothing", method->name);
  doing = method->name;
  if (posted++ > 0) PUT(",");
  PUT("{\"jsonrpc\":\"2.0\",");
  if (id != 0) {
    PUT("\"id\":");
    put_number(id);
    PUT(",");
  }
  put(method->head, method->head_length);
  put_args(method, args);
  PUT("]}");
  doing = at_work->name;
}

static void tck_post(const struct method *method, const void *args) {
  put_call(method, args, 0);
  if (out.length < MOST_POSTED) return;
  end_calls();
  send_out();
}

/* Ends as the suite says what was wrong. */
__attribute__((noreturn)) static void end_with(const char *at) {
  static const char *const names[] = { "message" };
  const char *message;
  take_members(&at, names, &message, 1);
  die("%s", message == NULL ? "the suite answers with an error" : take_text(&message));
}

/* The result in a response, where it begins. */
static const char *take_response(const char **at, uint64_t id) {
  static const char *const names[] = { "id", "result", "error" };
  const char *values[3];
  const char *from = *at;
  take_members(at, names, values, 3);
  if (values[2] != NULL) end_with(values[2]);
  if (values[0] == NULL || values[1] == NULL) malformed(from, "a response");
  if (take_number(&values[0], MOST) != id) malformed(from, "the response to the last call");
  return values[1];
}

/* @returns 0, or the errno below 0 of a refusal. */
static int32_t take_answer(const char *at, const struct method *method, void *value) {
  static const char *const names[] = { "ok", "value", "errno" };
  const char *values[3];
  const char *from = at;
  take_members(&at, names, values, 3);
  if (values[0] == NULL) malformed(from, "an answer");
  if (!take_flag(&values[0])) {
    if (values[2] == NULL) malformed(from, "an answer with an errno");
    return -(int32_t)take_name(&values[2], &errno_shape);
  }
  if (method->value == NULL) return 0;
  if (values[1] == NULL) malformed(from, "an answer with a value");
  take_member(&values[1], method->value, value);
  return 0;
}

static int32_t tck_call(const struct method *method, const void *args, void *value) {
  uint64_t id = ++last_id;
  put_call(method, args, id);
  end_calls();
  send_out();

  doing = method->name;
  const char *at = read_line();
  arena_reset(&of_answer);
  bool batch = took(&at, '[');
  const char *result = take_response(&at, id);
  if (batch) expect(&at, ']');
  end_of_line(at);
  int32_t error = 0;
  if (method->refuses) error = take_answer(result, method, value);
  else take_member(&result, method->value, value);
  doing = at_work->name;
  return error;
}

static void tck_fill(uint8_t *room, uint32_t length, const uint8_t *bytes, uint32_t count) {
  if (count != length) die("%u bytes were asked for, and %u came", length, count);
  if (count > 0) memcpy(room, bytes, count);
}

/* Calls of the suite. */

static void begin_response(uint64_t id) {
  end_calls();
  PUT("{\"jsonrpc\":\"2.0\",\"id\":");
  put_number(id);
}

static void end_response(void) {
  PUT("}\n");
  send_out();
}

/* @param code Of JSON-RPC, without its sign. */
static void begin_error(uint64_t id, uint64_t code) {
  begin_response(id);
  PUT(",\"error\":{\"code\":-");
  put_number(code);
  PUT(",\"message\":\"");
}

static void end_error(void) {
  PUT("\"}");
  end_response();
}

static void answer_unknown(uint64_t id) {
  begin_error(id, 32601);
  PUT("it is not defined");
  end_error();
}

static void answer_wrong_number(uint64_t id, const char *function, int32_t number) {
  int64_t wide = number;
  begin_error(id, 32000);
  put_escaped(function);
  PUT(" returned ");
  if (number < 0) PUT("-");
  put_number((uint64_t)(wide < 0 ? -wide : wide));
  PUT(", which is no errno of the contract");
  end_error();
}

static void answer_value(uint64_t id, const struct method *method, const void *value) {
  begin_response(id);
  PUT(",\"result\":{\"ok\":true,\"value\":");
  if (method->value == NULL) PUT("null");
  else put_member(method->value, value);
  PUT("}");
  end_response();
}

static void answer_refusal(uint64_t id, uint32_t error) {
  begin_response(id);
  PUT(",\"result\":{\"ok\":false,\"errno\":");
  put_name(&errno_shape, error);
  PUT("}");
  end_response();
}

static void call_entry(uint64_t id, const struct entry *entry, const char *params) {
  const struct method *method = entry->method;
  void *args = arena_take(method->args_size), *value = arena_take(method->value_size);
  doing = entry->name;
  take_args(&params, method, args);
  at_work = entry;
  int32_t returned = entry->call(args, value);
  at_work = NULL;
  uint32_t error = 0u - (uint32_t)returned;
  if (returned == 0) answer_value(id, method, value);
  else if (returned < 0 && name_of(&errno_shape, error) != NULL) answer_refusal(id, error);
  else answer_wrong_number(id, entry->name, returned);
}

/* A manifest may have lines; a line may not. */
static void answer_hello(uint64_t id) {
  const char *text = driver_manifest();
  if (text == NULL) die("driver_manifest returned no text");
  begin_response(id);
  PUT(",\"result\":{\"protocol\":1,\"manifest\":");
  for (; *text != '\0'; text++) put(*text == '\n' || *text == '\r' ? " " : text, 1);
  PUT("}");
  end_response();
}

/* Forgets the machine that is gone: there is nothing to forget, as `driver_start` begins anew. */
static void answer_reset(uint64_t id) {
  begin_response(id);
  PUT(",\"result\":{\"ok\":true,\"value\":null}");
  end_response();
}

static const struct entry *entry_named(const char *name) {
  for (size_t index = 0; index < sizeof(entries) / sizeof(*entries); index++)
    if (strcmp(name, entries[index].method->name) == 0) return &entries[index];
  return NULL;
}

static void answer(uint64_t id, const char *name, const char *params) {
  const struct entry *entry = entry_named(name);
  if (entry != NULL && entry->there != NULL) call_entry(id, entry, params);
  else if (strcmp(name, "hello") == 0 && driver_manifest != NULL) answer_hello(id);
  else if (strcmp(name, "reset") == 0) answer_reset(id);
  else answer_unknown(id);
}

static void answer_line(const char *at) {
  static const char *const names[] = { "id", "method", "params" };
  const char *values[3];
  const char *from = at;
  arena_reset(&of_request);
  take_members(&at, names, values, 3);
  end_of_line(at);
  if (values[0] == NULL || values[1] == NULL || values[2] == NULL) malformed(from, "a request");
  uint64_t id = take_number(&values[0], MOST);
  answer(id, take_string(&values[1]).text, values[2]);
}

int main(void) {
  take_stdout();
  PUT("[");
  for (;;) {
    doing = "iommu_tck_stdio";
    answer_line(read_line());
  }
}
