#ifndef ENTRAIN_SRC_KERNEL_HARMONIC_OPS_H
#define ENTRAIN_SRC_KERNEL_HARMONIC_OPS_H

/*
 * What of kernel/harmonic is compiled once for each instruction set: moments of particles on the sphere, and
 * the sums at their places. With u = x + iy, the functions are T_lm(z) Re(u^m) and T_lm(z) Im(u^m), where
 * T_mm = 1, T_{m+1,m} = A_m,0 z and T_{m+i+1,m} = A_m,i z T_{m+i,m} - T_{m+i-1,m}.
 *
 * What is indexed by (l, m) stands row by row, m = 0 ... degree, each row l = m ... degree and, where that
 * makes an odd count, one entry more (ent_harmonic_row).
 */

#include <stdbool.h>
#include <stddef.h>

#include "entrain/kernel/harmonic.h"
#include "entrain/kernel/help.h"

enum {
  ENT_HARMONIC_MOST = 64,                   /* highest degree */
  ENT_HARMONIC_ROW = ENT_HARMONIC_MOST + 2, /* entries of a row of factors */
  ENT_HARMONIC_GROUP = 16,                  /* particles that are summed at a time */
  ENT_HARMONIC_BLOCK = 4096 /* particles whose moments are summed before they join the others' */
};

/* Entries of row m. */
static inline size_t ent_harmonic_row(size_t degree, size_t m) {
  return (degree - m + 2) / 2 * 2;
}

/* Entries of all rows. */
static inline size_t ent_harmonic_entries(size_t degree) {
  size_t entries = 0;
  for (size_t m = 0; m <= degree; m++) entries += ent_harmonic_row(degree, m);
  return entries;
}

/* Count of particles rounded up to whole groups. */
static inline size_t ent_harmonic_pad(size_t n) {
  return (n + ENT_HARMONIC_GROUP - 1) / ENT_HARMONIC_GROUP * ENT_HARMONIC_GROUP;
}

/* The particles; coordinates are those of unit vectors, padded to whole groups by the first particle. */
typedef struct ent_harmonic_state {
  size_t n;
  const double *masses; /* [n]; NULL: all 1 */
  double *x, *y, *z;    /* [padded] */
} ent_harmonic_state;

/* Z = total + beta V and N = P grad V with V = sum_lm T_lm(z) (a Re u^m + b Im u^m). */
typedef struct ent_harmonic_sum {
  size_t degree;
  const double (*steps)[ENT_HARMONIC_ROW]; /* A_m,i */
  const double *coefficients;              /* by (l, m), four each: a and b, and those of dV/dz at m - 1 */
  double total, beta;
  bool quotient; /* dxdt = factor N / Z; otherwise dxdt = factor N */
  double factor;
} ent_harmonic_sum;

typedef struct ent_harmonic_ops {
  /* Unit vectors in the directions of vectors [n, 3]. */
  void (*load)(const double *vectors, ent_harmonic_state *state);

  /* sum_j m_j T_lm(z_j) u_j^m by (l, m), real and imaginary part. [out] lanes: room for two
   * sums of 8 lanes each; moments. */
  void (*moments)(const ent_harmonic_state *state, size_t degree, const double (*steps)[ENT_HARMONIC_ROW],
                  double *lanes, double *moments);

  /* [out] dxdt [n, 3]. Returns the least Z; 1 without quotient. */
  double (*evaluate)(const ent_harmonic_state *state, const ent_harmonic_sum *sum, double *dxdt);
} ent_harmonic_ops;

/* The particles of a sum, and who computes which part of it. */
typedef struct ent_harmonic_parts {
  const ent_harmonic_ops *ops;
  const double (*steps)[ENT_HARMONIC_ROW];
  const double *vectors;    /* [n, 3] */
  ent_harmonic_state state; /* room for all; what this process computes itself is loaded */
  double *lanes, *answer;   /* room for moments of one share: 4 ENT_LANES, 2 for each (l, m) */
  ent_helpers *helpers;     /* NULL: none */
  ent_help_plan plan;       /* set by ent_harmonic_sum_moments */
} ent_harmonic_parts;

/* The moments of all particles, share by share (math/shares): otherwise as the slot `moments`. */
void ent_harmonic_sum_moments(ent_harmonic_parts *parts, size_t degree, double *moments);

/* The slot `evaluate` for all particles, after their moments. */
double ent_harmonic_evaluate(ent_harmonic_parts *parts, const ent_harmonic_sum *sum, double *dxdt);

/* A_m,i for any count of particles; they live as long as `harmonic`. */
typedef const double (*ent_harmonic_steps)[ENT_HARMONIC_ROW];
ent_harmonic_steps ent_harmonic_steps_of(const struct ent_harmonic *harmonic);

extern const ent_harmonic_ops ent_harmonic_ops_baseline, ent_harmonic_ops_v3, ent_harmonic_ops_v4;

#endif
