#include <string.h>

#include "entrain/math/lanes.h"
#include "entrain/math/simd_angle.h"
#include "entrain/math/simd_lanes.h"

#include "../../src/kernel/direct_tile.h"
#include "batch.h"

#define HALF_LOG2_E 0x1.71547652b82fep-1

enum {
  SIDES = ENT_LANES / ENT_WIDTH, /* registers that hold eight seeds */
  AT_ONCE = 4,                   /* particles whose moments are summed at once */
  PAIR = 2,                      /* particles that are evaluated at once */
  ROWS = 4,                      /* particles whose weights are taken at once */
  GROUP = 2,                     /* and whose sums are */
  PANEL = 4                      /* components at a time */
};

extern const ent_bench_batch_ops ENT_ISA_NAME(ent_bench_batch_ops);

static size_t numbers(const ent_bench_batch *b) {
  return b->d == 2 ? b->n : b->n * b->d;
}

static void gather(void *batch) {
  const ent_bench_batch *b = batch;
  const size_t count = numbers(b);
  for (size_t k = 0; k < count; k += ENT_LANES) {
    ent_v8 square[ENT_LANES];
    ENT_UNROLL for (int l = 0; l < ENT_LANES; l++) memcpy(&square[l], b->states[l] + k, sizeof(*square));
    ent_v8_transpose(square, (ent_v8 *)b->x + k);
  }
}

static void scatter(void *batch) {
  const ent_bench_batch *b = batch;
  const size_t count = numbers(b);
  for (size_t k = 0; k < count; k += ENT_LANES) {
    ent_v8 square[ENT_LANES];
    ent_v8_transpose((const ent_v8 *)b->y + k, square);
    ENT_UNROLL for (int l = 0; l < ENT_LANES; l++) memcpy(b->drifts[l] + k, &square[l], sizeof(*square));
  }
}

/* Multiples k and k - 1 of the angle of one particle, for all seeds of a register. */
typedef struct turning {
  ent_vn twice, cosine, cosine_before, sine, sine_before;
} turning;

/* The k-th goes to the next, with the names exchanged. */
ENT_SIMD_INLINE void turn(turning *v) {
  const ent_vn cosine = ent_vn_fma(v->twice, v->cosine, -v->cosine_before);
  const ent_vn sine = ent_vn_fma(v->twice, v->sine, -v->sine_before);
  v->cosine_before = v->cosine, v->sine_before = v->sine;
  v->cosine = cosine, v->sine = sine;
}

/* Adds cos(kx) and sin(kx) of AT_ONCE particles to sums [terms][2]. */
ENT_SIMD_INLINE void add_moments(size_t terms, const ent_vn *cosines, const ent_vn *sines, ent_vn *sums) {
  turning v[AT_ONCE];
  ENT_UNROLL for (int g = 0; g < AT_ONCE; g++) {
    v[g] = (turning){2.0 * cosines[g], cosines[g], ent_vn_set(1.0), sines[g], {0}};
  }
  for (size_t k = 0; k < terms; k += 2, sums += 4) {
    ENT_UNROLL for (int odd = 0; odd < 2; odd++) {
      ENT_UNROLL for (int g = 0; g < AT_ONCE; g++) {
        sums[2 * odd] += v[g].cosine;
        sums[2 * odd + 1] += v[g].sine;
        turn(&v[g]);
      }
    }
  }
}

/* Moments [terms][2] become coefficients [terms][4] of the sums' cosines and sines: N's, then Z's. */
ENT_SIMD_INLINE void fill_polynomials(const ent_bench_batch *b, const ent_vn *moments, ent_vn *to) {
  const double mass = 1.0 / (double)b->n, *c = b->series;
  for (size_t k = 1; k <= b->terms; k++, moments += 2, to += 4) {
    const double drift = mass * (c[k - 1] - c[k + 1]), weight = 2 * mass * c[k];
    to[0] = drift * moments[1];
    to[1] = -drift * moments[0];
    to[2] = weight * moments[0];
    to[3] = weight * moments[1];
  }
}

/* N / Z of PAIR particles by Clenshaw's recurrence, as src/kernel/fourier_simd.c has it. */
ENT_SIMD_INLINE void evaluate(const ent_bench_batch *b, const ent_vn *coefficients, const ent_vn *cosines,
                              const ent_vn *sines, ent_vn *y) {
  ent_vn b1[PAIR][4] = {{{0}}}, b2[PAIR][4] = {{{0}}};
  for (const ent_vn *a = coefficients + 4 * b->terms; a != coefficients;) {
    a -= 4;
    ENT_UNROLL for (int i = 0; i < 4; i++) {
      ENT_UNROLL for (int g = 0; g < PAIR; g++) {
        const ent_vn next = ent_vn_fma(2.0 * cosines[g], b1[g][i], a[i] - b2[g][i]);
        b2[g][i] = b1[g][i];
        b1[g][i] = next;
      }
    }
  }
  ENT_UNROLL for (int g = 0; g < PAIR; g++) {
    const ent_vn drift = ent_vn_fma(b1[g][0], cosines[g], ent_vn_fma(b1[g][1], sines[g], -b2[g][0]));
    y[g * SIDES] =
      drift / ent_vn_fma(b1[g][2], cosines[g], ent_vn_fma(b1[g][3], sines[g], b->series[0] - b2[g][2]));
  }
}

static void fourier(void *batch) {
  const ent_bench_batch *b = batch;
  ent_vn *cosines = (ent_vn *)b->work, *sines = cosines + b->n;
  ent_vn *moments = sines + b->n, *coefficients = moments + 2 * b->terms;
  for (size_t side = 0; side < SIDES; side++) {
    const ent_vn *x = (const ent_vn *)b->x + side;
    for (size_t j = 0; j < b->n; j++) ent_vn_cos_sin(x[j * SIDES], &cosines[j], &sines[j]);
    memset(moments, 0, 2 * b->terms * sizeof(*moments));
    for (size_t j = 0; j < b->n; j += AT_ONCE) add_moments(b->terms, cosines + j, sines + j, moments);
    fill_polynomials(b, moments, coefficients);
    for (size_t j = 0; j < b->n; j += PAIR)
      evaluate(b, coefficients, cosines + j, sines + j, (ent_vn *)b->y + j * SIDES + side);
  }
}

/* |x_i - x_j|^2 of rows first ... last - 1 and all later particles, one after the other; returns how many. */
ENT_SIMD_INLINE size_t measure_rows(const ent_bench_batch *b, int width, int stride, size_t first,
                                    const ent_v8 *points, ent_v8 *gaps) {
  size_t count = 0;
  for (size_t i = first; i < first + ROWS; i++) {
    const ent_v8 *x_i = points + i * (size_t)stride;
    for (size_t j = i + 1; j < b->n; j++) {
      const ent_v8 *x_j = points + j * (size_t)stride;
      ent_v8 gap = {0};
      ENT_UNROLL for (int k = 0; k < width; k++) {
        const ent_v8 difference = x_j[k] - x_i[k];
        gap = ent_v8_fma(difference, difference, gap);
      }
      gaps[count++] = gap;
    }
  }
  return count;
}

/* Where weighted differences are summed. */
typedef struct pairs {
  size_t n;
  const ent_v8 *points, *weights; /* of `group` rows from i on, one row behind the other */
  ent_v8 *sums, *totals;          /* [n][width], [n] */
} pairs;

/*
 * What `group` rows from i on and all particles behind them give one another, for `width` of `all` components
 * from k on; with the first ones go the totals. The weights of a row begin with those of its own group.
 */
ENT_SIMD_INLINE void add_panel(const pairs *p, int group, size_t i, int all, int k, int width) {
  ent_v8 own[GROUP][PANEL], x_i[GROUP][PANEL], total[GROUP];
  const ent_v8 *row[GROUP];
  ENT_UNROLL for (int g = 0; g < group; g++) {
    const size_t at = i + (size_t)g;
    row[g] = g == 0 ? p->weights : row[g - 1] + (p->n - at);
    total[g] = p->totals[at];
    ENT_UNROLL for (int c = 0; c < width; c++) {
      own[g][c] = p->sums[at * (size_t)all + (size_t)(k + c)];
      x_i[g][c] = p->points[at * (size_t)all + (size_t)(k + c)];
    }
  }
  for (size_t j = i + (size_t)group; j < p->n; j++) {
    const ent_v8 *x_j = p->points + j * (size_t)all + k;
    ent_v8 *sum_j = p->sums + j * (size_t)all + k, weight[GROUP], total_j = p->totals[j];
    ENT_UNROLL for (int g = 0; g < group; g++) {
      weight[g] = row[g][j - i - (size_t)g - 1];
      total[g] += weight[g];
      total_j += weight[g];
    }
    if (k == 0) p->totals[j] = total_j;
    ENT_UNROLL for (int c = 0; c < width; c++) {
      ent_v8 sum = sum_j[c];
      ENT_UNROLL for (int g = 0; g < group; g++) {
        const ent_v8 chord = x_j[c] - x_i[g][c];
        own[g][c] = ent_v8_fma(weight[g], chord, own[g][c]);
        sum = ent_v8_fma(-weight[g], chord, sum);
      }
      sum_j[c] = sum;
    }
  }
  ENT_UNROLL for (int g = 0; g < group; g++) {
    const size_t at = i + (size_t)g;
    if (k == 0) p->totals[at] = total[g];
    ENT_UNROLL for (int c = 0; c < width; c++) p->sums[at * (size_t)all + (size_t)(k + c)] = own[g][c];
  }
}

/* Adds what the rows i, i + 1 give one another and get from themselves, in the order of the particles. */
ENT_SIMD_INLINE void add_within(const pairs *p, size_t i, int width) {
  const ent_v8 weight = *p->weights, *x = p->points + i * (size_t)width;
  ent_v8 *sum = p->sums + i * (size_t)width;
  p->totals[i] = (p->totals[i] + 1.0) + weight;
  p->totals[i + 1] = (p->totals[i + 1] + weight) + 1.0;
  ENT_UNROLL for (int k = 0; k < width; k++) {
    const ent_v8 chord = x[width + k] - x[k];
    sum[k] = ent_v8_fma(weight, chord, sum[k]);
    sum[width + k] = ent_v8_fma(-weight, chord, sum[width + k]);
  }
}

ENT_SIMD_INLINE void add_chords(const pairs *p, size_t i, int width) {
  add_within(p, i, width);
  if (width <= PANEL) {
    add_panel(p, GROUP, i, width, 0, width);
  } else {
    ENT_UNROLL for (int k = 0; k < width; k += PANEL) add_panel(p, GROUP, i, width, k, PANEL);
  }
}

/* Adds w_ij sin(x_j - x_i) of row i and all later particles, each particle's by its own cosine and sine. */
ENT_SIMD_INLINE void add_sines(const pairs *p, size_t i) {
  const ent_v8 *at = p->points + 3 * i, *weights = p->weights, c = at[0], s = at[1], turned = at[2];
  ent_v8 own = p->sums[i], total = p->totals[i] + 1.0;
  for (size_t j = i + 1; j < p->n; j++) {
    const ent_v8 weight = *weights++, *to = p->points + 3 * j;
    const ent_v8 cosine = c - to[0], sine = to[1] - s, rest = to[2] - turned;
    total += weight;
    p->totals[j] += weight;
    own = ent_v8_fma(weight, ent_v8_fma(sine, c, ent_v8_fma(cosine, s, rest)), own);
    p->sums[j] = ent_v8_fma(-weight, ent_v8_fma(sine, to[0], ent_v8_fma(cosine, to[1], rest)), p->sums[j]);
  }
  p->sums[i] = own;
  p->totals[i] = total;
}

/* Weights of ROWS rows at a time, then what they give. */
ENT_SIMD_INLINE void sum_pairs(const ent_bench_batch *b, int width, pairs p) {
  ent_v8 *weights = p.totals + b->n;
  for (size_t first = 0; first < b->n; first += ROWS) {
    const size_t count = measure_rows(b, width, width == 2 ? 3 : width, first, p.points, weights);
    weigh((count + WEIGHED - 1) / WEIGHED * WEIGHED, -HALF_LOG2_E * b->beta, false, weights, weights);
    p.weights = weights;
    for (size_t i = first; i < first + ROWS; p.weights += b->n - 1 - i, i++) {
      if (width == 2)
        add_sines(&p, i);
      else if (i % GROUP == 0)
        add_chords(&p, i, width);
    }
  }
}

/* P_{x_i} (sum / Z), as src/kernel/direct_simd.c has it. */
ENT_SIMD_INLINE void finish(const ent_bench_batch *b, int width, const ent_v8 *sums, const ent_v8 *totals) {
  const ent_v8 *x = (const ent_v8 *)b->x;
  ent_v8 *y = (ent_v8 *)b->y;
  for (size_t i = 0; i < b->n; i++, x += width, y += width, sums += width) {
    const ent_v8 factor = 1.0 / totals[i];
    ent_v8 normal = {0};
    ENT_UNROLL for (int k = 0; k < width; k++) normal = ent_v8_fma(sums[k], x[k], normal);
    ENT_UNROLL for (int k = 0; k < width; k++) y[k] = factor * ent_v8_fma(-normal, x[k], sums[k]);
  }
}

ENT_SIMD_INLINE void sum_vectors(const ent_bench_batch *b, int width) {
  ent_v8 *sums = (ent_v8 *)b->work, *totals = sums + b->n * (size_t)width;
  memset(sums, 0, b->n * (size_t)(width + 1) * sizeof(*sums));
  sum_pairs(b, width, (pairs){.n = b->n, .points = (const ent_v8 *)b->x, .sums = sums, .totals = totals});
  finish(b, width, sums, totals);
}

static void sum_angles(const ent_bench_batch *b) {
  ent_v8 *points = (ent_v8 *)b->work, *sums = points + 3 * b->n, *totals = sums + b->n;
  const ent_v8 *x = (const ent_v8 *)b->x;
  memset(sums, 0, 2 * b->n * sizeof(*sums));
  for (size_t j = 0; j < b->n; j += ENT_ANGLE_VECTORS) ent_v8_points(x + j, (ent_v8(*)[3])(points + 3 * j));
  sum_pairs(b, 2, (pairs){.n = b->n, .points = points, .sums = sums, .totals = totals});
  for (size_t i = 0; i < b->n; i++) ((ent_v8 *)b->y)[i] = sums[i] / totals[i];
}

static void direct(void *batch) {
  const ent_bench_batch *b = batch;
  switch (b->d) {
    case 2: sum_angles(b); break;
    case 3: sum_vectors(b, 3); break;
    case 8: sum_vectors(b, 8); break;
    default: break;
  }
}

const ent_bench_batch_ops ENT_ISA_NAME(ent_bench_batch_ops) = {
  .gather = gather, .scatter = scatter, .fourier = fourier, .direct = direct};
