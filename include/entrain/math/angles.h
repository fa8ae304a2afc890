#ifndef ENTRAIN_MATH_ANGLES_H
#define ENTRAIN_MATH_ANGLES_H

/*
 * Questions about many angles at once, eight at a time. Sums are taken in one fixed order: the same bits
 * everywhere. Angles need not be reduced to one turn; those beyond 1e6 count with the accuracy that numbers
 * of their size have.
 */

#include <stdbool.h>
#include <stddef.h>

#include "entrain/base/brake.h"
#include "entrain/math/pair_energy.h"

/* sum_i m_i (cos x_i, sin x_i). [in] x, masses [n], NULL: all 1/n. Not collective. */
void ent_angles_mean(size_t n, const double *x, const double *masses, double mean[2]);

/*
 * Length of the arc from the first of the angles x [n] back and forth to the outermost others: where they lie
 * within half a turn, the length of the shortest arc that has them all; otherwise at least pi, and no more is
 * known. Not-a-number where one of them is not finite. Not collective.
 */
double ent_angles_extent(size_t n, const double *x);

/* Doubles of scratch that counting needs. */
size_t ent_angles_work(size_t n);

/*
 * Number of pairs i < j whose angles x [n] are at most `reach` in [0, pi] apart, in O(n^2).
 * [in] work [ent_angles_work]
 */
size_t ent_angles_close_pairs(size_t n, const double *x, double reach, double *work);

/* Doubles in which counting keeps what it has found; 0 where n is above 512. */
size_t ent_angles_memory(size_t n);

/*
 * The same number several times as fast, of at most 512 angles, for a reach that is known to 1e-10; false,
 * with *close untouched, where it is not certain: a pair's distance is within 6e-9 of the reach, or angles
 * are beyond 1e4 or none.
 * [in,out] memory  [ent_angles_memory] the last count of as many angles, which is that of all that lie so
 *                  near those that no pair can have changed; all zero before the first; NULL: nothing is kept
 * [out] close
 */
bool ent_angles_count_clear(size_t n, const double *x, double reach, double *memory, size_t *close);

/*
 * sum_{j<i} m_i m_j f(1 - cos(x_i - x_j)) of a pair energy. Not collective.
 * [in] x, masses [n], NULL: all 1
 * [in] brake  ends a long sum, which is then undefined; NULL: nothing does
 */
double ent_angles_pair_sum(const ent_pair_energy *energy, size_t n, const double *x, const double *masses,
                           ent_brake *brake);

#endif
