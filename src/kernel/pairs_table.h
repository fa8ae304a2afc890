#ifndef ENTRAIN_SRC_KERNEL_PAIRS_TABLE_H
#define ENTRAIN_SRC_KERNEL_PAIRS_TABLE_H

/*
 * From how many particles on a series is faster than direct sums, measured by tests/bench/choice.c on an AMD
 * EPYC (Zen 5). This is a part of what a row is: another table is another ENT_PAIRS_TABLE.
 */

#include <stddef.h>

#include "entrain/base/isa.h"

/* Up to this |beta|; a row of the table holds for all that the row before does not. */
static const double ent_pairs_betas[] = {1, 4, 16, 64, 256, 1e300};

enum { ENT_PAIRS_BETAS = sizeof(ent_pairs_betas) / sizeof(*ent_pairs_betas) };

/* Fourier series on the circle. */
static const size_t ent_pairs_fourier[ENT_PAIRS_BETAS][ENT_ISA_COUNT] = {
  {[ENT_ISA_BASELINE] = 10, [ENT_ISA_V3] = 10, [ENT_ISA_V4] = 10},
  {[ENT_ISA_BASELINE] = 12, [ENT_ISA_V3] = 12, [ENT_ISA_V4] = 12},
  {[ENT_ISA_BASELINE] = 16, [ENT_ISA_V3] = 16, [ENT_ISA_V4] = 16},
  {[ENT_ISA_BASELINE] = 32, [ENT_ISA_V3] = 32, [ENT_ISA_V4] = 32},
  {[ENT_ISA_BASELINE] = 64, [ENT_ISA_V3] = 64, [ENT_ISA_V4] = 64},
  {[ENT_ISA_BASELINE] = 128, [ENT_ISA_V3] = 128, [ENT_ISA_V4] = 128},
};

/* Spherical harmonics for d = 3; no row has a smaller count than the first. */
static const size_t ent_pairs_harmonic[ENT_PAIRS_BETAS][ENT_ISA_COUNT] = {
  {[ENT_ISA_BASELINE] = 24, [ENT_ISA_V3] = 24, [ENT_ISA_V4] = 24},
  {[ENT_ISA_BASELINE] = 64, [ENT_ISA_V3] = 64, [ENT_ISA_V4] = 64},
  {[ENT_ISA_BASELINE] = 128, [ENT_ISA_V3] = 128, [ENT_ISA_V4] = 128},
  {[ENT_ISA_BASELINE] = 512, [ENT_ISA_V3] = 512, [ENT_ISA_V4] = 512},
  {[ENT_ISA_BASELINE] = 1024, [ENT_ISA_V3] = 1024, [ENT_ISA_V4] = 1024},
  {[ENT_ISA_BASELINE] = 1024, [ENT_ISA_V3] = 1024, [ENT_ISA_V4] = 1024},
};

#endif
