#include "entrain/engine/pending.h"

#include <stdlib.h>
#include <unistd.h>

#include "entrain/base/log.h"
#include "entrain/base/mem.h"
#include "entrain/base/text.h"
#include "entrain/engine/evidence.h"
#include "entrain/sweep/pace.h"

static bool is_asked_for(const ent_pending_options *options, int64_t row) {
  bool asked = options->n_only == 0;
  for (size_t k = 0; k < options->n_only; k++) {
    asked |= row >= options->only[k].first && row <= options->only[k].last;
  }
  return asked;
}

/*
 * From rows to positions; rows that nobody asked for are marked as finished, so that they are not handed out.
 */
static void mark_positions(ent_pending *pending, const ent_pending_options *options,
                           const unsigned char *rows, unsigned char *positions) {
  const ent_grid *grid = &ent_store_spec(options->store)->grid;
  for (int64_t row = 0; row < grid->size; row++) {
    const bool asked = is_asked_for(options, row);
    pending->excluded += !asked;
    positions[ent_grid_position_of_row(grid, row)] = asked ? rows[row] : 1;
  }
}

static int make_dispatch(ent_pending *pending, const ent_pending_options *options,
                         const unsigned char *positions) {
  const ent_grid *grid = &ent_store_spec(options->store)->grid;
  const ent_pace pace = ent_pace_of(options->workers);
  const ent_dispatch_options wanted = {.size = grid->size,
                                       .cell = grid->extent[grid->seed_dim],
                                       .workers = options->workers,
                                       .chunk = pace.chunk,
                                       .least = pace.least,
                                       .queue = options->queue,
                                       .grid = grid};
  ENT_TRY(ent_dispatch_create(&wanted, positions, &pending->dispatch));
  return ENT_OK;
}

/* Jobs that have come far go first: nobody waits for them at the end, and their slots become free. */
static int put_first(ent_pending *pending, const unsigned char *positions) {
  const ent_grid *grid = &ent_store_spec(pending->slots.store)->grid;
  for (int64_t slot = 0; slot < pending->slots.count; slot++) {
    const int64_t row = pending->slots.slots[slot].row;
    if (row < 0) continue;
    const int64_t position = ent_grid_position_of_row(grid, row);
    if (!positions[position]) ENT_TRY(ent_dispatch_single_out(pending->dispatch, position, ENT_TURN_FIRST));
  }
  return ENT_OK;
}

/* Large jobs go first: everybody helps with them. */
static int put_large_first(ent_pending *pending, const ent_pending_options *options,
                           const unsigned char *positions) {
  const ent_spec *spec = ent_store_spec(options->store);
  ent_teams *teams = &pending->teams;
  const int size = options->ranks_per_job > 1 ? options->ranks_per_job : 1;
  ENT_TRY(ent_teams_init(teams, spec, size, options->workers, positions));
  for (int64_t k = 0; k < teams->n; k++)
    ENT_TRY(ent_dispatch_single_out(pending->dispatch, teams->large[k].position, ENT_TURN_FIRST));
  return ENT_OK;
}

int ent_pending_init(ent_pending *pending, const ent_pending_options *options) {
  int code = ENT_OK;
  ent_pending made = {0};
  unsigned char *rows = NULL, *positions = NULL;
  int64_t broken = 0;
  const size_t size = (size_t)ent_store_spec(options->store)->grid.size;
  ENT_GOTO(ent_mem_alloc(size, 1, &rows));
  ENT_GOTO(ent_mem_alloc(size, 1, &positions));
  ENT_GOTO(ent_store_scan(options->store, rows, &broken));
  if (broken > 0)
    ent_log(ENT_LOG_WARNING, "%lld row%s with a broken checksum: computed again", (long long)broken,
            ent_text_plural(broken));
  mark_positions(&made, options, rows, positions);
  ENT_GOTO(make_dispatch(&made, options, positions));
  ENT_GOTO(ent_slots_init(&made.slots, options->store, rows));
  ENT_GOTO(ent_blame_init(&made.blame, options->store, made.dispatch, options->workers));
  ENT_GOTO(put_first(&made, positions));
  ENT_GOTO(put_large_first(&made, options, positions));
  ENT_GOTO(ent_blame_recall(&made.blame, positions));
  *pending = made;
  made = (ent_pending){0};
done:
  ent_pending_fini(&made);
  free(rows);
  free(positions);
  return code;
}

void ent_pending_fini(ent_pending *pending) {
  ent_dispatch_destroy(&pending->dispatch);
  ent_slots_fini(&pending->slots);
  ent_blame_fini(&pending->blame);
  ent_teams_fini(&pending->teams);
}

/* [out] is_any  whether one of these rows is not finished */
static int search(ent_store *store, const ent_pending_options *options, bool *is_any) {
  int code = ENT_OK;
  int64_t broken = 0;
  unsigned char *finished = NULL;
  const int64_t size = ent_store_spec(store)->grid.size;
  ENT_GOTO(ent_mem_alloc((size_t)size, 1, &finished));
  ENT_GOTO(ent_store_scan(store, finished, &broken));
  *is_any = false;
  for (int64_t row = 0; row < size && !*is_any; row++) *is_any = !finished[row] && is_asked_for(options, row);
done:
  free(finished);
  return code;
}

int ent_pending_look(const char *path, size_t n_only, const ent_row_range *only, bool *is_any) {
  ent_store *store = NULL;
  const ent_pending_options options = {.n_only = n_only, .only = only};
  *is_any = true;
  if (access(path, F_OK) != 0) return ENT_OK;
  ENT_TRY(ent_store_open(path, ENT_STORE_READ, &store));
  return ent_store_close_after(&store, search(store, &options, is_any));
}

/* Hands out alone what may have been at work, so that a further death says more. */
static int separate(const ent_pending *pending, const ent_trace *trace) {
  for (int64_t k = 1; k <= trace->others; k++)
    ENT_TRY(ent_dispatch_single_out(pending->dispatch, trace->at_work + k, ENT_TURN_FIRST));
  return ENT_OK;
}

int ent_pending_take_back(ent_pending *pending, int worker, int64_t noted, int64_t *at_work) {
  ent_trace trace;
  ent_store *store = pending->slots.store;
  const ent_grid *grid = &ent_store_spec(store)->grid;
  ent_dispatch_lose(pending->dispatch, worker);
  ENT_TRY(ent_evidence_settle(store, pending->dispatch, worker, noted, &trace));
  ENT_TRY(separate(pending, &trace));
  *at_work = trace.at_work;
  const int64_t row = *at_work >= 0 ? ent_grid_row_of_position(grid, *at_work) : -1;
  ENT_TRY(ent_slots_leave(&pending->slots, worker, row));
  if (row >= 0 && ent_slots_of_row(&pending->slots, row) != ENT_SLOT_NONE)
    ENT_TRY(ent_dispatch_single_out(pending->dispatch, *at_work, ENT_TURN_FIRST));
  return ENT_OK;
}
