/* TEST np=1 libs=gsl timeout=300 */
#include <math.h>

#include <gsl/gsl_integration.h>
#include <gsl/gsl_sf_bessel.h>
#include <gsl/gsl_sf_gamma.h>

#include "entrain/math/sphere.h"
#include "entrain/math/vec.h"
#include "entrain/model/model.h"

#include "attention_reference.h"
#include "check.h"

/*
 * The uniform state of infinitely many particles, moved by the gradient of a harmonic of degree k, grows at
 *   lambda_k = (k (k+d-2)/beta) I_{k+d/2-1}(beta)/I_{d/2-1}(beta)                            (SA)
 * and for mean weights at that times Gamma(d/2) (2/beta)^{d/2-1} I_{d/2-1}(beta). Particles at the nodes of a
 * quadrature, with its weights for masses, have the same rates up to its error: the Jacobian is looked at.
 */

extern const ent_model ent_model_attention;

enum { CIRCLE = 96, BELTS = 18, TURNS = 36, SPHERE = BELTS * TURNS, MOST_K = 3 };

/* Particles [n, d] with masses, and directions v in which they are moved, in the form of the state. */
typedef struct uniform {
  size_t n, d;
  double masses[SPHERE], x[3 * SPHERE], v[3 * SPHERE];
} uniform;

/* The regular polygon, moved by sin(k theta). */
static void make_circle(int k, uniform *of) {
  of->n = CIRCLE;
  of->d = 2;
  for (size_t i = 0; i < of->n; i++) {
    of->x[i] = ENT_TWO_PI * (double)i / CIRCLE;
    of->v[i] = sin(k * of->x[i]);
    of->masses[i] = 1;
  }
}

/* P_k'(z), the derivative of Legendre's polynomial. */
static double slope(int k, double z) {
  return k == 1 ? 1 : k == 2 ? 3 * z : (15 * z * z - 3) / 2;
}

/* Gauss's nodes in height, even turns, moved by the gradient of P_k(z): P_k'(z) (e_z - z x). */
static void make_sphere(int k, uniform *of) {
  gsl_integration_glfixed_table *gauss = gsl_integration_glfixed_table_alloc(BELTS);
  of->n = SPHERE;
  of->d = 3;
  for (size_t i = 0; i < of->n; i++) {
    const double angle = ENT_TWO_PI * (double)(i % TURNS) / TURNS;
    double *x = of->x + 3 * i, *v = of->v + 3 * i, z = 0;
    gsl_integration_glfixed_point(-1, 1, i / TURNS, &z, &of->masses[i], gauss);
    x[0] = sqrt(1 - z * z) * cos(angle);
    x[1] = sqrt(1 - z * z) * sin(angle);
    x[2] = z;
    for (int c = 0; c < 3; c++) v[c] = slope(k, z) * ((c == 2) - z * x[c]);
  }
  gsl_integration_glfixed_table_free(gauss);
}

/* The rate of growth along v: <v, J v>/<v, v>; that v is an eigenvector is checked. */
static double growth(const uniform *of, const char *weights, double beta) {
  static double jv[3 * SPHERE];
  ent_system *system = NULL;
  ent_point point = ent_reference_point((int64_t)of->n, (int64_t)of->d, beta);
  ent_reference_choose(&point, "weights", weights);
  *ent_reference_value(&point, "masses") = (ent_value){.list = of->masses, .count = of->n};
  CHECK_OK(ent_system_create(&ent_model_attention, &point, &system));
  CHECK_OK(ent_system_configure(system, &point, 0));
  CHECK(system->promises & ENT_MODEL_HAS_JACOBIAN);
  ent_model_attention.jacobian(system, 0, of->x, of->v, jv);
  const double rate = ent_vec_dot(system->size, of->v, jv) / ent_vec_dot(system->size, of->v, of->v);
  for (size_t i = 0; i < system->size; i++) CHECK_REAL(jv[i], rate * of->v[i], 1e-11 * exp(fabs(beta)));
  ent_system_destroy(&system);
  return rate;
}

/* lambda_k by the formula; I_nu(-b)/(-b)^nu is the same as at b. */
static double formula(int k, int d, const char *weights, double beta) {
  const double b = fabs(beta), nu = 0.5 * d - 1, sign = beta < 0 && k % 2 == 0 ? -1 : 1;
  const double first = gsl_sf_bessel_Inu(nu, b), ratio = gsl_sf_bessel_Inu(nu + k, b) / first;
  const double mean = gsl_sf_gamma(0.5 * d) * pow(2 / b, nu) * first;
  return sign * k * (k + d - 2) / b * ratio * (weights[0] == 'm' ? mean : 1);
}

static void check_rates(int d, void (*make)(int k, uniform *of)) {
  static const char *const weights[] = {"softmax", "mean"};
  const double betas[] = {-2, -0.3, 0.5, 2, 5};
  static uniform of;
  for (int k = 1; k <= MOST_K; k++) {
    make(k, &of);
    for (int b = 0; b < 5; b++) {
      for (int w = 0; w < 2; w++) {
        const double expected = formula(k, d, weights[w], betas[b]);
        CHECK_REAL(growth(&of, weights[w], betas[b]), expected, 1e-11 * exp(fabs(betas[b])));
      }
    }
  }
}

static void circle_has_its_rates(void) {
  check_rates(2, make_circle);
}

static void sphere_has_its_rates(void) {
  check_rates(3, make_sphere);
}

/* On the circle the fastest k becomes 2, 3 and 4 at these beta, of four decimals. */
static void the_fastest_mode_switches(void) {
  const double switches[] = {1.0445, 3.1654, 6.2113};
  static uniform slow, fast;
  for (int k = 1; k <= MOST_K; k++) {
    make_circle(k, &slow);
    make_circle(k + 1, &fast);
    for (int side = -1; side <= 1; side += 2) {
      const double beta = switches[k - 1] + side * 1e-4;
      const double ahead = growth(&fast, "softmax", beta) - growth(&slow, "softmax", beta);
      CHECK(side * ahead > 0);
    }
  }
}

static const ent_test tests[] = {
  {"modes of the circle grow at their rates", circle_has_its_rates},
  {"harmonics of the sphere grow at their rates", sphere_has_its_rates},
  {"the fastest mode of the circle switches where it is said", the_fastest_mode_switches},
  {0},
};

ENT_TEST_MAIN("model/uniform_growth", tests)
