#include "kernels.h"

#include <math.h>
#include <stdlib.h>

/*
 * The k-th of numbers in [0, 1) that are spread evenly enough, and not too evenly: k(k+1)/2 steps on a
 * circle.
 */
static double spread(size_t k, double step) {
  return fmod(step * fmod(0.5 * (double)k * (double)(k + 1), 1e6), 1.0);
}

static void place(ent_bench_kernels *kernels) {
  for (size_t k = 0; k < kernels->n; k++) {
    const double angle = 2 * M_PI * spread(k, 0.6180339887498949);
    const double z = 2 * spread(k, 0.7548776662466927) - 1, radius = sqrt(1 - z * z);
    if (kernels->d == 2) {
      kernels->x[k] = angle;
    } else {
      kernels->x[3 * k] = radius * cos(angle);
      kernels->x[3 * k + 1] = radius * sin(angle);
      kernels->x[3 * k + 2] = z;
    }
  }
}

ent_bench_kernels ent_bench_kernels_at(size_t n, size_t d, const ent_pair_law *law) {
  ent_bench_kernels kernels = {.n = n, .d = d, .size = d == 2 ? n : 3 * n, .law = *law};
  const ent_isa isa = ent_isa_current();
  ent_bench_need(ent_direct_create(n, d, isa, &kernels.direct));
  if (d == 2)
    ent_bench_need(ent_fourier_create(n, isa, &kernels.fourier));
  else
    ent_bench_need(ent_harmonic_create(n, isa, &kernels.harmonic));
  ent_bench_need(ent_pairs_create(n, d, &kernels.pairs));
  kernels.x = ent_bench_doubles(kernels.size);
  kernels.dxdt = ent_bench_doubles(kernels.size);
  place(&kernels);
  return kernels;
}

void ent_bench_kernels_fini(ent_bench_kernels *kernels) {
  ent_direct_destroy(&kernels->direct);
  ent_fourier_destroy(&kernels->fourier);
  ent_harmonic_destroy(&kernels->harmonic);
  ent_pairs_destroy(&kernels->pairs);
  free(kernels->x);
  free(kernels->dxdt);
}

void ent_bench_kernels_direct(void *context) {
  ent_bench_kernels *kernels = context;
  ent_direct_sum(kernels->direct, &kernels->law, kernels->x, kernels->dxdt, NULL);
}

void ent_bench_kernels_series(void *context) {
  ent_bench_kernels *at = context;
  at->is_within = at->d == 2 ? ent_fourier_drift(at->fourier, &at->law, at->x, at->dxdt, &at->bound)
                             : ent_harmonic_drift(at->harmonic, &at->law, at->x, at->dxdt, &at->bound);
}

void ent_bench_kernels_chosen(void *context) {
  ent_bench_kernels *at = context;
  if (at->d == 2)
    ent_pairs_drift_angles(at->pairs, &at->law, at->x, at->dxdt);
  else
    ent_pairs_drift_vectors(at->pairs, &at->law, at->x, at->dxdt);
}
