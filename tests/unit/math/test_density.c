/* TEST np=1 libs=gsl */
#include <math.h>
#include <string.h>

#include <gsl/gsl_integration.h>
#include <gsl/gsl_sf_bessel.h>

#include "entrain/math/density.h"

#include "check.h"

enum { MODES = 12, N = 4000, ROOM = 1000 };

static const double PI = 3.14159265358979324;

static const double cosines[] = {0.004, 0.5, 0.5}, sines[] = {0.002};
static const double centres[] = {-0.4, 2.9, 8}, concentrations[] = {30, 4, 0.5}, masses[] = {1, 3, 2};
static const double half_widths[] = {0.7, 1.1, 0.05};

static const ent_density
  fourier = {.kind = ENT_DENSITY_FOURIER, .n_cosines = 3, .cosines = cosines, .n_sines = 1, .sines = sines},
  von_mises = {.kind = ENT_DENSITY_VON_MISES,
               .n_parts = 3,
               .centres = centres,
               .widths = concentrations,
               .masses = masses},
  arcs = {
    .kind = ENT_DENSITY_ARCS, .n_parts = 3, .centres = centres, .widths = half_widths, .masses = masses};

static const ent_density *const densities[] = {&fourier, &von_mises, &arcs};

/* The density by its definition. */
static double value(const ent_density *density, double t) {
  double sum = density->kind == ENT_DENSITY_FOURIER ? 1 / (2 * PI) : 0;
  for (size_t k = 0; k < density->n_cosines; k++)
    sum += density->cosines[k] * cos((double)(k + 1) * t) / (2 * PI);
  for (size_t k = 0; k < density->n_sines; k++)
    sum += density->sines[k] * sin((double)(k + 1) * t) / (2 * PI);
  for (size_t p = 0; p < density->n_parts; p++) {
    const double w = density->widths[p], off = remainder(t - density->centres[p], 2 * PI);
    const double share = density->masses[p] / 6;
    sum += density->kind == ENT_DENSITY_ARCS
             ? share * (fabs(off) < w) / (2 * w)
             : share * exp(w * (cos(off) - 1)) / (2 * PI * gsl_sf_bessel_I0_scaled(w));
  }
  return sum;
}

static void modes_are_integrals(void) {
  enum { POINTS = 400000 };
  for (int i = 0; i < 3; i++) {
    double z[2 * MODES], scratch[MODES + 1], sums[2 * MODES] = {0};
    ent_density_modes(densities[i], MODES, scratch, z);
    for (int p = 0; p < POINTS; p++) {
      const double t = -PI + 2 * PI * (p + 0.5) / POINTS, rho = value(densities[i], t);
      for (int k = 0; k < MODES; k++) {
        sums[2 * k] += rho * cos((k + 1) * t) * 2 * PI / POINTS;
        sums[2 * k + 1] += rho * sin((k + 1) * t) * 2 * PI / POINTS;
      }
    }
    for (int k = 0; k < 2 * MODES; k++) CHECK_REAL(z[k], sums[k], i == 2 ? 2e-4 : 1e-11);
  }
}

/* Lengths of arcs' modes, exactly: sin(k w)/(k w). */
static void modes_of_an_arc_are_known(void) {
  const double centre = 0.3, width = 0.9;
  const ent_density one = {.kind = ENT_DENSITY_ARCS, .n_parts = 1, .centres = &centre, .widths = &width};
  double z[2 * MODES], scratch[MODES + 1];
  ent_density_modes(&one, MODES, scratch, z);
  for (int k = 1; k <= MODES; k++) {
    CHECK_REAL(z[2 * k - 2], sin(k * width) / (k * width) * cos(k * centre), 1e-15);
    CHECK_REAL(z[2 * k - 1], sin(k * width) / (k * width) * sin(k * centre), 1e-15);
  }
}

static double density_at(double t, void *density) {
  return value(density, t);
}

/* The mass between two neighbours is 1/n, and half of it lies before the first. */
static void quantiles_have_equal_masses(void) {
  enum { FEW = 60 };
  static double angles[FEW];
  gsl_integration_workspace *room = gsl_integration_workspace_alloc(ROOM);
  for (int i = 0; i < 2; i++) {
    ent_density copy = *densities[i];
    gsl_function integrand = {.function = density_at, .params = &copy};
    CHECK_OK(ent_density_quantiles(densities[i], FEW, angles));
    for (int q = 0; q < FEW; q++) {
      double mass = 0, error = 0;
      const double from = q > 0 ? angles[q - 1] : -PI;
      CHECK(angles[q] > from && angles[q] < PI);
      gsl_integration_qag(&integrand, from, angles[q], 1e-13, 0, ROOM, GSL_INTEG_GAUSS31, room, &mass,
                          &error);
      CHECK_REAL(mass, (q > 0 ? 1.0 : 0.5) / FEW, 1e-13);
    }
  }
  gsl_integration_workspace_free(room);
}

/* Arcs that reach over -pi, and gaps without any mass. */
static void quantiles_of_arcs_are_exact(void) {
  const double at[] = {0, PI}, width[] = {0.5, 0.2}, mass[] = {3, 1};
  const ent_density two = {
    .kind = ENT_DENSITY_ARCS, .n_parts = 2, .centres = at, .widths = width, .masses = mass};
  const double expected[] = {-PI + 0.1,        -0.5 + 1.0 * 0.5 / 6, -0.5 + 1.0 * 1.5 / 6, -0.5 + 2.5 / 6.0,
                             -0.5 + 3.5 / 6.0, -0.5 + 4.5 / 6.0,     -0.5 + 5.5 / 6.0,     PI - 0.1};
  double angles[8];
  CHECK_OK(ent_density_quantiles(&two, 8, angles));
  for (int i = 0; i < 8; i++) CHECK_REAL(angles[i], expected[i], 3e-15);
}

/* For smooth densities the mean over the quantiles converges faster than any power of n. */
static void quantiles_are_a_quiet_start(void) {
  static double angles[N];
  for (int i = 0; i < 3; i++) {
    double z[2 * MODES], scratch[MODES + 1];
    ent_density_modes(densities[i], MODES, scratch, z);
    CHECK_OK(ent_density_quantiles(densities[i], N, angles));
    for (int k = 1; k <= MODES; k++) {
      double c = 0, s = 0;
      for (int q = 0; q < N; q++) {
        c += cos(k * angles[q]) / N;
        s += sin(k * angles[q]) / N;
      }
      CHECK_REAL(c, z[2 * k - 2], i == 2 ? 5e-4 : 1e-12);
      CHECK_REAL(s, z[2 * k - 1], i == 2 ? 5e-4 : 1e-12);
    }
  }
}

static void sharp_densities_are_found(void) {
  static double angles[101];
  const double centre = 1, concentration = 1e4;
  const ent_density sharp = {
    .kind = ENT_DENSITY_VON_MISES, .n_parts = 1, .centres = &centre, .widths = &concentration};
  CHECK_OK(ent_density_quantiles(&sharp, 101, angles));
  CHECK_REAL(angles[50], 1, 1e-13);
  /* nearly normal of variance 1/1e4: quantile at 75.5 / 101 */
  CHECK_REAL(angles[75], 1 + 0.6667208 / 100, 2e-6);
  CHECK_REAL(angles[75] + angles[25], 2, 1e-13);
}

static void the_least_value_is_seen(void) {
  const double one = 1, more = 1.01;
  const ent_density touches = {.kind = ENT_DENSITY_FOURIER, .n_cosines = 1, .cosines = &one};
  const ent_density crosses = {.kind = ENT_DENSITY_FOURIER, .n_sines = 1, .sines = &more};
  const ent_density uniform = {.kind = ENT_DENSITY_FOURIER};
  double angles[4];
  CHECK_REAL(ent_density_least(&touches), 0, 1e-15);
  CHECK_REAL(ent_density_least(&crosses), -0.01, 1e-15);
  CHECK_REAL(ent_density_least(&uniform), 1, 0);
  CHECK_OK(ent_density_quantiles(&uniform, 4, angles));
  for (int i = 0; i < 4; i++) CHECK_REAL(angles[i], -PI + 2 * PI * (i + 0.5) / 4, 2e-15);
}

static const ent_test tests[] = {
  {"modes are the integrals of the density", modes_are_integrals},
  {"the modes of an arc are known", modes_of_an_arc_are_known},
  {"between two quantiles lies the same mass", quantiles_have_equal_masses},
  {"quantiles of arcs are exact, over -pi and gaps too", quantiles_of_arcs_are_exact},
  {"quantiles have the density's modes", quantiles_are_a_quiet_start},
  {"sharp densities are found", sharp_densities_are_found},
  {"the least value of a Fourier series is seen", the_least_value_is_seen},
  {0},
};

ENT_TEST_MAIN("math/density", tests)
