#ifndef ENTRAIN_APP_REPORT_CURVES_H
#define ENTRAIN_APP_REPORT_CURVES_H

/*
 * How a phase diagram is laid out for people: the axis that curves run along, and one group of cells for
 * every combination of the other axes (the seed aside). Figures, tables and the terminal all draw these.
 */

#include "entrain/sweep/phase.h"

typedef struct ent_curves {
  const ent_spec *spec;   /* not owned */
  const ent_phase *phase; /* not owned */
  const ent_axis *x;      /* the axis curves run along; NULL when there is none but the seed's dimension */
  size_t n_x;             /* points of a curve, at least 1 */
  double *values;         /* [n_x] ascending; 0 without an x axis; index of a choice */
  size_t n_groups;
  int64_t *cells; /* [n_groups, n_x] cell of each point */
  double *t_half; /* [n_groups, n_x] half-crossing of the pair overlap; NaN where there is none */
  int overlap;    /* series of the pair overlap for the first delta, -1 when it is not recorded */
  int map; /* series that is drawn over time: the overlap, otherwise the first; -1: nothing is recorded */
  double map_low, map_high; /* of its means; 0 and 1 where they lie between them */
  ent_arena *arena;         /* owns it */
} ent_curves;

/*
 * Lays out a finished phase diagram, which must live as long as this. x is `beta` where it has several
 * values, otherwise the first numeric axis with several values, otherwise `beta` or nothing. Errors:
 * ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_curves_create(const ent_spec *spec, const ent_phase *phase, ent_curves **curves);

/* Frees it; accepts NULL, sets NULL. */
void ent_curves_destroy(ent_curves **curves);

/* Appends a group's name, "n = 32, d = 8": n, d and every other axis with several values. Errors:
 * ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_curves_append_title(const ent_curves *curves, size_t group, ent_text *title);

/* Name of the x axis for people: "beta"; "point" without one. */
const char *ent_curves_x_name(const ent_curves *curves);

/* Appends an axis value: a choice by its name, a number in its shortest form. Errors: ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_curves_append_value(const ent_axis *axis, double value, ent_text *text);

/* Mean [n_times] of series k in point i of a group. */
const float *ent_curves_mean(const ent_curves *curves, size_t k, size_t group, size_t i);

/*
 * First time at which a curve that starts below 1/2 reaches it, linear between the recorded times; NaN if
 * it does not, or where values before are missing.
 * [in]  times, values  [count]
 */
double ent_curves_half_crossing(const double *times, const float *values, size_t count);

/* Whether ascending values are spread evenly on a logarithmic scale rather than on a linear one. */
bool ent_curves_is_logarithmic(const double *values, size_t count);

/* Whether ascending values have equal distances (to 1e-6 of them). */
bool ent_curves_is_uniform(const double *values, size_t count);

/*
 * Edge before point i of ascending points, 0 <= i <= count: half way to its neighbour on the points' own
 * scale. An outer point lies in the middle of its cell, unless its step is wider than the mean one: then that
 * is taken beyond it, so that little is painted where nothing was computed.
 */
double ent_curves_edge(const double *values, size_t count, size_t i);

/* Appends what is drawn over time, "pair overlap". Errors: ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_curves_append_map_name(const ent_curves *curves, ent_text *text);

/*
 * The point of P(sync) that figures show: p_sync where every row of the cell is decided, NaN elsewhere. With
 * undecided, failed or pending rows the share of the decided ones alone would mislead.
 */
double ent_curves_point(const ent_phase *phase, size_t cell);

#endif
