#ifndef ENTRAIN_MATH_SHARES_H
#define ENTRAIN_MATH_SHARES_H

/*
 * How sums over many particles are divided: into shares that depend on the count of particles alone, each
 * summed in the order of the particles, then the shares in theirs. The bits of a sum are the same then
 * whoever computes which shares.
 */

#include <stddef.h>

enum {
  ENT_SHARES_MOST = 64,
  ENT_SHARES_FROM = 65536,        /* particles: a sum over fewer is not divided */
  ENT_SHARES_DIRECT_FROM = 16384, /* the same, for sums over all pairs, which are divided otherwise */
  ENT_SHARES_STEP = 64 /* shares begin at multiples of it: whole vectors, and no cache line is in two */
};

/* Number of shares of n particles: 1 or ENT_SHARES_MOST. */
static inline size_t ent_shares_count(size_t n) {
  return n < ENT_SHARES_FROM ? 1 : ENT_SHARES_MOST;
}

/* The first particle of a share; n for the one behind the last. */
static inline size_t ent_shares_first(size_t n, size_t share) {
  const size_t count = ent_shares_count(n), steps = (n + ENT_SHARES_STEP - 1) / ENT_SHARES_STEP;
  const size_t first = steps * share / count * ENT_SHARES_STEP;
  return first < n ? first : n;
}

#endif
