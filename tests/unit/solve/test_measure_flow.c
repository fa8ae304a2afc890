/* TEST np=1 timeout=120 */
#include <math.h>
#include <string.h>

#include "entrain/math/vec.h"
#include "entrain/model/measure_flow.h"

#include "check.h"
#include "job_fixture.h"

extern const ent_model ent_model_measure_flow;

enum { MEASURES, SWITCHES, TARGETS, V, B, W, U, BIAS };
enum { N = 6, D = 3 };

static void give(ent_point *point, int slot, const double *list, size_t count) {
  point->values[ENT_GROUP_MODEL][slot] = (ent_value){.list = list, .count = count};
}

/* sum over the columns of a d x d matrix, row i. */
static double row(const double *m, size_t i, const double *x) {
  return m[i * D] * x[0] + m[i * D + 1] * x[1] + m[i * D + 2] * x[2];
}

/* The published drift of one atom among those of its measure. */
static void formula(const double *const *m, const double *bias, const double *atoms, size_t count,
                    const double *at, double *dxdt) {
  double sent[D], mean[D] = {0}, inner[D], all = 0, normal = 0;
  for (size_t k = 0; k < D; k++) sent[k] = row(m[B], k, at);
  for (size_t j = 0; j < count; j++) {
    const double weight = exp(ent_vec_dot(D, sent, atoms + j * D));
    for (size_t k = 0; k < D; k++) mean[k] += weight * atoms[j * D + k];
    all += weight;
  }
  for (size_t k = 0; k < D; k++) mean[k] /= all;
  for (size_t k = 0; k < D; k++) inner[k] = fmax(row(m[U], k, at) + bias[k], 0);
  for (size_t k = 0; k < D; k++) dxdt[k] = row(m[V], k, mean) + row(m[W], k, inner);
  for (size_t k = 0; k < D; k++) normal += dxdt[k] * at[k];
  for (size_t k = 0; k < D; k++) dxdt[k] -= normal * at[k];
}

static void fill(double *x, size_t count, double seed) {
  for (size_t i = 0; i < count; i++) x[i] = sin(seed + 3.7 * (double)i * (double)i);
}

/* Two pieces, two measures, all parameters full matrices. */
static void drift_is_the_formula(void) {
  double lists[U + 1][2 * D * D], bias[2 * D], x[N * D], dxdt[N * D], expected[D];
  const double switches[] = {1.5};
  ent_refusal refusal;
  ent_system *system = NULL;
  ent_point point = {.n = N, .d = D};
  point.values[ENT_GROUP_MODEL][MEASURES].number = 2;
  give(&point, SWITCHES, switches, 1);
  for (int slot = V; slot <= U; slot++) {
    fill(lists[slot], (size_t)2 * D * D, slot);
    give(&point, slot, lists[slot], (size_t)2 * D * D);
  }
  fill(bias, (size_t)2 * D, 9);
  give(&point, BIAS, bias, (size_t)2 * D);
  REQUIRE(ent_model_measure_flow.check(&point, &refusal));
  CHECK_OK(ent_system_create(&ent_model_measure_flow, &point, &system));
  CHECK_OK(ent_system_configure(system, &point, 0));
  fill(x, (size_t)N * D, 0.3);
  for (size_t i = 0; i < N; i++) ent_vec_normalize(D, x + i * D);
  for (size_t piece = 0; piece < 2; piece++) {
    const double *m[U + 1] = {0};
    for (int slot = V; slot <= U; slot++) m[slot] = lists[slot] + piece * D * D;
    ent_model_measure_flow.enter(system, piece == 0 ? 0 : 1.5);
    ent_model_measure_flow.drift(system, 0, x, dxdt);
    for (size_t i = 0; i < N; i++) {
      formula(m, bias + piece * D, x + i / 3 * 3 * D, 3, x + i * D, expected);
      for (size_t k = 0; k < D; k++) CHECK_REAL(dxdt[i * D + k], expected[k], 1e-14);
    }
  }
  CHECK_REAL(ent_model_measure_flow.next_break(system, 0), 1.5, 0);
  CHECK(isinf(ent_model_measure_flow.next_break(system, 1.5)));
  ent_system_destroy(&system);
}

/* Seen: the angles of the two atoms at each time. */
typedef struct angles {
  double at[64][2];
  int count;
} angles;

static int see(void *context, double t, const double *vectors) {
  angles *seen = context;
  (void)t;
  for (int i = 0; i < 2; i++) seen->at[seen->count][i] = atan2(vectors[2 * i + 1], vectors[2 * i]);
  seen->count++;
  return ENT_OK;
}

/*
 * With a constant perceptron output c the angle to its direction obeys tan(angle/2)' = -|c| tan(angle/2):
 * one piece towards (0, 1), the next towards (1, 0), twice as fast.
 */
static void pieces_follow_one_another(void) {
  ent_job_fixture job;
  angles seen = {.count = 0};
  const ent_watcher watcher = {.sees = see, .context = &seen};
  const double right = acos(0.0);
  ent_fixture_open(&job, "model: measure_flow\n"
                         "parameters: {measures: 2, switches: [0.7], matrix_v: [0, 0], matrix_u: [0, 0],\n"
                         "  matrix_w: [1, 1], bias: [0, 1, 2, 0]}\n"
                         "sweep: {n: [2], d: [2], seed: [6]}\n"
                         "time: {horizon: 1.6, record: {linspace: [0, 1.6, 33]}}\n"
                         "solver: {rtol: 1.0e-10, atol: 1.0e-12}\nobserve: [order_parameter]\n");
  const ent_output output = ent_fixture_run(&job, 0, &watcher);
  CHECK_INT(output.result.outcome, ENT_OUTCOME_FINISHED);
  CHECK_REAL(output.result.t_end, 1.6, 0);
  REQUIRE(seen.count == 33);
  for (int i = 0; i < 2; i++) {
    const double middle = right + 2 * atan(tan(0.5 * (seen.at[0][i] - right)) * exp(-0.7));
    for (int k = 0; k < 33; k++) {
      const double t = 0.05 * k, first = right + 2 * atan(tan(0.5 * (seen.at[0][i] - right)) * exp(-t));
      const double second = 2 * atan(tan(0.5 * middle) * exp(-2 * (t - 0.7)));
      CHECK_REAL(remainder(seen.at[k][i] - (t <= 0.7 ? first : second), 4 * right), 0, 1e-8);
    }
  }
  ent_fixture_close(&job);
}

/* Measures do not see each other: each moves as it does alone. */
static void measures_move_alone(void) {
  double x[N * D], both[N * D], alone[N * D];
  for (size_t i = 0; i < 2; i++) {
    ent_system *system = NULL;
    ent_point point = {.n = i == 0 ? N : N / 2, .d = D};
    point.values[ENT_GROUP_MODEL][MEASURES].number = i == 0 ? 2 : 1;
    CHECK_OK(ent_system_create(&ent_model_measure_flow, &point, &system));
    CHECK_OK(ent_system_configure(system, &point, 0));
    fill(x, (size_t)N * D, 1);
    for (size_t k = 0; k < N; k++) ent_vec_normalize(D, x + k * D);
    ent_model_measure_flow.drift(system, 0, x + i * N / 2 * D, i == 0 ? both : alone);
    ent_system_destroy(&system);
  }
  for (size_t k = 0; k < (size_t)N / 2 * D; k++) CHECK_REAL(both[N / 2 * D + k], alone[k], 0);
}

/* A strong pull to a point: two measures end there, and the distances are those to their targets. */
static void distances_are_to_the_targets(void) {
  ent_job_fixture job;
  ent_fixture_open(&job, "model: measure_flow\n"
                         "parameters: {measures: 2, matrix_v: [0], matrix_u: [0], matrix_w: [1],\n"
                         "  bias: [1, 0], targets: [0, 0, 0.5, 0.5]}\n"
                         "sweep: {n: [4], d: [2], seed: [1]}\n"
                         "time: {horizon: 60}\nobserve: [wasserstein]\n");
  const ent_result result = ent_fixture_run(&job, 0, NULL).result;
  CHECK_INT(result.status, ENT_STATUS_DONE);
  CHECK_REAL(result.extras[0].number, 0.5, 1e-6);
  CHECK_REAL(result.extras[1].number, 0.25, 1e-6);
  CHECK(isnan(result.t_sync[0]));
  CHECK_REAL(result.t_end, 60, 0);
  ent_fixture_close(&job);
}

/* Refused at this key. */
static void check_refused(const ent_point *point, const char *key) {
  ent_refusal refusal;
  CHECK(!ent_model_measure_flow.check(point, &refusal));
  CHECK_TEXT(refusal.key, key);
}

static void refuses_what_does_not_fit(void) {
  ent_refusal refusal;
  const double rising[] = {1, 2}, falling[] = {2, 1}, vectors[N * D] = {1};
  ent_point point = {.n = N, .d = D};
  double *measures = &point.values[ENT_GROUP_MODEL][MEASURES].number;
  *measures = 4;
  check_refused(&point, "parameters.measures");
  *measures = 3;
  CHECK(ent_model_measure_flow.check(&point, &refusal));
  give(&point, SWITCHES, falling, 2);
  check_refused(&point, "parameters.switches");
  give(&point, SWITCHES, rising, 2);
  CHECK(ent_model_measure_flow.check(&point, &refusal));
  give(&point, V, vectors, 4);
  check_refused(&point, "parameters.matrix_v");
  give(&point, V, vectors, 9);
  CHECK(ent_model_measure_flow.check(&point, &refusal));
  give(&point, TARGETS, vectors, N);
  check_refused(&point, "parameters.targets");
  give(&point, TARGETS, vectors, (size_t)N * D); /* zero vectors among them */
  check_refused(&point, "parameters.targets");
}

static const ent_test tests[] = {
  {"the drift is the published formula in every piece", drift_is_the_formula},
  {"pieces follow one another exactly", pieces_follow_one_another},
  {"measures do not see each other", measures_move_alone},
  {"distances are those to the targets", distances_are_to_the_targets},
  {"what does not fit is refused", refuses_what_does_not_fit},
  {0},
};

ENT_TEST_MPI_MAIN("solve/measure_flow", tests)
