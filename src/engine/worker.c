#include "entrain/engine/worker.h"

#include <stdio.h>
#include <stdlib.h>

#include "entrain/base/clock.h"
#include "entrain/base/log.h"
#include "entrain/base/mem.h"
#include "entrain/engine/stop.h"
#include "entrain/store/start_file.h"

enum { MASTER = 0, MAX_LEASES = 8 };

#define BEAT_SECONDS 1.0

struct ent_worker {
  const ent_spec *spec;
  ent_store *store;
  ent_start_table *table;
  ent_integrator *integrator;
  int rank;
  int32_t attempt;  /* the run segment in which rows are written, 1, 2, ... */
  int64_t position; /* at work */
};

/* A worker's view of its master. */
typedef struct service {
  ent_worker *worker;
  ent_comm *comm;
  ent_lease queue[MAX_LEASES]; /* ranges not yet begun, first come first served */
  int n_queued;
  bool stopping;     /* nothing new is begun */
  double grace_ends; /* clock time at which the running job is abandoned */
  double last_beat;
  int64_t running; /* number of the lease at work, 0 for none */
  double began;
  int code; /* of a failure while a job runs */
} service;

static int count_segments(ent_store *store, int32_t *count) {
  int code = ENT_OK;
  size_t used = 0;
  ent_segment *segments = NULL;
  ENT_GOTO(ent_mem_alloc(ENT_STORE_SEGMENTS, sizeof(*segments), &segments));
  ENT_GOTO(ent_store_read_segments(store, ENT_STORE_SEGMENTS, segments, &used));
  *count = (int32_t)used;
done:
  free(segments);
  return code;
}

int ent_worker_create(const char *path, const ent_spec *spec, int rank, ent_worker **worker) {
  int code = ENT_OK;
  ent_worker *made = NULL;
  ENT_GOTO(ent_mem_alloc(1, sizeof(*made), &made));
  made->spec = spec;
  made->rank = rank;
  ENT_GOTO(ent_store_open(path, ENT_STORE_WRITE, &made->store));
  ENT_GOTO(count_segments(made->store, &made->attempt));
  ENT_GOTO(ent_start_file_load(spec, &made->table));
  ENT_GOTO(ent_integrator_create(spec, made->table, &made->integrator));
  *worker = made;
  made = NULL;
done:
  if (made != NULL && ent_worker_destroy(&made) != ENT_OK)
    ent_log(ENT_LOG_WARNING, "results file could not be closed");
  return code;
}

int ent_worker_destroy(ent_worker **worker) {
  int code = ENT_OK;
  ent_worker *old = *worker;
  if (old == NULL) return ENT_OK;
  ent_integrator_destroy(&old->integrator);
  ent_start_table_destroy(&old->table);
  ENT_GOTO(ent_store_close(&old->store));
done:
  free(old);
  *worker = NULL;
  return code;
}

/* Computes one row and writes it; `abandoned` when the watcher ended it. */
static int run_row(ent_worker *worker, int64_t row, const ent_watcher *watcher, ent_lease_report *report,
                   bool *abandoned) {
  ent_output output;
  ENT_TRY(ent_integrator_run(worker->integrator, row, NULL, watcher, &output));
  *abandoned = output.abandoned;
  if (output.abandoned) return ENT_OK;
  output.result.worker = worker->rank;
  output.result.attempt = worker->attempt;
  const bool keeps_final = ent_store_spec(worker->store)->final_state;
  ENT_TRY(ent_store_write_job(worker->store, row, &output.result, output.series,
                              keeps_final ? output.final_state : NULL));
  report->done++;
  report->failed += output.result.status == ENT_STATUS_FAILED;
  report->sync += output.result.outcome == ENT_OUTCOME_SYNC;
  return ENT_OK;
}

int ent_worker_run(ent_worker *worker, const ent_lease *lease, const ent_watcher *watcher,
                   const bool *stopping, ent_lease_report *report) {
  int code = ENT_OK;
  bool abandoned = false;
  const double began = ent_clock_now();
  const ent_grid *grid = &worker->spec->grid;
  *report = (ent_lease_report){.number = lease->number};
  for (int64_t k = 0; k < lease->count && !abandoned && !*stopping; k++) {
    worker->position = lease->first + k;
    const int64_t row = ent_grid_row_of_position(grid, worker->position);
    ENT_GOTO(run_row(worker, row, watcher, report, &abandoned));
    if (!abandoned && watcher->abandons) abandoned = watcher->abandons(watcher->context);
  }
done:
  report->seconds = ent_clock_now() - began;
  return code;
}

static int send(service *own, const ent_wire_message *message) {
  ENT_TRY(ent_comm_send(own->comm, MASTER, message));
  return ENT_OK;
}

static void begin_stopping(service *own, double grace) {
  if (own->stopping) return;
  own->grace_ends = ent_clock_now() + grace;
  own->stopping = true;
}

static int receive(service *own, const ent_wire_message *message) {
  if (message->kind == ENT_WIRE_STOP) {
    begin_stopping(own, message->drain ? ENT_WORKER_GRACE : 0);
  } else if (message->kind == ENT_WIRE_TASK) {
    ENT_CHECK(own->n_queued < MAX_LEASES, ENT_ERR_INTERNAL, "more than %d ranges at one worker", MAX_LEASES);
    own->queue[own->n_queued++] = message->lease;
  }
  return ENT_OK;
}

/* What a worker does between two steps now and then: listen, give a sign of life, look whether it is to stop.
 */
static int look_around(service *own) {
  ent_wire_message message = {0};
  int from = 0;
  bool arrived = true;
  while (arrived) {
    ENT_TRY(ent_comm_poll(own->comm, &message, &from, &arrived));
    if (arrived) ENT_TRY(receive(own, &message));
  }
  if (ent_stop_requested()) begin_stopping(own, ENT_WORKER_GRACE);
  const double now = ent_clock_now();
  if (now - own->last_beat < BEAT_SECONDS) return ENT_OK;
  own->last_beat = now;
  message = (ent_wire_message){.kind = ENT_WIRE_BEAT,
                               .lease = {.number = own->running},
                               .position = own->worker->position,
                               .seconds = now - own->began};
  ENT_TRY(send(own, &message));
  return ENT_OK;
}

static bool abandons(void *context) {
  service *own = context;
  own->code = look_around(own);
  return own->code != ENT_OK || (own->stopping && ent_clock_now() > own->grace_ends);
}

/* Runs the first range of the queue, or gives it back untouched when stopping. */
static int serve_range(service *own) {
  const ent_watcher watcher = {.abandons = abandons, .context = own};
  const ent_lease lease = own->queue[0];
  ent_wire_message message = {.kind = ENT_WIRE_REPORT, .report = {.number = lease.number}};
  for (int i = 1; i < own->n_queued; i++) own->queue[i - 1] = own->queue[i];
  own->n_queued--;
  own->running = lease.number;
  own->began = ent_clock_now();
  ENT_TRY(ent_worker_run(own->worker, &lease, &watcher, &own->stopping, &message.report));
  own->running = 0;
  ENT_TRY(own->code);
  ENT_TRY(send(own, &message));
  return ENT_OK;
}

static int serve(service *own) {
  ent_wire_message message = {0};
  int from = 0;
  bool arrived = false;
  while (!own->stopping || own->n_queued > 0) {
    ENT_TRY(look_around(own));
    if (own->n_queued > 0) {
      ENT_TRY(serve_range(own));
    } else if (!own->stopping) {
      ENT_TRY(ent_comm_wait(own->comm, BEAT_SECONDS, &message, &from, &arrived));
      if (arrived) ENT_TRY(receive(own, &message));
    }
  }
  return ENT_OK;
}

int ent_worker_serve(ent_worker *worker, ent_comm *comm) {
  int code = ENT_OK;
  service own = {.worker = worker, .comm = comm};
  ent_wire_message message = {.kind = ENT_WIRE_BYE};
  ENT_GOTO(serve(&own));
done:
  message.code = code;
  if (code != ENT_OK) {
    message.kind = ENT_WIRE_FAILED;
    snprintf(message.text, sizeof(message.text), "%s", ent_error_message());
  }
  const int sent = ent_comm_send(comm, MASTER, &message);
  return code != ENT_OK ? code : sent;
}
