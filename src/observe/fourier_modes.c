#include <math.h>
#include <string.h>

#include <sleef.h>

#include "entrain/observe/observe.h"

enum { MODES = 8 };

/* The model whose state is re z_1, im z_1, re z_2, ... itself. */
static bool is_hierarchy(const ent_model *model) {
  return strcmp(model->name, "meanfield_circle") == 0;
}

static bool check(const ent_model *model, const ent_point *point, ent_refusal *refusal) {
  const ent_state_kind kind = model->shape(point).kind;
  const bool is_circle = kind == ENT_STATE_ANGLES || (kind == ENT_STATE_VECTORS && point->d == 2);
  if (is_hierarchy(model) || is_circle) return true;
  return ent_refuse(refusal, "observe", "'fourier_modes' off the circle, must be particles at d = 2");
}

/* A point of the circle, re + i im. */
typedef struct turn {
  double re, im;
} turn;

/* e^{ik theta_j}: of a vector (cos theta, sin theta) its k-th power. */
static turn power_of(const ent_cloud *cloud, size_t j, int k) {
  if (cloud->kind == ENT_STATE_ANGLES) {
    const Sleef_double_2 sine_cosine = Sleef_cinz_sincosd1_u10purec(k * cloud->x[j]);
    return (turn){sine_cosine.y, sine_cosine.x};
  }
  const turn once = {cloud->x[2 * j], cloud->x[2 * j + 1]};
  turn power = once;
  for (int i = 1; i < k; i++)
    power = (turn){power.re * once.re - power.im * once.im, power.re * once.im + power.im * once.re};
  return power;
}

/* |z_k| = |sum_j m_j e^{ik theta_j}|. */
static double mode_of_particles(const ent_cloud *cloud, int k) {
  double re = 0, im = 0;
  for (size_t j = 0; j < cloud->n; j++) {
    const turn power = power_of(cloud, j, k);
    re += ent_cloud_mass(cloud, j) * power.re;
    im += ent_cloud_mass(cloud, j) * power.im;
  }
  return sqrt(re * re + im * im);
}

/* Modes beyond those that the hierarchy keeps are zero there. */
static double mode_of_hierarchy(const ent_system *system, const double *x, int k) {
  const size_t at = 2 * (size_t)(k - 1);
  return at + 1 < system->size ? sqrt(x[at] * x[at] + x[at + 1] * x[at + 1]) : 0;
}

static void measure(const ent_system *system, const double *x, const ent_observing *observing,
                    double *values) {
  const ent_cloud cloud = ent_system_cloud(system, x);
  (void)observing;
  const bool has_modes = is_hierarchy(system->model);
  for (int k = 1; k <= MODES; k++)
    values[k - 1] = has_modes ? mode_of_hierarchy(system, x, k) : mode_of_particles(&cloud, k);
}

const ent_observable ent_observable_fourier_modes = {
  .name = "fourier_modes",
  .unit = "1",
  .summary = "|z_k| = |sum_j m_j e^{ik theta_j}|, k = 1, ..., 8, on the circle",
  .source = "arXiv:2504.14697",
  .min = 0,
  .max = 1,
  .parts = (const char *const[]){"mode_1", "mode_2", "mode_3", "mode_4", "mode_5", "mode_6", "mode_7",
                                 "mode_8", NULL},
  .check = check,
  .measure = measure,
};
