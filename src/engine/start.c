#include "entrain/engine/start.h"

#include <stdio.h>

#include "entrain/base/clock.h"
#include "entrain/base/log.h"
#include "entrain/base/text.h"
#include "entrain/engine/rank.h"
#include "entrain/engine/stop.h"

enum { MASTER = 0, LOOKS_UNTIL_ALONE = 2 };

#define MEET_SECONDS 120.0
#define LOOK_SECONDS 1.0
#define GOODBYE_SECONDS 5.0

int ent_start_greet(ent_comm *comm) {
  ent_process self;
  ENT_TRY(ent_process_self(&self));
  ent_wire_message message = {.kind = ENT_WIRE_HELLO, .pid = self.pid, .start = self.start};
  (void)snprintf(message.text, sizeof message.text, "%s", self.host);
  if (ent_comm_rank(comm) != MASTER) {
    ENT_TRY(ent_comm_send(comm, MASTER, &message));
    return ENT_OK;
  }
  for (int rank = MASTER + 1; rank < ent_comm_size(comm); rank++) {
    ENT_TRY(ent_comm_send(comm, rank, &message));
  }
  return ENT_OK;
}

/* Whether all ranks that live are known: those of this host, where all of them were started. */
static bool are_all_known(const ent_crew *crew) {
  int siblings = 0;
  if (!ent_rank_are_all_here(crew->size)) return false;
  if (ent_rank_count_siblings(&siblings) != ENT_OK) {
    ent_error_clear();
    return false;
  }
  return siblings <= 1 + ent_crew_present(crew);
}

/* Answers a goodbye. Whoever is late with its hello has been sent home already. */
static int answer(ent_comm *comm, ent_crew *crew, int rank, const ent_wire_message *message) {
  const ent_wire_message bye = {.kind = ENT_WIRE_BYE};
  if (message->kind != ENT_WIRE_BYE && message->kind != ENT_WIRE_FAILED) return ENT_OK;
  crew->members[rank].state = ENT_MEMBER_GONE;
  ENT_TRY(ent_comm_send(comm, rank, &bye));
  return ENT_OK;
}

/* Listens until it is time to look again, however much those say who have been met. */
static int listen_to_all(ent_comm *comm, ent_crew *crew) {
  ent_wire_message message = {0};
  int from = 0;
  bool arrived = true;
  const double end = ent_clock_now() + LOOK_SECONDS;
  for (double left = LOOK_SECONDS; arrived && left > 0; left = end - ent_clock_now()) {
    ENT_TRY(ent_comm_wait(comm, left, &message, &from, &arrived));
    if (arrived && message.kind == ENT_WIRE_HELLO) ent_crew_greet(crew, from, &message);
    if (arrived) ENT_TRY(answer(comm, crew, from, &message));
    if (ent_crew_count(crew, ENT_MEMBER_ABSENT) == 0) break;
  }
  return ENT_OK;
}

int ent_start_meet(ent_comm *comm, ent_crew *crew) {
  int n_looks = 0;
  const int workers = crew->size - 1;
  const double deadline = ent_clock_now() + MEET_SECONDS;
  while (ent_crew_count(crew, ENT_MEMBER_ABSENT) > 0 && n_looks < LOOKS_UNTIL_ALONE) {
    ENT_TRY(listen_to_all(comm, crew));
    n_looks = are_all_known(crew) ? n_looks + 1 : 0;
    if (ent_clock_now() > deadline || ent_stop_requested()) break;
  }
  const int met = ent_crew_present(crew), absent = ent_crew_count(crew, ENT_MEMBER_ABSENT);
  ENT_CHECK(met > 0 || workers == 0 || ent_stop_requested(), ENT_ERR_MPI, "none of %d worker%s has answered",
            workers, ent_text_plural(workers));
  if (absent > 0)
    ent_log(ENT_LOG_WARNING, "no answer from %d of %d worker%s, going on without", absent, workers,
            ent_text_plural(workers));
  return ENT_OK;
}

/* Ranks whose goodbye may still come. */
static int count_expected(const ent_crew *crew) {
  return ent_crew_present(crew) + ent_crew_count(crew, ENT_MEMBER_ABSENT);
}

static int send_home(ent_comm *comm, ent_crew *crew) {
  ent_wire_message message = {.kind = ENT_WIRE_STOP};
  int from = 0;
  bool arrived = false;
  for (int rank = MASTER + 1; rank < crew->size; rank++) {
    if (crew->members[rank].state < ENT_MEMBER_DEAD) ENT_TRY(ent_comm_send(comm, rank, &message));
  }
  const double deadline = ent_clock_now() + GOODBYE_SECONDS;
  while (count_expected(crew) > 0 && ent_clock_now() < deadline) {
    ENT_TRY(ent_comm_wait(comm, LOOK_SECONDS, &message, &from, &arrived));
    if (arrived) ENT_TRY(answer(comm, crew, from, &message));
  }
  return ENT_OK;
}

void ent_start_cancel(ent_comm *comm, ent_crew *crew) {
  if (send_home(comm, crew) != ENT_OK)
    ent_log(ENT_LOG_WARNING, "workers could not be told that the run ends: %s", ent_error_message());
}
