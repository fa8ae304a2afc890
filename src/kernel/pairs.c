#include "entrain/kernel/pairs.h"

#include <stdlib.h>

#include "entrain/base/mem.h"
#include "entrain/kernel/direct.h"
#include "entrain/kernel/fourier.h"
#include "entrain/kernel/harmonic.h"
#include "entrain/math/vec.h"

#include "pairs_table.h"

struct ent_pairs {
  size_t n;
  ent_direct *direct;
  ent_fourier *fourier;   /* NULL where the table has none */
  ent_harmonic *harmonic; /* the same */
  double *directions;     /* [n, 3], room; with harmonics only */
};

static size_t longest_at(const ent_pairs_row *row, size_t d, ent_isa isa) {
  return d == 2 ? row->terms[isa] : row->degree[isa];
}

size_t ent_pairs_longest(size_t n, size_t d, ent_isa isa) {
  const size_t rows = sizeof(ent_pairs_table) / sizeof(*ent_pairs_table);
  size_t next = 0;
  if (d != 2 && d != 3) return 0;
  while (next < rows && ent_pairs_table[next].n <= n) next++;
  if (next == 0) return 0;
  const ent_pairs_row *row = &ent_pairs_table[next - 1];
  const size_t longest = longest_at(row, d, isa);
  const size_t more = next < rows ? longest_at(row + 1, d, isa) : longest;
  if (more <= longest) return longest;
  return longest + (more - longest) * (n - row->n) / (row[1].n - row->n);
}

size_t ent_pairs_numbers(size_t n, size_t d) {
  if (ent_pairs_longest(n, d, ent_isa_current()) == 0) return ent_direct_numbers(n, d);
  return d == 2 ? 0 : 3 * n;
}

static int create_series(size_t n, size_t d, ent_pairs *pairs) {
  const ent_isa isa = ent_isa_current();
  const size_t longest = ent_pairs_longest(n, d, isa);
  if (longest > 0 && d == 2) {
    ENT_TRY(ent_fourier_create(n, isa, &pairs->fourier));
    ent_fourier_limit(pairs->fourier, longest);
  } else if (longest > 0) {
    ENT_TRY(ent_harmonic_create(n, isa, &pairs->harmonic));
    ENT_TRY(ent_mem_alloc(3 * n, sizeof(double), &pairs->directions));
    ent_harmonic_limit(pairs->harmonic, longest);
  }
  return ENT_OK;
}

int ent_pairs_create(size_t n, size_t d, ent_pairs **pairs) {
  int code = ENT_OK;
  ent_pairs *made = NULL;
  ENT_GOTO(ent_mem_alloc(1, sizeof(*made), &made));
  made->n = n;
  ENT_GOTO(ent_direct_create(n, d, ent_isa_current(), &made->direct));
  ENT_GOTO(create_series(n, d, made));
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
  free((*pairs)->directions);
  free(*pairs);
  *pairs = NULL;
}

/*
 * By harmonics, or by direct sums at the directions, where those will not do for this state. Not inlined:
 * its registers would be saved in every call, which costs a right-hand side of eight angles a twentieth.
 */
__attribute__((noinline)) static void sum_directions(ent_pairs *pairs, const ent_pair_law *law,
                                                     const double *x, double *dxdt) {
  if (ent_harmonic_drift(pairs->harmonic, law, x, dxdt, NULL)) return;
  for (size_t i = 0; i < pairs->n; i++) {
    double *direction = pairs->directions + 3 * i;
    for (size_t k = 0; k < 3; k++) direction[k] = x[3 * i + k];
    (void)ent_vec_normalize(3, direction);
  }
  ent_direct_sum(pairs->direct, law, pairs->directions, dxdt, NULL);
}

/* By a series where there is one, the law has slack and no radial part is asked for; otherwise directly. */
static void sum(ent_pairs *pairs, const ent_pair_law *law, const double *x, double *dxdt, double *radial) {
  const bool may_err = law->slack > 0 && radial == NULL;
  if (may_err && pairs->fourier && ent_fourier_drift(pairs->fourier, law, x, dxdt, NULL)) return;
  if (may_err && pairs->harmonic && ent_harmonic_takes(pairs->harmonic, law))
    sum_directions(pairs, law, x, dxdt);
  else
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
