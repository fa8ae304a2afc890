#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entrain/sweep/job_file.h"

#include "check.h"

enum { TEXT_SIZE = 4096, PATH_SIZE = 512, FLIPS = 4000 };

static int parse(const char *text, ent_spec **spec, ent_text *faults) {
  return ent_job_file_parse(text, "jobs/some.yaml", "", "", spec, faults);
}

static ent_spec *read_spec(const char *text) {
  ent_spec *spec = NULL;
  ent_text faults = {0};
  const int code = parse(text, &spec, &faults);
  CHECK_TEXT(faults.data, NULL);
  ent_text_fini(&faults);
  CHECK_OK(code);
  return spec;
}

/* A job that sweeps `beta` (and more) as written. */
static ent_spec *read_sweep(const char *beta, const char *more) {
  char text[TEXT_SIZE];
  snprintf(
    text, sizeof(text),
    "model: attention\ntime: {horizon: 2}\nsweep:\n  beta: %s\n  n: 8\n  d: [2, 3]\n  seed: {count: 2}\n%s",
    beta, more);
  return read_spec(text);
}

static void check_values(const char *axis, size_t count, const double *expected) {
  ent_spec *spec = read_sweep(axis, "");
  const ent_axis *beta = &spec->grid.axes[0];
  REQUIRE((size_t)beta->count == count);
  for (size_t i = 0; i < count; i++) CHECK_REAL(ent_axis_value(beta, (int64_t)i), expected[i], 0.0);
  ent_spec_destroy(&spec);
}

#define CHECK_VALUES(axis, ...)                                                                              \
  check_values((axis), sizeof((double[]){__VA_ARGS__}) / sizeof(double), (double[]){__VA_ARGS__})

static const char full[] = "# a comment\n"
                           "name: circle-phase\n"
                           "study: 7\n"
                           "model: attention\n"
                           "parameters: {weights: mean, masses: [0.5, 0.25, 0.25]}\n"
                           "sweep:\n"
                           "  beta: {linspace: [-1, 9, 11]}\n"
                           "  n: 3\n"
                           "  d: [2]\n"
                           "  seed: {count: 2048, first: 10}\n"
                           "  initial.noise: {logspace: [1e-4, 1e-1, 4]}\n"
                           "  solver.scheme: [5dp, 8vr]\n"
                           "initial: {kind: twisted, winding: 1}\n"
                           "time: {horizon: 30, record: {linspace: [0, 30, 61]}, unit: exp(-beta)}\n"
                           "detect: {delta: [1.0e-3, 0.1], stop: certified}\n"
                           "observe: [order_parameter, pair_overlap]\n"
                           "solver: {type: rk, rtol: 1.0e-7, atol: 1e-10}\n"
                           "limits: {steps: 5e5, wall: 10m, checkpoint: 90s}\n"
                           "ranks_per_job: 16\n"
                           "output: {final_state: true, writer: master}\n";

static void reads_every_key(void) {
  ent_spec *spec = read_spec(full);
  CHECK_TEXT(spec->name, "circle-phase");
  CHECK_INT(spec->study, 7);
  CHECK_INT(spec->base.study, 7);
  CHECK_TEXT(spec->model->name, "attention");
  CHECK_TEXT(spec->initial->name, "twisted");
  CHECK_TEXT(spec->text, full);
  CHECK_TEXT(spec->folder, "jobs");
  CHECK_REAL(spec->horizon, 30.0, 0.0);
  CHECK_INT(spec->unit, ENT_UNIT_EXP_MINUS_BETA);
  CHECK_INT(spec->n_record, 61);
  CHECK_REAL(spec->record[60], 30.0, 0.0);
  CHECK_INT(spec->n_delta, 2);
  CHECK_REAL(spec->delta[1], 0.1, 0.0);
  CHECK_INT(spec->stop, ENT_STOP_CERTIFIED);
  CHECK_INT(spec->n_observe, 2);
  CHECK_TEXT(spec->observe[1]->name, "pair_overlap");
  CHECK_INT(spec->limit_steps, 500000);
  CHECK_INT(spec->ranks_per_job, 16);
  CHECK_REAL(spec->limit_wall, 600.0, 0.0);
  CHECK_REAL(spec->checkpoint_seconds, 90.0, 0.0);
  CHECK(spec->final_state);
  CHECK_INT(spec->writer, ENT_WRITER_MASTER);
  CHECK_REAL(spec->base.values[ENT_GROUP_SOLVER][ENT_SOLVER_RTOL].number, 1e-7, 0.0);
  CHECK_REAL(spec->base.values[ENT_GROUP_SOLVER][ENT_SOLVER_ATOL].number, 1e-10, 0.0);
  ent_spec_destroy(&spec);
}

static void makes_the_grid(void) {
  ent_point point;
  ent_spec *spec = read_spec(full);
  const ent_grid *grid = &spec->grid;
  CHECK_INT(grid->n_axes, 6);
  CHECK_INT(grid->size, 11 * 2048 * 4 * 2);
  CHECK_INT(grid->seed_dim, 3);
  CHECK_TEXT(grid->axes[4].name, "initial.noise");
  ent_spec_point(spec, grid->size - 1, &point);
  CHECK_INT(point.n, 3);
  CHECK_INT(point.d, 2);
  CHECK_INT(point.seed, 2057);
  CHECK_REAL(point.values[ENT_GROUP_SOLVER][ENT_SOLVER_SCHEME].number, 6.0, 0.0);
  const int noise = ent_parameter_find(spec->initial->parameters, "noise", strlen("noise"));
  CHECK_REAL(point.values[ENT_GROUP_INITIAL][noise].number, 0.1, 0.0);
  const int masses = ent_parameter_find(spec->model->parameters, "masses", strlen("masses"));
  REQUIRE(point.values[ENT_GROUP_MODEL][masses].count == 3);
  CHECK_REAL(point.values[ENT_GROUP_MODEL][masses].list[1], 0.25, 0.0);
  ent_spec_destroy(&spec);
}

static void has_defaults(void) {
  ent_spec *spec = read_sweep("1", "");
  CHECK_TEXT(spec->name, "some");
  CHECK_INT(spec->study, 0);
  CHECK_TEXT(spec->initial->name, "uniform");
  CHECK_INT(spec->stop, ENT_STOP_SYNC);
  CHECK_INT(spec->unit, ENT_UNIT_T);
  CHECK_INT(spec->n_delta, 1);
  CHECK_REAL(spec->delta[0], 1e-3, 0.0);
  CHECK_INT(spec->n_record, 0);
  CHECK_INT(spec->n_observe, 0);
  CHECK_INT(spec->limit_steps, 1000000);
  CHECK_INT(spec->ranks_per_job, 1);
  CHECK_REAL(spec->limit_wall, 3600.0, 0.0);
  CHECK_REAL(spec->checkpoint_seconds, 300.0, 0.0);
  CHECK(!spec->final_state);
  CHECK_INT(spec->writer, ENT_WRITER_AUTO);
  CHECK_INT(spec->n_inputs, 0);
  CHECK_TEXT(spec->input_digests, "");
  const ent_value *solver = spec->base.values[ENT_GROUP_SOLVER];
  CHECK_TEXT(ent_solver_parameters[ENT_SOLVER_SCHEME].choices[(int)solver[ENT_SOLVER_SCHEME].number], "5dp");
  CHECK_REAL(solver[ENT_SOLVER_RTOL].number, 1e-6, 0.0);
  CHECK_REAL(solver[ENT_SOLVER_ATOL].number, 1e-9, 0.0);
  ent_spec_destroy(&spec);
}

static void expands_lists_and_linspace(void) {
  CHECK_VALUES("2.5", 2.5);
  CHECK_VALUES("[3, -1, 1e1, +.5, 0, 4., 25E-2]", 3, -1, 10, 0.5, 0, 4, 0.25);
  CHECK_VALUES("{linspace: [0, 1, 5]}", 0, 0.25, 0.5, 0.75, 1);
  CHECK_VALUES("{linspace: [1, -1, 3]}", 1, 0, -1);
  CHECK_VALUES("{linspace: [0, 1, 4]}", 0, 1.0 / 3.0, 2.0 / 3.0, 1);
  CHECK_VALUES("{linspace: [-0.3, 0.3, 7]}", -0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3);
  CHECK_VALUES("{linspace: [4, 4, 1]}", 4);
  CHECK_VALUES("{linspace: [0.1, 9, 90]}", 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3,
               1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2.0, 2.1, 2.2, 2.3, 2.4, 2.5, 2.6, 2.7, 2.8, 2.9, 3.0, 3.1, 3.2,
               3.3, 3.4, 3.5, 3.6, 3.7, 3.8, 3.9, 4.0, 4.1, 4.2, 4.3, 4.4, 4.5, 4.6, 4.7, 4.8, 4.9, 5.0, 5.1,
               5.2, 5.3, 5.4, 5.5, 5.6, 5.7, 5.8, 5.9, 6.0, 6.1, 6.2, 6.3, 6.4, 6.5, 6.6, 6.7, 6.8, 6.9, 7.0,
               7.1, 7.2, 7.3, 7.4, 7.5, 7.6, 7.7, 7.8, 7.9, 8.0, 8.1, 8.2, 8.3, 8.4, 8.5, 8.6, 8.7, 8.8, 8.9,
               9.0);
}

static void expands_logspace_and_range(void) {
  CHECK_VALUES("{logspace: [1e-3, 1e3, 7]}", 1e-3, 1e-2, 1e-1, 1, 10, 100, 1000);
  CHECK_VALUES("{logspace: [8, 1, 4]}", 8, 4, 2, 1);
  CHECK_VALUES("{range: [0, 1, 0.25]}", 0, 0.25, 0.5, 0.75, 1);
  CHECK_VALUES("{range: [0, 0.3, 0.1]}", 0, 0.1, 0.2, 0.3);
  CHECK_VALUES("{range: [0, 0.35, 0.1]}", 0, 0.1, 0.2, 0.3);
  CHECK_VALUES("{range: [-0.3, 0.1, 0.1]}", -0.3, -0.2, -0.1, 0, 0.1);
  CHECK_VALUES("{range: [3, 1, -1]}", 3, 2, 1);
  CHECK_VALUES("{range: [5, 5, 1]}", 5);
}

static void spaces_logspace_geometrically(void) {
  ent_spec *spec = read_sweep("{logspace: [0.7, 123, 50]}", "");
  const ent_axis *beta = &spec->grid.axes[0];
  const double ratio = pow(123 / 0.7, 1.0 / 49.0);
  for (int64_t i = 1; i < beta->count; i++)
    CHECK_REAL(ent_axis_value(beta, i) / ent_axis_value(beta, i - 1), ratio, 1e-12);
  ent_spec_destroy(&spec);
}

static void takes_names_on_axes(void) {
  ent_spec *spec = read_sweep("1", "  weights: [mean, softmax]\n");
  const ent_axis *weights = ent_grid_axis(&spec->grid, "weights");
  REQUIRE(weights != NULL);
  CHECK_INT(weights->count, 2);
  CHECK_TEXT(weights->parameter->choices[(int)ent_axis_value(weights, 0)], "mean");
  ent_spec_destroy(&spec);
}

static void couples_zipped_axes(void) {
  ent_spec *spec = read_spec("model: attention\ntime: {horizon: 1}\nsweep:\n  seed: {count: 5}\n"
                             "  zip: {n: [4, 8, 16], d: {range: [2, 4, 1]}}\n  beta: [1, 2]\n");
  ent_point point;
  CHECK_INT(spec->grid.n_dims, 3);
  CHECK_INT(spec->grid.size, 30);
  CHECK_INT(spec->grid.axes[2].dim, 1);
  ent_spec_point(spec, 29, &point);
  CHECK_INT(point.n, 16);
  CHECK_INT(point.d, 4);
  CHECK_INT(ent_grid_group_rank(&spec->grid, 8, 3, 30), 10);
  ent_spec_destroy(&spec);
}

static void reads_durations(void) {
  static const struct {
    const char *text;
    double seconds;
  } durations[] = {{"90", 90.0},   {"90s", 90.0},      {"10m", 600.0},
                   {"2h", 7200.0}, {"1.5d", 129600.0}, {"1e2", 100.0}};
  for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
    char limits[64];
    snprintf(limits, sizeof(limits), "limits: {wall: %s}\n", durations[i].text);
    ent_spec *spec = read_sweep("1", limits);
    CHECK_REAL(spec->limit_wall, durations[i].seconds, 0.0);
    ent_spec_destroy(&spec);
  }
}

static void reads_how_it_is_kept(void) {
  ent_spec *spec = read_sweep("1", "limits: {checkpoint: never}\noutput: {writer: workers}\n");
  CHECK_REAL(spec->checkpoint_seconds, INFINITY, 0.0);
  CHECK_INT(spec->writer, ENT_WRITER_WORKERS);
  ent_spec_destroy(&spec);
}

static void lets_other_models_be(void) {
  ent_spec *spec =
    read_spec("model: kuramoto\nsweep: {n: 8, d: 2, seed: 0, coupling: [1, 2]}\ntime: {horizon: 1}\n");
  CHECK_TEXT(spec->grid.axes[3].name, "coupling");
  ent_spec_destroy(&spec);
  spec = read_spec("model: equiangular\nsweep: {beta: 1, n: 8, d: 8, seed: 0}\ntime: {horizon: 1}\n");
  CHECK(spec->initial == NULL);
  ent_spec_destroy(&spec);
}

static void finds_the_input_in_the_jobs_folder(void) {
  char folder[] = "/tmp/entrain-job-XXXXXX", job[PATH_SIZE], input[PATH_SIZE], digest[ENT_DIGEST_SIZE];
  static const char text[] = "model: attention\nsweep: {beta: 1, n: 3, d: 2, seed: 0}\ntime: {horizon: 1}\n"
                             "initial:\n  kind: file\n  path: starts.h5\n";
  ent_spec *spec = NULL;
  ent_text faults = {0};
  REQUIRE(mkdtemp(folder) != NULL);
  snprintf(job, sizeof(job), "%s/job.yaml", folder);
  snprintf(input, sizeof(input), "%s/starts.h5", folder);
  CHECK_OK(ent_text_write_file(job, text, strlen(text)));
  CHECK_OK(ent_text_write_file(input, "starts", strlen("starts")));
  CHECK_OK(ent_job_file_read(job, "-ts_dt 1", &spec, &faults));
  ent_digest_bytes("starts", strlen("starts"), digest);
  REQUIRE(spec->n_inputs == 1);
  CHECK_TEXT(spec->inputs[0].path, input);
  CHECK_TEXT(spec->inputs[0].digest, digest);
  CHECK_INT(spec->inputs[0].line, 6);
  CHECK_INT(spec->inputs[0].column, 9);
  CHECK_TEXT(spec->input_digests, digest);
  CHECK_TEXT(spec->name, "job");
  CHECK_TEXT(spec->petsc_options, "-ts_dt 1");
  ent_spec_destroy(&spec);
  unlink(job);
  unlink(input);
  rmdir(folder);
  CHECK_OK(ent_job_file_parse(text, job, "", "abc", &spec, &faults));
  CHECK_TEXT(spec->input_digests, "abc");
  REQUIRE(spec->n_inputs == 1);
  CHECK_TEXT(spec->inputs[0].digest, "abc");
  CHECK_TEXT(spec->inputs[0].path, input);
  ent_spec_destroy(&spec);
}

/* Whatever it says, it says something: a specification, or faults with positions. */
static void check_any(const char *text) {
  ent_spec *spec = NULL;
  ent_text faults = {0};
  const int code = parse(text, &spec, &faults);
  CHECK(code == ENT_OK || code == ENT_ERR_JOB_FILE);
  CHECK((code == ENT_OK) == (spec != NULL));
  CHECK((code == ENT_OK) == (faults.length == 0));
  if (faults.length > 0) CHECK(strncmp(faults.data, "jobs/some.yaml:", strlen("jobs/some.yaml:")) == 0);
  ent_text_fini(&faults);
  ent_spec_destroy(&spec);
  ent_error_clear();
}

static void survives_truncation(void) {
  for (size_t length = 0; length <= strlen(full); length++) {
    char text[sizeof(full)] = "";
    memcpy(text, full, length);
    check_any(text);
  }
}

static void survives_flipped_bytes(void) {
  static const char special[] = "[]{}:,\"'#&*!|>%@-?\n \t0e.";
  uint64_t state = 42;
  for (int i = 0; i < FLIPS; i++) {
    char text[sizeof(full)];
    memcpy(text, full, sizeof(full));
    for (int k = 0; k <= i % 4; k++) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      const size_t place = (size_t)(state >> 33) % (sizeof(full) - 1);
      const unsigned byte = (unsigned)(state >> 20) & 0xff;
      text[place] = i % 2 == 0 ? special[byte % (sizeof(special) - 1)] : (char)byte;
    }
    check_any(text);
  }
}

static const ent_test tests[] = {
  {"every key of a job file is read", reads_every_key},
  {"the axes make a grid in the order of the file", makes_the_grid},
  {"what is not said has its default", has_defaults},
  {"lists and linspace give exact values", expands_lists_and_linspace},
  {"logspace and range give exact ends and round decimals", expands_logspace_and_range},
  {"logspace is geometric", spaces_logspace_geometrically},
  {"choices are swept by name", takes_names_on_axes},
  {"zipped axes share a dimension", couples_zipped_axes},
  {"durations have units", reads_durations},
  {"checkpoints may be never, the writer is workers or the master", reads_how_it_is_kept},
  {"models without beta or with their own start are read", lets_other_models_be},
  {"an input file is found in the job file's folder and hashed", finds_the_input_in_the_jobs_folder},
  {"a truncated file gives faults, not a crash", survives_truncation},
  {"flipped bytes give faults, not a crash", survives_flipped_bytes},
  {0}};
ENT_TEST_MAIN("sweep/job_file", tests)
