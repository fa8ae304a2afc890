#ifndef ENTRAIN_SOLVE_BLEND_H
#define ENTRAIN_SOLVE_BLEND_H

/*
 * Sums of slopes, each in one pass over the arrays: what a Runge-Kutta step consists of beside its slopes.
 * Arrays are padded to whole vectors (ent_simd_pad) with zeros, and aligned as ent_mem_alloc aligns. Terms
 * are added in their order, element by element, so that the bits do not depend on the processor.
 */

#include <stdbool.h>
#include <stddef.h>

enum { ENT_BLEND_TERMS = 16 }; /* the most: stages of a scheme */

/* sum_j weights[j] terms[j]; terms of no weight may be left out. */
typedef struct ent_blend {
  size_t count;
  double weights[ENT_BLEND_TERMS];
  const double *terms[ENT_BLEND_TERMS]; /* [padded] each */
} ent_blend;

/* y = x + the sum. x, y [padded], y is none of the others. Not collective. */
void ent_blend_add(const ent_blend *blend, size_t padded, const double *x, double *y);

/* The sum into y [padded], which may be one of the terms; returns the largest |y[k]|, not-a-number left out.
 * Not collective. */
double ent_blend_sum(const ent_blend *blend, size_t padded, double *y);

/* Whether all numbers of x [padded] are finite. Not collective. */
bool ent_blend_is_finite(size_t padded, const double *x);

#endif
