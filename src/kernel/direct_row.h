#ifndef ENTRAIN_SRC_KERNEL_DIRECT_ROW_H
#define ENTRAIN_SRC_KERNEL_DIRECT_ROW_H

/*
 * The sums of one row, with exponents shifted by their largest: for laws under which the weights of a pair
 * cannot be shared by its two rows, because one of them would overflow.
 */

#include "direct_tile.h"

/* |x_j - x_i|^2 of row i. */
ENT_SIMD_INLINE void measure_one(const ent_direct *direct, size_t i) {
  const double *x_i = direct->state + i % ENT_LANES;
  const size_t d = direct->d, I = i / ENT_LANES;
  for (size_t J = 0; J < direct->blocks; J++) {
    ent_v8 gap = {0};
    for (size_t k = 0; k < d; k++) {
      const ent_v8 chord = *vectors(direct->state + place(direct, J, k)) - x_i[place(direct, I, k)];
      gap = ent_v8_fma(chord, chord, gap);
    }
    vectors(direct->gaps)[J] = gap;
  }
}

/* The largest of the row's exponents -b gap / 2. */
ENT_SIMD_INLINE double largest_exponent(const ent_direct *direct, double beta) {
  ent_v8 largest = {0};
  for (size_t J = 0; J < direct->blocks && beta < 0; J++)
    largest = ent_v8_max(vectors(direct->gaps)[J], largest);
  return -0.5 * beta * ent_v8_largest(largest);
}

/* Component k of row i's sum. */
ENT_SIMD_INLINE double component_of_row(const ent_direct *direct, size_t i, size_t k) {
  const double *x_i = direct->state + i % ENT_LANES;
  const size_t I = i / ENT_LANES;
  ent_v8 sum = {0};
  for (size_t J = 0; J < direct->blocks; J++) {
    const ent_v8 *x_j = (const ent_v8 *)(direct->state + place(direct, J, k));
    ent_v8 seen = x_j[0] - x_i[place(direct, I, k)];
    if (direct->d == 2)
      seen = sine_between(x_j, ent_v8_set(x_i[place(direct, I, 0)]), ent_v8_set(x_i[place(direct, I, 1)]),
                          ent_v8_set(x_i[place(direct, I, 2)]));
    sum = ent_v8_fma(vectors(direct->weights)[J], seen, sum);
  }
  return ent_v8_sum(sum);
}

/* Shift, total, missing and sums of row i, the self term included. */
ENT_SIMD_INLINE void add_row(ent_direct *direct, double beta, size_t i) {
  measure_one(direct, i);
  const double shift = largest_exponent(direct, beta);
  ent_v8 total = {0}, missing = {0};
  for (size_t J = 0; J < direct->blocks; J++) {
    const ent_v8 gap = vectors(direct->gaps)[J];
    const ent_v8 weight = ((const ent_v8 *)direct->masses)[J] *
                          ent_v8_exp(ent_v8_fma(gap, ent_v8_set(-0.5 * beta), ent_v8_set(-shift)));
    vectors(direct->weights)[J] = weight;
    total += weight;
    missing = ent_v8_fma(weight, gap, missing);
  }
  direct->shifts[i] = shift;
  direct->totals[i] = ent_v8_sum(total);
  direct->misses[i] = ent_v8_sum(missing);
  for (size_t k = 0; k < direct->components; k++)
    direct->sums[place(direct, i / ENT_LANES, k) + i % ENT_LANES] = component_of_row(direct, i, k);
}

#endif
