#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entrain/base/log.h"
#include "entrain/engine/room.h"
#include "entrain/sweep/job_file.h"
#include "entrain/sweep/result.h"

#include "support/check.h"

static char logged[1024];

static void remember(ent_log_level level, const char *message) {
  (void)snprintf(logged, sizeof logged, "%d %s", level, message);
}

static const char job_text[] =
  "model: attention\nsweep: {beta: [1], n: [4, 6], d: [2, 3], seed: {count: 5}}\n"
  "time: {horizon: 1, record: [0, 1]}\nobserve: [order_parameter]\n"
  "output: {final_state: %s}\n";

static ent_spec *parse(const char *final_state) {
  char text[400];
  ent_text faults = {0};
  ent_spec *spec = NULL;
  (void)snprintf(text, sizeof text, job_text, final_state);
  REQUIRE(ent_job_file_parse(text, "job.yaml", "", "", &spec, &faults) == ENT_OK);
  ent_text_fini(&faults);
  return spec;
}

static double needed(const char *final_state) {
  double bytes = 0;
  ent_spec *spec = parse(final_state);
  CHECK_OK(ent_room_needed(spec, &bytes));
  ent_spec_destroy(&spec);
  return bytes;
}

static void counts_what_is_kept(void) {
  const double states = (double)sizeof(double) * 5 * (4 * 2 + 4 * 3 + 6 * 2 + 6 * 3);
  ent_layout *layout = NULL;
  CHECK_REAL(needed("true") - needed("false"), states, 0);
  ent_spec *spec = parse("false");
  REQUIRE(ent_layout_create(spec, &layout) == ENT_OK);
  const double rows = 20 * ((double)layout->size + 2 * sizeof(float));
  CHECK(needed("false") > rows);
  CHECK(needed("false") < rows + (2 << 20));
  ent_layout_destroy(&layout);
  ent_spec_destroy(&spec);
}

static void compares(void) {
  ent_room room = {.needed = 1000, .present = 400, .filesystem = {.free = 600}};
  CHECK(ent_room_is_enough(&room));
  room.filesystem.free = 599;
  CHECK(!ent_room_is_enough(&room));
}

static void counts_what_is_there(void) {
  static const char bytes[65536] = {1};
  char path[] = "/tmp/test-room-XXXXXX";
  ent_room before = {0}, fresh = {0};
  const int file = mkstemp(path);
  REQUIRE(file >= 0 && write(file, bytes, sizeof bytes) == (ssize_t)sizeof bytes && fsync(file) == 0);
  close(file);
  ent_spec *spec = parse("false");
  CHECK_OK(ent_room_look(path, spec, false, &before));
  CHECK_OK(ent_room_look(path, spec, true, &fresh));
  CHECK(before.present >= (double)sizeof bytes);
  CHECK(fresh.present == 0);
  ent_spec_destroy(&spec);
  unlink(path);
}

static void warns(void) {
  ent_spec *spec = parse("true");
  ent_log_set_sink(remember);
  ent_room_warn("/tmp/out.h5", spec, false); /* about a megabyte */
  CHECK_TEXT(logged, "");
  ent_room_warn("/proc/out.h5", spec, false); /* a file system without room */
  CHECK_CONTAINS(logged, "1 '/proc/out.h5' still needs 1.05 MB, its file system has 0 B left");
  ent_log_set_sink(NULL);
  ent_spec_destroy(&spec);
}

static void writes_for_people(void) {
  char text[32];
  ent_room_text(0, sizeof text, text);
  CHECK_TEXT(text, "0 B");
  ent_room_text(999, sizeof text, text);
  CHECK_TEXT(text, "999 B");
  ent_room_text(1.2345e9, sizeof text, text);
  CHECK_TEXT(text, "1.23 GB");
  ent_room_text(5e18, sizeof text, text);
  CHECK_TEXT(text, "5e+03 PB");
}

static const ent_test tests[] = {{"rows, series and final states are counted", counts_what_is_kept},
                                 {"what is left must hold what is to be written", compares},
                                 {"what a file holds already needs no more room", counts_what_is_there},
                                 {"too little room is a warning", warns},
                                 {"bytes are written for people", writes_for_people},
                                 {0}};

ENT_TEST_MAIN("engine/room", tests)
