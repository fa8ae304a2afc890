#include <string.h>

#include <sleef.h>

#include "entrain/math/simd.h"
#include "entrain/math/simd_angle.h"
#include "entrain/math/simd_lanes.h"

#include "direct_impl.h"
#include "direct_row.h"
#include "direct_sums.h"
#include "direct_tile.h"

#define HALF_LOG2_E 0x1.71547652b82fep-1
#define WEAK 100.0 /* |beta| up to which no weight underflows or overflows, even at |x_j - x_i|^2 = 14 */

/* What a law asks of the loops. */
typedef struct variant {
  bool has_masses; /* those that differ, or zero ones in the last block */
  bool underflows; /* weights can */
  double rate;     /* a weight is 2^{rate |x_i - x_j|^2} */
  ent_brake *brake;
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

/* Component k of factor (y - normal x), y being the sums. */
ENT_SIMD_INLINE ent_v8 tangent(const ent_direct *direct, size_t at, ent_v8 factor, ent_v8 normal) {
  return factor * ent_v8_fma(-normal, *vectors(direct->state + at), *vectors(direct->sums + at));
}

/* Components k ... k + 7 of block J's drift into row-major dxdt. */
ENT_SIMD_INLINE void store_square(const ent_direct *direct, size_t J, size_t k, const ent_v8 *square,
                                  double *dxdt) {
  ent_v8 rows[ENT_LANES];
  ent_v8_transpose(square, rows);
  double *to = dxdt + J * ENT_LANES * direct->d + k;
  const size_t count = least(direct->n - J * ENT_LANES, ENT_LANES);
  if (count == ENT_LANES) {
    ENT_UNROLL for (size_t l = 0; l < ENT_LANES; l++) memcpy(to + l * direct->d, &rows[l], sizeof(*rows));
    return;
  }
  for (size_t l = 0; l < count; l++) memcpy(to + l * direct->d, &rows[l], sizeof(*rows));
}

/* P_{x_i} y for block J into dxdt, y being factor times the sums. */
static void store_drift(const ent_direct *direct, size_t J, ent_v8 factor, double *dxdt) {
  const size_t d = direct->d, rows = least(direct->n - J * ENT_LANES, ENT_LANES);
  ent_v8 normal = {0}, square[ENT_LANES];
  for (size_t k = 0; k < d; k++) {
    const size_t at = place(direct, J, k);
    normal = ent_v8_fma(*vectors(direct->sums + at), *vectors(direct->state + at), normal);
  }
  size_t k = 0;
  for (; k + ENT_LANES <= d; k += ENT_LANES) {
    ENT_UNROLL for (size_t c = 0; c < ENT_LANES; c++) {
      square[c] = tangent(direct, place(direct, J, k) + place(direct, 0, c), factor, normal);
    }
    store_square(direct, J, k, square, dxdt);
  }
  for (; k < d; k++) {
    const ent_v8 y = tangent(direct, place(direct, J, k), factor, normal);
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

static range tile_from(const ent_direct *direct, size_t first) {
  return (range){first, least(first + ENT_TILE, direct->blocks)};
}

/* |x_i - x_j|^2 of block I's rows and the particles of other blocks, into gaps [others][8]. */
static void measure_row(const ent_direct *direct, size_t I, range others, ent_v8 *gaps) {
  for (size_t J = others.first; J < others.last; J++, gaps += ENT_LANES) {
    if (direct->d == 2)
      measure(direct, 2, I, J, gaps);
    else
      measure(direct, direct->d, I, J, gaps);
  }
}

/* The same, of the particles of other blocks and block I in the lanes. */
static void measure_column(const ent_direct *direct, range others, size_t I, ent_v8 *gaps) {
  for (size_t J = others.first; J < others.last; J++, gaps += ENT_LANES)
    measure(direct, direct->d, J, I, gaps);
}

static void weigh_all(size_t count, variant of, const ent_v8 *gaps, ent_v8 *weights) {
  if (of.underflows)
    weigh(count, of.rate, true, gaps, weights);
  else
    weigh(count, of.rate, false, gaps, weights);
}

/* Weights of the rows of block I for the particles of other blocks. */
static void weigh_row(const ent_direct *direct, variant of, size_t I, range others, ent_v8 *weights) {
  measure_row(direct, I, others, weights);
  weigh_all((others.last - others.first) * ENT_LANES, of, weights, weights);
}

/* add_tile of direct_sums.h, compiled for each case. */
static void add(const ent_direct *direct, variant of, range rows, sheet s) {
  if (direct->d == 2 && of.has_masses) add_tile(direct, true, true, rows, s);
  if (direct->d == 2 && !of.has_masses) add_tile(direct, true, false, rows, s);
  if (direct->d != 2 && of.has_masses) add_tile(direct, false, true, rows, s);
  if (direct->d != 2 && !of.has_masses) add_tile(direct, false, false, rows, s);
}

/* The pairs within a tile. */
static void work_within(const ent_direct *direct, variant of, range t) {
  const size_t count = t.last - t.first;
  ent_v8 *weights = vectors(direct->weights);
  for (size_t I = 0; I < count; I++) {
    const range others = {t.first + I, t.last};
    weigh_row(direct, of, t.first + I, others, weights + (I * count + I) * ENT_LANES);
    for (size_t J = I + 1; J < count; J++)
      ent_v8_transpose(weights + (I * count + J) * ENT_LANES, weights + (J * count + I) * ENT_LANES);
  }
  add(direct, of, t, (sheet){.columns = t, .weights = weights});
}

/* The pairs between two tiles. */
static void work_between(const ent_direct *direct, variant of, range a, range b) {
  const size_t height = a.last - a.first, width = b.last - b.first;
  ent_v8 *weights = vectors(direct->weights), *turned = vectors(direct->turned);
  for (size_t I = 0; I < height; I++) {
    ent_v8 *row = weights + I * width * ENT_LANES;
    weigh_row(direct, of, a.first + I, b, row);
    for (size_t J = 0; J < width; J++)
      ent_v8_transpose(row + J * ENT_LANES, turned + (J * height + I) * ENT_LANES);
  }
  add(direct, of, a, (sheet){.columns = b, .weights = turned});
  add(direct, of, b, (sheet){.columns = a, .weights = weights});
}

/* Whether to give up after the pairs of `rows` and `columns` blocks. */
static bool gives_up(const ent_direct *direct, ent_brake *brake, size_t rows, size_t columns) {
  return ent_brake_after(brake, (double)(rows * columns * ENT_LANES * ENT_LANES) * (double)direct->d);
}

/* Each pair's weight once, tile by tile; each row meets the tiles in their order. `b` is `a` or behind it.
 * False when given up. */
static bool work_on_pairs(const ent_direct *direct, variant of, range a, range b) {
  for (size_t first = a.first; first < a.last; first += ENT_TILE) {
    const range rows = tile_from(direct, first);
    if (a.first == b.first) work_within(direct, of, rows);
    for (size_t next = a.first == b.first ? rows.last : b.first; next < b.last; next += ENT_TILE) {
      work_between(direct, of, rows, tile_from(direct, next));
      if (gives_up(direct, of.brake, ENT_TILE, ENT_TILE)) return false;
    }
  }
  return true;
}

/* Block by block, where the distances are needed again; the same bits. False when given up. */
static bool work_on_blocks(const ent_direct *direct, variant of, range a, range b) {
  ent_v8 *gaps = vectors(direct->gaps), *weights = vectors(direct->weights);
  for (size_t I = a.first; I < a.last; I++) {
    for (size_t first = b.first; first < b.last; first += ENT_TILE) {
      const range columns = tile_from(direct, first);
      const size_t count = (columns.last - first) * ENT_LANES;
      measure_column(direct, columns, I, gaps);
      weigh_all(count, of, gaps, weights);
      const sheet s = {I, 1, columns, weights, of.has_masses};
      add(direct, of, (range){I, I + 1}, s);
      add_misses(direct, &s, gaps);
    }
    if (gives_up(direct, of.brake, 1, b.last - b.first)) return false;
  }
  return true;
}

static variant variant_of(const ent_direct *direct, const ent_pair_law *law) {
  return (variant){.has_masses = law->masses != NULL || direct->n % ENT_LANES != 0,
                   .underflows = law->beta > WEAK,
                   .rate = -HALF_LOG2_E * law->beta,
                   .brake = law->brake};
}

static void sum_pairs(ent_direct *direct, const ent_pair_law *law, const double *x, double *dxdt,
                      double *radial) {
  const variant of = variant_of(direct, law);
  const range all = {0, direct->blocks};
  const size_t lanes = direct->blocks * ENT_LANES;
  load(direct, law, x);
  memset(direct->sums, 0, place(direct, direct->blocks, direct->components - 1) * sizeof(double));
  memset(direct->totals, 0, lanes * sizeof(double));
  memset(direct->misses, 0, lanes * sizeof(double));
  const bool is_whole = radial ? work_on_blocks(direct, of, all, all) : work_on_pairs(direct, of, all, all);
  if (is_whole) finish(direct, law, NULL, dxdt, radial);
}

static bool take_rows(ent_direct *direct, const ent_pair_law *law, range rows) {
  const size_t end = least(rows.last * ENT_LANES, direct->n);
  for (size_t i = rows.first * ENT_LANES; i < end; i++) {
    add_row(direct, law->beta, i);
    if (ent_brake_after(law->brake, (double)direct->n * (double)direct->d)) return false;
  }
  return true;
}

static void sum_rows(ent_direct *direct, const ent_pair_law *law, const double *x, double *dxdt,
                     double *radial) {
  load(direct, law, x);
  if (take_rows(direct, law, (range){0, direct->blocks})) finish(direct, law, direct->shifts, dxdt, radial);
}

static bool add_pairs(ent_direct *direct, const ent_pair_law *law, range a, range b) {
  return work_on_pairs(direct, variant_of(direct, law), a, b);
}

static bool add_columns(ent_direct *direct, const ent_pair_law *law, range rows, range columns) {
  return work_on_blocks(direct, variant_of(direct, law), rows, columns);
}

const ent_direct_ops ENT_ISA_NAME(ent_direct_ops) = {.sum_pairs = sum_pairs,
                                                     .sum_rows = sum_rows,
                                                     .load = load,
                                                     .add_pairs = add_pairs,
                                                     .add_columns = add_columns,
                                                     .take_rows = take_rows,
                                                     .finish = finish};
