#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/kernel/pairs.h"
#include "entrain/math/vec.h"

#include "check.h"

enum { MOST = 40, MOST_D = 9 };

#define FLOOR 1e-290 /* drifts far below are flushed to zero */

static double draw(double low, double high) {
  static uint64_t state = 7;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return low + (high - low) * (double)(state >> 11) * 0x1p-53;
}

/* Random unit vectors [n, d]. */
static void draw_vectors(size_t n, size_t d, double *x) {
  for (size_t i = 0; i < n; i++) {
    double norm2 = 0;
    for (size_t k = 0; k < d; k++) {
      x[i * d + k] = draw(-1, 1) + draw(-1, 1) + draw(-1, 1);
      norm2 += x[i * d + k] * x[i * d + k];
    }
    for (size_t k = 0; k < d; k++) x[i * d + k] /= sqrt(norm2);
  }
}

/* What a row is summed to in long double: the drift, and sum_j w_ij |x_j - x_i|, against which errors are
 * measured. */
typedef struct reference {
  long double drift[MOST_D];
  long double size;
} reference;

/* Chord and tangent of particle j seen from i; returns 1 - <x_i, x_j>. An angle's drift has one component. */
static long double look(size_t d, const double *x, size_t i, size_t j, long double *towards) {
  if (d == 2) {
    const long double difference = (long double)x[j] - x[i], half = sinl(difference / 2);
    towards[0] = sinl(difference);
    return 2 * half * half;
  }
  long double distance2 = 0;
  for (size_t k = 0; k < d; k++) {
    towards[k] = (long double)x[j * d + k] - x[i * d + k];
    distance2 += towards[k] * towards[k];
  }
  return distance2 / 2;
}

static void project(size_t d, const double *x_i, long double *y) {
  long double normal = 0;
  for (size_t k = 0; k < d; k++) normal += x_i[k] * y[k];
  for (size_t k = 0; k < d; k++) y[k] -= normal * x_i[k];
}

/* The definition, with exponents that long double can hold up to |b| = 5000. */
static reference sum_row(const ent_pair_law *law, size_t n, size_t d, const double *x, size_t i) {
  reference sum = {0};
  long double total = 0, towards[MOST_D] = {0};
  const size_t width = d == 2 ? 1 : d;
  for (size_t j = 0; j < n; j++) {
    const long double gap = look(d, x, i, j, towards), mass = law->masses ? law->masses[j] : 1.0L / n;
    const long double weight = mass * expl(law->beta * (1 - gap) + (law->softmax ? 0 : law->log_scale));
    total += weight;
    sum.size += weight * sqrtl(2 * gap);
    for (size_t k = 0; k < width; k++) sum.drift[k] += weight * towards[k];
  }
  const long double factor = law->softmax ? expl(law->log_scale) / total : 1;
  for (size_t k = 0; k < width; k++) sum.drift[k] *= factor;
  sum.size *= factor;
  if (d != 2) project(d, x + i * d, sum.drift);
  return sum;
}

static void drift(const ent_pair_law *law, size_t n, size_t d, const double *x, double *dxdt) {
  ent_pairs *pairs = NULL;
  CHECK_OK(ent_pairs_create(n, d, &pairs));
  if (d == 2) {
    ent_pairs_drift_angles(pairs, law, x, dxdt);
  } else {
    ent_pairs_drift_vectors(pairs, law, x, dxdt);
  }
  ent_pairs_destroy(&pairs);
}

/* Largest error of a particle's drift, relative to sum_j w_ij |x_j - x_i|, which double precision must hold.
 */
static double worst_error(const ent_pair_law *law, size_t n, size_t d, const double *x) {
  double dxdt[MOST * MOST_D], worst = 0;
  const size_t width = d == 2 ? 1 : d;
  drift(law, n, d, x, dxdt);
  for (size_t i = 0; i < n; i++) {
    const reference exact = sum_row(law, n, d, x, i);
    long double error2 = 0;
    for (size_t k = 0; k < width; k++) error2 += powl(dxdt[i * width + k] - exact.drift[k], 2);
    worst = fmax(worst, (double)(sqrtl(error2) / (exact.size + FLOOR)));
  }
  return worst;
}

static void draw_start(size_t n, size_t d, double *x) {
  if (d == 2) {
    for (size_t i = 0; i < n; i++) x[i] = draw(-10, 10);
  } else {
    draw_vectors(n, d, x);
  }
}

static void random_states_are_exact(void) {
  const size_t dimensions[] = {2, 3, 8, 9};
  double x[MOST * MOST_D], masses[MOST];
  for (int round = 0; round < 600; round++) {
    const size_t d = dimensions[round % 4], n = 2 + (size_t)draw(0, MOST - 2);
    double sum = 0;
    draw_start(n, d, x);
    for (size_t i = 0; i < n; i++) sum += masses[i] = draw(0.1, 1);
    for (size_t i = 0; i < n; i++) masses[i] /= sum;
    const ent_pair_law law = {.beta = draw(-50, 50),
                              .softmax = round / 4 % 2 == 0,
                              .masses = round / 8 % 2 ? masses : NULL,
                              .log_scale = round / 16 % 2 ? draw(-5, 5) : 0};
    CHECK_REAL(worst_error(&law, n, d, x), 0, 1e-14 * (1 + fabs(law.beta)));
  }
}

static void beta_zero_and_whole_numbers_are_exact(void) {
  double x[MOST * MOST_D];
  for (int b = -50; b <= 50; b++) {
    const ent_pair_law law = {.beta = b, .softmax = b % 2 == 0};
    draw_start(17, 2, x);
    CHECK_REAL(worst_error(&law, 17, 2, x), 0, 1e-14 * (1 + abs(b)));
    draw_start(17, 3, x);
    CHECK_REAL(worst_error(&law, 17, 3, x), 0, 1e-14 * (1 + abs(b)));
  }
}

/* The lanes that fill up the last vector must not count, whatever n is. */
static void any_count_of_particles(void) {
  double x[MOST * MOST_D];
  for (size_t n = 2; n <= MOST; n++) {
    for (size_t d = 2; d <= 3; d++) {
      const ent_pair_law law = {.beta = -3, .softmax = n % 2 == 0};
      draw_start(n, d, x);
      CHECK_REAL(worst_error(&law, n, d, x), 0, 4e-14);
    }
  }
}

/* Two coincident pairs at angle 2, b = 30 (physics: 3.2208e-19 per unit time; naive forms give 1e-16 or 0).
 */
static void coincident_pairs_move_slowly(void) {
  const ent_pair_law law = {.beta = 30, .softmax = true};
  const double angles[] = {0, 0, 2, 2};
  double x[4 * 3] = {0}, dxdt[4 * 3];
  const double exact = (double)(sinl(2) / (1 + expl(30 * (1 - cosl(2)))));
  CHECK_REAL(exact, 3.2208e-19, 1e-23);
  drift(&law, 4, 2, angles, dxdt);
  for (int i = 0; i < 4; i++) CHECK_REAL(dxdt[i], i < 2 ? exact : -exact, 1e-13 * exact);
  for (int i = 0; i < 4; i++) {
    x[3 * i] = cos(angles[i]);
    x[3 * i + 2] = sin(angles[i]);
  }
  drift(&law, 4, 3, x, dxdt);
  for (int i = 0; i < 4; i++) {
    const double *v = dxdt + 3 * i;
    CHECK_REAL(sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]), exact, 1e-12 * exact);
    CHECK_REAL(v[2] * x[3 * i] - v[0] * x[3 * i + 2], i < 2 ? exact : -exact, 1e-12 * exact);
  }
}

static void coincident_particles_stand_still(void) {
  double x[MOST * MOST_D], dxdt[MOST * MOST_D];
  for (int b = -60; b <= 60; b += 12) {
    for (size_t d = 2; d <= 5; d++) {
      const ent_pair_law law = {.beta = b, .softmax = b % 24 == 0};
      const size_t width = d == 2 ? 1 : d;
      draw_start(1, d, x);
      for (size_t i = 1; i < 11; i++) memcpy(x + i * width, x, width * sizeof(*x));
      drift(&law, 11, d, x, dxdt);
      for (size_t k = 0; k < 11 * width; k++) CHECK_REAL(dxdt[k], 0, 0);
    }
  }
}

/* Moves all particles towards the first one, to about `spread` from it. */
static void gather(size_t n, size_t d, double spread, double *x) {
  const size_t width = d == 2 ? 1 : d;
  for (size_t i = 1; i < n; i++) {
    for (size_t k = 0; k < width; k++) x[i * width + k] = x[k] + draw(-spread, spread);
    if (d != 2) ent_vec_normalize(d, x + i * d);
  }
}

/* All within 1e-8 of each other: drifts of 1e-8 must have twelve digits. */
static void near_particles_are_accurate(void) {
  double x[MOST * MOST_D];
  const double betas[] = {-30, -1, 0, 1, 30};
  for (size_t d = 2; d <= 8; d += 3) {
    draw_start(1, d, x);
    gather(10, d, 1e-8, x);
    for (int b = 0; b < 5; b++) {
      const ent_pair_law law = {.beta = betas[b], .softmax = true};
      CHECK_REAL(worst_error(&law, 10, d, x), 0, 1e-12);
    }
  }
}

static void check_huge(double beta, size_t d) {
  double x[MOST * MOST_D];
  const ent_pair_law softmax = {.beta = beta, .softmax = true};
  const ent_pair_law mean = {.beta = beta, .log_scale = -fabs(beta)};
  for (int round = 0; round < 20; round++) {
    draw_start(20, d, x);
    if (round % 2) gather(20, d, 0.03, x);
    CHECK_REAL(worst_error(&softmax, 20, d, x), 0, 1e-14 * (1 + fabs(beta)));
    CHECK_REAL(worst_error(&mean, 20, d, x), 0, 1e-14 * (1 + fabs(beta)));
  }
}

/* Far beyond what exp can hold: nothing overflows, and the figures are right. */
static void huge_beta_does_not_overflow(void) {
  const double betas[] = {-1e4, -400, 400, 1e4};
  for (int b = 0; b < 4; b++) {
    check_huge(betas[b], 2);
    check_huge(betas[b], 3);
  }
}

/* USA's own scale: e^{b} in its unit of time is found at any b, and e^{800} in unit t overflows visibly. */
static void scale_of_the_mean_is_in_the_log(void) {
  double x[2] = {0, 1e-3}, dxdt[2];
  const ent_pair_law fast = {.beta = 1e4, .log_scale = -1e4}, blown = {.beta = 800};
  drift(&fast, 2, 2, x, dxdt);
  CHECK_REAL(dxdt[0], 0.5 * sin(1e-3) * exp(1e4 * (cos(1e-3) - 1)), 1e-15);
  drift(&blown, 2, 2, x, dxdt);
  CHECK(!isfinite(dxdt[0]));
}

static void lost_particle_is_noticed(void) {
  double x[3 * 3] = {1, 0, 0, 0, NAN, 0, 0, 0, 1}, dxdt[3 * 3], angles[3] = {0, NAN, 1};
  const ent_pair_law law = {.beta = 2, .softmax = true};
  drift(&law, 3, 3, x, dxdt);
  for (int i = 0; i < 3; i++) CHECK(isnan(dxdt[3 * i]));
  drift(&law, 3, 2, angles, dxdt);
  for (int i = 0; i < 3; i++) CHECK(isnan(dxdt[i]));
}

static const ent_test tests[] = {
  {"random states are exact to 1e-14 (1 + |b|) for |b| <= 50", random_states_are_exact},
  {"so they are for whole numbers and zero", beta_zero_and_whole_numbers_are_exact},
  {"any number of particles fills the lanes rightly", any_count_of_particles},
  {"two coincident pairs at b = 30 move at 3.2208e-19", coincident_pairs_move_slowly},
  {"coincident particles stand still to the last bit", coincident_particles_stand_still},
  {"particles 1e-8 apart are accurate to 1e-12", near_particles_are_accurate},
  {"huge beta of either sign does not overflow", huge_beta_does_not_overflow},
  {"the scale of the mean is kept in the logarithm", scale_of_the_mean_is_in_the_log},
  {"a particle that is not a number is noticed by all", lost_particle_is_noticed},
  {0},
};

ENT_TEST_MAIN("kernel/pairs", tests)
