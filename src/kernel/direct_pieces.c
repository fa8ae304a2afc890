#include "direct_pieces.h"

#include <string.h>

#include "entrain/math/shares.h"

#include "direct_tile.h"

enum {
  LEAST_PIECES = 16,
  LARGEST_PIECE = 8192, /* particles: its sums lie in the cache, and no task is long */
  ANSWERED = 3          /* totals, misses, shifts */
};

size_t ent_direct_pieces(size_t n) {
  const size_t pieces = (n + LARGEST_PIECE - 1) / LARGEST_PIECE;
  if (n < ENT_SHARES_DIRECT_FROM) return 1;
  return pieces < LEAST_PIECES ? LEAST_PIECES : pieces;
}

static size_t tiles_of(size_t blocks) {
  return (blocks + ENT_TILE - 1) / ENT_TILE;
}

size_t ent_direct_strips(const ent_direct *direct) {
  const size_t tiles = tiles_of(direct->blocks) / direct->pieces + 1;
  return 2 * tiles * ENT_TILE * ENT_LANES * (direct->components + ANSWERED);
}

/* Pieces begin at tiles, so that a row meets the same tiles as in a sum that is not divided. */
static ent_direct_blocks piece(const ent_direct *direct, size_t k) {
  const size_t tiles = tiles_of(direct->blocks), last = tiles * (k + 1) / direct->pieces * ENT_TILE;
  return (ent_direct_blocks){tiles * k / direct->pieces * ENT_TILE,
                             last < direct->blocks ? last : direct->blocks};
}

/* The part with the least to do so far; of several the last one, because the asker begins late. */
static size_t least_loaded(const ent_direct_tasks *at) {
  size_t least = at->parts - 1;
  for (size_t part = at->parts - 1; part-- > 0;)
    if (at->load[part] < at->load[least]) least = part;
  return least;
}

bool ent_direct_next(ent_direct_tasks *at) {
  const bool has_two = at->method == ENT_DIRECT_PAIRS;
  if (at->has_begun && has_two && at->columns + 1 < at->pieces) {
    at->columns++;
  } else if (at->has_begun) {
    at->columns = ++at->rows;
  }
  at->has_begun = true;
  if (at->rows == at->pieces) return false;
  at->part = least_loaded(at);
  at->load[at->part] += has_two && at->rows == at->columns ? 0.5 : 1;
  return true;
}

/* Eight values for each block of a piece: the first of them, and from one block to the next. */
typedef struct column {
  double *values;
  size_t step;
} column;

/* The columns of which an answer is made: components, totals, misses, shifts. */
static column column_of(const ent_direct *direct, size_t J, size_t which) {
  if (which < direct->components)
    return (column){direct->sums + place(direct, J, which), ENT_PANEL * ENT_LANES};
  switch (which - direct->components) {
    case 0: return (column){direct->totals + J * ENT_LANES, ENT_LANES};
    case 1: return (column){direct->misses + J * ENT_LANES, ENT_LANES};
    default: return (column){direct->shifts + J * ENT_LANES, ENT_LANES};
  }
}

/* How many of them: misses and shifts are not in every answer. */
static size_t width_of(const ent_direct *direct, ent_direct_method method) {
  static const size_t more[] = {[ENT_DIRECT_PAIRS] = 1, [ENT_DIRECT_COLUMNS] = 2, [ENT_DIRECT_ROWS] = 3};
  return direct->components + more[method];
}

static double *pack(const ent_direct *direct, size_t width, size_t k, double *numbers) {
  const ent_direct_blocks of = piece(direct, k);
  for (size_t which = 0; which < width; which++) {
    const column from = column_of(direct, of.first, which);
    for (size_t J = 0; J < of.last - of.first; J++, numbers += ENT_LANES)
      memcpy(numbers, from.values + J * from.step, ENT_LANES * sizeof(double));
  }
  return numbers;
}

static const double *add(ent_direct *direct, size_t width, size_t k, const double *numbers) {
  const ent_direct_blocks of = piece(direct, k);
  for (size_t which = 0; which < width; which++) {
    const column to = column_of(direct, of.first, which);
    for (size_t J = 0; J < of.last - of.first; J++, numbers += ENT_LANES)
      *vectors(to.values + J * to.step) += *(const ent_v8 *)numbers;
  }
  return numbers;
}

static void clear(ent_direct *direct, size_t width, size_t k) {
  const ent_direct_blocks of = piece(direct, k);
  for (size_t which = 0; which < width; which++) {
    const column to = column_of(direct, of.first, which);
    for (size_t J = 0; J < of.last - of.first; J++)
      memset(to.values + J * to.step, 0, ENT_LANES * sizeof(double));
  }
}

void ent_direct_clear(ent_direct *direct) {
  for (size_t k = 0; k < direct->pieces; k++) clear(direct, direct->components + ANSWERED, k);
}

size_t ent_direct_count(const ent_direct *direct, const ent_direct_tasks *at) {
  const ent_direct_blocks rows = piece(direct, at->rows), columns = piece(direct, at->columns);
  const size_t others = at->columns == at->rows ? 0 : columns.last - columns.first;
  return (rows.last - rows.first + others) * ENT_LANES * width_of(direct, at->method);
}

void ent_direct_pack(const ent_direct *direct, const ent_direct_tasks *at, double *numbers) {
  const size_t width = width_of(direct, at->method);
  double *rest = pack(direct, width, at->rows, numbers);
  if (at->columns != at->rows) (void)pack(direct, width, at->columns, rest);
}

void ent_direct_add(ent_direct *direct, const ent_direct_tasks *at, const double *numbers) {
  const size_t width = width_of(direct, at->method);
  const double *rest = add(direct, width, at->rows, numbers);
  if (at->columns != at->rows) (void)add(direct, width, at->columns, rest);
}

/* All pieces of columns for the rows of one. */
static bool work_on_columns(ent_direct *direct, const ent_pair_law *law, size_t rows) {
  const size_t width = width_of(direct, ENT_DIRECT_COLUMNS);
  for (size_t k = 0; k < direct->pieces; k++) {
    (void)pack(direct, width, rows, direct->strips);
    clear(direct, width, rows);
    if (!direct->ops->add_columns(direct, law, piece(direct, rows), piece(direct, k))) return false;
    (void)add(direct, width, rows, direct->strips);
  }
  return true;
}

bool ent_direct_work(ent_direct *direct, const ent_pair_law *law, const ent_direct_tasks *at) {
  const size_t width = width_of(direct, at->method);
  const ent_direct_blocks rows = piece(direct, at->rows), columns = piece(direct, at->columns);
  clear(direct, width, at->rows);
  if (at->columns != at->rows) clear(direct, width, at->columns);
  switch (at->method) {
    case ENT_DIRECT_PAIRS: return direct->ops->add_pairs(direct, law, rows, columns);
    case ENT_DIRECT_COLUMNS: return work_on_columns(direct, law, at->rows);
    default: return direct->ops->take_rows(direct, law, rows);
  }
}
