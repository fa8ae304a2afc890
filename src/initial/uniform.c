#include "entrain/base/rng.h"
#include "entrain/initial/initial.h"
#include "entrain/math/vec.h"

static const ent_parameter parameters[] = {{0}};

/* Normal vectors, normalized: the uniform law on the sphere (Muller 1959). */
static int draw(const ent_point *point, const ent_start_table *table, double *x) {
  (void)table;
  const size_t n = (size_t)point->n, d = (size_t)point->d;
  ent_rng rng;
  ent_rng_init(&rng, point->study, point->n, point->d, point->seed, ENT_STREAM_START);
  ent_rng_normal(&rng, n * d, x);
  for (size_t i = 0; i < n; i++) ent_vec_normalize(d, x + i * d);
  return ENT_OK;
}

const ent_initial ent_initial_uniform = {
  .name = "uniform",
  .summary = "independent and uniform on the sphere",
  .source = "doi:10.1145/377939.377946",
  .parameters = parameters,
  .draw = draw,
};
