#include "entrain/kernel/tangent.h"

#include <math.h>

#include <sleef.h>

#include "entrain/math/vec.h"

/* Where and along what the sums are derived: x, v [n, d]. */
typedef struct place {
  const ent_pair_law *law;
  size_t n, d;
  const double *x, *v;
} place;

/* A row's sums: of the weights and of their derivatives, and what the weights were divided by. */
typedef struct row_weights {
  double total, dtotal, shift;
} row_weights;

static double mass(const ent_pair_law *law, size_t n, size_t j) {
  return law->masses ? law->masses[j] : 1.0 / (double)n;
}

/* Factor of a row's sum: 1/Z_i, or the true scale of the mean. */
static double row_factor(const ent_pair_law *law, row_weights row) {
  if (law->softmax) return Sleef_cinz_expd1_u10purec(law->log_scale) / row.total;
  return Sleef_cinz_expd1_u10purec(row.shift + law->beta + law->log_scale);
}

/* 1 - cos u, accurate relative to itself. */
static double versine(double u) {
  const double half = Sleef_cinz_sincosd1_u10purec(0.5 * u).x;
  return 2 * half * half;
}

static double tangent_of_angle(const ent_pair_law *law, size_t n, size_t i, const double *x,
                               const double *v) {
  row_weights row = {0};
  double sum = 0, dsum = 0;
  for (size_t j = 0; j < n; j++) row.shift = fmax(row.shift, -law->beta * versine(x[j] - x[i]));
  for (size_t j = 0; j < n; j++) {
    const double u = x[j] - x[i], du = v[j] - v[i];
    const Sleef_double_2 sine_cosine = Sleef_cinz_sincosd1_u10purec(u);
    const double w = mass(law, n, j) * Sleef_cinz_expd1_u10purec(-law->beta * versine(u) - row.shift);
    const double dw = -law->beta * w * sine_cosine.x * du;
    row.total += w;
    row.dtotal += dw;
    sum += w * sine_cosine.x;
    dsum += dw * sine_cosine.x + w * sine_cosine.y * du;
  }
  if (law->softmax) dsum -= sum * row.dtotal / row.total;
  return row_factor(law, row) * dsum;
}

void ent_tangent_angles(const ent_pair_law *law, size_t n, const double *x, const double *v, double *jv) {
  for (size_t i = 0; i < n; i++) jv[i] = tangent_of_angle(law, n, i, x, v);
}

/* y += a (x_j - x_i), all [d]. */
static void add_difference(size_t d, double a, const double *x_j, const double *x_i, double *y) {
  for (size_t k = 0; k < d; k++) y[k] += a * (x_j[k] - x_i[k]);
}

/* <x_j - x_i, v_j - v_i> */
static double change_of_distance(size_t d, const double *x_j, const double *x_i, const double *v_j,
                                 const double *v_i) {
  double sum = 0;
  for (size_t k = 0; k < d; k++) sum += (x_j[k] - x_i[k]) * (v_j[k] - v_i[k]);
  return sum;
}

/* Sums over the weights of row i: they need no vectors of their own. */
static row_weights weigh_row(const place *at, size_t i) {
  const size_t d = at->d;
  const double beta = at->law->beta, *x_i = at->x + i * d, *v_i = at->v + i * d;
  row_weights row = {0};
  for (size_t j = 0; j < at->n; j++)
    row.shift = fmax(row.shift, -beta * ent_vec_half_distance2(d, at->x + j * d, x_i));
  for (size_t j = 0; j < at->n; j++) {
    const double *x_j = at->x + j * d;
    const double exponent = -beta * ent_vec_half_distance2(d, x_j, x_i);
    const double w = mass(at->law, at->n, j) * Sleef_cinz_expd1_u10purec(exponent - row.shift);
    row.total += w;
    row.dtotal -= beta * w * change_of_distance(d, x_j, x_i, at->v + j * d, v_i);
  }
  return row;
}

/* With y the row's sum, z = y - <x,y> x and z' = y' - (<v,y> + <x,y'>) x - <x,y> v. */
static void tangent_of_row(const place *at, size_t i, double *dz) {
  const ent_pair_law *law = at->law;
  const size_t d = at->d;
  const double *x_i = at->x + i * d, *v_i = at->v + i * d;
  const row_weights row = weigh_row(at, i);
  const double factor = row_factor(law, row), rate = law->softmax ? row.dtotal / row.total : 0;
  double xy = 0, vy = 0;
  for (size_t k = 0; k < d; k++) dz[k] = 0;
  for (size_t j = 0; j < at->n; j++) {
    const double *x_j = at->x + j * d, *v_j = at->v + j * d;
    const double exponent = -law->beta * ent_vec_half_distance2(d, x_j, x_i);
    const double w = factor * mass(law, at->n, j) * Sleef_cinz_expd1_u10purec(exponent - row.shift);
    const double dw = -w * (law->beta * change_of_distance(d, x_j, x_i, v_j, v_i) + rate);
    add_difference(d, dw, x_j, x_i, dz);
    add_difference(d, w, v_j, v_i, dz);
    xy += w * (ent_vec_dot(d, x_i, x_j) - ent_vec_dot(d, x_i, x_i));
    vy += w * (ent_vec_dot(d, v_i, x_j) - ent_vec_dot(d, v_i, x_i));
  }
  ent_vec_axpy(d, -(vy + ent_vec_dot(d, x_i, dz)), x_i, dz);
  ent_vec_axpy(d, -xy, v_i, dz);
}

void ent_tangent_vectors(const ent_pair_law *law, size_t n, size_t d, const double *x, const double *v,
                         double *jv) {
  const place at = {law, n, d, x, v};
  for (size_t i = 0; i < n; i++) tangent_of_row(&at, i, jv + i * d);
}
