#include <string.h>

#include <sleef.h>

#include "entrain/math/simd.h"
#include "entrain/math/simd_angle.h"

#include "direct_impl.h"
#include "direct_row.h"
#include "direct_sums.h"
#include "direct_tile.h"

#define HALF_LOG2_E 0x1.71547652b82fep-1
#define WEAK 100.0 /* |beta| up to which no weight underflows or overflows, even at |x_j - x_i|^2 = 14 */

/* What the compiler makes a version of its own for. */
typedef struct variant {
  bool angles, has_masses, underflows, radial;
} variant;

static size_t least(size_t a, size_t b) {
  return a < b ? a : b;
}

static void load_masses(ent_direct *direct, const double *masses) {
  if (masses == NULL && direct->has_ones) return;
  for (size_t j = 0; j < direct->n; j++) direct->masses[j] = masses ? masses[j] : 1.0;
  direct->has_ones = masses == NULL;
}

/* Particles of block J, the lanes beyond n filled with the first one. */
static ent_v8 block_of_angles(const ent_direct *direct, const double *x, size_t J) {
  const size_t first = J * ENT_LANES;
  ent_v8 angles = ent_v8_set(x[0]);
  if (first + ENT_LANES <= direct->n)
    memcpy(&angles, x + first, sizeof(angles));
  else if (first < direct->n)
    memcpy(&angles, x + first, (direct->n - first) * sizeof(double));
  return angles;
}

static void load_angles(ent_direct *direct, const double *x) {
  ent_v8 angles[ENT_ANGLE_VECTORS], points[ENT_ANGLE_VECTORS][3];
  for (size_t J = 0; J < direct->blocks; J += ENT_ANGLE_VECTORS) {
    for (size_t v = 0; v < ENT_ANGLE_VECTORS; v++) angles[v] = block_of_angles(direct, x, J + v);
    ent_v8_points(angles, points);
    for (size_t v = 0; v < ENT_ANGLE_VECTORS && J + v < direct->blocks; v++)
      memcpy(direct->state + place(direct, J + v, 0), points[v], sizeof(points[v]));
  }
}

/* Coordinates k ... k + 7 of block J from row-major x, or back. */
static void load_square(ent_direct *direct, const double *x, size_t J, size_t k) {
  ent_v8 square[ENT_LANES];
  for (size_t l = 0; l < ENT_LANES; l++) {
    const size_t j = J * ENT_LANES + l;
    memcpy(&square[l], x + (j < direct->n ? j : 0) * direct->d + k, sizeof(*square));
  }
  ent_v8_transpose(square, square);
  for (size_t c = 0; c < ENT_LANES; c++) *vectors(direct->state + place(direct, J, k + c)) = square[c];
}

static void load_vectors(ent_direct *direct, const double *x) {
  const size_t d = direct->d;
  for (size_t J = 0; J < direct->blocks; J++) {
    size_t k = 0;
    for (; k + ENT_LANES <= d; k += ENT_LANES) load_square(direct, x, J, k);
    for (; k < d; k++) {
      double *to = direct->state + place(direct, J, k);
      for (size_t l = 0; l < ENT_LANES; l++)
        to[l] = x[(J * ENT_LANES + l < direct->n ? J * ENT_LANES + l : 0) * d + k];
    }
  }
}

static void load(ent_direct *direct, const ent_pair_law *law, const double *x) {
  load_masses(direct, law->masses);
  if (direct->d == 2) {
    load_angles(direct, x);
  } else {
    load_vectors(direct, x);
  }
}

/* e^{exponent} of the scale of all rows that share a shift. */
static double scale_of(const ent_pair_law *law, double shift) {
  const double exponent = law->log_scale + (law->softmax ? 0.0 : law->beta + shift);
  return exponent == 0 ? 1.0 : Sleef_cinz_expd1_u10purec(exponent);
}

/* Factor of block J's sums: 1/Z_i, or the true scale of the mean, put together in the log domain. `common` is
 * the scale where there are no shifts. */
static ent_v8 factor_of(const ent_direct *direct, const ent_pair_law *law, const double *shifts,
                        double common, size_t J) {
  ent_v8 scale = ent_v8_set(common);
  if (law->softmax) return scale / ((const ent_v8 *)direct->totals)[J];
  for (size_t l = 0; l < ENT_LANES && shifts; l++) scale[l] = scale_of(law, shifts[J * ENT_LANES + l]);
  return scale * (law->masses ? 1.0 : 1.0 / (double)direct->n);
}

static void store(const ent_direct *direct, size_t J, const ent_v8 values, double *to) {
  for (size_t l = 0; l < ENT_LANES && J * ENT_LANES + l < direct->n; l++) to[J * ENT_LANES + l] = values[l];
}

/* Coordinates k ... k + 7 of block J's drift into row-major dxdt. */
static void store_square(const ent_direct *direct, size_t J, size_t k, double *dxdt) {
  ent_v8 square[ENT_LANES];
  for (size_t c = 0; c < ENT_LANES; c++) square[c] = *vectors(direct->sums + place(direct, J, k + c));
  ent_v8_transpose(square, square);
  for (size_t l = 0; l < ENT_LANES && J * ENT_LANES + l < direct->n; l++)
    memcpy(dxdt + (J * ENT_LANES + l) * direct->d + k, &square[l], sizeof(*square));
}

/* P_{x_i} y for block J into dxdt, y being factor times the sums. */
static void store_drift(const ent_direct *direct, size_t J, ent_v8 factor, double *dxdt) {
  const size_t d = direct->d, rows = least(direct->n - J * ENT_LANES, ENT_LANES);
  ent_v8 normal = {0};
  for (size_t k = 0; k < d; k++) {
    const size_t at = place(direct, J, k);
    ent_v8 *y = vectors(direct->sums + at);
    *y *= factor;
    normal = ent_v8_fma(*y, *vectors(direct->state + at), normal);
  }
  for (size_t k = 0; k < d; k++) {
    const size_t at = place(direct, J, k);
    ent_v8 *y = vectors(direct->sums + at);
    *y = ent_v8_fma(-normal, *vectors(direct->state + at), *y);
  }
  size_t k = 0;
  for (; k + ENT_LANES <= d; k += ENT_LANES) store_square(direct, J, k, dxdt);
  for (; k < d; k++) {
    const double *y = direct->sums + place(direct, J, k);
    for (size_t l = 0; l < rows; l++) dxdt[(J * ENT_LANES + l) * d + k] = y[l];
  }
}

/* From sums and totals to drift and radial part. [in] shifts [blocks * 8], or NULL: all 0 */
static void finish(ent_direct *direct, const ent_pair_law *law, const double *shifts, double *dxdt,
                   double *radial) {
  const double common = scale_of(law, 0.0);
  for (size_t J = 0; J < direct->blocks; J++) {
    const ent_v8 factor = factor_of(direct, law, shifts, common, J);
    const ent_v8 total = ((const ent_v8 *)direct->totals)[J], missing = ((const ent_v8 *)direct->misses)[J];
    if (radial) store(direct, J, factor * (total - 0.5 * missing), radial);
    if (direct->d == 2) {
      store(direct, J, factor * *vectors(direct->sums + place(direct, J, 0)), dxdt);
    } else {
      store_drift(direct, J, factor, dxdt);
    }
  }
}

/* Weights of row block I for blocks first ... last - 1; gaps may be the same memory. */
ENT_SIMD_INLINE void weigh_strip(const ent_direct *direct, variant of, double rate, strip s, ent_v8 *gaps,
                                 ent_v8 *weights) {
  const size_t d = of.angles ? 2 : direct->d;
  for (size_t J = s.first; J < s.last; J++) measure(direct, d, s.I, J, gaps + (J - s.first) * ENT_LANES);
  weigh((s.last - s.first) * ENT_LANES, rate, of.underflows, gaps, weights);
}

ENT_SIMD_INLINE void add_strip(const ent_direct *direct, const variant of, const strip *s) {
  add_totals(direct, s, NULL, vectors(direct->totals));
  if (of.angles) {
    add_sines(direct, s);
    return;
  }
  size_t k = 0;
  for (; k + SUM_WIDTH <= direct->d; k += SUM_WIDTH) add_chords(direct, s, k, SUM_WIDTH);
  if (k < direct->d) add_chords(direct, s, k, 1);
}

/* Squares of at most ENT_TILE blocks; a row's sums are taken tile by tile, in the order of columns. */
typedef struct tile {
  size_t first, last;
} tile;

static tile tile_from(const ent_direct *direct, size_t first) {
  return (tile){first, least(first + ENT_TILE, direct->blocks)};
}

/* All rows of a tile against the columns of another; weights [rows][columns][8]. */
ENT_SIMD_INLINE void add_tile(const ent_direct *direct, variant of, tile rows, tile columns,
                              const ent_v8 *weights) {
  const size_t width = (columns.last - columns.first) * ENT_LANES;
  for (size_t I = rows.first; I < rows.last; I++, weights += width) {
    const strip s = {I, columns.first, columns.last, weights, of.has_masses};
    add_strip(direct, of, &s);
  }
}

/* The pairs within a tile. */
ENT_SIMD_INLINE void work_within(const ent_direct *direct, variant of, double rate, tile t) {
  const size_t count = t.last - t.first;
  ent_v8 *weights = vectors(direct->weights);
  for (size_t I = 0; I < count; I++) {
    ent_v8 *row = weights + (I * count + I) * ENT_LANES;
    weigh_strip(direct, of, rate, (strip){.I = t.first + I, .first = t.first + I, .last = t.last}, row, row);
    for (size_t J = I + 1; J < count; J++)
      ent_v8_transpose(weights + (I * count + J) * ENT_LANES, weights + (J * count + I) * ENT_LANES);
  }
  add_tile(direct, of, t, t, weights);
}

/* The pairs between two tiles. */
ENT_SIMD_INLINE void work_between(const ent_direct *direct, variant of, double rate, tile rows,
                                  tile columns) {
  const size_t height = rows.last - rows.first, width = columns.last - columns.first;
  ent_v8 *weights = vectors(direct->weights), *turned = vectors(direct->turned);
  for (size_t I = 0; I < height; I++) {
    ent_v8 *row = weights + I * width * ENT_LANES;
    weigh_strip(direct, of, rate, (strip){.I = rows.first + I, .first = columns.first, .last = columns.last},
                row, row);
    for (size_t J = 0; J < width; J++)
      ent_v8_transpose(row + J * ENT_LANES, turned + (J * height + I) * ENT_LANES);
  }
  add_tile(direct, of, rows, columns, weights);
  add_tile(direct, of, columns, rows, turned);
}

/* Each pair's weight once. */
ENT_SIMD_INLINE void work_on_pairs(const ent_direct *direct, variant of, double rate) {
  for (size_t first = 0; first < direct->blocks; first += ENT_TILE) {
    const tile rows = tile_from(direct, first);
    work_within(direct, of, rate, rows);
    for (size_t next = rows.last; next < direct->blocks; next += ENT_TILE)
      work_between(direct, of, rate, rows, tile_from(direct, next));
  }
}

/* Row by row, where the distances are needed again; the same bits. */
ENT_SIMD_INLINE void work_on_rows(const ent_direct *direct, variant of, double rate) {
  ent_v8 *gaps = vectors(direct->gaps), *weights = vectors(direct->weights);
  for (size_t I = 0; I < direct->blocks; I++) {
    for (size_t first = 0; first < direct->blocks; first += ENT_TILE) {
      const strip s = {I, first, least(first + ENT_TILE, direct->blocks), weights, of.has_masses};
      weigh_strip(direct, of, rate, s, gaps, weights);
      add_strip(direct, of, &s);
      add_totals(direct, &s, gaps, vectors(direct->misses));
    }
  }
}

ENT_SIMD_INLINE void work(const ent_direct *direct, variant of, double rate) {
  if (of.radial)
    work_on_rows(direct, of, rate);
  else
    work_on_pairs(direct, of, rate);
}

static void sum_pairs(ent_direct *direct, const ent_pair_law *law, const double *x, double *dxdt,
                      double *radial) {
  const double rate = -HALF_LOG2_E * law->beta;
  const size_t lanes = direct->blocks * ENT_LANES;
  const bool plain = law->masses == NULL && direct->n % ENT_LANES == 0 && law->beta <= WEAK;
  const bool angles = direct->d == 2;
  load(direct, law, x);
  memset(direct->sums, 0, place(direct, direct->blocks, direct->components - 1) * sizeof(double));
  memset(direct->totals, 0, lanes * sizeof(double));
  memset(direct->misses, 0, lanes * sizeof(double));
  if (angles && radial) work(direct, (variant){true, true, true, true}, rate);
  if (angles && !radial && plain) work(direct, (variant){true, false, false, false}, rate);
  if (angles && !radial && !plain) work(direct, (variant){true, true, true, false}, rate);
  if (!angles && radial) work(direct, (variant){false, true, true, true}, rate);
  if (!angles && !radial && plain) work(direct, (variant){false, false, false, false}, rate);
  if (!angles && !radial && !plain) work(direct, (variant){false, true, true, false}, rate);
  finish(direct, law, NULL, dxdt, radial);
}

static void sum_rows(ent_direct *direct, const ent_pair_law *law, const double *x, double *dxdt,
                     double *radial) {
  load(direct, law, x);
  for (size_t i = 0; i < direct->n; i++) add_row(direct, law->beta, i);
  finish(direct, law, direct->shifts, dxdt, radial);
}

const ent_direct_ops ENT_ISA_NAME(ent_direct_ops) = {.sum_pairs = sum_pairs, .sum_rows = sum_rows};
