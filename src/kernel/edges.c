#include "entrain/kernel/edges.h"

#include "entrain/math/simd.h"

/* Differences x_j - x_i along the edges from `first` on; 0 in the lanes behind the last edge. */
ENT_SIMD_INLINE ent_v8 differences(const ent_edge *edges, size_t first, size_t count, const double *x) {
  ent_v8 difference = {0};
  for (size_t k = 0; k < ENT_LANES && first + k < count; k++)
    difference[k] = x[edges[first + k].to] - x[edges[first + k].from];
  return difference;
}

ENT_SIMD void ent_edges_add_sines(const ent_edge *edges, size_t count, const double *x, double *sums) {
  for (size_t first = 0; first < count; first += ENT_LANES) {
    ent_v8 sines, versines;
    ent_v8_sin_versin(differences(edges, first, count, x), &sines, &versines);
    for (size_t k = 0; k < ENT_LANES && first + k < count; k++) {
      sums[edges[first + k].from] += sines[k];
      sums[edges[first + k].to] -= sines[k];
    }
  }
}

ENT_SIMD double ent_edges_cosines(const ent_edge *edges, size_t count, const double *x) {
  ent_v8 total = {0};
  for (size_t first = 0; first < count; first += ENT_LANES) {
    ent_v8 sines, versines;
    ent_v8_sin_versin(differences(edges, first, count, x), &sines, &versines);
    total += versines;
  }
  return (double)count - ent_v8_sum(total);
}
