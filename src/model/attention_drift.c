#include <math.h>

#include "entrain/kernel/tangent.h"
#include "entrain/math/vec.h"

#include "attention_impl.h"

/* The attention mean in two parts; the radial one only where a normalization needs it. */
static void attend(const ent_system *system, const double *x, double *tangent, bool wants_radial) {
  attention *own = system->context;
  const bool is_circle = system->kind == ENT_STATE_ANGLES;
  if (!own->is_plain)
    ent_rows_mean(own->rows, &own->row_law, x, tangent, own->radial);
  else if (is_circle && wants_radial)
    ent_pairs_mean_angles(own->pairs, &own->pair_law, x, tangent, own->radial);
  else if (is_circle)
    ent_pairs_drift_angles(own->pairs, &own->pair_law, x, tangent);
  else if (wants_radial)
    ent_pairs_mean_vectors(own->pairs, &own->pair_law, x, tangent, own->radial);
  else
    ent_pairs_drift_vectors(own->pairs, &own->pair_law, x, tangent);
}

/* What the normalization makes of one particle. */
typedef struct normalized {
  double speed;  /* of the time of its direction: 1/s, in the time unit */
  double growth; /* r' */
} normalized;

/* 1/s_i and r_i' for a mean of tangent length y and radial part a (2510.22026, with the radius r). */
static normalized normalize(const attention *own, double y, double a, double r) {
  const double length = sqrt(y * y + a * a);
  switch (own->norm) {
    case ENT_NORM_PRE: return (normalized){1 / r, a};
    case ENT_NORM_MIX: return own->is_past_tau ? (normalized){1 / r, a} : (normalized){1, 0};
    case ENT_NORM_PERI:
      if (length == 0) return (normalized){0, 0};
      return (normalized){own->unit / (r * length), own->unit * (a / length)};
    case ENT_NORM_NGPT:
      if (length == 0) return (normalized){0, 0};
      return (normalized){own->unit * own->alpha / length, 0};
    default: return (normalized){1, 0};
  }
}

/* A short mean, made long, has a normal part from rounding. */
static void stay_tangent(size_t d, const double *x_i, double *tangent) {
  ent_vec_axpy(d, -ent_vec_dot(d, x_i, tangent), x_i, tangent);
}

/* Divides the tangent parts by s_i and writes r_i'; no radius but a positive one is in the domain. */
static void normalize_all(const ent_system *system, const double *x, double *dxdt) {
  const attention *own = system->context;
  const size_t width = system->kind == ENT_STATE_ANGLES ? 1 : system->d;
  const double *radii = ent_system_radii(system, x);
  double *growth = radii ? dxdt + (radii - x) : NULL;
  for (size_t i = 0; i < system->n; i++) {
    double *tangent = dxdt + i * width;
    const double r = !radii ? 1 : radii[i] > 0 ? radii[i] : NAN;
    const normalized by = normalize(own, ent_vec_norm(width, tangent), own->radial[i], r);
    for (size_t k = 0; k < width; k++) tangent[k] *= by.speed;
    if (width > 1) stay_tangent(width, x + i * width, tangent);
    if (growth) growth[i] = by.growth;
  }
}

/* s = sqrt(t + 1) for all, t being the true time. */
static void slow_down(const ent_system *system, double t, double *dxdt) {
  const attention *own = system->context;
  const double speed = 1 / sqrt(own->unit * t + 1);
  for (size_t k = 0; k < system->size; k++) dxdt[k] *= speed;
}

void ent_attention_drift(ent_system *system, double t, const double *x, double *dxdt) {
  attention *own = system->context;
  const bool is_uniform = own->norm == ENT_NORM_POST || own->norm == ENT_NORM_SQRT;
  own->pair_law.slack = is_uniform ? system->slack : 0; /* others divide by the mean */
  own->pair_law.helpers = system->helpers;
  own->pair_law.brake = own->row_law.brake = system->brake;
  attend(system, x, dxdt, !is_uniform);
  if (!is_uniform) normalize_all(system, x, dxdt);
  if (own->norm == ENT_NORM_SQRT) slow_down(system, t, dxdt);
}

void ent_attention_jacobian(ent_system *system, double t, const double *x, const double *v, double *jv) {
  const attention *own = system->context;
  (void)t;
  if (system->kind == ENT_STATE_ANGLES)
    ent_tangent_angles(&own->pair_law, system->n, x, v, jv);
  else
    ent_tangent_vectors(&own->pair_law, system->n, system->d, x, v, jv);
}

double ent_attention_next_break(const ent_system *system, double t) {
  const attention *own = system->context;
  const double piece = ent_attention_matrices_next(&own->matrices, t);
  return own->norm == ENT_NORM_MIX && t < own->tau ? fmin(own->tau, piece) : piece;
}

void ent_attention_enter(ent_system *system, double t) {
  attention *own = system->context;
  own->is_past_tau = t >= own->tau;
  ent_attention_matrices_enter(&own->matrices, t);
}
