#ifndef ENTRAIN_MATH_POINTS_H
#define ENTRAIN_MATH_POINTS_H

/*
 * Questions about all pairs of points in R^d, eight at a time. Points are given coordinate by coordinate, so
 * that eight of them lie side by side. The gap of two points is |x - y|^2 / 2, that is 1 - <x, y> for unit
 * vectors.
 */

#include <stdbool.h>
#include <stddef.h>

#include "entrain/base/brake.h"
#include "entrain/math/pair_energy.h"

/* Doubles that n points take, coordinate by coordinate. */
size_t ent_points_size(size_t n, size_t d);

/* Writes points x [n, d] coordinate by coordinate. [out] columns [ent_points_size]. Not collective. */
void ent_points_turn(size_t n, size_t d, const double *x, double *columns);

/* Number of pairs i < j whose gap is at most delta. [in] columns as above. Not collective. */
size_t ent_points_close_pairs(size_t n, size_t d, const double *columns, double delta);

/* The largest gap of a pair; 0 for n = 1. [in] columns as above. Not collective. */
double ent_points_largest_gap(size_t n, size_t d, const double *columns);

/*
 * sum_{j<i} m_i m_j f(gap_ij) of a pair energy. Not collective.
 * [in] columns as above, masses [n], NULL: all 1
 * [in] brake  ends a long sum, which is then undefined; NULL: nothing does
 */
double ent_points_pair_sum(const ent_pair_energy *energy, size_t n, size_t d, const double *columns,
                           const double *masses, ent_brake *brake);

#define ENT_POINTS_NEAR 1e-2 /* of |x|^2 from 1: vectors that are nearly unit vectors */

enum { ENT_POINTS_FEW = 64 };

/*
 * Divides vectors x [n, d], n <= ENT_POINTS_FEW, by their norms, to 4e-16; false, and nothing done, where
 * one of them is not nearly a unit vector. [in,out] x [out] drift: the largest ||x_i| - 1| before. Not
 * collective.
 */
bool ent_points_retract(size_t n, size_t d, double *x, double *drift);

/* The largest |x_i|^2 of vectors x [n, d], with the bits of ent_vec_dot. Not collective. */
double ent_points_largest_square(size_t n, size_t d, const double *x);

#endif
