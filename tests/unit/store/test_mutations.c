/* TEST timeout=600 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entrain/base/rng.h"
#include "entrain/store/guard.h"
#include "entrain/store/tally.h"
#include "entrain/store/verify.h"

#include "check.h"
#include "store_fixture.h"

/*
 * Whatever is done to a file, it is opened or refused, never a crash or a hang, and every row that counts is
 * the row that was written. ENTRAIN_MUTATIONS sets the number of files, ENTRAIN_FIRST_MUTATION the first of
 * them: a mutation is a function of its number.
 */
enum { ROWS = 48, WRITTEN = 40, MUTATIONS = 300, HEAD = 64 * 1024, LARGEST = 32 * 1024, REPAIRED = 3 };

/* A file in memory, and the numbers that change it. */
typedef struct mutant {
  unsigned char *bytes;
  size_t length, room;
  ent_rng random;
} mutant;

static size_t below(mutant *of, size_t bound) {
  return bound == 0 ? 0 : (size_t)(ent_rng_uniform(&of->random) * (double)bound);
}

/* A place in the file; every second one at its start, where metadata are. */
static size_t somewhere(mutant *of) {
  const size_t bound = of->length > HEAD && below(of, 2) ? HEAD : of->length;
  return below(of, bound);
}

static size_t some_length(mutant *of, size_t at) {
  const size_t left = of->length - at, wanted = 1 + below(of, (size_t)1 << below(of, 16));
  return wanted < left ? wanted : left;
}

static void flip_bits(mutant *of) {
  for (size_t i = 0, count = 1 + below(of, 8); i < count; i++)
    of->bytes[somewhere(of)] ^= (unsigned char)(1 << below(of, 8));
}

static void overwrite(mutant *of) {
  const size_t at = somewhere(of), length = some_length(of, at), kind = below(of, 3);
  for (size_t i = 0; i < length; i++)
    of->bytes[at + i] = (unsigned char)(kind == 0 ? 0 : kind == 1 ? 0xff : below(of, 256));
}

static void cut(mutant *of) {
  of->length = somewhere(of);
}

static void extend(mutant *of) {
  const size_t added = 1 + below(of, LARGEST);
  for (size_t i = 0; i < added && of->length < of->room; i++)
    of->bytes[of->length++] = (unsigned char)below(of, 256);
}

/* Exchanges two blocks, or puts one in the other's place too. */
static void exchange(mutant *of) {
  const size_t block = (size_t)512 << below(of, 4), blocks = of->length / block;
  const bool copies = below(of, 3) == 0;
  if (blocks == 0) return;
  unsigned char *a = of->bytes + somewhere(of) / block % blocks * block,
                *b = of->bytes + below(of, blocks) * block;
  for (size_t i = 0; i < block; i++) {
    const unsigned char byte = a[i];
    a[i] = b[i];
    if (!copies) b[i] = byte;
  }
}

/* Takes bytes out of the middle: what follows moves. */
static void move_up(mutant *of) {
  const size_t at = somewhere(of), length = some_length(of, at);
  memmove(of->bytes + at, of->bytes + at + length, of->length - at - length);
  of->length -= length;
}

static void mutate(mutant *of, int64_t number) {
  static void (*const ways[])(mutant *) = {flip_bits, flip_bits, overwrite, overwrite,
                                           cut,       extend,    exchange,  move_up};
  ent_rng_init(&of->random, 20, 6, 6, number, ENT_STREAM_SAMPLE);
  for (size_t i = 0, count = 1 + below(of, 3); i < count && of->length > 0; i++)
    ways[below(of, sizeof ways / sizeof ways[0])](of);
}

static void save(const mutant *of, const char *path) {
  const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  REQUIRE(file >= 0 && write(file, of->bytes, of->length) == (ssize_t)of->length);
  close(file);
}

/* Reads everything that a store gives; what counts must be what was written. */
static void read_all(ent_store *store) {
  unsigned char finished[ROWS];
  int64_t broken = 0;
  uint8_t kills[ROWS];
  size_t used = 0;
  ent_segment segments[ENT_STORE_SEGMENTS];
  ent_tally tally;
  ent_verification found;
  ent_phase *phase = NULL;
  unsigned char *slot = NULL;
  CHECK_OK(ent_store_scan(store, finished, &broken));
  for (int64_t i = 0; i < ROWS; i++) CHECK(!finished[i] || (i < WRITTEN && fixture_holds(store, i)));
  CHECK_OK(ent_tally_read(store, &tally));
  CHECK_OK(ent_tally_read_phase(store, &phase, &tally));
  ent_phase_destroy(&phase);
  CHECK_OK(ent_store_verify(store, NULL, NULL, &found));
  CHECK_OK(ent_store_read_kills(store, 0, ROWS, kills));
  CHECK_OK(ent_store_read_segments(store, ENT_STORE_SEGMENTS, segments, &used));
  for (size_t i = 0; i < used; i++) CHECK(strlen(segments[i].hosts) < sizeof segments[i].hosts);
  CHECK_OK(ent_mem_alloc(ent_store_slot_bytes(store), 1, &slot));
  for (int64_t i = 0; i < ent_store_slots(store); i++)
    CHECK_OK(ent_store_read_checkpoint(store, i, 1, slot, ent_store_slot_bytes(store)));
  free(slot);
}

/* Opens a file, or sees it refused. Returns whether it was opened. */
static bool try_file(const char *path, ent_store_mode mode) {
  ent_store *store = NULL;
  const int code = ent_store_open(path, mode, &store);
  if (code != ENT_OK) {
    CHECK_INT(code, ENT_ERR_FORMAT);
    CHECK_CONTAINS(ent_error_message(), path);
    CHECK(store == NULL);
    return false;
  }
  read_all(store);
  CHECK_OK(ent_store_close(&store));
  return true;
}

/* After a repair that says it has succeeded, the file is whole and opens. */
static void try_repair(const char *path) {
  ent_guard_report report;
  (void)ent_store_is_results(path);
  const int examined = ent_store_check_guard(path, &report);
  const bool hopeful = examined == ENT_OK && ent_guard_is_repairable(&report);
  const int code = ent_store_repair(path, &report);
  CHECK_INT(code == ENT_OK, hopeful);
  if (code != ENT_OK) return;
  CHECK_OK(ent_store_check_guard(path, &report));
  CHECK(ent_guard_is_whole(&report));
  CHECK(try_file(path, ENT_STORE_READ));
}

static int64_t setting(const char *name, int64_t otherwise) {
  const char *text = getenv(name);
  return text ? strtoll(text, NULL, 10) : otherwise;
}

static void make_file(fixture *at, ent_text *whole) {
  ent_store *store = NULL;
  size_t slot = 0;
  const ent_segment segment = {.start = 1, .hosts = "a,b", .exit = -1};
  fixture_open(at, fixture_job);
  CHECK_OK(ent_store_create(at->path, at->spec, FIXTURE_PETSC));
  CHECK_OK(ent_store_open(at->path, ENT_STORE_EDIT, &store));
  for (int64_t i = 0; i < WRITTEN; i++) CHECK_OK(fixture_write(store, i));
  CHECK_OK(ent_store_begin_segment(store, &segment, &slot));
  CHECK_OK(ent_store_write_checkpoint(store, 3, 1, "a checkpoint", 12));
  CHECK_OK(ent_store_close(&store));
  CHECK_OK(ent_text_read_file(at->path, whole));
}

static void mutants_are_read_or_refused(void) {
  fixture at;
  ent_text whole = {0};
  mutant of = {0};
  int64_t opened = 0, refused = 0;
  make_file(&at, &whole);
  of.room = whole.length + LARGEST;
  CHECK_OK(ent_mem_alloc(of.room, 1, &of.bytes));
  const int64_t first = setting("ENTRAIN_FIRST_MUTATION", 0);
  const int64_t end = first + setting("ENTRAIN_MUTATIONS", MUTATIONS);
  for (int64_t number = first; number < end; number++) {
    memcpy(of.bytes, whole.data, whole.length);
    of.length = whole.length;
    mutate(&of, number);
    save(&of, at.path);
    const bool opens = try_file(at.path, ENT_STORE_READ);
    opened += opens;
    refused += !opens;
    if (number % REPAIRED == 0) try_repair(at.path);
  }
  CHECK(end - first < 50 || (opened > (end - first) / 10 && refused > (end - first) / 10));
  free(of.bytes);
  ent_text_fini(&whole);
  fixture_close(&at);
}

static const ent_test tests[] = {
  {"files changed at random are read or refused, and rows that count are right", mutants_are_read_or_refused},
  {0},
};

ENT_TEST_MAIN("store/mutations", tests)
