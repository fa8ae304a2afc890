#include "circle.h"

#include <math.h>
#include <stdlib.h>

ent_bench_circle ent_bench_circle_at(size_t n, const ent_pair_law *law) {
  ent_bench_circle circle = {.n = n, .isa = ent_isa_current(), .law = *law};
  ent_bench_need(ent_direct_create(n, 2, circle.isa, &circle.direct));
  ent_bench_need(ent_fourier_create(n, circle.isa, &circle.fourier));
  ent_bench_need(ent_pairs_create(n, 2, &circle.pairs));
  circle.x = ent_bench_doubles(n);
  circle.dxdt = ent_bench_doubles(n);
  double state = 0.5; /* a Weyl sequence would be too even; its squares are not */
  for (size_t k = 0; k < n; k++) {
    state = fmod(state + 0.6180339887498949 * (double)(k + 1), 1.0);
    circle.x[k] = 2 * M_PI * state;
  }
  return circle;
}

void ent_bench_circle_fini(ent_bench_circle *circle) {
  ent_direct_destroy(&circle->direct);
  ent_fourier_destroy(&circle->fourier);
  ent_pairs_destroy(&circle->pairs);
  free(circle->x);
  free(circle->dxdt);
}

void ent_bench_circle_direct(void *context) {
  ent_bench_circle *circle = context;
  ent_direct_sum(circle->direct, &circle->law, circle->x, circle->dxdt, NULL);
}

void ent_bench_circle_fourier(void *context) {
  ent_bench_circle *circle = context;
  circle->is_within = ent_fourier_drift(circle->fourier, &circle->law, circle->x, circle->dxdt, NULL);
}

void ent_bench_circle_chosen(void *context) {
  ent_bench_circle *circle = context;
  ent_pairs_drift_angles(circle->pairs, &circle->law, circle->x, circle->dxdt);
}
