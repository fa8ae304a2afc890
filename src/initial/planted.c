#include "entrain/initial/planted.h"

#include <stdlib.h>
#include <string.h>

#include <sleef.h>

#include "entrain/base/mem.h"
#include "entrain/base/rng.h"
#include "entrain/math/vec.h"

void ent_planted_perturb(const ent_point *point, double noise, double *x) {
  if (noise == 0) return;
  ent_rng rng;
  ent_rng_init(&rng, point->study, point->n, point->d, point->seed, ENT_STREAM_NOISE_START);
  const size_t n = (size_t)point->n, d = (size_t)point->d;
  double pair[2];
  for (size_t k = 0; k < n * d; k++) {
    if (k % 2 == 0) ent_rng_normal_pair(&rng, pair);
    x[k] += noise * pair[k % 2];
  }
  for (size_t i = 0; i < n; i++) ent_vec_normalize(d, x + i * d);
}

void ent_planted_place_angle(int64_t d, double angle, double *x_i) {
  const Sleef_double_2 sine_cosine = Sleef_cinz_sincosd1_u10purec(angle);
  memset(x_i, 0, (size_t)d * sizeof(*x_i));
  x_i[0] = sine_cosine.y;
  x_i[1] = sine_cosine.x;
}

static int place_quantiles(const ent_point *point, const ent_density *density, double *x) {
  int code = ENT_OK;
  double *angles = NULL;
  ENT_GOTO(ent_mem_alloc((size_t)point->n, sizeof(*angles), &angles));
  ENT_GOTO(ent_density_quantiles(density, (size_t)point->n, angles));
  for (int64_t i = 0; i < point->n; i++) ent_planted_place_angle(point->d, angles[i], x + i * point->d);
done:
  free(angles);
  return code;
}

int ent_planted_draw_density(const ent_point *point, const ent_density_values *values, double noise,
                             double *x) {
  const ent_density density = ent_density_of(values);
  ENT_TRY(place_quantiles(point, &density, x));
  ent_planted_perturb(point, noise, x);
  return ENT_OK;
}
