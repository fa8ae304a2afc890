#include "entrain/sweep/costs.h"

#include <math.h>
#include <stdlib.h>

#include "entrain/base/mem.h"

#include "cost_fit.h"

enum { GROWTH = 4, BLOCKS_A_REPORT = 256 };

/* The scatter of jobs of one cell before any was seen, in squared logarithms, and how much it is believed. */
#define FIRST_SCATTER 0.1
#define BELIEF 2.0
#define FIRST_VARIANCE 0.1

int ent_costs_init(ent_costs *costs, const ent_grid *grid, int64_t cells, int64_t block_cells) {
  int code = ENT_OK;
  ent_costs made = {.n_blocks = (int32_t)((cells + block_cells - 1) / block_cells),
                    .block_cells = block_cells,
                    .variance = FIRST_VARIANCE,
                    .scatter_sum = FIRST_SCATTER * BELIEF,
                    .scatter_weight = BELIEF,
                    .next_fit = 1};
  ent_cost_space_init(&made.space, grid, cells);
  ENT_GOTO(ent_mem_alloc((size_t)made.n_blocks, sizeof *made.seconds, &made.seconds));
  ENT_GOTO(ent_mem_alloc((size_t)made.n_blocks, sizeof *made.jobs, &made.jobs));
  ENT_GOTO(ent_mem_alloc((size_t)made.n_blocks, sizeof *made.predicted, &made.predicted));
  ENT_GOTO(ent_mem_alloc((size_t)made.space.size, sizeof *made.weights, &made.weights));
  const size_t size = (size_t)made.space.size;
  if (block_cells > 1) ENT_GOTO(ent_mem_alloc(size * size, sizeof *made.matrix, &made.matrix));
  if (block_cells > 1) ENT_GOTO(ent_mem_alloc(size, sizeof *made.right, &made.right));
  for (int32_t b = 0; b < made.n_blocks; b++) made.predicted[b] = INFINITY;
  *costs = made;
  return ENT_OK;
done:
  ent_costs_fini(&made);
  return code;
}

void ent_costs_fini(ent_costs *costs) {
  free(costs->seconds);
  free(costs->jobs);
  free(costs->predicted);
  free(costs->weights);
  free(costs->matrix);
  free(costs->right);
  *costs = (ent_costs){0};
}

/* Learns from two statements about one block how much its jobs scatter: E[(l - l')^2] = v + v'. */
static void note_scatter(ent_costs *costs, int32_t b, int64_t jobs, double seconds) {
  const ent_cost_datum before = ent_cost_datum_of(costs, costs->seconds[b], costs->jobs[b]);
  const ent_cost_datum now = ent_cost_datum_of(costs, seconds, jobs);
  const double difference = now.log_mean - before.log_mean;
  const double most = 9 * (before.variance + now.variance) + 1; /* beyond, it is another kind of trouble */
  costs->scatter_sum += fmin(difference * difference, most);
  costs->scatter_weight += 1 / (double)jobs + 1 / (double)costs->jobs[b];
}

static void predict(ent_costs *costs, int32_t b) {
  const double line = ent_cost_line(costs, ent_cost_middle(costs, b));
  double log_mean = line, variance = costs->variance;
  if (costs->jobs[b] > 0) {
    const ent_cost_datum datum = ent_cost_datum_of(costs, costs->seconds[b], costs->jobs[b]);
    const double share = costs->variance / (costs->variance + datum.variance);
    log_mean = share * datum.log_mean + (1 - share) * line;
    variance = (1 - share) * costs->variance;
  }
  costs->predicted[b] = exp(log_mean + variance / 2);
}

/* Learns from a report of a block of several cells; returns the seconds that its middle cell would have
 * taken. */
static double note_cell(ent_costs *costs, int64_t cell, int64_t jobs, double seconds) {
  const int32_t b = (int32_t)(cell / costs->block_cells);
  const ent_cost_datum datum = ent_cost_datum_of(costs, seconds, jobs);
  ent_cost_note(costs, cell, &datum);
  return seconds * exp(ent_cost_line(costs, ent_cost_middle(costs, b)) - ent_cost_line(costs, cell));
}

bool ent_costs_add(ent_costs *costs, int64_t cell, int64_t jobs, double seconds) {
  const int32_t b = (int32_t)(cell / costs->block_cells);
  if (costs->matrix) seconds = note_cell(costs, cell, jobs, seconds);
  if (costs->jobs[b] > 0) note_scatter(costs, b, jobs, seconds);
  costs->jobs[b] += jobs;
  costs->seconds[b] += seconds;
  if (++costs->reports < costs->next_fit) {
    predict(costs, b);
    return false;
  }
  const int64_t more = costs->reports / GROWTH + costs->n_blocks / BLOCKS_A_REPORT;
  costs->next_fit = costs->reports + (more > 1 ? more : 1);
  ent_cost_fit(costs);
  for (int32_t k = 0; k < costs->n_blocks; k++) predict(costs, k);
  return true;
}

bool ent_costs_is_known(const ent_costs *costs) {
  return costs->reports > 0;
}

double ent_costs_predict(const ent_costs *costs, int32_t b) {
  return costs->predicted[b];
}

double ent_costs_predict_cell(const ent_costs *costs, int64_t cell) {
  const int32_t b = (int32_t)(cell / costs->block_cells);
  if (costs->block_cells == 1 || costs->reports == 0) return costs->predicted[b];
  return costs->predicted[b] *
         exp(ent_cost_line(costs, cell) - ent_cost_line(costs, ent_cost_middle(costs, b)));
}

double ent_costs_predict_all(const ent_costs *costs, const int64_t *jobs) {
  double seconds = 0;
  if (costs->reports == 0) return NAN;
  for (int32_t b = 0; b < costs->n_blocks; b++) {
    if (jobs[b] > 0) seconds += (double)jobs[b] * costs->predicted[b];
  }
  return seconds;
}
