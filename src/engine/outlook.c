#include "entrain/engine/outlook.h"

#include <math.h>
#include <stdio.h>

#include "entrain/base/text.h"

enum { LEAST_ESTIMATES = 3 };

static const double FIRST_PAUSE = 1; /* seconds */

void ent_outlook_note(ent_outlook *outlook, double elapsed, double eta, double by_rate) {
  const int n = outlook->count;
  const double low = fmin(eta, by_rate),
               high = fmax(eta, by_rate); /* of the one that is known, if one is not */
  if (isnan(low)) return;
  if (n > 0 && elapsed - outlook->estimates[n - 1].elapsed < fmax(outlook->pause, FIRST_PAUSE)) return;
  if (n == ENT_OUTLOOK_ESTIMATES) { /* every other one stays, and from now on fewer come */
    outlook->count = n / 2;
    outlook->pause = 2 * fmax(outlook->pause, FIRST_PAUSE);
    for (int i = 0; i < n / 2; i++) outlook->estimates[i] = outlook->estimates[2 * i + 1];
  }
  outlook->estimates[outlook->count++] = (ent_estimate){elapsed, elapsed + low, elapsed + high};
}

void ent_outlook_range(const ent_outlook *outlook, double elapsed, double eta, double *low, double *high) {
  int counted = 0;
  *low = *high = eta;
  for (int i = 0; i < outlook->count; i++) {
    const ent_estimate *estimate = &outlook->estimates[i];
    if (2 * estimate->elapsed < elapsed) continue;
    counted++;
    *low = fmin(*low, fmax(0, estimate->low - elapsed));
    *high = fmax(*high, estimate->high - elapsed);
  }
  if (isnan(eta) || counted < LEAST_ESTIMATES) *low = *high = NAN;
}

/* Puts a job among the slowest, which are sorted, if it belongs there. */
static void insert(const ent_lock_slow *job, ent_lock_progress *progress) {
  int32_t at = progress->n_slow;
  if (at == ENT_LOCK_SLOW && job->seconds <= progress->slow[at - 1].seconds) return;
  if (at < ENT_LOCK_SLOW)
    progress->n_slow++;
  else
    at--;
  for (; at > 0 && progress->slow[at - 1].seconds < job->seconds; at--)
    progress->slow[at] = progress->slow[at - 1];
  progress->slow[at] = *job;
}

void ent_outlook_jobs(const ent_crew *crew, const ent_grid *grid, double now, ent_lock_progress *progress) {
  progress->running = 0;
  progress->n_slow = 0;
  for (int rank = 1; rank < crew->size; rank++) {
    const ent_member *member = &crew->members[rank];
    if (member->state != ENT_MEMBER_READY || member->lease == 0) continue;
    progress->running++;
    const bool is_legal = member->position >= 0 && member->position < grid->size;
    const double seconds = now - member->position_at;
    if (!is_legal || seconds < ENT_OUTLOOK_SLOW_S) continue;
    insert(&(ent_lock_slow){ent_grid_row_of_position(grid, member->position), seconds, rank}, progress);
  }
}

void ent_outlook_say(const ent_crew *crew, int64_t pending, int64_t leased, bool is_stopping,
                     ent_lock_progress *progress) {
  const int starting = ent_crew_count(crew, ENT_MEMBER_ABSENT) + ent_crew_count(crew, ENT_MEMBER_MET);
  const size_t size = sizeof progress->note;
  progress->note[0] = '\0';
  if (is_stopping) {
    snprintf(progress->note, size, "draining: %d job%s at work", progress->running,
             ent_text_plural(progress->running));
  } else if (starting > 0) {
    snprintf(progress->note, size, "waiting for %d of %d worker%s to start", starting, crew->size - 1,
             ent_text_plural(crew->size - 1));
  } else if (pending == 0 && leased > 0) {
    snprintf(progress->note, size, "all rows are given out, the last %lld %s at work", (long long)leased,
             leased == 1 ? "is" : "are");
  }
}
