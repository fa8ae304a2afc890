#include <stdio.h>
#include <string.h>

#include "entrain/sweep/job_file.h"
#include "entrain/sweep/spec.h"

#include "check.h"

static const char full[] = "name: full\n"
                           "study: 5\n"
                           "model: attention\n"
                           "parameters: {weights: mean, masses: [0.5, 0.25, 0.25]}\n"
                           "sweep: {beta: [0.5, 1], n: 3, seed: {count: 4}, d: [2, 3]}\n"
                           "initial: {kind: uniform}\n"
                           "time: {horizon: 10, record: [0, 1], unit: t}\n"
                           "detect: {delta: [1e-3, 1e-2], stop: sync}\n"
                           "observe: [pair_overlap, energy]\n"
                           "solver: {scheme: 5dp, rtol: 1e-6, atol: 1e-9}\n"
                           "limits: {steps: 1000, wall: 5m, checkpoint: 1m}\n"
                           "output: {final_state: true, writer: workers}\n";

static ent_spec *read_spec(const char *text, const char *petsc_options) {
  ent_spec *spec = NULL;
  ent_text faults = {0};
  const int code = ent_job_file_parse(text, "jobs/full.yaml", petsc_options, "", &spec, &faults);
  CHECK_TEXT(faults.data, NULL);
  ent_text_fini(&faults);
  CHECK_OK(code);
  return spec;
}

static ent_text identity_of(const char *text, const char *petsc_options) {
  ent_text identity = {0};
  ent_spec *spec = read_spec(text, petsc_options);
  CHECK_OK(ent_spec_identity(spec, &identity));
  ent_spec_destroy(&spec);
  CHECK(spec == NULL);
  return identity;
}

/* `text` with the first `from` replaced by `to`. */
static void replace(const char *from, const char *to, size_t size, char *text) {
  const char *place = strstr(full, from);
  REQUIRE(place != NULL);
  snprintf(text, size, "%.*s%s%s", (int)(place - full), full, to, place + strlen(from));
}

static bool changes_identity(const char *from, const char *to) {
  char text[2048];
  replace(from, to, sizeof(text), text);
  ent_text before = identity_of(full, ""), after = identity_of(text, "");
  const bool differs = strcmp(before.data, after.data) != 0;
  ent_text_fini(&before);
  ent_text_fini(&after);
  return differs;
}

static void writes_the_identity(void) {
  ent_text identity = identity_of(full, "-ts_adapt_type none");
  CHECK_CONTAINS(identity.data, "study = 5\nmodel = attention\nparameters.weights = mean\n");
  CHECK_CONTAINS(identity.data, "parameters.masses = 0.5 0.25 0.25\n");
  CHECK_CONTAINS(identity.data, "initial.kind = uniform\n");
  CHECK_CONTAINS(identity.data, "solver.scheme = 5dp\n");
  CHECK_CONTAINS(identity.data, "sweep.beta = axis 0: 0.5 1\nsweep.n = axis 1: 3\n"
                                "sweep.seed = axis 2: 0 and on, 4 values\n");
  CHECK_CONTAINS(identity.data, "time.unit = t\ntime.record = 0 1\n");
  CHECK_CONTAINS(identity.data, "observe = pair_overlap energy\npetsc_options = \"-ts_adapt_type none\"\n");
  CHECK(strstr(identity.data, "parameters.beta") == NULL);
  ent_text_fini(&identity);
}

static void ignores_what_changes_no_row(void) {
  CHECK(!changes_identity("name: full\n", "name: other # with a comment\n"));
  CHECK(!changes_identity("steps: 1000", "steps: 2000"));
  CHECK(!changes_identity("wall: 5m", "wall: 1d"));
  CHECK(!changes_identity("checkpoint: 1m", "checkpoint: never"));
  CHECK(!changes_identity("final_state: true", "final_state: false"));
  CHECK(!changes_identity("writer: workers", "writer: master"));
  CHECK(!changes_identity("{count: 4}", "[0, 1, 2, 3]"));
  CHECK(!changes_identity("{count: 4}", "{range: [0, 3, 1]}"));
  CHECK(!changes_identity("[0.5, 1]", "{linspace: [0.5, 1.0, 2]}"));
  CHECK(!changes_identity("rtol: 1e-6", "rtol: 0.000001"));
  CHECK(!changes_identity("initial: {kind: uniform}\n", ""));
  CHECK(!changes_identity("scheme: 5dp, ", ""));
  CHECK(!changes_identity(", unit: t", ""));
}

static void notices_what_changes_rows(void) {
  static const char *const changes[][2] = {{"study: 5", "study: 6"},
                                           {"weights: mean", "weights: softmax"},
                                           {"0.25, 0.25", "0.125, 0.375"},
                                           {", masses: [0.5, 0.25, 0.25]", ""},
                                           {"beta: [0.5, 1]", "beta: [0.5, 1.5]"},
                                           {"beta: [0.5, 1], n: 3", "n: 3, beta: [0.5, 1]"},
                                           {"{count: 4}", "{count: 5}"},
                                           {"{count: 4}", "{count: 4, first: 1}"},
                                           {"d: [2, 3]", "d: [3, 2]"},
                                           {"d: [2, 3]", "d: [2]"},
                                           {"horizon: 10", "horizon: 11"},
                                           {"record: [0, 1]", "record: [0, 2]"},
                                           {"unit: t", "unit: exp(-beta)"},
                                           {"[1e-3, 1e-2]", "[1e-2, 1e-3]"},
                                           {"stop: sync", "stop: certified"},
                                           {"[pair_overlap, energy]", "[energy]"},
                                           {"scheme: 5dp", "scheme: 3bs"},
                                           {"rtol: 1e-6", "rtol: 1e-7"},
                                           {"atol: 1e-9", "atol: 1e-8"}};
  for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
    CHECK(changes_identity(changes[i][0], changes[i][1]));
  }
  ent_text plain = identity_of(full, ""), options = identity_of(full, "-ts_dt 1");
  CHECK(strcmp(plain.data, options.data) != 0);
  ent_text_fini(&plain);
  ent_text_fini(&options);
}

static void names_an_input_by_its_content(void) {
  static const char *const texts[] = {
    "model: attention\nsweep: {beta: 1, n: 3, d: 2, seed: 0}\ntime: {horizon: 1}\n"
    "initial: {kind: file, path: a.h5, dataset: x}\n",
    "model: attention\nsweep: {beta: 1, n: 3, d: 2, seed: 0}\ntime: {horizon: 1}\n"
    "initial: {kind: file, path: b.h5, dataset: x}\n"};
  ent_text first = identity_of(texts[0], ""), second = identity_of(texts[1], "");
  CHECK_TEXT(first.data, second.data);
  CHECK_CONTAINS(first.data, "initial.kind = file\ninitial.path = \ninitial.dataset = \"x\"\n");
  ent_text_fini(&first);
  ent_text_fini(&second);
}

static void enumerates_series(void) {
  static const char *const names[] = {"pair_overlap", "pair_overlap_2", "energy"};
  static const double deltas[] = {1e-3, 1e-2, 1e-3};
  ent_spec *spec = read_spec(full, "");
  REQUIRE(ent_spec_series_count(spec) == 3);
  for (size_t k = 0; k < 3; k++) {
    char name[64];
    double delta = 0.0;
    const ent_observable *observable = ent_spec_series(spec, k, &delta, name);
    CHECK(observable == spec->observe[k / 2]);
    CHECK_TEXT(name, names[k]);
    CHECK_REAL(delta, deltas[k], 0.0);
  }
  ent_spec_destroy(&spec);
}

static void gives_the_time_unit(void) {
  char text[2048];
  ent_point point;
  replace("unit: t", "unit: exp(-beta)", sizeof(text), text);
  ent_spec *plain = read_spec(full, ""), *scaled = read_spec(text, "");
  ent_spec_point(plain, plain->grid.size - 1, &point);
  CHECK_REAL(ent_spec_log_unit(plain, &point), 0.0, 0.0);
  CHECK_REAL(ent_spec_log_unit(scaled, &point), -1.0, 0.0);
  CHECK_INT(point.study, 5);
  ent_spec_destroy(&plain);
  ent_spec_destroy(&scaled);
}

static const ent_test tests[] = {
  {"the identity lists what makes a row", writes_the_identity},
  {"comments, limits, output and ways of writing do not count", ignores_what_changes_no_row},
  {"everything else changes the identity", notices_what_changes_rows},
  {"an input file counts by its content", names_an_input_by_its_content},
  {"series are enumerated by observable and delta", enumerates_series},
  {"the time unit is 1 or exp(-beta)", gives_the_time_unit},
  {0}};
ENT_TEST_MAIN("sweep/spec", tests)
