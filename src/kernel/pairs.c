#include "entrain/kernel/pairs.h"

#include <stdlib.h>

#include "entrain/base/mem.h"
#include "entrain/kernel/direct.h"

struct ent_pairs {
  size_t n, d;
  ent_isa isa;
  ent_direct *direct;
};

ent_pairs_kernel ent_pairs_choose(size_t n, size_t d, const ent_pair_law *law, ent_isa isa) {
  (void)n, (void)d, (void)law, (void)isa;
  return ENT_PAIRS_DIRECT;
}

int ent_pairs_create(size_t n, size_t d, ent_pairs **pairs) {
  int code = ENT_OK;
  ent_pairs *made = NULL;
  ENT_GOTO(ent_mem_alloc(1, sizeof(*made), &made));
  *made = (ent_pairs){.n = n, .d = d, .isa = ent_isa_current()};
  ENT_GOTO(ent_direct_create(n, d, made->isa, &made->direct));
  *pairs = made;
  made = NULL;
done:
  ent_pairs_destroy(&made);
  return code;
}

void ent_pairs_destroy(ent_pairs **pairs) {
  if (*pairs == NULL) return;
  ent_direct_destroy(&(*pairs)->direct);
  free(*pairs);
  *pairs = NULL;
}

/* [out] radial  NULL where nobody asks for it */
static void sum(ent_pairs *pairs, const ent_pair_law *law, const double *x, double *dxdt, double *radial) {
  switch (ent_pairs_choose(pairs->n, pairs->d, law, pairs->isa)) {
    case ENT_PAIRS_DIRECT: ent_direct_sum(pairs->direct, law, x, dxdt, radial); break;
  }
}

void ent_pairs_drift_angles(ent_pairs *pairs, const ent_pair_law *law, const double *x, double *dxdt) {
  sum(pairs, law, x, dxdt, NULL);
}

void ent_pairs_mean_angles(ent_pairs *pairs, const ent_pair_law *law, const double *x, double *dxdt,
                           double *radial) {
  sum(pairs, law, x, dxdt, radial);
}

void ent_pairs_drift_vectors(ent_pairs *pairs, const ent_pair_law *law, const double *x, double *dxdt) {
  sum(pairs, law, x, dxdt, NULL);
}

void ent_pairs_mean_vectors(ent_pairs *pairs, const ent_pair_law *law, const double *x, double *dxdt,
                            double *radial) {
  sum(pairs, law, x, dxdt, radial);
}
