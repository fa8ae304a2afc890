#include <math.h>

#include "dispatch_impl.h"

enum { TAIL_SHARES = 4, MAX_CELLS = 256, TRUSTED = 8 };

#define UNLIKE 2.0 /* cells of a block whose costs differ by more are not in one range */

/*
 * Seconds of a block's next range: a part of a worker's share of what is pending, so that all end together;
 * less before so many of its jobs are reported that they are to be trusted. Of a block without a report comes
 * a single job: what others tell of it may be wrong by far, the more so as quick jobs are reported first.
 */
static double range_seconds(const ent_dispatch *dispatch, int32_t b) {
  const double share = dispatch->work / (double)(TAIL_SHARES * dispatch->present);
  const double seconds = fmin(dispatch->options.chunk, fmax(share, dispatch->options.least));
  const int64_t reported = dispatch->costs.jobs[b];
  return reported < TRUSTED ? seconds * (double)reported / TRUSTED : seconds;
}

/* Jobs of a cost in so many seconds, at least one of `most`. */
static int64_t jobs_within(double seconds, double cost, int64_t most) {
  const double jobs = seconds / cost;
  if (jobs >= (double)most) return most;
  return jobs < 1 ? 1 : (int64_t)jobs;
}

/* Goes from cell to cell until the seconds are used up or a cell is unlike the first one. */
static int64_t measure_cells(const ent_dispatch *dispatch, const ent_range *head, double *seconds) {
  const int64_t cell_size = dispatch->options.cell, end = head->first + head->count;
  const double wanted = *seconds;
  int64_t cell = head->first / cell_size, at = head->first;
  const double first_cost = ent_costs_predict_cell(&dispatch->costs, cell);
  double sum = 0;
  for (int step = 0; step < MAX_CELLS && at < end; step++, cell++) {
    const int64_t cell_end = fmin((double)(cell + 1) * (double)cell_size, (double)end);
    const double cost = ent_costs_predict_cell(&dispatch->costs, cell);
    if (cost > UNLIKE * first_cost || first_cost > UNLIKE * cost) break;
    const int64_t jobs = jobs_within(wanted - sum, cost, cell_end - at);
    if (at > head->first && sum + cost > wanted) break;
    at += jobs;
    sum += (double)jobs * cost;
    if (at < cell_end) break;
  }
  *seconds = sum;
  return at - head->first;
}

int64_t ent_dispatch_measure(const ent_dispatch *dispatch, int32_t b, double *seconds) {
  const ent_range *head = &dispatch->ranges.data[dispatch->blocks[b].list];
  const double cost = ent_costs_predict(&dispatch->costs, b);
  *seconds = cost;
  if (!ent_costs_is_known(&dispatch->costs)) return 1;
  *seconds = range_seconds(dispatch, b);
  if (dispatch->costs.block_cells > 1) return measure_cells(dispatch, head, seconds);
  const int64_t jobs = jobs_within(*seconds, cost, head->count);
  *seconds = (double)jobs * cost;
  return jobs;
}

void ent_dispatch_place(ent_dispatch *dispatch, int32_t b) {
  block_state *block = &dispatch->blocks[b];
  const double cost = ent_costs_predict(&dispatch->costs, b);
  const double work = ent_costs_is_known(&dispatch->costs) ? cost * (double)block->pending : 0;
  dispatch->work += work - block->work;
  block->work = work;
  if (block->pending > 0) {
    ent_heap_set(&dispatch->heap, b, cost);
  } else {
    ent_heap_remove(&dispatch->heap, b);
  }
}
