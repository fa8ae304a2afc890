#include "entrain/kernel/pairs.h"

#include <stdlib.h>

#include "entrain/base/mem.h"
#include "entrain/kernel/direct.h"
#include "entrain/kernel/fourier.h"
#include "entrain/kernel/harmonic.h"

#include "pairs_table.h"

struct ent_pairs {
  size_t n, d;
  ent_isa isa;
  ent_direct *direct;
  ent_fourier *fourier;   /* d = 2 only */
  ent_harmonic *harmonic; /* d = 3 only, and only where some law takes it */
};

ent_pairs_kernel ent_pairs_choose(size_t n, size_t d, const ent_pair_law *law, ent_isa isa) {
  const double size = law->beta < 0 ? -law->beta : law->beta;
  size_t row = 0;
  if (!(law->slack > 0)) return ENT_PAIRS_DIRECT;
  while (row < ENT_PAIRS_BETAS - 1 && size > ent_pairs_betas[row]) row++;
  if (d == 2 && n >= ent_pairs_fourier[row][isa]) return ENT_PAIRS_FOURIER;
  if (d == 3 && n >= ent_pairs_harmonic[row][isa]) return ENT_PAIRS_HARMONIC;
  return ENT_PAIRS_DIRECT;
}

int ent_pairs_create(size_t n, size_t d, ent_pairs **pairs) {
  int code = ENT_OK;
  ent_pairs *made = NULL;
  ENT_GOTO(ent_mem_alloc(1, sizeof(*made), &made));
  *made = (ent_pairs){.n = n, .d = d, .isa = ent_isa_current()};
  ENT_GOTO(ent_direct_create(n, d, made->isa, &made->direct));
  if (d == 2) ENT_GOTO(ent_fourier_create(n, made->isa, &made->fourier));
  if (d == 3 && n >= ent_pairs_harmonic[0][made->isa])
    ENT_GOTO(ent_harmonic_create(n, made->isa, &made->harmonic));
  *pairs = made;
  made = NULL;
done:
  ent_pairs_destroy(&made);
  return code;
}

void ent_pairs_destroy(ent_pairs **pairs) {
  if (*pairs == NULL) return;
  ent_direct_destroy(&(*pairs)->direct);
  ent_fourier_destroy(&(*pairs)->fourier);
  ent_harmonic_destroy(&(*pairs)->harmonic);
  free(*pairs);
  *pairs = NULL;
}

/* Series first, where the table says so and no radial part is asked for, then direct sums. */
static void sum(ent_pairs *pairs, const ent_pair_law *law, const double *x, double *dxdt, double *radial) {
  const ent_pairs_kernel kernel =
    radial ? ENT_PAIRS_DIRECT : ent_pairs_choose(pairs->n, pairs->d, law, pairs->isa);
  if (kernel == ENT_PAIRS_FOURIER && ent_fourier_drift(pairs->fourier, law, x, dxdt, NULL)) return;
  if (kernel == ENT_PAIRS_HARMONIC && ent_harmonic_drift(pairs->harmonic, law, x, dxdt, NULL)) return;
  ent_direct_sum(pairs->direct, law, x, dxdt, radial);
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
