#include <math.h>

#include "entrain/kernel/tangent.h"
#include "entrain/math/vec.h"

#include "check.h"

/* The Jacobian against central differences of the drift, and against what it is known to be. */

enum { N = 6, D = 4, MOST = N * D };

static double draw(double low, double high) {
  static uint64_t state = 5;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return low + (high - low) * (double)(state >> 11) * 0x1p-53;
}

typedef struct scene {
  ent_pair_law law;
  size_t d, size;
  double x[MOST], v[MOST], jv[MOST];
} scene;

static const double masses[N] = {0.1, 0.2, 0.3, 0.15, 0.05, 0.2};

static void draw_scene(size_t d, double beta, bool softmax, scene *at) {
  *at = (scene){.law = {.beta = beta, .softmax = softmax, .masses = masses, .log_scale = -0.3}, .d = d};
  at->size = d == 2 ? N : N * d;
  for (size_t k = 0; k < at->size; k++) {
    at->x[k] = draw(-1, 1);
    at->v[k] = draw(-1, 1);
  }
  for (size_t i = 0; d > 2 && i < N; i++) ent_vec_normalize(d, at->x + i * d);
}

static void drift(const scene *at, ent_pairs *pairs, const double *x, double *dxdt) {
  if (at->d == 2)
    ent_pairs_drift_angles(pairs, &at->law, x, dxdt);
  else
    ent_pairs_drift_vectors(pairs, &at->law, x, dxdt);
}

static void tangent(scene *at) {
  if (at->d == 2)
    ent_tangent_angles(&at->law, N, at->x, at->v, at->jv);
  else
    ent_tangent_vectors(&at->law, N, at->d, at->x, at->v, at->jv);
}

/* (f(x + h v) - f(x - h v)) / 2h, extrapolated once: the error is O(h^4). */
static void differences(const scene *at, double *expected) {
  ent_pairs *pairs = NULL;
  double moved[MOST], ahead[MOST], behind[MOST];
  const double steps[] = {2e-3, 1e-3}, parts[] = {-1.0 / 3, 4.0 / 3};
  CHECK_OK(ent_pairs_create(N, at->d, &pairs));
  for (size_t k = 0; k < at->size; k++) expected[k] = 0;
  for (int s = 0; s < 2; s++) {
    for (size_t k = 0; k < at->size; k++) moved[k] = at->x[k] + steps[s] * at->v[k];
    drift(at, pairs, moved, ahead);
    for (size_t k = 0; k < at->size; k++) moved[k] = at->x[k] - steps[s] * at->v[k];
    drift(at, pairs, moved, behind);
    for (size_t k = 0; k < at->size; k++) expected[k] += parts[s] * (ahead[k] - behind[k]) / (2 * steps[s]);
  }
  ent_pairs_destroy(&pairs);
}

static void is_the_derivative(void) {
  const double betas[] = {-3, 0, 1, 6};
  for (int k = 0; k < 16; k++) {
    scene at;
    double expected[MOST], largest = 0;
    draw_scene(k % 2 ? 2 : D, betas[k / 4], k / 2 % 2, &at);
    tangent(&at);
    differences(&at, expected);
    for (size_t i = 0; i < at.size; i++) largest = fmax(largest, fabs(expected[i]));
    for (size_t i = 0; i < at.size; i++) CHECK_REAL(at.jv[i], expected[i], 1e-8 * (1 + largest));
  }
}

static void turning_all_changes_nothing(void) {
  scene at;
  draw_scene(2, 2.5, true, &at);
  for (size_t i = 0; i < at.size; i++) at.v[i] = 1;
  tangent(&at);
  for (size_t i = 0; i < at.size; i++) CHECK_REAL(at.jv[i], 0, 1e-15);
}

/* At consensus every direction that keeps the mean decays: SA at the rate 1, USA at e^b. */
static void consensus_attracts(void) {
  const ent_pair_law laws[] = {{.beta = 1.7, .softmax = true}, {.beta = 1.7}};
  const double x[N] = {0}, v[N] = {1, -1, 2, -2, 3, -3}, rates[] = {1, exp(1.7)};
  double jv[N];
  for (int k = 0; k < 2; k++) {
    ent_tangent_angles(&laws[k], N, x, v, jv);
    for (int i = 0; i < N; i++) CHECK_REAL(jv[i], -rates[k] * v[i], 1e-13);
  }
}

/* Three equal clusters at the corners of a triangle: USA's eigenvalue -e^{-b/2} (1/2 + 3b/4), 2507.22857. */
static void the_triangle_has_its_eigenvalue(void) {
  const double third = 2 * acos(-1.0) / 3, x[] = {0, third, 2 * third}, v[] = {1, -1, 0};
  double jv[3];
  for (double beta = -2; beta < 3; beta += 0.5) {
    const ent_pair_law law = {.beta = beta};
    const double eigenvalue = exp(-beta / 2) * (0.5 + 0.75 * beta);
    ent_tangent_angles(&law, 3, x, v, jv);
    for (int i = 0; i < 3; i++) CHECK_REAL(jv[i], eigenvalue * v[i], 1e-14 * (1 + exp(fabs(beta))));
  }
}

static const ent_test tests[] = {
  {"the Jacobian is the derivative of the drift", is_the_derivative},
  {"turning all particles changes nothing", turning_all_changes_nothing},
  {"consensus attracts at its rates", consensus_attracts},
  {"the triangle has its eigenvalue", the_triangle_has_its_eigenvalue},
  {0},
};

ENT_TEST_MAIN("kernel/tangent", tests)
