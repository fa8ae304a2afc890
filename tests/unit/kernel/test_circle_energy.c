#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "entrain/base/mem.h"
#include "entrain/kernel/circle_energy.h"
#include "entrain/math/shares.h"

#include "check.h"

enum { MOST = 700 };

static const double betas[] = {0, 1e-9, -1e-3, 0.3, 1, -1, 4, -7, 32, 100, -100, 900};
enum { BETAS = sizeof(betas) / sizeof(*betas) };

static double draw(double low, double high) {
  static uint64_t state = 5;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return low + (high - low) * (double)(state >> 11) * 0x1p-53;
}

/* The definition, in which e^{bc} - 1 does not cancel. */
static double exact_energy(size_t n, const double *x, const double *masses, double b) {
  long double sum = 0;
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < n; j++) {
      const long double c = cosl((long double)x[i] - x[j]);
      const long double mass = masses ? (long double)masses[i] * masses[j] : 1.0L / n / n;
      sum += b == 0 ? mass * c / 2 : mass * expl(-fabsl(b)) * expm1l(b * c) / (2 * (long double)b);
    }
  }
  return (double)sum;
}

static void draw_state(int kind, size_t n, double *x, double *masses) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    x[i] = kind == 0   ? draw(-20, 20)
           : kind == 1 ? 3 + draw(-1e-3, 1e-3)
                       : (double)(i % 3) + draw(-0.01, 0.01);
    sum += masses[i] = draw(0.1, 1);
  }
  for (size_t i = 0; i < n; i++) masses[i] /= sum;
}

static void is_the_double_sum(void) {
  double x[MOST], masses[MOST], *work = NULL;
  CHECK_OK(ent_mem_alloc(ENT_CIRCLE_ENERGY_WORK, sizeof(double), &work));
  for (int kind = 0; kind < 6; kind++) {
    const size_t n = kind % 2 ? MOST : 257;
    draw_state(kind % 3, n, x, masses);
    for (int k = 0; k < BETAS; k++) {
      const double *weights = kind < 3 ? NULL : masses;
      double energy = NAN;
      CHECK(ent_circle_energy(n, x, weights, betas[k], work, &energy));
      CHECK_REAL(energy, exact_energy(n, x, weights, betas[k]), ENT_CIRCLE_ENERGY_ERROR);
    }
  }
  free(work);
}

/* Evenly spread particles have no moments but the n-th: I_0 is left. */
static void many_even_particles_have_the_mean_energy(void) {
  const size_t n = 2 * ENT_SHARES_FROM + 37;
  double *x = NULL, *work = NULL, energy = NAN;
  CHECK_OK(ent_mem_alloc(n, sizeof(double), &x));
  CHECK_OK(ent_mem_alloc(ENT_CIRCLE_ENERGY_WORK, sizeof(double), &work));
  for (size_t i = 0; i < n; i++) x[i] = 2 * M_PI * (double)((i * 7919) % n) / (double)n;
  CHECK(ent_circle_energy(n, x, NULL, 2, work, &energy));
  const double mean = 2.2795853023360672674; /* I_0(2), DLMF table 10.75 */
  CHECK_REAL(energy, exp(-2) * (mean - 1) / 4, ENT_CIRCLE_ENERGY_ERROR);
  CHECK(ent_circle_energy(n, x, NULL, 0, work, &energy));
  CHECK_REAL(energy, 0, ENT_CIRCLE_ENERGY_ERROR);
  free(x);
  free(work);
}

static void refuses_what_it_cannot_bound(void) {
  double x[MOST] = {2e6}, *work = NULL, energy = 5;
  CHECK_OK(ent_mem_alloc(ENT_CIRCLE_ENERGY_WORK, sizeof(double), &work));
  CHECK(!ent_circle_energy(MOST, x, NULL, 1, work, &energy));
  x[0] = 0;
  CHECK(!ent_circle_energy(MOST, x, NULL, 1e5, work, &energy));
  x[0] = NAN;
  CHECK(!ent_circle_energy(MOST, x, NULL, 1, work, &energy) || isnan(energy));
  free(work);
}

static const ent_test tests[] = {
  {"the energy by moments is the double sum", is_the_double_sum},
  {"many evenly spread particles have the mean energy", many_even_particles_have_the_mean_energy},
  {"angles and betas without a bound are refused", refuses_what_it_cannot_bound},
  {0},
};

ENT_TEST_MAIN("kernel/circle_energy", tests)
