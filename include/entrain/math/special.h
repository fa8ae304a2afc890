#ifndef ENTRAIN_MATH_SPECIAL_H
#define ENTRAIN_MATH_SPECIAL_H

/* Special functions whose values make bits of rows: the same on every machine. */

#include <stddef.h>

/*
 * e^{-x} I_k(x), k = 0 ... count-1, the modified Bessel functions of the first kind, by backward recurrence
 * (Miller, https://dlmf.nist.gov/3.6) normalized by e^x = I_0 + 2 I_1 + 2 I_2 + ...; below x = 0.1
 * by their series. Relative error below 1e-14 for x up to 1e6 where a value is above 1e-280. Not collective.
 * [in] x  >= 0, finite  [out] values [count]
 */
void ent_special_bessel_i(double x, size_t count, double *values);

#endif
