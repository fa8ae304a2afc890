#ifndef ENTRAIN_MATH_SYMMETRIC_H
#define ENTRAIN_MATH_SYMMETRIC_H

/*
 * Eigenvalues of real symmetric matrices by Householder's reduction and Sturm sequences: additions,
 * multiplications, divisions and square roots in a fixed order, so that the bits are the same everywhere,
 * which LAPACK does not promise. For matrices of at most some thousand rows.
 */

#include <stddef.h>

/*
 * Reduces a symmetric matrix to a tridiagonal one with the same eigenvalues; O(n^3).
 * [in,out] a  [n, n], destroyed
 * [out]    diagonal  [n]
 * [out]    beside  [n]: the numbers beside the diagonal; the last one is 0
 * Not collective.
 */
void ent_symmetric_reduce(size_t n, double *a, double *diagonal, double *beside);

/* Number of eigenvalues of a tridiagonal matrix that are below `bound`. O(n). Not collective. */
size_t ent_tridiagonal_count_below(size_t n, const double *diagonal, const double *beside, double bound);

/*
 * The eigenvalue number k, 0 <= k < n, in ascending order, of a tridiagonal matrix, with an error of a few
 * roundings of its norm. O(n). Not collective.
 */
double ent_tridiagonal_eigenvalue(size_t n, const double *diagonal, const double *beside, size_t k);

#endif
