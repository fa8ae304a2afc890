#include "entrain/engine/teams.h"

#include <stdlib.h>

#include "entrain/base/log.h"
#include "entrain/base/mem.h"
#include "entrain/base/text.h"

/* Large positions that are pending, into `large` where it is not NULL; returns their number. */
static int64_t find_large(const ent_spec *spec, const unsigned char *finished, struct ent_large *large) {
  int64_t count = 0;
  for (int64_t k = 0; k < spec->grid.size; k++) {
    if (finished[k] || !ent_spec_is_large(spec, ent_grid_row_of_position(&spec->grid, k))) continue;
    if (large) large[count] = (struct ent_large){k, ENT_LARGE_WAITS};
    count++;
  }
  return count;
}

int ent_teams_init(ent_teams *teams, const ent_spec *spec, int size, int workers,
                   const unsigned char *finished) {
  ent_teams made = {.size = size, .count = workers / size};
  *teams = (ent_teams){0};
  if (size == 1) return ENT_OK;
  made.n = made.left = made.waiting = find_large(spec, finished, NULL);
  if (made.n > 0 && made.count == 0)
    ent_log(ENT_LOG_WARNING, "ranks_per_job is %d, and there %s %d worker%s: each large job has one", size,
            workers == 1 ? "is" : "are", workers, ent_text_plural(workers));
  if (made.n == 0 || made.count == 0) return ENT_OK;
  ENT_TRY(ent_mem_alloc((size_t)made.n, sizeof *made.large, &made.large));
  (void)find_large(spec, finished, made.large);
  *teams = made;
  return ENT_OK;
}

void ent_teams_fini(ent_teams *teams) {
  free(teams->large);
  *teams = (ent_teams){0};
}

bool ent_teams_are_at_work(const ent_teams *teams) {
  return teams->left > 0;
}

int ent_teams_leader_of(const ent_teams *teams, int worker) {
  return worker < teams->size * teams->count ? worker - worker % teams->size : -1;
}

static bool holds_large(const ent_teams *teams, int worker) {
  bool holds = false;
  for (int64_t k = 0; k < teams->n && !holds; k++) holds = teams->large[k].holder == worker;
  return holds;
}

bool ent_teams_allow(const ent_teams *teams, int worker) {
  if (!ent_teams_are_at_work(teams)) return true;
  const int leader = ent_teams_leader_of(teams, worker);
  if (leader == worker) return true;
  return teams->waiting == 0 && (leader < 0 || !holds_large(teams, leader));
}

/* The first large position from here on, n if there is none. */
static int64_t find(const ent_teams *teams, int64_t position) {
  int64_t low = 0, high = teams->n;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    if (teams->large[middle].position < position)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static void set_holder(ent_teams *teams, struct ent_large *large, int holder) {
  teams->waiting += (holder == ENT_LARGE_WAITS) - (large->holder == ENT_LARGE_WAITS);
  teams->left -= holder == ENT_LARGE_SETTLED && large->holder != ENT_LARGE_SETTLED;
  large->holder = holder;
}

bool ent_teams_hand_out(ent_teams *teams, int worker, int64_t first, int64_t count) {
  bool is_large = false;
  for (int64_t k = find(teams, first); k < teams->n && teams->large[k].position < first + count; k++) {
    if (teams->large[k].holder == ENT_LARGE_SETTLED) continue;
    set_holder(teams, &teams->large[k], worker);
    is_large = is_large || teams->large[k].position == first;
  }
  return is_large && ent_teams_leader_of(teams, worker) == worker;
}

void ent_teams_take_back(ent_teams *teams, int worker) {
  for (int64_t k = 0; k < teams->n; k++)
    if (teams->large[k].holder == worker) set_holder(teams, &teams->large[k], ENT_LARGE_WAITS);
}

void ent_teams_settle(ent_teams *teams, int64_t first, int64_t count) {
  for (int64_t k = find(teams, first); k < teams->n && teams->large[k].position < first + count; k++)
    set_holder(teams, &teams->large[k], ENT_LARGE_SETTLED);
}

void ent_teams_dissolve(ent_teams *teams) {
  for (int64_t k = 0; k < teams->n; k++) set_holder(teams, &teams->large[k], ENT_LARGE_SETTLED);
}
