#include <math.h>
#include <string.h>

#include <sleef.h>

#include "entrain/math/vec.h"

#include "attention_impl.h"

enum { PHI_WORK = 60 }; /* of an overlap and its potential, in the unit of brakes */

/* log(1 + e^{kappa c}) / kappa. */
static double hinge(double kappa, double c) {
  const double z = kappa * c;
  return (fmax(z, 0) + Sleef_cinz_log1pd1_u10purec(Sleef_cinz_expd1_u10purec(-fabs(z)))) / kappa;
}

/* sum_k c_k x^{k+1}/(k+1), the integral of the weight. */
static double polynomial(const ent_row_law *law, double c) {
  double sum = 0;
  for (size_t k = law->n_coefficients; k-- > 0;) sum = sum * c + law->coefficients[k] / (double)(k + 1);
  return sum * c;
}

/* sum_k c_k cos(k u)/k at c = cos u, by Clenshaw's recurrence for Chebyshev polynomials. */
static double cosines(const ent_row_law *law, double c) {
  double next = 0, after_next = 0;
  for (size_t k = law->n_coefficients; k-- > 0;) {
    const double now = law->coefficients[k] / (double)(k + 1) + 2 * c * next - after_next;
    after_next = next;
    next = now;
  }
  return c * next - after_next;
}

static double phi(const ent_row_law *law, double c) {
  switch (law->weighing) {
    case ENT_WEIGH_HINGE: return hinge(law->kappa, c);
    case ENT_WEIGH_POLYNOMIAL: return polynomial(law, c);
    default: return cosines(law, c);
  }
}

static double overlap(const ent_system *system, const double *x, size_t i, size_t j) {
  const size_t d = system->d;
  if (system->kind == ENT_STATE_ANGLES) return Sleef_cinz_cosd1_u10purec(x[i] - x[j]);
  return 1 - ent_vec_half_distance2(d, x + i * d, x + j * d);
}

/* (1/2) sum_ij m_i m_j phi(<x_i, x_j>); for exp the energy of every model with beta. */
double ent_attention_energy(const ent_system *system, const double *x) {
  const attention *own = system->context;
  const ent_cloud cloud = ent_system_cloud(system, x);
  const double equal = 1 / (double)system->n;
  if (own->row_law.weighing == ENT_WEIGH_EXP) return ent_cloud_energy(&cloud, system->beta);
  double energy = 0;
  for (size_t i = 0; i < system->n; i++) {
    const double mass = system->masses ? system->masses[i] : equal;
    double row = 0.5 * mass * phi(&own->row_law, 1);
    if (ent_brake_after(cloud.brake, (double)i * (double)(PHI_WORK + system->d))) break;
    for (size_t j = 0; j < i; j++)
      row += (system->masses ? system->masses[j] : equal) * phi(&own->row_law, overlap(system, x, i, j));
    energy += mass * row;
  }
  return energy;
}

/* w, w', w'' of 1/(1 + e^{-kappa c}). */
static void hinge_weight(const void *context, double c, double w[3]) {
  const ent_row_law *law = context;
  const double small = Sleef_cinz_expd1_u10purec(-fabs(law->kappa * c));
  const double g = (c >= 0 ? 1 : small) / (1 + small),
               slope = law->kappa * small / ((1 + small) * (1 + small));
  w[0] = g;
  w[1] = slope;
  w[2] = law->kappa * slope * (1 - 2 * g);
}

/* The same of a polynomial, by Horner's scheme for it and its derivatives. */
static void polynomial_weight(const void *context, double c, double w[3]) {
  const ent_row_law *law = context;
  w[0] = w[1] = w[2] = 0;
  for (size_t k = law->n_coefficients; k-- > 0;) {
    w[2] = w[2] * c + 2 * w[1];
    w[1] = w[1] * c + w[0];
    w[0] = w[0] * c + law->coefficients[k];
  }
}

/* The same of sum_k c_k U_{k-1}(c): Clenshaw's recurrence, differentiated. */
static void fourier_weight(const void *context, double c, double w[3]) {
  const ent_row_law *law = context;
  double next[3] = {0}, after_next[3] = {0};
  for (size_t k = law->n_coefficients; k-- > 0;) {
    const double now[3] = {law->coefficients[k] + 2 * c * next[0] - after_next[0],
                           2 * next[0] + 2 * c * next[1] - after_next[1],
                           4 * next[1] + 2 * c * next[2] - after_next[2]};
    memcpy(after_next, next, sizeof(next));
    memcpy(next, now, sizeof(next));
  }
  memcpy(w, next, sizeof(next));
}

static ent_theory_kernel kernel_of(const ent_row_law *law) {
  switch (law->weighing) {
    case ENT_WEIGH_HINGE: return (ent_theory_kernel){hinge_weight, law};
    case ENT_WEIGH_POLYNOMIAL: return (ent_theory_kernel){polynomial_weight, law};
    case ENT_WEIGH_FOURIER: return (ent_theory_kernel){fourier_weight, law};
    default: return (ent_theory_kernel){ent_theory_exponential, &law->beta};
  }
}

static ent_sight sight_of(const ent_row_law *law) {
  if (law->n_centres > 0) return ENT_SIGHT_OTHER;
  if (law->sight == ENT_SEES_EARLIER) return ENT_SIGHT_EARLIER;
  return law->sight == ENT_SEES_ALL ? ENT_SIGHT_ALL : ENT_SIGHT_OTHER;
}

void ent_attention_theory(const ent_system *system, ent_theory_facts *facts) {
  const attention *own = system->context;
  const ent_row_law *law = &own->row_law;
  const bool is_exp = law->weighing == ENT_WEIGH_EXP, is_post = own->norm == ENT_NORM_POST;
  facts->sight = sight_of(law);
  facts->is_plain = is_post && law->score == NULL && law->value == NULL;
  facts->is_softmax = is_post && is_exp && law->softmax && law->value == NULL && isinf(own->matrices.period);
  if (is_exp) facts->beta = law->beta;
  if (law->score == NULL && law->value == NULL) facts->kernel = kernel_of(law);
}
