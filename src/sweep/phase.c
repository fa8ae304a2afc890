#include "entrain/sweep/phase.h"

#include <math.h>
#include <stdlib.h>

#include "entrain/base/mem.h"
#include "entrain/math/stats.h"

int ent_phase_dims(const ent_grid *grid, int dims[ENT_MAX_AXES]) {
  int n_dims = 0;
  for (int dim = 0; dim < grid->n_dims; dim++)
    if (dim != grid->seed_dim) dims[n_dims++] = dim;
  return n_dims;
}

int64_t ent_phase_cell_row(const ent_grid *grid, int64_t cell) {
  int64_t coordinates[ENT_MAX_AXES];
  for (int dim = grid->n_dims - 1; dim >= 0; dim--) {
    const int64_t extent = dim == grid->seed_dim ? 1 : grid->extent[dim];
    coordinates[dim] = cell % extent;
    cell /= extent;
  }
  return ent_grid_row(grid, coordinates);
}

double ent_phase_cell_value(const ent_grid *grid, const ent_axis *axis, int64_t cell) {
  int64_t coordinates[ENT_MAX_AXES];
  ent_grid_coordinates(grid, ent_phase_cell_row(grid, cell), coordinates);
  return ent_axis_value(axis, coordinates[axis->dim]);
}

static int allocate(ent_phase *phase, const ent_spec *spec) {
  const size_t cells = (size_t)phase->n_cells, rows = (size_t)spec->grid.size;
  const size_t means = phase->n_series * cells * phase->n_times;
  int64_t **const counts[] = {
    &phase->count, &phase->sync, &phase->nonsync, &phase->undecided, &phase->failed, &phase->pending, NULL};
  double **const shares[] = {&phase->p_sync, &phase->p_sync_low, &phase->p_sync_high, NULL};
  double **const medians[] = {&phase->t_sync_median, &phase->t_sync_first, &phase->t_sync_third, NULL};
  for (size_t i = 0; counts[i]; i++)
    ENT_TRY(ent_arena_alloc(phase->arena, cells, sizeof(int64_t), counts[i]));
  for (size_t i = 0; shares[i]; i++) ENT_TRY(ent_arena_alloc(phase->arena, cells, sizeof(double), shares[i]));
  for (size_t i = 0; medians[i]; i++)
    ENT_TRY(ent_arena_alloc(phase->arena, phase->n_delta * cells, sizeof(double), medians[i]));
  ENT_TRY(ent_arena_alloc(phase->arena, means, sizeof(float), &phase->mean));
  ENT_TRY(ent_arena_alloc(phase->arena, means, sizeof(double), &phase->sums));
  return ent_arena_alloc(phase->arena, phase->n_delta * rows, sizeof(double), &phase->times);
}

int ent_phase_create(const ent_spec *spec, ent_phase **phase) {
  int code = ENT_OK;
  ent_arena *arena = NULL;
  ent_phase *made = NULL;
  ENT_GOTO(ent_arena_create(&arena));
  ENT_GOTO(ent_arena_alloc(arena, 1, sizeof *made, &made));
  made->arena = arena;
  made->grid = &spec->grid;
  made->n_seeds = spec->grid.extent[spec->grid.seed_dim];
  made->n_cells = spec->grid.size / made->n_seeds;
  made->n_delta = spec->n_delta;
  made->n_series = ent_spec_series_count(spec);
  made->n_times = made->n_series > 0 ? spec->n_record : 0;
  made->certified = spec->stop == ENT_STOP_CERTIFIED;
  ENT_GOTO(allocate(made, spec));
  for (int64_t cell = 0; cell < made->n_cells; cell++) made->pending[cell] = made->n_seeds;
  for (size_t i = 0; i < made->n_delta * (size_t)spec->grid.size; i++) made->times[i] = NAN;
  *phase = made;

done:
  if (code != ENT_OK) ent_arena_destroy(&arena);
  return code;
}

void ent_phase_destroy(ent_phase **phase) {
  if (!*phase) return;
  ent_arena *arena = (*phase)->arena;
  *phase = NULL;
  ent_arena_destroy(&arena);
}

/* Place of a row's times for the first delta: cells in order, seeds inside. */
static size_t time_place(const ent_phase *phase, int64_t row, int64_t *cell) {
  int64_t coordinates[ENT_MAX_AXES];
  ent_grid_coordinates(phase->grid, row, coordinates);
  *cell = ent_grid_cell(phase->grid, row);
  return (size_t)(*cell * phase->n_seeds + coordinates[phase->grid->seed_dim]);
}

/* One number for a time and whether it is censored: the sign bit, which also a zero and an infinity have. */
static double coded_time(const ent_result *result, size_t k) {
  if (!isnan(result->t_sync[k])) return fabs(result->t_sync[k]);
  if (result->outcome == ENT_OUTCOME_NONSYNC) return -INFINITY;
  return isnan(result->t_end) ? -0.0 : -fabs(result->t_end);
}

static void count_outcome(ent_phase *phase, int64_t cell, int32_t outcome) {
  phase->count[cell]++;
  if (outcome == ENT_OUTCOME_SYNC) phase->sync[cell]++;
  if (outcome == ENT_OUTCOME_NONSYNC) phase->nonsync[cell]++;
  if (outcome == ENT_OUTCOME_UNDECIDED) phase->undecided[cell]++;
}

static void add_row(ent_phase *phase, int64_t row, const ent_result *result) {
  int64_t cell;
  const size_t place = time_place(phase, row, &cell);
  phase->pending[cell]--;
  if (result->status == ENT_STATUS_DONE)
    count_outcome(phase, cell, result->outcome);
  else
    phase->failed[cell]++;
  for (size_t k = 0; k < phase->n_delta; k++)
    phase->times[k * (size_t)phase->grid->size + place] = coded_time(result, k);
}

void ent_phase_add_rows(ent_phase *phase, const ent_layout *layout, int64_t first, int64_t count,
                        const unsigned char *rows, const unsigned char *finished) {
  for (int64_t i = 0; i < count; i++) {
    ent_result result;
    if (finished && !finished[i]) continue;
    ent_layout_decode(layout, rows + (size_t)i * layout->size, &result);
    if (result.status != ENT_STATUS_PENDING) add_row(phase, first + i, &result);
  }
}

void ent_phase_add_series(ent_phase *phase, size_t k, int64_t first, int64_t count, const float *values) {
  const size_t n_times = phase->n_times;
  for (int64_t i = 0; i < count; i++) {
    int64_t cell;
    if (isnan(phase->times[time_place(phase, first + i, &cell)])) continue;
    double *sums = phase->sums + (k * (size_t)phase->n_cells + (size_t)cell) * n_times;
    const float *series = values + (size_t)i * n_times;
    for (size_t t = 0; t < n_times; t++) sums[t] += (double)series[t];
  }
}

/* The rows that a limit ends are the slow ones: without those that failed the others were no fair sample. */
static void finish_probability(ent_phase *phase, int64_t cell) {
  const int64_t sync = phase->sync[cell], open = phase->undecided[cell] + phase->failed[cell];
  const int64_t decided = sync + phase->nonsync[cell], judged = decided + open;
  double unused;
  ent_stats_wilson(sync, judged, ENT_STATS_Z95, &phase->p_sync_low[cell], &unused);
  ent_stats_wilson(sync + open, judged, ENT_STATS_Z95, &unused, &phase->p_sync_high[cell]);
  phase->p_sync[cell] = decided > 0 ? (double)sync / (double)decided : NAN;
}

/* Quantiles of t_sync for delta k in one cell; sample has room for n_seeds. */
static void finish_times(ent_phase *phase, size_t k, int64_t cell, ent_survival *sample) {
  const double *times = phase->times + k * (size_t)phase->grid->size + (size_t)(cell * phase->n_seeds);
  const size_t place = k * (size_t)phase->n_cells + (size_t)cell;
  size_t count = 0;
  for (int64_t i = 0; i < phase->n_seeds; i++) {
    if (isnan(times[i])) continue;
    sample[count++] = (ent_survival){.time = fabs(times[i]), .event = !signbit(times[i])};
  }
  if (phase->certified) count = 0;
  ent_stats_sort_survival(sample, count);
  phase->t_sync_median[place] = ent_stats_kaplan_meier(sample, count, 0.5);
  phase->t_sync_first[place] = ent_stats_kaplan_meier(sample, count, 0.25);
  phase->t_sync_third[place] = ent_stats_kaplan_meier(sample, count, 0.75);
}

static void finish_means(ent_phase *phase) {
  for (size_t k = 0; k < phase->n_series; k++)
    for (int64_t cell = 0; cell < phase->n_cells; cell++) {
      const size_t place = (k * (size_t)phase->n_cells + (size_t)cell) * phase->n_times;
      const double count = (double)phase->n_seeds;
      const bool is_whole = phase->count[cell] == phase->n_seeds;
      for (size_t t = place; t < place + phase->n_times; t++)
        phase->mean[t] = is_whole && isfinite(phase->sums[t]) ? (float)(phase->sums[t] / count) : NAN;
    }
}

int ent_phase_finish(ent_phase *phase) {
  ent_survival *sample = NULL;
  ENT_TRY(ent_mem_alloc((size_t)phase->n_seeds, sizeof *sample, &sample));
  for (int64_t cell = 0; cell < phase->n_cells; cell++) {
    finish_probability(phase, cell);
    for (size_t k = 0; k < phase->n_delta; k++) finish_times(phase, k, cell, sample);
  }
  finish_means(phase);
  free(sample);
  return ENT_OK;
}
