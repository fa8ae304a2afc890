#include "entrain/engine/crew.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/log.h"
#include "entrain/base/mem.h"

enum { MASTER = 0, LOOKS_UNTIL_DEAD = 2 };

#define LONGEST_LOOK 1.0 /* seconds that one look counts for at most */

int ent_crew_init(ent_crew *crew, int size) {
  int code = ENT_OK;
  ent_crew made = {.size = size};
  ENT_GOTO(ent_mem_alloc((size_t)size, sizeof *made.members, &made.members));
  ENT_GOTO(ent_process_self(&made.members[MASTER].process));
  made.members[MASTER].is_here = true;
  *crew = made;
  return ENT_OK;
done:
  ent_crew_fini(&made);
  return code;
}

void ent_crew_fini(ent_crew *crew) {
  for (int rank = 0; crew->members && rank < crew->size; rank++) ent_trail_fini(&crew->members[rank].trail);
  free(crew->members);
  *crew = (ent_crew){0};
}

void ent_crew_greet(ent_crew *crew, int rank, const ent_wire_message *hello) {
  ent_member *member = &crew->members[rank];
  ent_trail_fini(&member->trail);
  *member = (ent_member){
    .state = ENT_MEMBER_MET, .process = {.pid = hello->pid, .start = hello->start}, .position = -1};
  (void)snprintf(member->process.host, sizeof member->process.host, "%.63s", hello->text);
  member->is_here = strcmp(member->process.host, crew->members[MASTER].process.host) == 0;
}

void ent_crew_ready(ent_crew *crew, int rank, int descriptor) {
  ent_member *member = &crew->members[rank];
  member->state = ENT_MEMBER_READY;
  ent_trail_fini(&member->trail);
  if (member->is_here) ent_trail_open(&member->process, descriptor, &member->trail);
}

bool ent_crew_hear(ent_crew *crew, int rank) {
  ent_member *member = &crew->members[rank];
  member->silence = 0;
  if (member->state != ENT_MEMBER_LOST || member->process.pid == 0) return false;
  member->state = member->before;
  return true;
}

static bool is_present(const ent_member *member) {
  return member->state == ENT_MEMBER_MET || member->state == ENT_MEMBER_READY;
}

bool ent_crew_is_present(const ent_crew *crew, int rank) {
  return is_present(&crew->members[rank]);
}

/* Whether a member is lost after so many further seconds; its state says how. */
static bool becomes_lost(ent_member *member, double step, double silence) {
  if (!is_present(member)) return false;
  member->silence += step;
  member->n_missed = member->is_here && !ent_process_alive(&member->process) ? member->n_missed + 1 : 0;
  const bool is_dead = member->n_missed >= LOOKS_UNTIL_DEAD;
  if (!is_dead && member->silence < silence) return false;
  member->before = member->state;
  member->state = is_dead ? ENT_MEMBER_DEAD : ENT_MEMBER_LOST;
  return true;
}

int ent_crew_look(ent_crew *crew, double now, double silence, int *lost) {
  int count = 0;
  const double step = crew->last_look > 0 ? fmin(now - crew->last_look, LONGEST_LOOK) : 0;
  crew->last_look = now;
  for (int rank = MASTER + 1; rank < crew->size; rank++) {
    if (becomes_lost(&crew->members[rank], step, silence)) lost[count++] = rank;
  }
  return count;
}

int ent_crew_count(const ent_crew *crew, ent_member_state state) {
  int count = 0;
  for (int rank = MASTER + 1; rank < crew->size; rank++) count += crew->members[rank].state == state;
  return count;
}

int ent_crew_present(const ent_crew *crew) {
  return ent_crew_count(crew, ENT_MEMBER_MET) + ent_crew_count(crew, ENT_MEMBER_READY);
}

int ent_crew_missing(const ent_crew *crew) {
  return ent_crew_count(crew, ENT_MEMBER_LOST) + ent_crew_count(crew, ENT_MEMBER_DEAD) +
         ent_crew_count(crew, ENT_MEMBER_FAILED);
}

bool ent_crew_has_several_hosts(const ent_crew *crew) {
  bool has_several = false;
  for (int rank = MASTER + 1; rank < crew->size; rank++) {
    const ent_member *member = &crew->members[rank];
    has_several = has_several || (member->process.pid > 0 && !member->is_here);
  }
  return has_several;
}

void ent_crew_end_lost(const ent_crew *crew) {
  for (int rank = MASTER + 1; rank < crew->size; rank++) {
    const ent_member *member = &crew->members[rank];
    if (member->state != ENT_MEMBER_LOST || !member->is_here || !ent_process_alive(&member->process))
      continue;
    ent_log(ENT_LOG_WARNING, "ending worker %d, process %lld, which does not answer", rank,
            (long long)member->process.pid);
    (void)kill((pid_t)member->process.pid, SIGKILL);
  }
}

size_t ent_crew_processes(const ent_crew *crew, ent_process *ranks) {
  size_t count = 0;
  for (int rank = MASTER; rank < crew->size; rank++) {
    if (crew->members[rank].process.pid > 0) ranks[count++] = crew->members[rank].process;
  }
  return count;
}
