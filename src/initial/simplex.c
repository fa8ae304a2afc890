#include <math.h>

#include "entrain/initial/initial.h"
#include "entrain/initial/planted.h"

enum { NOISE };

static const ent_parameter parameters[] = {[NOISE] = ENT_INITIAL_NOISE_PARAMETER, {0}};

static bool check(const ent_point *point, ent_refusal *refusal) {
  if (point->n % (point->d + 1) == 0) return true;
  return ent_refuse(refusal, "initial.kind",
                    "simplex start with n = %lld in dimension d = %lld, d + 1 must divide n",
                    (long long)point->n, (long long)point->d);
}

/*
 * Vertex q of the regular simplex in R^d, |v| = 1 and <v_p, v_q> = -1/d: coordinate k of vertex k is
 * h_k = sqrt((d-k)(d+1) / (d(d+1-k))), later vertices have -h_k/(d-k) there, earlier ones 0.
 */
static void place_vertex(int64_t d, int64_t q, double *v) {
  for (int64_t k = 0; k < d; k++) {
    const double left = (double)(d - k), dd = (double)d;
    const double height = sqrt(left * (dd + 1) / (dd * (left + 1)));
    v[k] = k < q ? -height / left : (k == q ? height : 0);
  }
}

static int draw(const ent_point *point, const ent_start_table *table, double *x) {
  (void)table;
  for (int64_t i = 0; i < point->n; i++) place_vertex(point->d, i % (point->d + 1), x + i * point->d);
  ent_planted_perturb(point, point->values[ENT_GROUP_INITIAL][NOISE].number, x);
  return ENT_OK;
}

const ent_initial ent_initial_simplex = {
  .name = "simplex",
  .summary = "d+1 equal clusters at the vertices of the regular simplex (d = 2: triangle), plus noise",
  .source = "planted equilibria, stable for beta < -d(d-1)/(d+1); d = 2: arXiv:2507.22857",
  .parameters = parameters,
  .check = check,
  .draw = draw,
};
