#ifndef ENTRAIN_MATH_POINTS_H
#define ENTRAIN_MATH_POINTS_H

/*
 * Questions about all pairs of points in R^d, eight at a time. Points are given coordinate by coordinate, so
 * that eight of them lie side by side. The gap of two points is |x - y|^2 / 2, that is 1 - <x, y> for unit
 * vectors.
 */

#include <stdbool.h>
#include <stddef.h>

#include "entrain/math/pair_energy.h"

/* Doubles that n points take, coordinate by coordinate. */
size_t ent_points_size(size_t n, size_t d);

/* Writes points x [n, d] coordinate by coordinate. [out] columns [ent_points_size]. Not collective. */
void ent_points_turn(size_t n, size_t d, const double *x, double *columns);

/* Number of pairs i < j whose gap is at most delta. [in] columns as above. Not collective. */
size_t ent_points_close_pairs(size_t n, size_t d, const double *columns, double delta);

/* The largest gap of a pair; 0 for n = 1. [in] columns as above. Not collective. */
double ent_points_largest_gap(size_t n, size_t d, const double *columns);

/* sum_{j<i} m_i m_j f(gap_ij) of a pair energy. [in] columns as above, masses [n], NULL: all 1. */
double ent_points_pair_sum(const ent_pair_energy *energy, size_t n, size_t d, const double *columns,
                           const double *masses);

#define ENT_POINTS_NEAR 1e-2

/*
 * 1/sqrt(s), to 4e-16, of numbers within ENT_POINTS_NEAR of 1: the squares of vectors that are nearly unit
 * vectors. [in] squares [n] [out] roots [n]. Not collective.
 */
void ent_points_inverse_roots(size_t n, const double *squares, double *roots);

#endif
