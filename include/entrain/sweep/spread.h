#ifndef ENTRAIN_SWEEP_SPREAD_H
#define ENTRAIN_SWEEP_SPREAD_H

/*
 * An order in which the first few of n things lie evenly among all of them, however many are taken: k s mod n
 * for k = 0, 1, 2, ..., a good lattice (Niederreiter, Random Number Generation and Quasi-Monte Carlo Methods,
 * 1992, chapter 5): s is that number near n over the golden ratio which is coprime to n and whose continued
 * fraction of s / n has the smallest partial quotients. Each comes once, and along every axis of a grid of n
 * points all values come soon, which they do not in bit-reversed order when an axis has 2^k of them.
 */

#include <stdint.h>

/* The step s for n >= 1 things, 1 <= s <= n. */
int64_t ent_spread_step(int64_t n);

/* The k-th of them, 0 <= k < n <= 2^53; s is their step. */
int64_t ent_spread_at(int64_t k, int64_t step, int64_t n);

#endif
