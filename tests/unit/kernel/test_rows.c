#include <math.h>
#include <string.h>

#include "entrain/kernel/pairs.h"
#include "entrain/kernel/rows.h"
#include "entrain/math/vec.h"

#include "check.h"

enum { N = 19, MOST_D = 9, MOST = N * MOST_D };

static double draw(double low, double high) {
  static uint64_t state = 23;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return low + (high - low) * (double)(state >> 11) * 0x1p-53;
}

static void draw_state(size_t d, double *x) {
  for (size_t k = 0; k < N * d; k++) x[k] = draw(-1, 1) + draw(-1, 1);
  for (size_t i = 0; i < N && d > 2; i++) ent_vec_normalize(d, x + i * d);
  for (size_t i = 0; i < N && d == 2; i++) x[i] = draw(-3, 3);
}

static void mean_of_pairs(const ent_pair_law *law, size_t d, const double *x, double *tangent,
                          double *radial) {
  ent_pairs *pairs = NULL;
  double drift[MOST];
  const size_t size = d == 2 ? N : N * d;
  CHECK_OK(ent_pairs_create(N, d, &pairs));
  if (d == 2) {
    ent_pairs_mean_angles(pairs, law, x, tangent, radial);
    ent_pairs_drift_angles(pairs, law, x, drift);
  } else {
    ent_pairs_mean_vectors(pairs, law, x, tangent, radial);
    ent_pairs_drift_vectors(pairs, law, x, drift);
  }
  CHECK(memcmp(tangent, drift, size * sizeof(*drift)) == 0);
  ent_pairs_destroy(&pairs);
}

static void mean_of_rows(const ent_row_law *law, size_t d, const double *x, double *tangent, double *radial) {
  ent_rows *rows = NULL;
  CHECK_OK(ent_rows_create(N, d, d == 2, &rows));
  ent_rows_mean(rows, law, x, tangent, radial);
  ent_rows_destroy(&rows);
}

static const double betas[] = {-1e4, -300, -2, 0, 1.5, 40, 1e4};

/* The plain law for any beta, in the time unit of its own scale: both kernels have it, to their accuracy. */
static void rows_are_pairs(void) {
  double x[MOST], tangent[MOST], radial[N], other_tangent[MOST], other_radial[N];
  for (int round = 0; round < 42; round++) {
    const size_t d = (size_t[]){2, 3, MOST_D}[round % 3];
    const double beta = betas[round / 6];
    const bool softmax = round / 3 % 2;
    const double log_scale = softmax ? 0 : -fabs(beta), allowed = 1e-14 * (1 + fabs(beta));
    const ent_pair_law plain = {.beta = beta, .softmax = softmax, .log_scale = log_scale};
    const ent_row_law law = {.beta = beta, .softmax = softmax, .log_scale = log_scale};
    draw_state(d, x);
    mean_of_pairs(&plain, d, x, tangent, radial);
    mean_of_rows(&law, d, x, other_tangent, other_radial);
    for (size_t k = 0; k < (d == 2 ? N : N * d); k++) CHECK_REAL(other_tangent[k], tangent[k], allowed);
    for (size_t i = 0; i < N; i++) CHECK_REAL(other_radial[i], radial[i], allowed);
  }
}

/* <x_i, A_i> as it is defined. */
static void radial_part_is_the_overlap_with_the_mean(void) {
  double x[MOST], tangent[MOST], radial[N];
  for (int round = 0; round < 20; round++) {
    const size_t d = MOST_D;
    const ent_pair_law law = {.beta = draw(-3, 3), .softmax = round % 2};
    draw_state(d, x);
    mean_of_pairs(&law, d, x, tangent, radial);
    for (size_t i = 0; i < N; i++) {
      double total = 0, sum = 0;
      for (size_t j = 0; j < N; j++) {
        const double overlap = ent_vec_dot(d, x + i * d, x + j * d), weight = exp(law.beta * overlap) / N;
        total += weight;
        sum += weight * overlap;
      }
      CHECK_REAL(radial[i], law.softmax ? sum / total : sum, 1e-13);
    }
  }
}

/* Two coincident groups: what is exactly together stays so, whoever is seen. */
static void coincident_particles_move_alike(void) {
  double x[N], tangent[N], radial[N];
  for (int i = 0; i < N; i++) x[i] = i % 2 ? 2 : 0;
  for (int k = 0; k < 4; k++) {
    const ent_row_law law = {.weighing = k % 2 ? ENT_WEIGH_HINGE : ENT_WEIGH_EXP,
                             .beta = 30,
                             .kappa = 30,
                             .sight = ENT_SEES_WITHIN,
                             .cos_cutoff = k < 2 ? -1 : 0.5,
                             .softmax = true};
    mean_of_rows(&law, 2, x, tangent, radial);
    for (int i = 0; i < N; i++) CHECK_REAL(tangent[i], tangent[i % 2], 0);
    CHECK(k < 2 ? tangent[0] > 0 && tangent[1] < 0 : tangent[0] == 0 && tangent[1] == 0);
  }
}

/* Steep kernels neither overflow nor lose everybody: the row's largest weight is the unit. */
static void steep_hinges_are_finite(void) {
  static const double minus[] = {-1, 0, 0, 0, -1, 0, 0, 0, -1};
  double x[MOST], tangent[MOST], radial[N];
  const ent_row_law law = {.weighing = ENT_WEIGH_HINGE, .kappa = 1e5, .softmax = true, .score = minus};
  draw_state(3, x);
  mean_of_rows(&law, 3, x, tangent, radial);
  for (size_t i = 0; i < N; i++) {
    CHECK(isfinite(radial[i]) && fabs(radial[i]) <= 1);
    for (size_t k = 0; k < 3; k++) CHECK(isfinite(tangent[3 * i + k]));
  }
}

/* Who is alone sees nobody under hardmax, and stands still. */
static void nobody_is_seen_by_one(void) {
  ent_rows *rows = NULL;
  const double x[] = {0.6, 0, 0.8};
  double tangent[3] = {1, 1, 1}, radial = 1;
  const ent_row_law law = {.sight = ENT_SEES_ONE, .softmax = true, .beta = 2};
  CHECK_OK(ent_rows_create(1, 3, false, &rows));
  ent_rows_mean(rows, &law, x, tangent, &radial);
  for (int k = 0; k < 3; k++) CHECK_REAL(tangent[k], 0, 0);
  CHECK_REAL(radial, 0, 0);
  ent_rows_destroy(&rows);
}

static void long_sums_are_given_up(void) {
  double x[MOST], tangent[MOST] = {0}, radial[N] = {0};
  ent_brake brake = {.pulls = ent_test_at_once, .work = 1e300};
  const ent_row_law law = {.beta = 1, .softmax = true, .brake = &brake};
  draw_state(3, x);
  mean_of_rows(&law, 3, x, tangent, radial);
  CHECK(brake.is_pulled);
  CHECK(tangent[0] == 0 && radial[N - 1] == 0);
}

static const ent_test tests[] = {
  {"the plain law is that of kernel/pairs for any beta", rows_are_pairs},
  {"the radial part of pairs is the overlap with the mean", radial_part_is_the_overlap_with_the_mean},
  {"coincident particles move alike, and not at all where they see themselves only",
   coincident_particles_move_alike},
  {"steep hinges with negative scores stay finite", steep_hinges_are_finite},
  {"who sees nobody stands still", nobody_is_seen_by_one},
  {"a sum is given up when its brake is pulled", long_sums_are_given_up},
  {0},
};

ENT_TEST_MAIN("kernel/rows", tests)
