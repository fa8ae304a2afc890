#include <math.h>
#include <string.h>

#include "entrain/math/symmetric.h"
#include "entrain/math/vec.h"
#include "entrain/observe/observe.h"

/* Eigenvalues below this share of the largest one count as zero. */
#define THRESHOLD 1e-6

/* A Gram matrix and its tridiagonal form, in the scratch. */
typedef struct gram {
  size_t m;        /* the smaller of n and d: both Gram matrices have the same eigenvalues above zero */
  double *entries; /* [m, m] */
  double *diagonal, *beside; /* [m] */
  double *vectors;           /* [n, d], for states that are something else */
} gram;

static size_t smaller(const ent_system *system) {
  return system->n < system->d ? system->n : system->d;
}

static size_t work(const ent_system *system) {
  const size_t m = smaller(system);
  if (system->kind == ENT_STATE_EQUIANGULAR) return 0;
  return m * m + 2 * m + (system->kind == ENT_STATE_VECTORS ? 0 : system->n * system->d);
}

static gram lay_out(const ent_system *system, double *scratch) {
  const size_t m = smaller(system);
  return (gram){.m = m,
                .entries = scratch,
                .diagonal = scratch + m * m,
                .beside = scratch + m * m + m,
                .vectors = scratch + m * m + 2 * m};
}

/* <x_i, x_j>, or sum_i x_i x_i^T where that is smaller. */
static void fill(const gram *to, size_t n, size_t d, const double *vectors) {
  const size_t m = to->m;
  if (n <= d) {
    for (size_t i = 0; i < n; i++) {
      for (size_t j = 0; j <= i; j++)
        to->entries[i * m + j] = to->entries[j * m + i] = ent_vec_dot(d, vectors + i * d, vectors + j * d);
    }
    return;
  }
  memset(to->entries, 0, m * m * sizeof(*to->entries));
  for (size_t i = 0; i < n; i++) {
    const double *v = vectors + i * d;
    for (size_t k = 0; k < d; k++) ent_vec_axpy(d, v[k], v, to->entries + k * m);
  }
}

/* All overlaps rho: 1 + (n-1) rho once, 1 - rho for the rest. */
static double span_of_equal_overlaps(const ent_cloud *cloud) {
  if (cloud->n == 0) return 1; /* the limit of large n: n rho is far above 1 - rho */
  const double rest = (double)cloud->n - 1;
  const double gap = cloud->n > 1 ? ent_cloud_gap(cloud, 0, 1) : 0;
  const double along = 1 + rest * (1 - gap), bound = THRESHOLD * fmax(along, gap);
  return (along > bound ? 1 : 0) + (gap > bound ? rest : 0);
}

static void measure(const ent_system *system, const double *x, const ent_observing *observing,
                    double *values) {
  const ent_cloud cloud = ent_system_cloud(system, x);
  if (cloud.kind == ENT_STATE_EQUIANGULAR) {
    values[0] = span_of_equal_overlaps(&cloud);
    return;
  }
  const gram matrix = lay_out(system, observing->work);
  const size_t m = matrix.m;
  if (cloud.kind != ENT_STATE_VECTORS) ent_cloud_to_vectors(cloud.kind, cloud.n, cloud.d, x, matrix.vectors);
  fill(&matrix, cloud.n, cloud.d, cloud.kind == ENT_STATE_VECTORS ? x : matrix.vectors);
  ent_symmetric_reduce(m, matrix.entries, matrix.diagonal, matrix.beside);
  const double largest = ent_tridiagonal_eigenvalue(m, matrix.diagonal, matrix.beside, m - 1);
  values[0] =
    (double)(m - ent_tridiagonal_count_below(m, matrix.diagonal, matrix.beside, THRESHOLD * largest));
}

const ent_observable ent_observable_span_dimension = {
  .name = "span_dimension",
  .unit = "1",
  .summary = "number of eigenvalues of the Gram matrix above 1e-6 of the largest",
  .source = "arXiv:2312.10794, code; arXiv:2411.04990",
  .flags = ENT_OBSERVE_PARTICLES,
  .min = 1,
  .max = 1e9,
  .work = work,
  .measure = measure,
};
