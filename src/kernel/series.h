#ifndef ENTRAIN_SRC_KERNEL_SERIES_H
#define ENTRAIN_SRC_KERNEL_SERIES_H

/*
 * What the series kernels share: from a law follow the scale of the numerator, what Z is hoped to be, and how
 * long the series must be; all of it is kept for the next call. The series themselves are fourier.c and
 * harmonic.c.
 */

#include <stdbool.h>
#include <stddef.h>

#include "entrain/kernel/pairs.h"

#define ENT_SERIES_UNIT 0x1p-53     /* what one rounding errs by, relatively */
#define ENT_SERIES_NEGLIGIBLE 1e-30 /* coefficients below are taken as zero */
#define ENT_SERIES_TRUNCATION 0.5   /* share of the error allowed that the end of a series may have */

typedef struct ent_series_plan {
  ent_pair_law law; /* whose masses count by being there only */
  bool is_known;
  double factor, least; /* scale of N, and what Z is hoped to be at least */
  size_t length;        /* 0: no series will do */
} ent_series_plan;

/* Whether a plan is that of a law; asked in every right-hand side. */
static inline bool ent_series_is_for(const ent_series_plan *plan, const ent_pair_law *law) {
  const ent_pair_law *own = &plan->law;
  return plan->is_known && own->beta == law->beta && own->slack == law->slack &&
         own->log_scale == law->log_scale && own->softmax == law->softmax &&
         (own->masses == NULL) == (law->masses == NULL);
}

/*
 * The plan of a law for n particles but for its length; `constant` is the coefficient of order 0, which is Z
 * of evenly spread particles.
 */
ent_series_plan ent_series_begin(const ent_pair_law *law, size_t n, double constant);

#endif
