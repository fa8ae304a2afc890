#include "entrain/sweep/cost_check.h"

#include <math.h>
#include <stdlib.h>

#include "entrain/base/mem.h"

#define LEAST_SECONDS 1e-9 /* a clock may say that a job took no time */

int ent_cost_check_init(ent_cost_check *check, const ent_grid *grid) {
  int code = ENT_OK;
  ent_cost_check made = {.grid = grid, .n_cells = grid->size / grid->extent[grid->seed_dim]};
  ENT_CHECK(made.n_cells <= ENT_COST_CHECK_CELLS, ENT_ERR_ARGUMENT, "the sweep has %lld cells, at most %d",
            (long long)made.n_cells, ENT_COST_CHECK_CELLS);
  ENT_GOTO(ent_costs_init(&made.costs, grid, made.n_cells, 1));
  ENT_GOTO(ent_mem_alloc((size_t)made.n_cells, sizeof *made.jobs, &made.jobs));
  ENT_GOTO(ent_mem_alloc((size_t)made.n_cells, sizeof *made.seconds, &made.seconds));
  *check = made;
  return ENT_OK;
done:
  ent_cost_check_fini(&made);
  return code;
}

void ent_cost_check_fini(ent_cost_check *check) {
  ent_costs_fini(&check->costs);
  free(check->jobs);
  free(check->seconds);
  *check = (ent_cost_check){0};
}

void ent_cost_check_add(ent_cost_check *check, int64_t row, double seconds) {
  const int64_t cell = ent_grid_cell(check->grid, row);
  if (ent_grid_position_of_row(check->grid, row) % 2 == 0) {
    (void)ent_costs_add(&check->costs, cell, 1, seconds);
  } else {
    check->jobs[cell]++;
    check->seconds[cell] += seconds;
  }
}

double ent_cost_check_predicted(const ent_cost_check *check, int64_t cell) {
  return ent_costs_predict(&check->costs, (int32_t)cell);
}

double ent_cost_check_measured(const ent_cost_check *check, int64_t cell) {
  return check->jobs[cell] > 0 ? check->seconds[cell] / (double)check->jobs[cell] : NAN;
}

ent_cost_score ent_cost_check_score(const ent_cost_check *check) {
  ent_cost_score score = {.predicted = ent_costs_predict_all(&check->costs, check->jobs)};
  double squares = 0;
  for (int64_t cell = 0; cell < check->n_cells; cell++) {
    if (check->jobs[cell] == 0) continue;
    const double measured = fmax(ent_cost_check_measured(check, cell), LEAST_SECONDS);
    const double error = log(ent_cost_check_predicted(check, cell) / measured);
    score.cells++;
    score.measured += check->seconds[cell];
    squares += (double)check->jobs[cell] * error * error;
    score.jobs += check->jobs[cell];
  }
  score.factor = isnan(score.predicted) ? NAN : exp(sqrt(squares / (double)score.jobs));
  return score;
}
