#include "entrain/engine/master.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "entrain/base/clock.h"
#include "entrain/base/log.h"
#include "entrain/base/mem.h"
#include "entrain/engine/rank.h"
#include "entrain/engine/stop.h"
#include "entrain/engine/writer.h"
#include "entrain/sweep/pace.h"

#define WAIT_SECONDS 0.05
#define LOOK_SECONDS 1.0

typedef struct master {
  const ent_master_options *options;
  ent_comm *comm;
  ent_crew *crew;
  ent_pending *pending;
  ent_dispatch *dispatch; /* of `pending` */
  ent_teller teller;
  ent_writer_state writer; /* if it writes for all */
  int *lost;               /* [size] scratch */
  ent_pace pace;
  double last_look, last_beat; /* clock */
  bool has_crew;               /* somebody was present when last counted */
  bool stop_sent;
  int failure; /* last engine failure of a worker */
} master;

/* Ranks of workers are 1, 2, ..., the dispatcher's ids begin at 0. */
static int id_of(int rank) {
  return rank - 1;
}

static int send_stop(master *own, int rank) {
  const ent_wire_message message = {.kind = ENT_WIRE_STOP, .drain = own->teller.progress.stopping};
  ENT_TRY(ent_comm_send(own->comm, rank, &message));
  return ENT_OK;
}

static int hand_out(master *own, int rank) {
  ent_wire_message message = {.kind = ENT_WIRE_TASK};
  ent_teams *teams = &own->pending->teams;
  const ent_lease *lease = &message.lease;
  bool resumes = false;
  while (ent_teams_allow(teams, id_of(rank)) &&
         ent_dispatch_take(own->dispatch, id_of(rank), &message.lease)) {
    message.slot = ent_slots_of_lease(&own->pending->slots, lease, &resumes);
    message.resumes = resumes;
    message.helped = ent_teams_hand_out(teams, id_of(rank), lease->first, lease->count);
    ENT_TRY(ent_comm_send(own->comm, rank, &message));
  }
  return ENT_OK;
}

/* Those who have nothing to do get what came back. */
static int hand_out_to_all(master *own) {
  for (int rank = 1; rank < own->crew->size; rank++) {
    if (own->crew->members[rank].state == ENT_MEMBER_READY) ENT_TRY(hand_out(own, rank));
  }
  return ENT_OK;
}

/* Tells a worker who another one is. */
static int introduce(master *own, int rank, int mate) {
  const ent_process *process = &own->crew->members[mate].process;
  ent_wire_message message = {
    .kind = ENT_WIRE_MATE, .rank = mate, .pid = process->pid, .start = process->start};
  (void)snprintf(message.text, sizeof message.text, "%s", process->host);
  ENT_TRY(ent_comm_send(own->comm, rank, &message));
  return ENT_OK;
}

/* Makes a leader and those who help it known to each other once both are ready. */
static int join_team(master *own, int rank) {
  const ent_teams *teams = &own->pending->teams;
  if (!ent_teams_are_at_work(teams)) return ENT_OK;
  const int leader = ent_teams_leader_of(teams, id_of(rank));
  for (int mate = 1; mate < own->crew->size && leader >= 0; mate++) {
    const bool is_pair = (id_of(mate) == leader) != (id_of(rank) == leader);
    if (!is_pair || ent_teams_leader_of(teams, id_of(mate)) != leader) continue;
    if (own->crew->members[mate].state != ENT_MEMBER_READY) continue;
    ENT_TRY(introduce(own, rank, mate));
    ENT_TRY(introduce(own, mate, rank));
  }
  return ENT_OK;
}

/* Where nobody is left to lead, everybody works alone. */
static int look_at_teams(master *own) {
  ent_teams *teams = &own->pending->teams;
  if (!ent_teams_are_at_work(teams)) return ENT_OK;
  for (int rank = 1; rank < own->crew->size; rank++) {
    const bool leads = ent_teams_leader_of(teams, id_of(rank)) == id_of(rank);
    if (leads && ent_crew_is_present(own->crew, rank)) return ENT_OK;
  }
  ent_teams_dissolve(teams);
  ENT_TRY(hand_out_to_all(own));
  return ENT_OK;
}

/* A worker has said hello, at the start or late: it gets the study, or hears that it is over. */
static int welcome(master *own, int rank) {
  const ent_text *study = own->options->study;
  const ent_wire_message begin = {.kind = ENT_WIRE_BEGIN, .writes = !own->options->writes};
  if (own->stop_sent) {
    ENT_TRY(send_stop(own, rank));
    return ENT_OK;
  }
  ENT_TRY(
    ent_comm_send_pieces(own->comm, rank, ENT_WIRE_STUDY, (const unsigned char *)study->data, study->length));
  ENT_TRY(ent_comm_send(own->comm, rank, &begin));
  return ENT_OK;
}

/* A worker may get tasks, for the first time or again. */
static int join(master *own, int rank) {
  if (own->stop_sent) {
    ENT_TRY(send_stop(own, rank));
    return ENT_OK;
  }
  ent_dispatch_join(own->dispatch, id_of(rank));
  ENT_TRY(hand_out(own, rank));
  return ENT_OK;
}

/* A worker is lost: what it has written is done, what it was at is counted against that job. */
static int lose(master *own, int rank) {
  const ent_member *member = &own->crew->members[rank];
  const bool is_dead = member->state == ENT_MEMBER_DEAD;
  int64_t at_work = -1;
  ent_log(ENT_LOG_WARNING, "worker %d, process %lld on '%s', %s; its work goes to others", rank,
          (long long)member->process.pid, member->process.host, is_dead ? "has died" : "does not answer");
  ENT_TRY(ent_pending_take_back(own->pending, id_of(rank), ent_trail_read(&member->trail), &at_work));
  ent_teams_take_back(&own->pending->teams, id_of(rank));
  if (at_work >= 0) ent_teams_settle(&own->pending->teams, at_work, 1); /* its turn may come late now */
  /* in a drain others end workers, too: time limits, the user */
  if (at_work >= 0 && !own->stop_sent)
    ENT_TRY(ent_blame_charge(&own->pending->blame, id_of(rank), at_work, !is_dead));
  ENT_TRY(hand_out_to_all(own));
  return ENT_OK;
}

/* A sign of life for everybody. */
static int beat(master *own, double now) {
  const ent_wire_message message = {.kind = ENT_WIRE_BEAT, .position = -1};
  own->last_beat = now;
  for (int rank = 1; rank < own->crew->size; rank++) {
    if (ent_crew_is_present(own->crew, rank)) ENT_TRY(ent_comm_send(own->comm, rank, &message));
  }
  return ENT_OK;
}

/* Once a second: a look at who gives a sign of life, and now and then one for everybody. */
static int look_at_crew(master *own, double now) {
  if (now - own->last_look < LOOK_SECONDS) return ENT_OK;
  own->last_look = now;
  ENT_CHECK(!ent_rank_is_orphan(), ENT_ERR_MPI, "mpirun is gone");
  const double silence = own->stop_sent ? ENT_MASTER_SILENCE_DRAIN : ENT_MASTER_SILENCE;
  const int count = ent_crew_look(own->crew, now, fmax(silence, own->pace.patience), own->lost);
  for (int i = 0; i < count; i++) ENT_TRY(lose(own, own->lost[i]));
  ENT_TRY(look_at_teams(own));
  own->has_crew = ent_crew_present(own->crew) > 0;
  if (now - own->last_beat >= own->pace.beat) ENT_TRY(beat(own, now));
  return ENT_OK;
}

/* Tells all workers to stop: at the end, or in the middle when a stop was asked for. */
static int stop_when_due(master *own) {
  ent_progress *progress = &own->teller.progress;
  if (ent_stop_requested() && !progress->stopping) {
    progress->stopping = true;
    ent_dispatch_stop(own->dispatch);
  }
  if (own->stop_sent || !(progress->stopping || ent_dispatch_is_over(own->dispatch))) return ENT_OK;
  own->stop_sent = true;
  for (int rank = 1; rank < own->crew->size; rank++) {
    const ent_member_state state = own->crew->members[rank].state;
    if (state < ENT_MEMBER_DEAD) ENT_TRY(send_stop(own, rank));
  }
  return ENT_OK;
}

/* A goodbye, or a failure, is answered: the worker may end then. */
static int part(master *own, int rank, const ent_wire_message *message) {
  int64_t at_work = -1;
  const ent_wire_message bye = {.kind = ENT_WIRE_BYE};
  own->crew->members[rank].state = ENT_MEMBER_GONE;
  own->has_crew = ent_crew_present(own->crew) > 0;
  if (message->kind == ENT_WIRE_FAILED) {
    own->crew->members[rank].state = ENT_MEMBER_FAILED;
    ent_log(ENT_LOG_ERROR, "worker %d failed: %s", rank, message->text);
    own->failure = message->code;
  }
  ENT_TRY(ent_comm_send(own->comm, rank, &bye));
  ENT_TRY(ent_pending_take_back(own->pending, id_of(rank), ent_trail_read(&own->crew->members[rank].trail),
                                &at_work));
  ent_teams_take_back(&own->pending->teams, id_of(rank));
  ENT_TRY(hand_out_to_all(own));
  return ENT_OK;
}

static void note_beat(master *own, int rank, const ent_wire_message *message) {
  ent_member *member = &own->crew->members[rank];
  const bool is_same = member->lease == message->lease.number && member->position == message->position;
  member->lease = message->lease.number;
  member->position = message->position;
  member->seconds = message->seconds;
  member->beat_at = ent_clock_now();
  if (!is_same) member->position_at = member->beat_at;
}

/* Whoever was lost and is heard again goes on, with new ranges: the old ones are at work elsewhere. */
static int hear(master *own, int rank) {
  if (!ent_crew_hear(own->crew, rank)) return ENT_OK;
  ent_log(ENT_LOG_INFO, "worker %d is back", rank);
  ENT_TRY(ent_blame_forgive(&own->pending->blame, id_of(rank)));
  if (own->crew->members[rank].state == ENT_MEMBER_READY) ENT_TRY(join(own, rank));
  return ENT_OK;
}

static int note_report(master *own, int rank, const ent_lease_report *report) {
  ent_lease lease;
  ent_teams *teams = &own->pending->teams;
  const bool is_known = ent_dispatch_find(own->dispatch, report->number, &lease);
  ENT_TRY(ent_dispatch_report(own->dispatch, report));
  if (!is_known) return ENT_OK;
  ent_slots_release(&own->pending->slots, &lease, report->done);
  if (!ent_teams_are_at_work(teams)) return ENT_OK;
  ent_teams_settle(teams, lease.first, report->done);
  if (report->done < lease.count) ent_teams_take_back(teams, id_of(rank));
  ENT_TRY(hand_out_to_all(own)); /* a team may be free now */
  return ENT_OK;
}

static int receive(master *own, int rank, const ent_wire_message *message) {
  ENT_TRY(hear(own, rank));
  switch (message->kind) {
    case ENT_WIRE_HELLO:
      ent_crew_greet(own->crew, rank, message);
      ENT_TRY(welcome(own, rank));
      break;
    case ENT_WIRE_READY:
      ent_crew_ready(own->crew, rank, message->trail);
      ENT_TRY(join_team(own, rank));
      ENT_TRY(join(own, rank));
      break;
    case ENT_WIRE_REPORT:
      ENT_TRY(note_report(own, rank, &message->report));
      ENT_TRY(hand_out(own, rank));
      break;
    case ENT_WIRE_RECORD:
      if (own->options->writes) ENT_TRY(ent_writer_take(&own->writer, rank, &message->piece));
      break;
    case ENT_WIRE_BEAT: note_beat(own, rank, message); break;
    case ENT_WIRE_BYE:
    case ENT_WIRE_FAILED: ENT_TRY(part(own, rank, message)); break;
    default: break;
  }
  return ENT_OK;
}

static int lead(master *own) {
  ent_wire_message message = {0};
  int rank = 0;
  bool arrived = false;
  for (rank = 1; rank < own->crew->size; rank++) {
    ent_dispatch_lose(own->dispatch, id_of(rank)); /* until it is ready */
    if (own->crew->members[rank].state == ENT_MEMBER_MET) ENT_TRY(welcome(own, rank));
  }
  own->has_crew = ent_crew_present(own->crew) > 0;
  while (own->has_crew) {
    ENT_TRY(stop_when_due(own));
    ENT_TRY(ent_teller_tell(&own->teller));
    ENT_TRY(look_at_crew(own, ent_clock_now()));
    if (own->options->writes) ENT_TRY(ent_writer_sync(&own->writer, false));
    ENT_TRY(ent_comm_wait(own->comm, WAIT_SECONDS, &message, &rank, &arrived));
    if (arrived) ENT_TRY(receive(own, rank, &message));
  }
  ENT_TRY(stop_when_due(own)); /* the last goodbye may have been quicker than the signal */
  return ENT_OK;
}

int ent_master_run(const ent_master_options *options, ent_progress *progress) {
  int code = ENT_OK;
  master own = {.options = options,
                .comm = options->comm,
                .crew = options->crew,
                .pending = options->pending,
                .pace = ent_pace_of(options->crew->size - 1),
                .dispatch = options->pending->dispatch};
  ent_teller_init(&own.teller, &options->told);
  ENT_GOTO(ent_mem_alloc((size_t)own.crew->size, sizeof *own.lost, &own.lost));
  if (options->writes) ENT_GOTO(ent_writer_init(&own.writer, own.comm, options->store));
  ENT_GOTO(lead(&own));
  if (options->writes) ENT_GOTO(ent_writer_sync(&own.writer, true));
  if (ent_rank_survives_others()) ent_crew_end_lost(own.crew);
  ent_teller_end(&own.teller);
  *progress = own.teller.progress;
  const bool is_left = progress->totals.pending > 0 && !progress->stopping;
  ENT_CHECK_GOTO(!is_left || own.failure == ENT_OK, own.failure,
                 "no worker is left, the last one failed, see above");
done:
  ent_writer_fini(&own.writer);
  free(own.lost);
  return code;
}
