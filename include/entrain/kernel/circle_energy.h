#ifndef ENTRAIN_KERNEL_CIRCLE_ENERGY_H
#define ENTRAIN_KERNEL_CIRCLE_ENERGY_H

/*
 * The energy of many particles on the circle by the series of kernel/fourier, in O(n J): with the moments
 * M_k = sum_j m_j e^{i k x_j}, sum_j m_j = 1, and c_k = I_|k|(|b|) e^{-|b|} sign(b)^k,
 *
 *     E = sum_ij m_i m_j e^{-|b|} (e^{b cos(x_i - x_j)} - 1) / (2b)
 *       = ((c_0 - e^{-|b|}) + 2 sum_{k>0} c_k |M_k|^2) / (2b),   |M_1|^2 / 2 for b = 0
 *
 * because every |M_k|^2 = sum_ij m_i m_j cos(k (x_i - x_j)). A stopped series errs by at most
 * sum_{k>J} |c_k/b|; rounding errors are those of the moments, see kernel/fourier.
 */

#include <stdbool.h>
#include <stddef.h>

enum {
  ENT_CIRCLE_ENERGY_FROM = 256,  /* particles: the energy of fewer is quickly summed pair by pair */
  ENT_CIRCLE_ENERGY_WORK = 21568 /* doubles of scratch */
};

/* The absolute error that an energy by the series has at most; energies are below 1. */
#define ENT_CIRCLE_ENERGY_ERROR 1e-12

/*
 * The energy of n angles x [n] with masses [n] of sum 1 (NULL: all 1/n) by the current instruction set.
 * Returns whether its error is below ENT_CIRCLE_ENERGY_ERROR: not for angles beyond 1e6 and |b| beyond some
 * 1800.
 * [in]  work  [ENT_CIRCLE_ENERGY_WORK], aligned as ent_mem_alloc aligns
 * [out] energy  untouched otherwise
 * Not collective.
 */
bool ent_circle_energy(size_t n, const double *x, const double *masses, double b, double *work,
                       double *energy);

#endif
