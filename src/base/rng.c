#include "entrain/base/rng.h"

#include <math.h>

#include <Random123/philox.h>
#include <sleef.h>

enum { BLOCK = 4 };

/* 52 bits and a half: (k + 1/2) 2^-52 is exact and never 0 or 1; with 53 bits the largest would round to 1.
 */
static double to_uniform(uint64_t bits) {
  return ((double)(bits >> 12) + 0.5) * 0x1p-52;
}

static void refill(ent_rng *rng) {
  const philox4x64_ctr_t counter = {{rng->counter[0], rng->counter[1], rng->counter[2], rng->counter[3]}};
  const philox4x64_key_t key = {{rng->key[0], rng->key[1]}};
  const philox4x64_ctr_t block = philox4x64_R(10, counter, key);
  for (int i = 0; i < BLOCK; i++) rng->spare[i] = to_uniform(block.v[i]);
  rng->spares = BLOCK;
  rng->counter[0]++;
}

void ent_rng_init(ent_rng *rng, int64_t study, int64_t n, int64_t d, int64_t seed, ent_stream_id stream) {
  *rng = (ent_rng){.key = {(uint64_t)study, (uint64_t)seed},
                   .counter = {0, (uint64_t)stream, (uint64_t)n, (uint64_t)d}};
}

void ent_rng_seek(ent_rng *rng, uint64_t block) {
  rng->counter[0] = block;
  rng->spares = 0;
}

double ent_rng_uniform(ent_rng *rng) {
  if (rng->spares == 0) refill(rng);
  return rng->spare[BLOCK - rng->spares--];
}

void ent_rng_normal_pair(ent_rng *rng, double pair[2]) {
  const double radius = sqrt(-2.0 * Sleef_cinz_logd1_u10purec(ent_rng_uniform(rng)));
  const Sleef_double_2 direction = Sleef_cinz_sincospid1_u05purec(2.0 * ent_rng_uniform(rng));
  pair[0] = radius * direction.y;
  pair[1] = radius * direction.x;
}

void ent_rng_normal(ent_rng *rng, size_t count, double *x) {
  double pair[2];
  for (size_t i = 0; i + 1 < count; i += 2) ent_rng_normal_pair(rng, x + i);
  if (count % 2 == 0) return;
  ent_rng_normal_pair(rng, pair);
  x[count - 1] = pair[0];
}
