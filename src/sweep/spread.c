#include "entrain/sweep/spread.h"

#define GOLDEN_RATIO 1.6180339887498949

enum { BELOW = 8, ABOVE = 24 }; /* how far from n over the golden ratio a step is looked for */

/* The largest partial quotient of step / n, but its whole part; n + 1 when the two have a common divisor. */
static int64_t unevenness(int64_t step, int64_t n) {
  int64_t largest = 0, a = n, b = step;
  while (b != 0) {
    const int64_t quotient = a / b, rest = a % b;
    if (quotient > largest) largest = quotient;
    a = b;
    b = rest;
  }
  return a == 1 ? largest : n + 1;
}

int64_t ent_spread_step(int64_t n) {
  int64_t best = 1, least = n + 1;
  const int64_t middle = (int64_t)((double)n / GOLDEN_RATIO);
  for (int64_t step = middle > BELOW ? middle - BELOW : 1; step <= middle + ABOVE && step <= n; step++) {
    const int64_t uneven = unevenness(step, n);
    if (uneven >= least) continue;
    best = step;
    least = uneven;
  }
  return best;
}

int64_t ent_spread_at(int64_t k, int64_t step, int64_t n) {
  return (int64_t)((unsigned __int128)k * (unsigned __int128)step % (unsigned __int128)n);
}
