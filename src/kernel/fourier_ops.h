#ifndef ENTRAIN_SRC_KERNEL_FOURIER_OPS_H
#define ENTRAIN_SRC_KERNEL_FOURIER_OPS_H

/*
 * What of kernel/fourier is compiled once for each instruction set: moments of particles on the circle, and
 * trigonometric polynomials at their angles. `terms` is even everywhere. Lanes are particles, and sums are
 * taken in one fixed order, whatever the width of the registers.
 */

#include <stdbool.h>
#include <stddef.h>

#include "entrain/kernel/help.h"

#define ENT_FOURIER_MOST_ANGLE 1e6 /* angles beyond are not reduced to the accuracy that is promised */

enum {
  ENT_FOURIER_BLOCK = 1024, /* particles whose cosines and sines are kept at a time */
  ENT_FOURIER_MOST = 512,   /* most terms of a series */
  ENT_FOURIER_SHARE = 2 * ENT_FOURIER_MOST + 8
};

/* Cosines and sines of a block of angles, and lanes in which its moments are summed. */
typedef struct ent_fourier_scratch {
  double *cosines, *sines; /* [ENT_FOURIER_BLOCK] */
  double *block;           /* [ENT_FOURIER_MOST, 2, ENT_LANES]: sums of one block */
  double *all;             /* the same of all blocks */
  double *share;           /* [ENT_FOURIER_SHARE]: moments of one share, and its mass */
} ent_fourier_scratch;

/* The particles; masses NULL: all 1. */
typedef struct ent_fourier_state {
  size_t n;
  const double *x, *masses; /* [n] */
} ent_fourier_state;

/*
 * Z(x) = total + sum_k (a_k cos kx + b_k sin kx) and N(x) = sum_k (c_k cos kx + d_k sin kx), coefficients
 * [terms, 4] in the order c, d, a, b.
 */
typedef struct ent_fourier_polynomials {
  size_t terms;
  double total;
  const double *coefficients;
  bool quotient; /* y = factor N / Z; otherwise y = factor N */
  double factor;
} ent_fourier_polynomials;

typedef struct ent_fourier_ops {
  /*
   * sum_j m_j cos(k x_j) and sum_j m_j sin(k x_j) for k = 1 ... terms, and sum_j m_j. [out] moments
   * [terms, 2]. Returns whether all angles are within ENT_FOURIER_MOST_ANGLE.
   */
  bool (*moments)(const ent_fourier_state *state, size_t terms, ent_fourier_scratch *scratch, double *moments,
                  double *total);

  /* y [n] at the angles of a state whose moments were taken last. Returns the least Z; 1 without quotient. */
  double (*evaluate)(const ent_fourier_state *state, const ent_fourier_polynomials *polynomials,
                     ent_fourier_scratch *scratch, double *y);
} ent_fourier_ops;

/* The particles of a sum, and who computes which part of it. */
typedef struct ent_fourier_parts {
  const ent_fourier_ops *ops;
  ent_fourier_state state;
  ent_fourier_scratch *scratch;
  ent_helpers *helpers; /* NULL: none */
  ent_help_plan plan;   /* set by ent_fourier_moments */
} ent_fourier_parts;

/* The moments of all particles, share by share (math/shares): otherwise as the slot `moments`. */
bool ent_fourier_moments(ent_fourier_parts *parts, size_t terms, double *moments, double *total);

/* Moments of one share, its mass, and whether its angles are inside, 1 or 0. [out] answer  [2 terms + 2] */
void ent_fourier_share(const ent_fourier_ops *ops, const ent_fourier_state *share, size_t terms,
                       ent_fourier_scratch *scratch, double *answer);

/* The slot `evaluate` for all particles, after their moments. */
double ent_fourier_evaluate(const ent_fourier_parts *parts, const ent_fourier_polynomials *polynomials,
                            double *y);

/* How many additions, one after the other, are in the moment of n particles at most. */
double ent_fourier_additions(size_t n);

/*
 * I_k(b) e^{-b}, b >= 0, for k = 0 ... last; returns `last`, behind which all are negligible, or
 * ENT_FOURIER_MOST, and no coefficients, where there are more. [out] c  [ENT_FOURIER_MOST + 2]
 */
size_t ent_fourier_coefficients(double b, double *c);

extern const ent_fourier_ops ent_fourier_ops_baseline, ent_fourier_ops_v3, ent_fourier_ops_v4;

#endif
