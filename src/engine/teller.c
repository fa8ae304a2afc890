#include "entrain/engine/teller.h"

#include <math.h>

#include "entrain/base/clock.h"
#include "entrain/base/log.h"

#define PROGRESS_SECONDS 0.25
#define LOCK_SECONDS 5.0
#define YOUNG_LOCK_SECONDS 1.0 /* while workers start, and shortly after: what is told is old at once */
#define RATE_MEMORY 10.0       /* seconds over which the rate forgets */

/*
 * The rate of late: an exponential average of done rows over time, divided by the weight that it has by
 * now.
 */
static void update_rate(ent_teller *teller, double now) {
  ent_progress *progress = &teller->progress;
  const double step = now - teller->rate_time;
  if (step <= 0) return;
  const double keep = exp(-step / RATE_MEMORY);
  const double recent = (double)(progress->totals.done - teller->rate_done) / step;
  teller->rate_sum = keep * teller->rate_sum + (1 - keep) * recent;
  progress->rate = teller->rate_sum / (1 - exp((teller->began - now) / RATE_MEMORY));
  teller->rate_time = now;
  teller->rate_done = progress->totals.done;
}

static void update(ent_teller *teller, double now) {
  ent_progress *progress = &teller->progress;
  const ent_teller_sources *sources = &teller->sources;
  ent_dispatch_totals_get(sources->dispatch, &progress->totals);
  progress->totals.size -= sources->excluded;
  progress->totals.finished_before -= sources->excluded;
  const int present = sources->crew ? ent_crew_present(sources->crew) : 1;
  progress->workers = sources->crew ? present + ent_crew_count(sources->crew, ENT_MEMBER_GONE) : 1;
  progress->lost = sources->crew ? ent_crew_missing(sources->crew) : 0;
  progress->elapsed = now - teller->began;
  progress->eta = present > 0 ? progress->totals.predicted_seconds / present : NAN;
  update_rate(teller, now);
  const int64_t left = progress->totals.pending + progress->totals.leased;
  ent_outlook_note(&teller->outlook, progress->elapsed, progress->eta,
                   progress->rate > 0 ? (double)left / progress->rate : NAN);
}

static void tell_listener(const ent_teller *teller) {
  const ent_listener *listener = teller->sources.listener;
  if (listener && listener->progress) listener->progress(listener->context, &teller->progress);
}

/* What the lock tells beside the counts. */
static void look_out(const ent_teller *teller, ent_lock_progress *told) {
  const ent_teller_sources *sources = &teller->sources;
  const ent_progress *progress = &teller->progress;
  ent_outlook_range(&teller->outlook, progress->elapsed, progress->eta, &told->eta_low, &told->eta_high);
  if (sources->crew == NULL) return;
  if (sources->store)
    ent_outlook_jobs(sources->crew, &ent_store_spec(sources->store)->grid, ent_clock_now(), told);
  ent_outlook_say(sources->crew, progress->totals.pending, progress->totals.leased, progress->stopping, told);
}

/* Workers that have yet to start: what the lock tells of the run changes soon. */
static bool is_waiting(const ent_teller *teller) {
  const ent_crew *crew = teller->sources.crew;
  return crew && ent_crew_count(crew, ENT_MEMBER_ABSENT) + ent_crew_count(crew, ENT_MEMBER_MET) > 0;
}

/* The lock's heartbeat. A disk that is full for a while is no reason to end. */
static int beat(ent_teller *teller) {
  const ent_progress *progress = &teller->progress;
  const ent_dispatch_totals *totals = &progress->totals;
  ent_lock_progress told = {.done = totals->finished_before + totals->done,
                            .failed = totals->failed,
                            .quarantined = totals->quarantined,
                            .total = totals->size,
                            .rate = progress->rate,
                            .eta = progress->eta,
                            .started = ent_clock_unix() - progress->elapsed,
                            .workers = progress->workers,
                            .lost = progress->lost};
  look_out(teller, &told);
  teller->told_waiting = is_waiting(teller);
  const int code = ent_lock_beat(teller->sources.lock, &told);
  if (code == ENT_ERR_IO && !teller->lock_fails) ent_log(ENT_LOG_WARNING, "%s", ent_error_message());
  teller->lock_fails = code == ENT_ERR_IO;
  if (code == ENT_ERR_IO) {
    ent_error_clear();
    return ENT_OK;
  }
  ENT_TRY(code);
  return ENT_OK;
}

void ent_teller_init(ent_teller *teller, const ent_teller_sources *sources) {
  const double now = ent_clock_now();
  *teller = (ent_teller){.sources = *sources, .progress = {.eta = NAN}, .began = now, .rate_time = now};
}

int ent_teller_tell(ent_teller *teller) {
  const double now = ent_clock_now();
  if (now - teller->last_progress >= PROGRESS_SECONDS) {
    teller->last_progress = now;
    update(teller, now);
    tell_listener(teller);
  }
  const bool stops_now = teller->progress.stopping && !teller->told_stopping;
  const bool is_young = teller->told_waiting || now - teller->began < LOCK_SECONDS;
  const double pause = is_young ? YOUNG_LOCK_SECONDS : LOCK_SECONDS;
  if (now - teller->last_beat < pause && !stops_now) return ENT_OK;
  teller->last_beat = now;
  teller->told_stopping |= stops_now;
  ENT_CHECK(!teller->sources.store || ent_store_is_there(teller->sources.store), ENT_ERR_IO,
            "the results file was deleted, moved or replaced while the run wrote to it");
  if (teller->sources.lock) ENT_TRY(beat(teller));
  return ENT_OK;
}

void ent_teller_end(ent_teller *teller) {
  update(teller, ent_clock_now());
  teller->progress.is_final = true;
  tell_listener(teller);
}
