#include <math.h>
#include <string.h>

#include "entrain/math/vec.h"
#include "entrain/model/model.h"

#include "attention_reference.h"
#include "check.h"

/* How fast the energy of attention's compositions grows: they are gradient flows, each in its own metric. */

extern const ent_model ent_model_attention;

enum { N = 6, MOST_D = 3, MOST = N * MOST_D, TERMS = 4, ROUNDS = 6 };

static const double coefficients[TERMS] = {0.8, -0.5, 0.7, 0.25};
static const char *const norms[] = {"post", "sqrt", "ngpt", NULL};
static const char *const kernels[] = {"exp", "hinge", "polynomial", "fourier", NULL};

static double draw(double low, double high) {
  static uint64_t state = 23;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return low + (high - low) * (double)(state >> 11) * 0x1p-53;
}

/* The weight g of two particles at angle u, by its definition. */
static double weight(const ent_point *point, double u) {
  const double c = cos(u);
  double sum = 0;
  if (ent_reference_is(point, "kernel", "exp")) return exp(ent_reference_number(point, "beta") * c);
  if (ent_reference_is(point, "kernel", "hinge"))
    return 1 / (1 + exp(-ent_reference_number(point, "kappa") * c));
  for (int k = 0; k < TERMS; k++) {
    const bool is_power = ent_reference_is(point, "kernel", "polynomial");
    sum += coefficients[k] * (is_power ? pow(c, k) : sin((k + 1) * u) / sin(u));
  }
  return sum;
}

/* A composition at a state of unit vectors, with its drift. */
typedef struct motion {
  ent_point point;
  ent_system *system;
  double masses[N], t;
  double vectors[MOST], x[MOST], dxdt[MOST];
} motion;

/*
 * Z_i s_i, by which the gradient of the energy is divided: x_i' = P_{x_i}(T_i)/(Z_i s_i) with T_i = sum_j m_j
 * g(<x_i,x_j>) x_j; ngpt has s_i = |T_i|/(Z_i alpha).
 */
static double metric(const motion *of, size_t i) {
  const size_t d = of->system->d;
  const double *x_i = of->vectors + i * d;
  double mean[MOST_D] = {0}, total = 0;
  for (size_t j = 0; j < N; j++) {
    const double *x_j = of->vectors + j * d;
    const double u = i == j ? 1e-9 : acos(ent_vec_dot(d, x_i, x_j));
    const double part = of->masses[j] * weight(&of->point, u);
    ent_vec_axpy(d, part, x_j, mean);
    total += part;
  }
  if (ent_reference_is(&of->point, "norm", "ngpt"))
    return ent_vec_norm(d, mean) / ent_reference_number(&of->point, "alpha");
  if (ent_reference_is(&of->point, "weights", "mean")) total = 1;
  return total * (ent_reference_is(&of->point, "norm", "sqrt") ? sqrt(of->t + 1) : 1);
}

/* sum_i m_i Z_i s_i |x_i'|^2; of equal masses and norm post the source's (1/n) sum_i Z_i |x_i'|^2. */
static double rate(const motion *of) {
  const bool is_circle = of->system->kind == ENT_STATE_ANGLES;
  const size_t width = is_circle ? 1 : of->system->d;
  double sum = 0;
  for (size_t i = 0; i < N; i++) {
    const double *v = of->dxdt + i * width;
    sum += of->masses[i] * metric(of, i) * ent_vec_dot(width, v, v);
  }
  return sum;
}

/* (E(x + h x') - E(x - h x'))/(2h); for exp without the factor e^{-|beta|} of the observable. */
static double growth(const motion *of, double h) {
  const double scale = ent_reference_is(&of->point, "kernel", "exp") ? exp(fabs(of->system->beta)) : 1;
  double energies[2];
  for (int side = 0; side < 2; side++) {
    double moved[MOST];
    for (size_t k = 0; k < of->system->size; k++) moved[k] = of->x[k] + (side ? h : -h) * of->dxdt[k];
    ent_cloud_retract(of->system->kind, N, of->system->d, moved);
    energies[side] = ent_system_energy(of->system, moved);
  }
  return scale * (energies[1] - energies[0]) / (2 * h);
}

/* Extrapolated differences, with steps that are short against the fastest particle's motion. */
static void check_rate(const motion *of) {
  double fastest = 0;
  for (size_t k = 0; k < of->system->size; k++) fastest = fmax(fastest, fabs(of->dxdt[k]));
  const double h = 1e-3 / fastest, expected = rate(of);
  const double found = (4 * growth(of, h / 2) - growth(of, h)) / 3;
  CHECK(of->system->promises & ENT_MODEL_GRADIENT_FLOW);
  CHECK(expected > 0);
  CHECK_REAL(found, expected, 1e-8 * (fastest + expected));
}

static void draw_motion(motion *of) {
  const size_t d = (size_t)of->point.d;
  const ent_value *given = ent_reference_value(&of->point, "masses");
  double sum = 0;
  for (size_t i = 0; i < N; i++) sum += given->list ? given->list[i] : 1;
  for (size_t i = 0; i < N; i++) of->masses[i] = (given->list ? given->list[i] : 1) / sum;
  of->t = draw(0, 3);
  for (size_t k = 0; k < N * d; k++) of->vectors[k] = draw(-1, 1) + draw(-1, 1);
  for (size_t i = 0; i < N; i++) ent_vec_normalize(d, of->vectors + i * d);
  CHECK_OK(ent_system_create(&ent_model_attention, &of->point, &of->system));
  CHECK_OK(ent_system_configure(of->system, &of->point, 0));
  ent_system_place(of->system, of->vectors, of->x);
  ent_model_attention.drift(of->system, of->t, of->x, of->dxdt);
}

static void try_point(const ent_point *point) {
  ent_refusal refusal;
  if (!ent_model_attention.check(point, &refusal)) return; /* series over their sum, Fourier off the circle */
  motion of = {.point = *point};
  draw_motion(&of);
  check_rate(&of);
  ent_system_destroy(&of.system);
}

/* In every kernel, normalization without radii, weight and dimension, with masses and without. */
static void try_kernel(const char *kernel) {
  static const double masses[N] = {1, 2, 0.5, 3, 1.5, 1};
  const bool is_exp = strcmp(kernel, "exp") == 0, is_hinge = strcmp(kernel, "hinge") == 0;
  for (int round = 0; round < 8 * ROUNDS; round++) {
    for (int norm = 0; norms[norm]; norm++) {
      ent_point point = ent_reference_point(N, 2 + round % 2, is_exp ? draw(-3, 3) : NAN);
      ent_reference_choose(&point, "kernel", kernel);
      ent_reference_choose(&point, "weights", round / 2 % 2 ? "softmax" : "mean");
      ent_reference_choose(&point, "norm", norms[norm]);
      ent_reference_value(&point, "kappa")->number = draw(0.1, 4);
      ent_reference_value(&point, "alpha")->number = draw(0.5, 2);
      if (round / 4 % 2) *ent_reference_value(&point, "masses") = (ent_value){.list = masses, .count = N};
      if (!is_exp && !is_hinge)
        *ent_reference_value(&point, "coefficients") = (ent_value){.list = coefficients, .count = TERMS};
      try_point(&point);
    }
  }
}

static void energy_grows_by_the_metric(void) {
  for (int kernel = 0; kernels[kernel]; kernel++) try_kernel(kernels[kernel]);
}

static const ent_test tests[] = {
  {"the energy grows by the metric of each kernel, norm, weight and mass", energy_grows_by_the_metric},
  {0},
};

ENT_TEST_MAIN("model/gradient_metric", tests)
