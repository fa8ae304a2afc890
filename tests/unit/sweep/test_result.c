#include <math.h>
#include <string.h>

#include "entrain/sweep/result.h"

#include "check.h"

static const char *const norms[] = {"post", "pre", NULL};
static const double betas[] = {-1.5, 0, 2.25};
static const double choices[] = {1, 0};
static const ent_parameter beta_parameter = {
  .name = "beta", .kind = ENT_PARAM_REAL, .unit = "1", .summary = "inverse temperature"};
static const ent_parameter norm_parameter = {
  .name = "norm", .kind = ENT_PARAM_CHOICE, .choices = norms, .summary = "normalization"};

static void measure_nothing(const ent_system *system, const double *x, const ent_observing *observing,
                            double *values) {
  (void)system, (void)x;
  values[0] = observing->delta[0];
}

static const ent_observable in_every_row = {.name = "energy",
                                            .unit = "1",
                                            .summary = "energy",
                                            .flags = ENT_OBSERVE_IN_EVERY_ROW,
                                            .measure = measure_nothing};
static const ent_observable per_delta = {.name = "overlap",
                                         .unit = "1",
                                         .summary = "share of the pairs",
                                         .flags = ENT_OBSERVE_PER_DELTA,
                                         .measure = measure_nothing};

/* beta (3) x norm (2) x n (1) x seed (4), two deltas, two observables; d is no axis of a point here but n's
 * twin. */
static ent_spec make_spec(void) {
  const ent_parameter *grid = ent_grid_parameters;
  const double *no_values = NULL;
  ent_spec spec = {.n_delta = 2, .delta = {1e-3, 1e-2}, .n_observe = 2, .unit = ENT_UNIT_T};
  spec.observe[0] = &in_every_row;
  spec.observe[1] = &per_delta;
  spec.grid = (ent_grid){.n_axes = 5,
                         .axes = {{"beta", ENT_GROUP_MODEL, 0, &beta_parameter, 0, 3, 0, betas},
                                  {"norm", ENT_GROUP_MODEL, 1, &norm_parameter, 1, 2, 0, choices},
                                  {"n", ENT_GROUP_GRID, ENT_GRID_N, &grid[ENT_GRID_N], 2, 1, 32, no_values},
                                  {"d", ENT_GROUP_GRID, ENT_GRID_D, &grid[ENT_GRID_D], 2, 1, 8, no_values},
                                  {"seed", ENT_GROUP_GRID, ENT_GRID_SEED, &grid[ENT_GRID_SEED], 3, 4,
                                   INT64_C(9007199254740989), no_values}},
                         .n_dims = 4,
                         .extent = {3, 2, 1, 4},
                         .size = 24,
                         .seed_dim = 3};
  return spec;
}

static void has_contract_columns(void) {
  static const struct {
    const char *name;
    ent_type type;
    size_t offset;
  } expected[] = {
    {"beta", ENT_TYPE_F8, 0},       {"norm", ENT_TYPE_ENUM, 8},      {"n", ENT_TYPE_I4, 12},
    {"d", ENT_TYPE_I4, 16},         {"seed", ENT_TYPE_I8, 20},       {"status", ENT_TYPE_ENUM, 28},
    {"outcome", ENT_TYPE_ENUM, 32}, {"t_sync", ENT_TYPE_F8, 36},     {"t_sync_2", ENT_TYPE_F8, 44},
    {"t_certain", ENT_TYPE_F8, 52}, {"t_end", ENT_TYPE_F8, 60},      {"order_parameter", ENT_TYPE_F8, 68},
    {"energy", ENT_TYPE_F8, 76},    {"speed", ENT_TYPE_F8, 84},      {"clusters", ENT_TYPE_I4, 92},
    {"steps", ENT_TYPE_I8, 96},     {"rejected", ENT_TYPE_I8, 104},  {"rhs_evals", ENT_TYPE_I8, 112},
    {"drift", ENT_TYPE_F8, 120},    {"error", ENT_TYPE_I4, 128},     {"wall_s", ENT_TYPE_F8, 132},
    {"worker", ENT_TYPE_I4, 140},   {"attempt", ENT_TYPE_I4, 144},   {"checksum", ENT_TYPE_U4, 148},
    {"overlap", ENT_TYPE_F8, 152},  {"overlap_2", ENT_TYPE_F8, 160},
  };
  const ent_spec spec = make_spec();
  ent_layout *layout = NULL;
  CHECK_OK(ent_layout_create(&spec, &layout));
  CHECK_INT(layout->n_columns, sizeof expected / sizeof expected[0]);
  CHECK_INT(layout->size, 168);
  for (size_t i = 0; i < layout->n_columns; i++) {
    CHECK_TEXT(layout->columns[i].name, expected[i].name);
    CHECK_INT(layout->columns[i].type, expected[i].type);
    CHECK_INT(layout->columns[i].offset, expected[i].offset);
    CHECK(layout->columns[i].unit != NULL && layout->columns[i].summary != NULL);
  }
  CHECK_TEXT(ent_layout_find(layout, "norm")->labels[1], "pre");
  CHECK_TEXT(ent_layout_find(layout, "t_sync_2")->unit, "t");
  CHECK(ent_layout_find(layout, "t_sync_3") == NULL);
  ent_layout_destroy(&layout);
  CHECK(layout == NULL);
  ent_layout_destroy(&layout);
}

static void refuses_equal_names(void) {
  ent_spec spec = make_spec();
  ent_layout *layout = NULL;
  spec.grid.axes[0].name = "steps";
  CHECK_CODE(ent_layout_create(&spec, &layout), ENT_ERR_ARGUMENT);
  CHECK_CONTAINS(ent_error_message(), "'steps'");
  CHECK(layout == NULL);
}

static void writes_axes_by_value(void) {
  const ent_spec spec = make_spec();
  ent_layout *layout = NULL;
  unsigned char row[168];
  int64_t seed = 0;
  memset(row, 0xa5, sizeof row);
  CHECK_OK(ent_layout_create(&spec, &layout));
  ent_layout_encode_axes(layout, &spec.grid, 2 * 8 + 1 * 4 + 2, row); /* beta 2.25, norm 0, seed first + 2 */
  CHECK_REAL(ent_column_value(ent_layout_find(layout, "beta"), row), 2.25, 0);
  CHECK_REAL(ent_column_value(ent_layout_find(layout, "norm"), row), 0, 0);
  CHECK_REAL(ent_column_value(ent_layout_find(layout, "n"), row), 32, 0);
  CHECK_REAL(ent_column_value(ent_layout_find(layout, "d"), row), 8, 0);
  memcpy(&seed, row + ent_layout_find(layout, "seed")->offset, sizeof seed);
  CHECK_INT(seed, INT64_C(9007199254740991)); /* the largest there is */
  for (size_t i = ent_layout_find(layout, "status")->offset; i < sizeof row; i++) CHECK_INT(row[i], 0xa5);
  ent_layout_destroy(&layout);
}

/* Every field another number, none of them representable by accident. */
static ent_result make_result(void) {
  ent_result result;
  ent_result_init(&result);
  result.status = ENT_STATUS_DONE;
  result.outcome = ENT_OUTCOME_UNDECIDED;
  result.t_sync[0] = 1.1;
  result.t_sync[1] = 2.2;
  result.t_certain = 3.3;
  result.t_end = 4.4;
  result.order_parameter = 0.55;
  result.energy = -6.6;
  result.speed = 7.7e-9;
  result.clusters = 8;
  result.steps = INT64_C(1) << 40;
  result.rejected = 10;
  result.rhs_evals = INT64_C(-11);
  result.drift = 1.2e-15;
  result.error = ENT_JOB_WALL_LIMIT;
  result.wall_s = 0.25;
  result.worker = 15;
  result.attempt = 16;
  result.checksum = 0xdeadbeef;
  result.extras[0].number = 0.125;
  result.extras[1].number = NAN;
  return result;
}

static void round_trip(void) {
  const ent_spec spec = make_spec();
  const ent_result result = make_result();
  ent_result back;
  ent_layout *layout = NULL;
  unsigned char row[168] = {0}, again[168] = {0};
  CHECK_OK(ent_layout_create(&spec, &layout));
  ent_layout_encode(layout, &result, row);
  ent_layout_decode(layout, row, &back);
  ent_layout_encode(layout, &back, again);
  CHECK(memcmp(row, again, sizeof row) == 0);
  CHECK_INT(back.status, result.status);
  CHECK_INT(back.outcome, result.outcome);
  CHECK_REAL(back.t_sync[1], 2.2, 0);
  CHECK_REAL(back.t_certain, 3.3, 0);
  CHECK_REAL(back.speed, 7.7e-9, 0);
  CHECK_INT(back.clusters, 8);
  CHECK_INT(back.steps, result.steps);
  CHECK_INT(back.rhs_evals, -11);
  CHECK_INT(back.checksum, 0xdeadbeef);
  CHECK_REAL(back.extras[0].number, 0.125, 0);
  CHECK(isnan(back.extras[1].number) && isnan(back.t_sync[2]));
  CHECK_REAL(ent_column_value(ent_layout_find(layout, "checksum"), row), 3735928559.0, 0);
  for (size_t i = 0; i < ent_layout_find(layout, "status")->offset; i++) CHECK_INT(row[i], 0);
  ent_layout_destroy(&layout);
}

enum { SERIES_VALUES = 6, FINAL_VALUES = 4 };

/* All that a checksum is made over. */
typedef struct record {
  unsigned char row[168];
  float series[SERIES_VALUES];
  double final_state[FINAL_VALUES];
} record;

static uint32_t checksum_of(const ent_layout *layout, const record *job) {
  return ent_layout_checksum(layout, job->row, job->series, SERIES_VALUES, job->final_state, FINAL_VALUES);
}

/* Flips every bit of bytes [size] of a record in turn; returns how many of them the checksum did not notice.
 */
static size_t count_unnoticed(const ent_layout *layout, const record *job, unsigned char *bytes,
                              size_t size) {
  const uint32_t sound = checksum_of(layout, job);
  size_t unnoticed = 0;
  for (size_t bit = 0; bit < 8 * size; bit++) {
    bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
    unnoticed += checksum_of(layout, job) == sound;
    bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
  }
  return unnoticed;
}

static void checksum_notices_every_bit(void) {
  const ent_spec spec = make_spec();
  const ent_result result = make_result();
  ent_layout *layout = NULL;
  record job = {.series = {0, 0.5f, 1, -1, 3e-8f, 9}, .final_state = {1, 0, 0.6, 0.8}};
  CHECK_OK(ent_layout_create(&spec, &layout));
  ent_layout_encode_axes(layout, &spec.grid, 5, job.row);
  ent_layout_encode(layout, &result, job.row);
  const size_t behind = layout->checksum_offset + sizeof(uint32_t);
  CHECK_INT(count_unnoticed(layout, &job, job.row, layout->checksum_offset), 0);
  CHECK_INT(count_unnoticed(layout, &job, job.row + behind, layout->size - behind), 0);
  CHECK_INT(count_unnoticed(layout, &job, (unsigned char *)job.series, sizeof job.series), 0);
  CHECK_INT(count_unnoticed(layout, &job, (unsigned char *)job.final_state, sizeof job.final_state), 0);
  ent_layout_destroy(&layout);
}

static void checksum_ignores_itself(void) {
  const ent_spec spec = make_spec();
  ent_layout *layout = NULL;
  unsigned char row[168] = {0};
  CHECK_OK(ent_layout_create(&spec, &layout));
  const uint32_t before = ent_layout_checksum(layout, row, NULL, 0, NULL, 0);
  memset(row + layout->checksum_offset, 0xff, sizeof before);
  CHECK_INT(ent_layout_checksum(layout, row, NULL, 0, NULL, 0), before);
  CHECK(before != 0);
  ent_layout_destroy(&layout);
}

static void names_errors(void) {
  CHECK_TEXT(ent_job_error_label(ENT_JOB_STEP_LIMIT), "step-limit");
  CHECK_TEXT(ent_job_error_label(0), "none");
  CHECK_TEXT(ent_job_error_label(77), "unknown");
  CHECK_TEXT(ent_job_error_text(-1), "unknown");
  CHECK_TEXT(ent_status_names[ENT_STATUS_QUARANTINED], "quarantined");
  CHECK_TEXT(ent_outcome_names[ENT_OUTCOME_FINISHED], "finished");
  CHECK(ent_status_names[ENT_STATUS_COUNT] == NULL && ent_outcome_names[ENT_OUTCOME_COUNT] == NULL);
}

static const ent_test tests[] = {
  {"the columns are those of the contract, packed", has_contract_columns},
  {"two columns of one name are refused", refuses_equal_names},
  {"axes are written by value and nothing else is touched", writes_axes_by_value},
  {"a result survives the way into a row and back", round_trip},
  {"the checksum notices every single flipped bit", checksum_notices_every_bit},
  {"the checksum does not depend on its own bytes", checksum_ignores_itself},
  {"job errors, states and outcomes have names", names_errors},
  {0},
};

ENT_TEST_MAIN("sweep/result", tests)
