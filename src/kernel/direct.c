#include "entrain/kernel/direct.h"

#include <stdbool.h>
#include <stdlib.h>

#include "entrain/base/mem.h"
#include "entrain/math/simd.h"

#include "direct_pieces.h"

#define MOST_REPELLING 100.0 /* -beta up to which weights have no shift */
#define LEAST_SCALE 300.0

static const ent_direct_ops *const tables[ENT_ISA_COUNT] = ENT_ISA_TABLES(ent_direct_ops);

static size_t larger(size_t a, size_t b) {
  return a > b ? a : b;
}

static int allocate(ent_direct *direct) {
  const size_t lanes = direct->blocks * ENT_LANES;
  const size_t panel = (direct->blocks + 1) * ENT_PANEL * ENT_LANES;
  const size_t tile = direct->blocks < ENT_TILE ? direct->blocks : ENT_TILE, square = ENT_LANES * ENT_LANES;
  const size_t kept = larger(tile * tile * square, lanes);
  ENT_TRY(ent_mem_alloc(direct->coordinates / ENT_PANEL + 1, panel * sizeof(double), &direct->state));
  ENT_TRY(ent_mem_alloc(direct->components / ENT_PANEL + 1, panel * sizeof(double), &direct->sums));
  ENT_TRY(ent_mem_alloc(lanes, sizeof(double), &direct->masses));
  ENT_TRY(ent_mem_alloc(lanes, sizeof(double), &direct->totals));
  ENT_TRY(ent_mem_alloc(lanes, sizeof(double), &direct->misses));
  ENT_TRY(ent_mem_alloc(lanes, sizeof(double), &direct->shifts));
  ENT_TRY(ent_mem_alloc(larger(tile * square, lanes), sizeof(double), &direct->gaps));
  ENT_TRY(ent_mem_alloc(kept, sizeof(double), &direct->weights));
  ENT_TRY(ent_mem_alloc(direct->blocks > tile ? kept : 0, sizeof(double), &direct->turned));
  return ENT_OK;
}

int ent_direct_create(size_t n, size_t d, ent_isa isa, ent_direct **direct) {
  int code = ENT_OK;
  ent_direct *made = NULL;
  ENT_GOTO(ent_mem_alloc(1, sizeof(*made), &made));
  *made = (ent_direct){.n = n, .d = d, .blocks = ent_simd_pad(n) / ENT_LANES, .ops = tables[isa]};
  made->coordinates = d == 2 ? 3 : d;
  made->components = d == 2 ? 1 : d;
  ENT_GOTO(allocate(made));
  ENT_GOTO(ent_direct_divide(made, ent_direct_pieces(n)));
  *direct = made;
  made = NULL;
done:
  ent_direct_destroy(&made);
  return code;
}

size_t ent_direct_numbers(size_t n, size_t d) {
  const size_t coordinates = d == 2 ? 3 : d, components = d == 2 ? 1 : d, single = 7;
  return ent_simd_pad(n) * (ENT_PANEL * (coordinates / ENT_PANEL + components / ENT_PANEL + 2) + single);
}

void ent_direct_destroy(ent_direct **direct) {
  ent_direct *old = *direct;
  if (old == NULL) return;
  free(old->state);
  free(old->sums);
  free(old->masses);
  free(old->totals);
  free(old->misses);
  free(old->shifts);
  free(old->gaps);
  free(old->weights);
  free(old->turned);
  free(old->strips);
  free(old);
  *direct = NULL;
}

int ent_direct_divide(ent_direct *direct, size_t pieces) {
  double *strips = NULL;
  const size_t before = direct->pieces;
  direct->pieces = pieces;
  const int code = ent_mem_alloc(pieces > 1 ? ent_direct_strips(direct) : 0, sizeof(double), &strips);
  if (code != ENT_OK) direct->pieces = before;
  ENT_TRY(code);
  free(direct->strips);
  direct->strips = strips;
  return ENT_OK;
}

/* Whether e^{-b |x_i - x_j|^2 / 2} overflows for no pair, and the scale of the mean does not underflow. */
static bool shares_weights(const ent_pair_law *law) {
  return law->beta >= 0 || (law->beta >= -MOST_REPELLING && (law->softmax || law->log_scale >= -LEAST_SCALE));
}

void ent_direct_sum(ent_direct *direct, const ent_pair_law *law, const double *x, double *dxdt,
                    double *radial) {
  const ent_direct_method method = radial ? ENT_DIRECT_COLUMNS : ENT_DIRECT_PAIRS;
  if (direct->pieces > 1) {
    ent_direct_sum_pieces(direct, law, shares_weights(law) ? method : ENT_DIRECT_ROWS, x, dxdt, radial);
  } else if (shares_weights(law)) {
    direct->ops->sum_pairs(direct, law, x, dxdt, radial);
  } else {
    direct->ops->sum_rows(direct, law, x, dxdt, radial);
  }
}

double ent_direct_exps(size_t n, const ent_pair_law *law) {
  const double padded = (double)ent_simd_pad(n);
  return shares_weights(law) ? padded * (padded + ENT_LANES) / 2 : padded * padded;
}
