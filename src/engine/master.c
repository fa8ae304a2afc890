#include "entrain/engine/master.h"

#include <math.h>

#include "entrain/base/clock.h"
#include "entrain/base/log.h"
#include "entrain/engine/stop.h"

#define WAIT_SECONDS 0.05
#define PROGRESS_SECONDS 0.25
#define LOCK_SECONDS 5.0
#define RATE_MEMORY 10.0 /* seconds over which the rate forgets */

typedef struct master {
  const ent_master_options *options;
  ent_progress progress;
  double began, last_progress, last_beat, rate_time, rate_sum;
  int64_t rate_done;
  int n_workers, n_gone; /* ranks 1..n_workers, and how many of them said goodbye */
  bool stop_sent;
  int failure; /* first engine failure of a worker */
} master;

/*
 * The rate of late: an exponential average of done rows over time, divided by the weight that it has by
 * now.
 */
static void update_rate(master *own, double now) {
  ent_progress *progress = &own->progress;
  const double step = now - own->rate_time;
  if (step <= 0) return;
  const double keep = exp(-step / RATE_MEMORY);
  const double recent = (double)(progress->totals.done - own->rate_done) / step;
  own->rate_sum = keep * own->rate_sum + (1 - keep) * recent;
  progress->rate = own->rate_sum / (1 - exp((own->began - now) / RATE_MEMORY));
  own->rate_time = now;
  own->rate_done = progress->totals.done;
}

static void update_progress(master *own, double now) {
  ent_progress *progress = &own->progress;
  ent_dispatch_totals_get(own->options->dispatch, &progress->totals);
  progress->totals.size -= own->options->excluded;
  progress->totals.finished_before -= own->options->excluded;
  progress->workers = own->n_workers > 0 ? own->n_workers : 1;
  progress->elapsed = now - own->began;
  progress->eta = progress->totals.predicted_seconds / progress->workers;
  update_rate(own, now);
}

static void tell(master *own) {
  const ent_listener *listener = own->options->listener;
  if (listener && listener->progress) listener->progress(listener->context, &own->progress);
}

/* What is due by the clock: progress, the lock's heartbeat, a stop that was asked for. */
static int keep_house(master *own) {
  const double now = ent_clock_now();
  if (ent_stop_requested() && !own->progress.stopping) {
    own->progress.stopping = true;
    ent_dispatch_stop(own->options->dispatch);
  }
  if (now - own->last_progress >= PROGRESS_SECONDS) {
    own->last_progress = now;
    update_progress(own, now);
    tell(own);
  }
  if (own->options->lock && now - own->last_beat >= LOCK_SECONDS) {
    const ent_dispatch_totals *totals = &own->progress.totals;
    own->last_beat = now;
    const ent_lock_progress beat = {.done = totals->finished_before + totals->done,
                                    .failed = totals->failed,
                                    .total = totals->size,
                                    .rate = own->progress.rate,
                                    .eta = own->progress.eta,
                                    .started = ent_clock_unix() - own->progress.elapsed};
    ENT_TRY(ent_lock_beat(own->options->lock, &beat));
  }
  return ENT_OK;
}

static int hand_out(master *own, int rank) {
  ent_wire_message message = {.kind = ENT_WIRE_TASK};
  while (ent_dispatch_take(own->options->dispatch, rank - 1, &message.lease)) {
    ENT_TRY(ent_comm_send(own->options->comm, rank, &message));
  }
  return ENT_OK;
}

/* A worker's engine failed: nothing more is handed out, and the run ends with its error. */
static void note_failure(master *own, int rank, const ent_wire_message *message) {
  ent_log(ENT_LOG_ERROR, "worker %d failed: %s", rank, message->text);
  ent_dispatch_lose(own->options->dispatch, rank - 1);
  ent_dispatch_stop(own->options->dispatch);
  own->n_gone++;
  if (own->failure == ENT_OK) own->failure = message->code;
}

static int receive(master *own, int rank, const ent_wire_message *message) {
  if (message->kind == ENT_WIRE_REPORT) {
    ENT_TRY(ent_dispatch_report(own->options->dispatch, &message->report));
    ENT_TRY(hand_out(own, rank));
  } else if (message->kind == ENT_WIRE_FAILED) {
    note_failure(own, rank, message);
  } else if (message->kind == ENT_WIRE_BYE) {
    ent_dispatch_lose(own->options->dispatch, rank - 1); /* what it never began is for others */
    own->n_gone++;
  }
  return ENT_OK;
}

/* Tells all workers to stop: at the end, or in the middle when a stop was asked for. */
static int send_stop(master *own) {
  const ent_wire_message message = {.kind = ENT_WIRE_STOP, .drain = own->progress.stopping};
  own->stop_sent = true;
  for (int rank = 1; rank <= own->n_workers; rank++)
    ENT_TRY(ent_comm_send(own->options->comm, rank, &message));
  return ENT_OK;
}

static int lead(master *own) {
  ent_wire_message message = {0};
  int rank = 0;
  bool arrived = false;
  for (rank = 1; rank <= own->n_workers; rank++) ENT_TRY(hand_out(own, rank));
  while (own->n_gone < own->n_workers) {
    ENT_TRY(keep_house(own));
    const bool is_over = ent_dispatch_is_over(own->options->dispatch);
    if (!own->stop_sent && (is_over || own->progress.stopping || own->failure != ENT_OK))
      ENT_TRY(send_stop(own));
    ENT_TRY(ent_comm_wait(own->options->comm, WAIT_SECONDS, &message, &rank, &arrived));
    if (arrived) ENT_TRY(receive(own, rank, &message));
  }
  return ENT_OK;
}

/* The watcher of a master that works itself. */
typedef struct solo {
  master *own;
  double grace_ends;
  int code;
} solo;

static bool solo_abandons(void *context) {
  solo *alone = context;
  const bool was_stopping = alone->own->progress.stopping;
  alone->code = keep_house(alone->own);
  if (alone->own->progress.stopping && !was_stopping) alone->grace_ends = ent_clock_now() + ENT_WORKER_GRACE;
  return alone->code != ENT_OK || (alone->own->progress.stopping && ent_clock_now() > alone->grace_ends);
}

static int work_alone(master *own) {
  ent_lease lease;
  ent_lease_report report;
  solo alone = {.own = own};
  const ent_watcher watcher = {.abandons = solo_abandons, .context = &alone};
  ENT_TRY(keep_house(own));
  while (ent_dispatch_take(own->options->dispatch, 0, &lease)) {
    ENT_TRY(ent_worker_run(own->options->worker, &lease, &watcher, &own->progress.stopping, &report));
    ENT_TRY(alone.code);
    ENT_TRY(ent_dispatch_report(own->options->dispatch, &report));
    ENT_TRY(keep_house(own));
  }
  return ENT_OK;
}

int ent_master_run(const ent_master_options *options, ent_progress *progress) {
  master own = {.options = options,
                .progress = {.eta = NAN},
                .began = ent_clock_now(),
                .n_workers = ent_comm_size(options->comm) - 1};
  own.rate_time = own.began;
  if (own.n_workers > 0) {
    ENT_TRY(lead(&own));
  } else {
    ENT_TRY(work_alone(&own));
  }
  ENT_CHECK(own.failure == ENT_OK, own.failure, "a worker failed, see above");
  update_progress(&own, ent_clock_now());
  own.progress.is_final = true;
  tell(&own);
  *progress = own.progress;
  return ENT_OK;
}
