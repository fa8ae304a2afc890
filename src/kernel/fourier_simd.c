#include <string.h>

#include "entrain/base/isa.h"
#include "entrain/math/lanes.h"

#include "fourier_ops.h"
#include "lane_sums.h"

enum { PARTS = ENT_LANES / ENT_WIDTH }; /* vectors for eight lanes */

/* Particles that turn: their mass times cos and sin of two successive multiples of their angles. */
typedef struct turning {
  ent_vn twice, cosine, cosine_before, sine, sine_before;
} turning;

/* Clenshaw's recurrence: b_k and b_{k+1} of each of the four sums. */
typedef struct folding {
  ent_vn twice, b[4], before[4];
} folding;

/* Whether any lane of a mask is set. */
ENT_SIMD_INLINE bool is_any(ent_in mask) {
#if defined(__AVX512F__)
  return _mm512_test_epi64_mask((__m512i)mask, (__m512i)mask) != 0;
#else
  for (int i = 1; i < ENT_WIDTH; i++) mask[0] |= mask[i];
  return mask[0] != 0;
#endif
}

/* Cosines and sines of at most ENT_FOURIER_BLOCK angles; lanes beyond repeat the first angle. */
static bool take_angles(size_t count, const double *x, ent_fourier_scratch *scratch) {
  ent_vn *cosines = (ent_vn *)scratch->cosines, *sines = (ent_vn *)scratch->sines;
  ent_in outside = {0};
  const size_t padded = ent_simd_pad(count);
  for (size_t j = 0; j < padded; j += ENT_WIDTH) {
    const ent_vn angle = j < count ? ent_vn_load_some(x + j, count - j, x[0]) : ent_vn_set(x[0]);
    outside |= (angle > ENT_FOURIER_MOST_ANGLE) | (angle < -ENT_FOURIER_MOST_ANGLE);
    ent_vn_cos_sin(angle, cosines++, sines++);
  }
  return !is_any(outside);
}

/* Vector p of a block: weight mass, or 1 without masses; lanes beyond the particles have none. */
ENT_SIMD_INLINE turning start(const ent_fourier_scratch *scratch, const double *masses, size_t p,
                              size_t count) {
  const ent_vn cosine = ((const ent_vn *)scratch->cosines)[p], sine = ((const ent_vn *)scratch->sines)[p];
  static const double ones[2 * ENT_LANES] = {1, 1, 1, 1, 1, 1, 1, 1}; /* and zeros behind them */
  const size_t first = p * ENT_WIDTH, left = first < count ? count - first : 0;
  const ent_vn mass = masses ? ent_vn_load_some(masses + first, left, 0.0)
                             : ent_vn_load(ones + ENT_LANES - (left < ENT_WIDTH ? left : ENT_WIDTH));
  return (turning){2.0 * cosine, mass * cosine, mass, mass * sine, (ent_vn){0}};
}

/* cos((k+1)x) = 2 cos(x) cos(kx) - cos((k-1)x), the same for sin, in the place of the latter. */
ENT_SIMD_INLINE void turn_once(turning *v) {
  v->cosine_before = ent_vn_fma(v->twice, v->cosine, -v->cosine_before);
  v->sine_before = ent_vn_fma(v->twice, v->sine, -v->sine_before);
}

/* The next step, after which the names are right again. */
ENT_SIMD_INLINE void turn_back(turning *v) {
  v->cosine = ent_vn_fma(v->twice, v->cosine_before, -v->cosine);
  v->sine = ent_vn_fma(v->twice, v->sine_before, -v->sine);
}

/* Adds cos(kx) and sin(kx) of one vector to its lanes of sums [terms, 2, ENT_LANES]. */
ENT_SIMD_INLINE void add_one(size_t terms, turning v, ent_vn *sums) {
  for (size_t k = 0; k < terms; k += 2, sums += 4 * PARTS) {
    sums[0] += v.cosine;
    sums[PARTS] += v.sine;
    turn_once(&v);
    sums[2 * PARTS] += v.cosine_before;
    sums[3 * PARTS] += v.sine_before;
    turn_back(&v);
  }
}

/* Adds two vectors of the same lanes, one after the other; their recurrences run side by side. */
ENT_SIMD_INLINE void add_two(size_t terms, turning u, turning v, ent_vn *sums) {
  for (size_t k = 0; k < terms; k += 2, sums += 4 * PARTS) {
    sums[0] = (sums[0] + u.cosine) + v.cosine;
    sums[PARTS] = (sums[PARTS] + u.sine) + v.sine;
    turn_once(&u), turn_once(&v);
    sums[2 * PARTS] = (sums[2 * PARTS] + u.cosine_before) + v.cosine_before;
    sums[3 * PARTS] = (sums[3 * PARTS] + u.sine_before) + v.sine_before;
    turn_back(&u), turn_back(&v);
  }
}

#if defined(__AVX512F__)
/* The same for four, where there are registers enough. */
ENT_SIMD_INLINE void add_four(size_t terms, const turning from[4], ent_vn *sums) {
  turning u = from[0], v = from[1], w = from[2], z = from[3];
  for (size_t k = 0; k < terms; k += 2, sums += 4) {
    sums[0] = (((sums[0] + u.cosine) + v.cosine) + w.cosine) + z.cosine;
    sums[1] = (((sums[1] + u.sine) + v.sine) + w.sine) + z.sine;
    turn_once(&u), turn_once(&v), turn_once(&w), turn_once(&z);
    sums[2] = (((sums[2] + u.cosine_before) + v.cosine_before) + w.cosine_before) + z.cosine_before;
    sums[3] = (((sums[3] + u.sine_before) + v.sine_before) + w.sine_before) + z.sine_before;
    turn_back(&u), turn_back(&v), turn_back(&w), turn_back(&z);
  }
}
#endif

/* Moments of the block whose cosines and sines were taken into sums [terms, 2, ENT_LANES]. */
static void sum_block(size_t count, const double *masses, size_t terms, const ent_fourier_scratch *scratch,
                      double *lanes) {
  const size_t vectors = ent_simd_pad(count) / ENT_WIDTH;
  ent_vn *sums = (ent_vn *)lanes;
  memset(sums, 0, terms * 2 * sizeof(ent_v8));
  size_t v = 0;
#if defined(__AVX512F__)
  for (; v + 4 <= vectors; v += 4) {
    turning four[4];
    for (size_t i = 0; i < 4; i++) four[i] = start(scratch, masses, v + i, count);
    add_four(terms, four, sums);
  }
#endif
  for (; v + 2 * PARTS <= vectors; v += 2 * PARTS) {
    for (size_t p = v; p < v + PARTS; p++)
      add_two(terms, start(scratch, masses, p, count), start(scratch, masses, p + PARTS, count),
              sums + p - v);
  }
  for (; v < vectors; v++) add_one(terms, start(scratch, masses, v, count), sums + v % PARTS);
}

static void add_block(size_t terms, ent_fourier_scratch *scratch) {
  ent_vn *all = (ent_vn *)scratch->all;
  for (size_t k = 0; k < 2 * terms * PARTS; k++) all[k] += ((const ent_vn *)scratch->block)[k];
}

static double sum_masses(size_t count, const double *masses) {
  ent_vn lanes[PARTS] = {{0}};
  for (size_t j = 0; j < count; j += ENT_WIDTH)
    lanes[j / ENT_WIDTH % PARTS] += ent_vn_load_some(masses + j, count - j, 0.0);
  const double *lane = (const double *)lanes;
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

static bool moments(const ent_fourier_state *state, size_t terms, ent_fourier_scratch *scratch, double *sums,
                    double *total) {
  bool inside = true;
  *total = state->masses ? 0 : (double)state->n;
  for (size_t first = 0; first < state->n; first += ENT_FOURIER_BLOCK) {
    const size_t left = state->n - first, count = left < ENT_FOURIER_BLOCK ? left : ENT_FOURIER_BLOCK;
    const double *masses = state->masses ? state->masses + first : NULL;
    inside = take_angles(count, state->x + first, scratch) && inside;
    sum_block(count, masses, terms, scratch, first == 0 ? scratch->all : scratch->block);
    if (first > 0) add_block(terms, scratch);
    if (masses) *total += sum_masses(count, masses);
  }
  ent_lanes_sum(2 * terms, scratch->all, sums);
  return inside;
}

/* b_k = a_k + 2 cos(x) b_{k+1} - b_{k+2} for the first `sums` sums. */
ENT_SIMD_INLINE void fold(int sums, folding *v, const double *a) {
  for (int i = 0; i < sums; i++) {
    const ent_vn next = ent_vn_fma(v->twice, v->b[i], a[i] - v->before[i]);
    v->before[i] = v->b[i];
    v->b[i] = next;
  }
}

/* The sums are b_1 cos(x) - b_2 and b_1 sin(x) (Clenshaw 1955, doi:10.1090/S0025-5718-1955-0071856-0). */
ENT_SIMD_INLINE ent_vn close(const ent_fourier_polynomials *p, const folding *v, ent_vn cosine, ent_vn sine,
                             ent_vn *least) {
  const ent_vn drift = ent_vn_fma(v->b[0], cosine, ent_vn_fma(v->b[1], sine, -v->before[0]));
  if (!p->quotient) return p->factor * drift;
  const ent_vn z = ent_vn_fma(v->b[2], cosine, ent_vn_fma(v->b[3], sine, p->total - v->before[2]));
  *least = ent_vn_min(z, *least);
  return p->factor * drift / z;
}

ENT_SIMD_INLINE void evaluate_block(int sums, const ent_fourier_polynomials *p,
                                    const ent_fourier_scratch *scratch, size_t count, double *y,
                                    ent_vn *least) {
  const ent_vn *cosines = (const ent_vn *)scratch->cosines, *sines = (const ent_vn *)scratch->sines;
  size_t j = 0;
#if defined(__AVX512F__)
  for (; j + ENT_WIDTH < count; j += 2 * ENT_WIDTH, cosines += 2, sines += 2) {
    folding u = {.twice = 2.0 * cosines[0]}, v = {.twice = 2.0 * cosines[1]};
    for (const double *a = p->coefficients + 4 * p->terms; a != p->coefficients;) {
      a -= 8;
      fold(sums, &u, a + 4), fold(sums, &v, a + 4);
      fold(sums, &u, a), fold(sums, &v, a);
    }
    ent_vn_store(close(p, &u, cosines[0], sines[0], least), y + j);
    ent_vn_store_some(close(p, &v, cosines[1], sines[1], least), count - j - ENT_WIDTH, y + j + ENT_WIDTH);
  }
#endif
  for (; j < count; j += ENT_WIDTH, cosines++, sines++) {
    folding v = {.twice = 2.0 * cosines[0]};
    for (const double *a = p->coefficients + 4 * p->terms; a != p->coefficients;) {
      a -= 8;
      fold(sums, &v, a + 4);
      fold(sums, &v, a);
    }
    ent_vn_store_some(close(p, &v, cosines[0], sines[0], least), count - j, y + j);
  }
}

static double evaluate(const ent_fourier_state *state, const ent_fourier_polynomials *p,
                       ent_fourier_scratch *scratch, double *y) {
  ent_vn least = ent_vn_set(1.0);
  for (size_t first = 0; first < state->n; first += ENT_FOURIER_BLOCK) {
    const size_t left = state->n - first, count = left < ENT_FOURIER_BLOCK ? left : ENT_FOURIER_BLOCK;
    if (state->n > ENT_FOURIER_BLOCK) (void)take_angles(count, state->x + first, scratch);
    if (p->quotient)
      evaluate_block(4, p, scratch, count, y + first, &least);
    else
      evaluate_block(2, p, scratch, count, y + first, &least);
  }
  double smallest = least[0];
  for (int i = 1; i < ENT_WIDTH; i++) smallest = least[i] < smallest ? least[i] : smallest;
  return smallest;
}

const ent_fourier_ops ENT_ISA_NAME(ent_fourier_ops) = {.moments = moments, .evaluate = evaluate};
