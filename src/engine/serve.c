#include "entrain/engine/serve.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "entrain/base/clock.h"
#include "entrain/base/log.h"
#include "entrain/engine/delivery.h"
#include "entrain/engine/rank.h"
#include "entrain/engine/start.h"
#include "entrain/engine/stop.h"
#include "entrain/engine/study.h"
#include "entrain/engine/team.h"
#include "entrain/engine/trail.h"
#include "entrain/engine/worker.h"
#include "entrain/engine/writer.h"
#include "entrain/solve/session.h"
#include "entrain/sweep/pace.h"

enum { MASTER = 0, MAX_LEASES = 8, LOOKS_UNTIL_DEAD = 2 };

#define LOOK_SECONDS 1.0
/* Between two looks while jobs run, quick ones end more often: Open MPI yields the core with every look. */
#define LISTEN_SECONDS 0.01
#define GOODBYE_SECONDS 10.0

/* A worker's view of its master, and what it has from it. */
typedef struct service {
  ent_comm *comm;
  ent_process self, master; /* the master's pid is 0 until it has said hello */
  double silence;           /* seconds since the master was heard */
  int n_missed;             /* looks in a row at which the master's process was gone */
  bool is_abandoned;        /* nobody is left to serve */
  ent_gather study;
  bool has_begun, is_serving; /* the study is complete; the first range has come */
  bool is_dismissed;          /* the goodbye was answered */
  ent_spec *spec;
  ent_worker *worker;
  ent_task queue[MAX_LEASES]; /* ranges not yet begun, first come first served */
  int n_queued;
  bool writes; /* to the results file itself; otherwise: */
  ent_trail trail;
  ent_team *team;
  bool is_helped; /* mates answer the job at work */
  ent_sink to_master;
  ent_text record;   /* scratch */
  int64_t ahead;     /* bytes of records that the master has not yet written */
  bool stopping;     /* nothing new is begun */
  double grace_ends; /* clock time at which the running job is abandoned */
  ent_pace pace;
  double last_look, last_beat, last_listen; /* clock */
  int64_t running;                          /* number of the lease at work, 0 for none */
  int code;                                 /* of a failure while a job runs */
} service;

static void begin_stopping(service *own, double grace) {
  if (own->stopping) return;
  own->grace_ends = ent_clock_now() + grace;
  own->stopping = true;
}

static void drop_oldest(service *own) {
  own->n_queued--;
  memmove(own->queue, own->queue + 1, (size_t)own->n_queued * sizeof own->queue[0]);
}

/* A master that took this worker for dead has given the oldest ranges to others. */
static void queue_range(service *own, const ent_wire_message *message) {
  if (own->n_queued == MAX_LEASES) drop_oldest(own);
  own->queue[own->n_queued++] = (ent_task){.lease = message->lease,
                                           .slot = message->slot,
                                           .resumes = message->resumes != 0,
                                           .helped = message->helped != 0};
  own->is_serving = true;
}

static void meet_master(service *own, const ent_wire_message *hello) {
  own->master = (ent_process){.pid = hello->pid, .start = hello->start};
  (void)snprintf(own->master.host, sizeof own->master.host, "%.63s", hello->text);
}

static int meet_mate(service *own, const ent_wire_message *message) {
  ent_process mate = {.pid = message->pid, .start = message->start};
  (void)snprintf(mate.host, sizeof mate.host, "%.63s", message->text);
  ENT_TRY(ent_team_meet(own->team, message->rank, &mate));
  return ENT_OK;
}

static int receive(service *own, const ent_wire_message *message) {
  own->silence = 0;
  switch (message->kind) {
    case ENT_WIRE_HELLO: meet_master(own, message); break;
    case ENT_WIRE_STUDY: ENT_TRY(ent_gather_add(&own->study, &message->piece)); break;
    case ENT_WIRE_BEGIN:
      own->has_begun = true;
      own->writes = message->writes != 0;
      break;
    case ENT_WIRE_KEPT: own->ahead -= message->bytes; break;
    case ENT_WIRE_MATE: ENT_TRY(meet_mate(own, message)); break;
    case ENT_WIRE_TASK: queue_range(own, message); break;
    case ENT_WIRE_STOP: begin_stopping(own, message->drain ? ENT_WORKER_GRACE : 0); break;
    case ENT_WIRE_BYE: own->is_dismissed = true; break;
    default: break;
  }
  return ENT_OK;
}

/* Once a second: whether there is anybody left to serve. */
static int look_at_master(service *own, double step) {
  const bool is_here = own->master.pid > 0 && strcmp(own->master.host, own->self.host) == 0;
  const bool is_seen = is_here && ent_process_alive(&own->master);
  const double patience = is_seen || !own->is_serving ? ENT_SERVE_SILENCE_PATIENT : ENT_SERVE_SILENCE;
  own->silence += fmin(step, LOOK_SECONDS);
  own->n_missed = is_here && !is_seen ? own->n_missed + 1 : 0;
  own->is_abandoned = true;
  ENT_CHECK(!ent_rank_is_orphan(), ENT_ERR_MPI, "mpirun is gone");
  ENT_CHECK(own->n_missed < LOOKS_UNTIL_DEAD, ENT_ERR_MPI, "the master, process %lld, is gone",
            (long long)own->master.pid);
  ENT_CHECK(own->silence < fmax(patience, own->pace.patience), ENT_ERR_MPI,
            "the master was silent for %.0f s", own->silence);
  own->is_abandoned = false;
  return ENT_OK;
}

/* What is due: once a second a look at the master, and now and then a sign of life. */
static int beat_when_due(service *own) {
  const double now = ent_clock_now(), step = now - own->last_look;
  if (step < LOOK_SECONDS) return ENT_OK;
  own->last_look = now;
  ENT_TRY(look_at_master(own, step));
  if (now - own->last_beat < own->pace.beat) return ENT_OK;
  own->last_beat = now;
  const ent_wire_message message = {.kind = ENT_WIRE_BEAT,
                                    .lease = {.number = own->running},
                                    .position = own->running > 0 ? ent_worker_position(own->worker) : -1,
                                    .seconds = own->running > 0 ? ent_worker_seconds(own->worker) : 0};
  ENT_TRY(ent_comm_send(own->comm, MASTER, &message));
  return ENT_OK;
}

/* What a worker does between two steps now and then: listen, beat, look whether it is to stop. */
static int look_around(service *own) {
  ent_wire_message message = {0};
  int from = 0;
  bool arrived = true;
  while (arrived) {
    ENT_TRY(ent_comm_poll(own->comm, &message, &from, &arrived));
    if (arrived) ENT_TRY(receive(own, &message));
  }
  if (ent_stop_requested()) begin_stopping(own, ENT_WORKER_GRACE);
  ENT_TRY(beat_when_due(own));
  return ENT_OK;
}

/* While a worker waits for a mate, who computes. */
static ent_house keep_house(void *context) {
  service *own = context;
  if (own->code == ENT_OK) own->code = look_around(own);
  if (own->code != ENT_OK) return ENT_HOUSE_OVER;
  return own->stopping || ent_stop_requested() ? ENT_HOUSE_HURRY : ENT_HOUSE_FINE;
}

/* One question, if a mate has one; who takes leave has no team any more. */
static int answer_mates(service *own) {
  int from = 0;
  if (!ent_line_calls(&from)) return ENT_OK;
  if (own->team)
    ENT_TRY(ent_team_answer(own->team, from));
  else
    ent_line_drop(from);
  return ENT_OK;
}

static bool abandons(void *context) {
  service *own = context;
  const double now = ent_clock_now();
  if (now - own->last_listen >= LISTEN_SECONDS) {
    own->last_listen = now;
    if (own->code == ENT_OK) own->code = look_around(own);
    if (own->code == ENT_OK && !own->is_helped) own->code = answer_mates(own);
  }
  return own->code != ENT_OK || (own->stopping && now > own->grace_ends);
}

/* Runs the first range of the queue, or gives it back untouched when stopping. */
static int serve_range(service *own) {
  const ent_task task = own->queue[0];
  const ent_watcher watcher = {
    .abandons = abandons, .context = own, .helpers = task.helped ? ent_team_helpers(own->team) : NULL};
  ent_wire_message message = {.kind = ENT_WIRE_REPORT};
  drop_oldest(own);
  own->running = task.lease.number;
  own->is_helped = task.helped;
  ENT_TRY(ent_worker_run(own->worker, &task, &watcher, &own->stopping, &message.report));
  own->running = 0;
  ENT_TRY(own->code);
  ENT_TRY(ent_comm_send(own->comm, MASTER, &message));
  return ENT_OK;
}

/* Waits a little for something to do; a mate may have a question. */
static int wait_for_message(service *own) {
  ent_wire_message message = {0};
  int from = 0;
  bool arrived = false;
  ENT_TRY(ent_comm_wait(own->comm, LOOK_SECONDS, &message, &from, &arrived));
  if (arrived) ENT_TRY(receive(own, &message));
  ENT_TRY(answer_mates(own));
  ENT_TRY(own->code);
  ENT_TRY(look_around(own));
  return ENT_OK;
}

/* Sends the record to the master, and waits while too much is on its way. */
static int send_record(service *own) {
  ENT_TRY(ent_comm_send_pieces(own->comm, MASTER, ENT_WIRE_RECORD, (const unsigned char *)own->record.data,
                               own->record.length));
  own->ahead += (int64_t)own->record.length;
  while (own->ahead > ENT_WRITER_AHEAD) ENT_TRY(wait_for_message(own));
  return ENT_OK;
}

static int send_job(void *context, int64_t row, const ent_result *result, const float *series,
                    const double *final_state) {
  service *own = context;
  ENT_TRY(ent_delivery_job(ent_worker_store(own->worker), row, result, series, final_state, &own->record));
  ENT_TRY(send_record(own));
  return ENT_OK;
}

static int send_checkpoint(void *context, int64_t slot, int generation, const unsigned char *bytes,
                           size_t length) {
  service *own = context;
  ENT_TRY(ent_delivery_checkpoint(slot, generation, bytes, length, &own->record));
  ENT_TRY(send_record(own));
  return ENT_OK;
}

/* A record is on its way when it was sent. */
static int flush_nothing(void *context) {
  (void)context;
  return ENT_OK;
}

/* Whoever writes knows when it is time. */
static int sync_nothing(void *context, bool is_last) {
  (void)context;
  (void)is_last;
  return ENT_OK;
}

static const ent_sink_operations master_sink = {
  .job = send_job, .flush = flush_nothing, .checkpoint = send_checkpoint, .sync = sync_nothing};

/* With the study: PETSc, the results file, an integrator. */
static int begin(service *own) {
  const char *path = NULL;
  ENT_CHECK(own->study.is_complete, ENT_ERR_FORMAT, "the study is not complete");
  ENT_TRY(ent_study_read(own->study.data, own->study.length, &own->spec, &path));
  ENT_TRY(ent_session_start(own->spec->petsc_options));
  ENT_TRY(ent_stop_listen());
  ent_trail_make(&own->trail);
  own->to_master = (ent_sink){.operations = &master_sink, .own = own};
  const ent_worker_options options = {.path = path,
                                      .spec = own->spec,
                                      .rank = ent_comm_rank(own->comm),
                                      .sink = own->writes ? NULL : &own->to_master,
                                      .trail = &own->trail};
  ENT_TRY(ent_worker_create(&options, &own->worker));
  const ent_wire_message ready = {.kind = ENT_WIRE_READY, .trail = own->trail.descriptor};
  ENT_TRY(ent_comm_send(own->comm, MASTER, &ready));
  return ENT_OK;
}

/* In a drain mates finish a step, and may ask for a moment. */
static bool goes_on(const service *own) {
  if (!own->stopping || own->n_queued > 0) return true;
  return ent_team_has_mates(own->team) && ent_clock_now() < own->grace_ends;
}

static int serve(service *own) {
  const ent_team_house house = {.context = own, .keep = keep_house};
  ENT_TRY(ent_process_self(&own->self));
  ENT_TRY(ent_team_create(&house, &own->team));
  while (!own->has_begun && !own->stopping) ENT_TRY(wait_for_message(own));
  if (own->stopping) return ENT_OK;
  ENT_TRY(begin(own));
  while (goes_on(own)) {
    if (own->n_queued == 0) {
      ENT_TRY(wait_for_message(own));
    } else {
      ENT_TRY(look_around(own));
      ENT_TRY(serve_range(own));
    }
  }
  return ENT_OK;
}

/* Closes all that is open here. */
static int close_all(service *own) {
  const int code = ent_worker_destroy(&own->worker);
  ent_session_end();
  ent_spec_destroy(&own->spec);
  ent_gather_fini(&own->study);
  ent_trail_fini(&own->trail);
  ent_team_destroy(&own->team);
  ent_text_fini(&own->record);
  return code;
}

/*
 * Says goodbye, or what went wrong, and waits for the answer: a process that ends takes along what it has
 * sent but nobody has received. */
static int part(service *own, const ent_wire_message *goodbye) {
  const double deadline = ent_clock_now() + GOODBYE_SECONDS;
  own->running = 0;
  ENT_TRY(ent_comm_send(own->comm, MASTER, goodbye));
  while (!own->is_dismissed && ent_clock_now() < deadline) ENT_TRY(wait_for_message(own));
  return ENT_OK;
}

/* What the master hears at the end, with the reason of a failure, if any, that was raised last. */
static ent_wire_message make_goodbye(int code) {
  ent_wire_message goodbye = {.kind = code == ENT_OK ? ENT_WIRE_BYE : ENT_WIRE_FAILED, .code = code};
  if (code != ENT_OK) (void)snprintf(goodbye.text, sizeof goodbye.text, "%s", ent_error_message());
  return goodbye;
}

int ent_serve(ent_comm *comm) {
  const double now = ent_clock_now();
  service own = {
    .comm = comm, .pace = ent_pace_of(ent_comm_size(comm) - 1), .last_look = now, .last_beat = now};
  const int code = serve(&own);
  ent_wire_message goodbye = make_goodbye(code);
  const int closed = close_all(&own);
  if (code == ENT_OK) {
    goodbye = make_goodbye(closed);
  } else if (closed != ENT_OK) {
    ent_log(ENT_LOG_WARNING, "the results file could not be closed");
  }
  if (own.is_abandoned) ENT_RAISE(code, "%s", goodbye.text);
  ENT_TRY(part(&own, &goodbye));
  return ENT_OK;
}
