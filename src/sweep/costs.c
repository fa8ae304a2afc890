#include "entrain/sweep/costs.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "entrain/base/mem.h"

enum { WORD_BITS = 64, NONE = -1 };

static int32_t word_count(int32_t n_blocks) {
  return (n_blocks + WORD_BITS - 1) / WORD_BITS;
}

/* The first block with a report at or above b; NONE if there is none. */
static int32_t sampled_above(const ent_costs *costs, int32_t b) {
  if (b >= costs->n_blocks) return NONE;
  int32_t word = b / WORD_BITS;
  uint64_t bits = costs->sampled[word] & (~UINT64_C(0) << (b % WORD_BITS));
  while (bits == 0 && ++word < word_count(costs->n_blocks)) bits = costs->sampled[word];
  return bits == 0 ? NONE : word * WORD_BITS + __builtin_ctzll(bits);
}

/* The last block with a report at or below b; NONE if there is none. */
static int32_t sampled_below(const ent_costs *costs, int32_t b) {
  int32_t word = b / WORD_BITS;
  uint64_t bits = costs->sampled[word] & (~UINT64_C(0) >> (WORD_BITS - 1 - b % WORD_BITS));
  while (bits == 0 && --word >= 0) bits = costs->sampled[word];
  return bits == 0 ? NONE : word * WORD_BITS + WORD_BITS - 1 - __builtin_clzll(bits);
}

/* Mean of the nearer one of two blocks with reports. */
static double nearer_mean(const ent_costs *costs, int32_t b, int32_t below, int32_t above) {
  if (below == NONE && above == NONE) return INFINITY;
  const bool is_below = above == NONE || (below != NONE && b - below <= above - b);
  const int32_t nearest = is_below ? below : above;
  return costs->seconds[nearest] / (double)costs->jobs[nearest];
}

int ent_costs_init(ent_costs *costs, int32_t n_blocks) {
  int code = ENT_OK;
  ent_costs made = {.n_blocks = n_blocks};
  ENT_GOTO(ent_mem_alloc((size_t)n_blocks, sizeof *made.seconds, &made.seconds));
  ENT_GOTO(ent_mem_alloc((size_t)n_blocks, sizeof *made.jobs, &made.jobs));
  ENT_GOTO(ent_mem_alloc((size_t)word_count(n_blocks), sizeof *made.sampled, &made.sampled));
  *costs = made;
  return ENT_OK;
done:
  ent_costs_fini(&made);
  return code;
}

void ent_costs_fini(ent_costs *costs) {
  free(costs->seconds);
  free(costs->jobs);
  free(costs->sampled);
  *costs = (ent_costs){0};
}

void ent_costs_add(ent_costs *costs, int32_t b, int64_t jobs, double seconds) {
  costs->jobs[b] += jobs;
  costs->seconds[b] += seconds;
  costs->sampled[b / WORD_BITS] |= UINT64_C(1) << (b % WORD_BITS);
}

double ent_costs_predict(const ent_costs *costs, int32_t b) {
  return nearer_mean(costs, b, sampled_below(costs, b), sampled_above(costs, b));
}

double ent_costs_predict_all(const ent_costs *costs, const int64_t *jobs) {
  double seconds = 0;
  int32_t below = NONE, above = sampled_above(costs, 0);
  if (above == NONE) return NAN;
  for (int32_t b = 0; b < costs->n_blocks; b++) {
    if (b == above) {
      below = b;
      above = sampled_above(costs, b + 1);
    }
    if (jobs[b] > 0) seconds += (double)jobs[b] * nearer_mean(costs, b, below, above);
  }
  return seconds;
}
