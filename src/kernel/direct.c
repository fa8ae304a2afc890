#include "entrain/kernel/direct.h"

#include <stdlib.h>

#include "entrain/base/mem.h"
#include "entrain/math/simd.h"

#include "direct_impl.h"

static const ent_direct_ops *const tables[ENT_ISA_COUNT] = ENT_ISA_TABLES(ent_direct_ops);

int ent_direct_create(size_t n, size_t d, ent_isa isa, ent_direct **direct) {
  int code = ENT_OK;
  ent_direct *made = NULL;
  const size_t padded = ent_simd_pad(n);
  ENT_GOTO(ent_mem_alloc(1, sizeof(*made), &made));
  *made = (ent_direct){.n = n, .d = d, .padded = padded, .ops = tables[isa]};
  ENT_GOTO(ent_mem_alloc(padded * (d == 2 ? 1 : d), sizeof(double), &made->state));
  ENT_GOTO(ent_mem_alloc(padded, sizeof(double), &made->masses));
  ENT_GOTO(ent_mem_alloc(d == 2 ? padded : 0, sizeof(double), &made->sines));
  ENT_GOTO(ent_mem_alloc(padded, sizeof(double), &made->weights));
  ENT_GOTO(ent_mem_alloc(padded, sizeof(double), &made->gaps));
  *direct = made;
  made = NULL;
done:
  ent_direct_destroy(&made);
  return code;
}

void ent_direct_destroy(ent_direct **direct) {
  if (*direct == NULL) return;
  free((*direct)->state);
  free((*direct)->masses);
  free((*direct)->sines);
  free((*direct)->weights);
  free((*direct)->gaps);
  free(*direct);
  *direct = NULL;
}

void ent_direct_sum(ent_direct *direct, const ent_pair_law *law, const double *x, double *dxdt,
                    double *radial) {
  if (direct->d == 2) {
    direct->ops->sum_angles(direct, law, x, dxdt, radial);
  } else {
    direct->ops->sum_vectors(direct, law, x, dxdt, radial);
  }
}
