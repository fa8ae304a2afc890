#include <string.h>

#include "entrain/initial/initial.h"

static const ent_parameter parameters[] = {{0}};

static bool check(const ent_point *point, ent_refusal *refusal) {
  if (point->n <= point->d) return true;
  return ent_refuse(refusal, "initial.kind",
                    "orthogonal start with n = %lld in dimension d = %lld, needs n <= d", (long long)point->n,
                    (long long)point->d);
}

static int draw(const ent_point *point, const ent_start_table *table, double *x) {
  (void)table;
  const size_t n = (size_t)point->n, d = (size_t)point->d;
  memset(x, 0, n * d * sizeof(*x));
  for (size_t i = 0; i < n; i++) x[i * d + i] = 1;
  return ENT_OK;
}

const ent_initial ent_initial_orthogonal = {
  .name = "orthogonal",
  .summary = "particle i at the i-th basis vector, n <= d; the same for every seed",
  .source = "arXiv:2312.10794",
  .parameters = parameters,
  .check = check,
  .draw = draw,
};
