#include "entrain/app/report_curves.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"
#include "entrain/base/text.h"

static bool runs_along_seed(const ent_grid *grid, const ent_axis *axis) {
  return axis->dim == grid->seed_dim;
}

static const ent_axis *choose_x(const ent_grid *grid) {
  const ent_axis *beta = ent_grid_axis(grid, "beta");
  if (beta && runs_along_seed(grid, beta)) beta = NULL;
  if (beta && beta->count > 1) return beta;
  for (size_t i = 0; i < grid->n_axes; i++) {
    const ent_axis *axis = &grid->axes[i];
    const bool numeric = axis->parameter->kind != ENT_PARAM_CHOICE;
    if (numeric && axis->count > 1 && !runs_along_seed(grid, axis)) return axis;
  }
  return beta;
}

/* An index along the x axis with its value, to sort by. */
typedef struct x_point {
  double value;
  int64_t index;
} x_point;

static int compare_points(const void *left, const void *right) {
  const x_point *a = left, *b = right;
  if (a->value != b->value) return a->value > b->value ? 1 : -1;
  return (a->index > b->index) - (a->index < b->index);
}

/* Cell of a group and an index along x: groups count through the other dimensions, the last fastest. */
static int64_t cell_of(const ent_curves *curves, int64_t group, int64_t index) {
  const ent_grid *grid = curves->phase->grid;
  int64_t coordinates[ENT_MAX_AXES];
  for (int dim = grid->n_dims - 1; dim >= 0; dim--) {
    const bool is_x = curves->x && dim == curves->x->dim;
    const int64_t extent = is_x || dim == grid->seed_dim ? 1 : grid->extent[dim];
    coordinates[dim] = is_x ? index : group % extent;
    group /= extent;
  }
  return ent_grid_cell(grid, ent_grid_row(grid, coordinates));
}

static int find_overlap(const ent_spec *spec) {
  const size_t count = ent_spec_series_count(spec);
  for (size_t k = 0; k < count; k++) {
    char name[64];
    double delta;
    ent_spec_series(spec, k, &delta, name);
    if (strcmp(name, "pair_overlap") == 0) return (int)k;
  }
  return -1;
}

static void lay_out(ent_curves *curves, x_point *points) {
  for (size_t i = 0; i < curves->n_x; i++) {
    points[i].index = (int64_t)i;
    points[i].value = curves->x ? ent_axis_value(curves->x, (int64_t)i) : 0.0;
  }
  qsort(points, curves->n_x, sizeof *points, compare_points);
  for (size_t i = 0; i < curves->n_x; i++) {
    curves->values[i] = points[i].value;
    for (size_t group = 0; group < curves->n_groups; group++)
      curves->cells[group * curves->n_x + i] = cell_of(curves, (int64_t)group, points[i].index);
  }
}

static void find_half_crossings(ent_curves *curves) {
  const ent_spec *spec = curves->spec;
  for (size_t group = 0; group < curves->n_groups; group++)
    for (size_t i = 0; i < curves->n_x; i++) {
      double *t_half = &curves->t_half[group * curves->n_x + i];
      *t_half = NAN;
      if (curves->overlap < 0) continue;
      const float *mean = ent_curves_mean(curves, (size_t)curves->overlap, group, i);
      *t_half = ent_curves_half_crossing(spec->record, mean, curves->phase->n_times);
    }
}

/* Colours are for 0 to 1 when they can be. */
static void find_map_range(ent_curves *curves) {
  const ent_phase *phase = curves->phase;
  curves->map_low = 0.0;
  curves->map_high = 1.0;
  if (curves->map < 0) return;
  const size_t count = (size_t)phase->n_cells * phase->n_times;
  const float *mean = phase->mean + (size_t)curves->map * count;
  double low = INFINITY, high = -INFINITY;
  for (size_t i = 0; i < count; i++) {
    if (!isfinite(mean[i])) continue;
    low = fmin(low, (double)mean[i]);
    high = fmax(high, (double)mean[i]);
  }
  if (low >= high || (low >= 0.0 && high <= 1.0)) return;
  curves->map_low = low;
  curves->map_high = high;
}

static int fill(ent_curves *curves) {
  const size_t points = curves->n_groups * curves->n_x;
  x_point *order = NULL;
  ENT_TRY(ent_arena_alloc(curves->arena, curves->n_x, sizeof *order, &order));
  ENT_TRY(ent_arena_alloc(curves->arena, curves->n_x, sizeof(double), &curves->values));
  ENT_TRY(ent_arena_alloc(curves->arena, points, sizeof(int64_t), &curves->cells));
  ENT_TRY(ent_arena_alloc(curves->arena, points, sizeof(double), &curves->t_half));
  lay_out(curves, order);
  find_half_crossings(curves);
  find_map_range(curves);
  return ENT_OK;
}

int ent_curves_create(const ent_spec *spec, const ent_phase *phase, ent_curves **curves) {
  int code = ENT_OK;
  ent_arena *arena = NULL;
  ent_curves *made = NULL;
  ENT_GOTO(ent_arena_create(&arena));
  ENT_GOTO(ent_arena_alloc(arena, 1, sizeof *made, &made));
  *made = (ent_curves){.spec = spec, .phase = phase, .arena = arena, .overlap = find_overlap(spec)};
  made->map = made->overlap < 0 && ent_spec_series_count(spec) > 0 ? 0 : made->overlap;
  if (phase->n_times < 2) made->map = -1;
  made->x = choose_x(phase->grid);
  made->n_x = made->x ? (size_t)made->x->count : 1;
  made->n_groups = (size_t)phase->n_cells / made->n_x;
  ENT_GOTO(fill(made));
  *curves = made;

done:
  if (code != ENT_OK) ent_arena_destroy(&arena);
  return code;
}

void ent_curves_destroy(ent_curves **curves) {
  if (!*curves) return;
  ent_arena *arena = (*curves)->arena;
  *curves = NULL;
  ent_arena_destroy(&arena);
}

int ent_curves_append_value(const ent_axis *axis, double value, ent_text *text) {
  if (axis->parameter->kind == ENT_PARAM_CHOICE)
    return ent_text_append(text, "%s", axis->parameter->choices[(size_t)value]);
  if (axis->parameter->kind == ENT_PARAM_INTEGER) return ent_text_append(text, "%.0f", value);
  return ent_text_append_real(text, value);
}

/* Whether an axis tells groups apart; n and d are named even if they have one value. */
static bool names_groups(const ent_curves *curves, const ent_axis *axis, bool is_size) {
  if (runs_along_seed(curves->phase->grid, axis)) return false;
  if (curves->x && axis->dim == curves->x->dim) return false;
  return axis->count > 1 || is_size;
}

static int append_part(const ent_curves *curves, const ent_axis *axis, int64_t cell, ent_text *title) {
  ENT_TRY(ent_text_append(title, "%s%s = ", title->length > 0 ? ", " : "", axis->name));
  return ent_curves_append_value(axis, ent_phase_cell_value(curves->phase->grid, axis, cell), title);
}

static int append_parts(const ent_curves *curves, int64_t cell, ent_text *title) {
  static const char *const sizes[] = {"n", "d", NULL};
  const ent_grid *grid = curves->phase->grid;
  for (size_t i = 0; sizes[i]; i++) {
    const ent_axis *axis = ent_grid_axis(grid, sizes[i]);
    if (axis && names_groups(curves, axis, true)) ENT_TRY(append_part(curves, axis, cell, title));
  }
  for (const ent_axis *axis = grid->axes; axis < grid->axes + grid->n_axes; axis++) {
    const bool is_size = strcmp(axis->name, "n") == 0 || strcmp(axis->name, "d") == 0;
    if (!is_size && names_groups(curves, axis, false)) ENT_TRY(append_part(curves, axis, cell, title));
  }
  return ENT_OK;
}

int ent_curves_append_title(const ent_curves *curves, size_t group, ent_text *title) {
  int code = ENT_OK;
  ent_text parts = {0};
  ENT_GOTO(append_parts(curves, curves->cells[group * curves->n_x], &parts));
  ENT_GOTO(ent_text_append(title, "%s", parts.data ? parts.data : ""));

done:
  ent_text_fini(&parts);
  return code;
}

const char *ent_curves_x_name(const ent_curves *curves) {
  return curves->x ? curves->x->name : "point";
}

const float *ent_curves_mean(const ent_curves *curves, size_t k, size_t group, size_t i) {
  const ent_phase *phase = curves->phase;
  const size_t cell = (size_t)curves->cells[group * curves->n_x + i];
  return phase->mean + (k * (size_t)phase->n_cells + cell) * phase->n_times;
}

double ent_curves_half_crossing(const double *times, const float *values, size_t count) {
  const double half = 0.5;
  if (count == 0 || !((double)values[0] < half)) return NAN;
  for (size_t i = 1; i < count; i++) {
    const double before = (double)values[i - 1], now = (double)values[i];
    if (isnan(now)) return NAN;
    if (now >= half) return times[i - 1] + (times[i] - times[i - 1]) * (half - before) / (now - before);
  }
  return NAN;
}

bool ent_curves_is_logarithmic(const double *values, size_t count) {
  const double decade = 10.0;
  if (count < 3 || !(values[0] > 0.0) || values[count - 1] < decade * values[0]) return false;
  const size_t half = (count - 1) / 2;
  const double first = values[0], last = values[count - 1], middle = values[half];
  const double share = (double)half / (double)(count - 1);
  return fabs(log(middle / (first * pow(last / first, share)))) <
         fabs(log(middle / (first + share * (last - first))));
}

bool ent_curves_is_uniform(const double *values, size_t count) {
  if (count < 2) return true;
  const double step = (values[count - 1] - values[0]) / (double)(count - 1);
  for (size_t i = 0; i < count; i++)
    if (fabs(values[i] - values[0] - (double)i * step) > 1e-6 * fabs(step)) return false;
  return true;
}

double ent_curves_edge(const double *values, size_t count, size_t i) {
  const bool logarithmic = ent_curves_is_logarithmic(values, count);
  if (count == 1) return values[0] + (i == 0 ? -1.0 : 1.0);
  if (i > 0 && i < count)
    return logarithmic ? sqrt(values[i - 1] * values[i]) : 0.5 * (values[i - 1] + values[i]);
  const double end = values[i == 0 ? 0 : count - 1], next = values[i == 0 ? 1 : count - 2];
  const double steps = (double)(count - 1), sign = i == 0 ? -1 : 1;
  if (!logarithmic) return end + sign * 0.5 * fmin(fabs(end - next), (values[count - 1] - values[0]) / steps);
  return end * exp(sign * 0.5 * fmin(fabs(log(end / next)), log(values[count - 1] / values[0]) / steps));
}

int ent_curves_append_map_name(const ent_curves *curves, ent_text *text) {
  char name[64];
  double delta;
  ent_spec_series(curves->spec, (size_t)curves->map, &delta, name);
  for (char *at = name; *at; at++)
    if (*at == '_') *at = ' ';
  return ent_text_append(text, "%s", name);
}

double ent_curves_point(const ent_phase *phase, size_t cell) {
  const int64_t open = phase->undecided[cell] + phase->failed[cell] + phase->pending[cell];
  return open == 0 ? phase->p_sync[cell] : NAN;
}
