#ifndef ENTRAIN_SRC_KERNEL_DIRECT_PIECES_H
#define ENTRAIN_SRC_KERNEL_DIRECT_PIECES_H

/*
 * Direct sums of many particles in tasks, which an asker and its helpers divide. The particles are cut into
 * pieces, a pure function of their number. A task are the pairs of two pieces, or all pairs of the rows of
 * one; a row's sum is that of its tasks in the order of the other piece, each summed from 0. So the bits are
 * the same whoever computes which tasks, and particles that coincide have the same drift in unlike pieces.
 */

#include "entrain/math/simd.h"

#include "direct_impl.h"

enum { ENT_DIRECT_STEP = ENT_TILE * 8 }; /* particles: pieces begin at multiples of it */

/* What a law and its caller want of the pairs. */
typedef enum {
  ENT_DIRECT_PAIRS,   /* a task are the pairs of two pieces, each weight once */
  ENT_DIRECT_COLUMNS, /* of the rows of one piece, with misses */
  ENT_DIRECT_ROWS     /* the same for laws whose weights may overflow, with misses and shifts */
} ent_direct_method;

/* All tasks of a sum, one after the other, and who computes them. */
typedef struct ent_direct_tasks {
  ent_direct_method method;
  size_t pieces, parts;
  bool has_begun;
  size_t rows, columns; /* pieces of the task at hand, the same one for the rows of one piece */
  size_t part;          /* who computes it */
  double load[ENT_SHARES_MOST];
} ent_direct_tasks;

/* Pieces of n particles; 1 where sums are not divided. */
size_t ent_direct_pieces(size_t n);

/* Numbers that an answer has at most. */
size_t ent_direct_strips(const ent_direct *direct);

/* The next task, the first one of {method, pieces, parts}; false behind the last. */
bool ent_direct_next(ent_direct_tasks *at);

/* Makes all sums 0. */
void ent_direct_clear(ent_direct *direct);

/* The sums of a task alone, in the place of its rows. False when given up. */
bool ent_direct_work(ent_direct *direct, const ent_pair_law *law, const ent_direct_tasks *at);

/* How many numbers the sums of a task are. */
size_t ent_direct_count(const ent_direct *direct, const ent_direct_tasks *at);

/* What stands in the place of a task's rows, into `numbers`. */
void ent_direct_pack(const ent_direct *direct, const ent_direct_tasks *at, double *numbers);

/* Adds such numbers to it. */
void ent_direct_add(ent_direct *direct, const ent_direct_tasks *at, const double *numbers);

/* ent_direct_sum by tasks. [in] method  one that the law and `radial` allow */
void ent_direct_sum_pieces(ent_direct *direct, const ent_pair_law *law, ent_direct_method method,
                           const double *x, double *dxdt, double *radial);

#endif
