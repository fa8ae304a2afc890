#include "entrain/model/theory.h"

#include <math.h>

#include <sleef.h>

#include "entrain/math/sphere.h"

enum {
  KERNEL_POINTS = 1024,     /* where a kernel's convexity is looked at */
  CRITERION_POINTS = 16384, /* on half a turn */
  BISECTIONS = 60,
};

/* Theorem 1 of arXiv:2507.22857 is proved for exp down to here. */
#define CIRCLE_BETA (-0.16)
/* arXiv:2105.11406: graphs with more neighbours than this share. */
#define DENSE_DEGREE 0.75
/* Where e^x has no place in a double. */
#define LARGEST_EXPONENT 700.0

const char *const ent_theorem_names[] = {
  [ENT_THEOREM_NONE] = "none",
  [ENT_THEOREM_SYNC_SINGLE] = "sync_single",
  [ENT_THEOREM_SYNC_EQUIANGULAR] = "sync_equiangular",
  [ENT_THEOREM_SYNC_HEMISPHERE] = "sync_hemisphere",
  [ENT_THEOREM_SYNC_CAUSAL] = "sync_causal",
  [ENT_THEOREM_SYNC_SPHERE] = "sync_sphere",
  [ENT_THEOREM_SYNC_CIRCLE] = "sync_circle",
  [ENT_THEOREM_SYNC_CRITERION] = "sync_criterion",
  [ENT_THEOREM_SYNC_DENSE] = "sync_dense",
  [ENT_THEOREM_NONSYNC_TRIANGLE] = "nonsync_triangle",
  [ENT_THEOREM_NONSYNC_SIMPLEX] = "nonsync_simplex",
  NULL,
};

void ent_theory_exponential(const void *context, double c, double w[3]) {
  const double beta = *(const double *)context;
  w[0] = Sleef_cinz_expd1_u10purec(fmin(beta * (c - 1), LARGEST_EXPONENT));
  w[1] = beta * w[0];
  w[2] = beta * w[1];
}

/* phi increasing and convex on [-1, 1]: w >= 0, w' >= 0, and w does not vanish. */
static bool is_convex(const ent_theory_kernel *kernel) {
  double w[3];
  for (int k = 0; k <= KERNEL_POINTS; k++) {
    kernel->weight(kernel->context, 1 - 2.0 * k / KERNEL_POINTS, w);
    if (!(w[0] >= 0 && w[1] >= 0) || (k == 0 && w[0] == 0)) return false;
  }
  return true;
}

/* d+1 equal clusters at the vertices of the regular simplex are stable: w'(-1/d)/w(-1/d) < -d(d-1)/(d+1). */
static bool holds_simplex(const ent_theory_facts *facts) {
  double w[3];
  const double d = (double)facts->d;
  if (facts->n % (facts->d + 1) != 0 || !facts->has_equal_masses) return false;
  facts->kernel.weight(facts->kernel.context, -1 / d, w);
  return w[0] > 0 && w[1] / w[0] < -d * (d - 1) / (d + 1);
}

/* For a plain interaction of all with all. */
static ent_theorem decide_complete(const ent_theory_facts *facts) {
  if (facts->d > 2 && is_convex(&facts->kernel)) return ENT_THEOREM_SYNC_SPHERE;
  if (facts->d == 2 && facts->has_equal_masses && facts->beta >= CIRCLE_BETA) return ENT_THEOREM_SYNC_CIRCLE;
  if (facts->d == 2 && facts->has_equal_masses && ent_theory_criterion(&facts->kernel) >= 0)
    return ENT_THEOREM_SYNC_CRITERION;
  if (!holds_simplex(facts)) return ENT_THEOREM_NONE;
  return facts->d == 2 ? ENT_THEOREM_NONSYNC_TRIANGLE : ENT_THEOREM_NONSYNC_SIMPLEX;
}

ent_theorem ent_theory_decide(const ent_theory_facts *facts) {
  if (facts->n == 1) return ENT_THEOREM_SYNC_SINGLE;
  if (facts->is_equiangular)
    return facts->collapses_in_hemisphere ? ENT_THEOREM_SYNC_EQUIANGULAR : ENT_THEOREM_NONE;
  if (facts->collapses_in_hemisphere && facts->n <= facts->d) return ENT_THEOREM_SYNC_HEMISPHERE;
  if (facts->sight == ENT_SIGHT_EARLIER && facts->is_softmax) return ENT_THEOREM_SYNC_CAUSAL;
  if (facts->sight == ENT_SIGHT_ALL && facts->is_plain) return decide_complete(facts);
  const bool is_kuramoto = facts->d == 2 && facts->is_plain && facts->has_equal_masses && facts->beta == 0;
  if (facts->sight == ENT_SIGHT_GRAPH && is_kuramoto && facts->least_degree > DENSE_DEGREE)
    return ENT_THEOREM_SYNC_DENSE;
  return ENT_THEOREM_NONE;
}

/* f'(t) and f''(t) of f(t) = sin(t) w(cos t). */
static void differentiate(const ent_theory_kernel *kernel, double t, double derivative[2]) {
  double w[3];
  const Sleef_double_2 sine_cosine = Sleef_cinz_sincosd1_u10purec(t);
  const double s = sine_cosine.x, c = sine_cosine.y;
  kernel->weight(kernel->context, c, w);
  derivative[0] = c * w[0] - s * s * w[1];
  derivative[1] = s * (s * s * w[2] - 3 * c * w[1] - w[0]);
}

/* The k-th point of [0, pi]: they are dense at 0, where kernels are narrow. */
static double place(int k) {
  const double u = (double)k / CRITERION_POINTS;
  return ENT_TWO_PI / 2 * u * u * u;
}

/* The last t in [0, pi] where f' > 0, to which f'(0) belongs; a weight that has underflowed is none. */
static double last_rise(const ent_theory_kernel *kernel) {
  double derivative[2] = {0};
  int k = CRITERION_POINTS;
  for (; k >= 0; k--) {
    differentiate(kernel, place(k), derivative);
    if (derivative[0] > 0) break;
  }
  if (k == CRITERION_POINTS) return ENT_TWO_PI / 2;
  double low = place(k), high = place(k + 1);
  for (int i = 0; i < BISECTIONS; i++) {
    const double middle = 0.5 * (low + high);
    differentiate(kernel, middle, derivative);
    if (derivative[0] > 0)
      low = middle;
    else
      high = middle;
  }
  return low;
}

/* int |f'''|_+ over one turn is twice the rise of f'' on [0, pi]: f''' is even. */
static double positive_variation(const ent_theory_kernel *kernel) {
  double derivative[2], before, rise = 0;
  differentiate(kernel, 0, derivative);
  for (int k = 1; k <= CRITERION_POINTS; k++) {
    before = derivative[1];
    differentiate(kernel, place(k), derivative);
    rise += fmax(derivative[1] - before, 0);
  }
  return 2 * rise;
}

double ent_theory_criterion(const ent_theory_kernel *kernel) {
  double derivative[2];
  differentiate(kernel, 0, derivative);
  if (!(derivative[0] > 0)) return ENT_CRITERION_LOWEST;
  const double tau = last_rise(kernel), bound = 4 * (1 + tau / ENT_TWO_PI);
  return fmax(bound - tau * positive_variation(kernel) / derivative[0], ENT_CRITERION_LOWEST);
}
