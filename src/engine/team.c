#include "entrain/engine/team.h"

#include <stdlib.h>
#include <string.h>

#include "entrain/base/clock.h"
#include "entrain/base/log.h"
#include "entrain/base/mem.h"

enum { MOST_MATES = ENT_SHARES_MOST - 1, LOOKS_UNTIL_DEAD = 2 };

#define LOOK_SECONDS 1.0

typedef struct mate {
  ent_team *team;
  int rank;
  ent_process process;
  bool is_here;     /* its process can be looked at */
  int n_missed;     /* looks in a row at which it was gone */
  double last_look; /* clock */
  bool is_lost;
  bool is_answered; /* it leads, and waits for this process */
  ent_line *line;
} mate;

struct ent_team {
  ent_team_house house;
  ent_process self;
  mate mates[MOST_MATES];
  ent_helpers helpers; /* the mates */
  ent_helper *helper;  /* of them; made at the first question */
};

int ent_team_create(const ent_team_house *house, ent_team **team) {
  int code = ENT_OK;
  ent_team *made = NULL;
  ENT_GOTO(ent_mem_alloc(1, sizeof *made, &made));
  made->house = *house;
  ENT_GOTO(ent_process_self(&made->self));
  *team = made;
  made = NULL;
done:
  ent_team_destroy(&made);
  return code;
}

void ent_team_destroy(ent_team **team) {
  if (*team == NULL) return;
  for (size_t k = 0; k < (*team)->helpers.count; k++) ent_line_close(&(*team)->mates[k].line);
  ent_helper_destroy(&(*team)->helper);
  free(*team);
  *team = NULL;
}

/* Once a second of a wait: whether the mate's process is gone, at two looks in a row. */
static bool is_dead(mate *of) {
  const double now = ent_clock_now();
  if (!of->is_here || now - of->last_look < LOOK_SECONDS) return false;
  of->last_look = now;
  of->n_missed = ent_process_alive(&of->process) ? 0 : of->n_missed + 1;
  return of->n_missed >= LOOKS_UNTIL_DEAD;
}

static bool goes_on(void *context, double waited) {
  mate *of = context;
  const ent_house house = of->team->house.keep(of->team->house.context);
  const double patience = house == ENT_HOUSE_FINE ? ENT_TEAM_SILENCE : ENT_TEAM_SILENCE_DRAIN;
  of->is_lost = house == ENT_HOUSE_OVER || waited > patience || is_dead(of);
  if (of->is_lost && house == ENT_HOUSE_FINE && !of->is_answered)
    ent_log(ENT_LOG_WARNING, "worker %d no longer answers; a job goes on without its help", of->rank);
  return !of->is_lost;
}

/* Whether to give up what the mate has asked for. */
static bool is_in_vain(void *context) {
  return !goes_on(context, 0);
}

int ent_team_meet(ent_team *team, int rank, const ent_process *process) {
  ent_helpers *helpers = &team->helpers;
  mate *met = &team->mates[helpers->count];
  if (helpers->count == MOST_MATES) return ENT_OK;
  for (size_t k = 0; k < helpers->count; k++)
    if (team->mates[k].rank == rank) return ENT_OK; /* one that is back stays lost */
  *met = (mate){.team = team, .rank = rank, .process = *process};
  met->is_here = strcmp(process->host, team->self.host) == 0;
  const ent_line_watch watch = {.context = met, .goes_on = goes_on};
  ENT_TRY(ent_line_open(rank, &watch, &met->line));
  helpers->channels[helpers->count] = ent_line_channel(met->line);
  helpers->count++;
  return ENT_OK;
}

bool ent_team_has_mates(const ent_team *team) {
  return team->helpers.count > 0;
}

ent_helpers *ent_team_helpers(ent_team *team) {
  return &team->helpers;
}

/* Answers a mate's question, and a second one: perhaps it wants nothing any more. */
static int answer(ent_team *team, mate *of, const ent_channel *channel) {
  ent_brake brake = {.pulls = is_in_vain, .context = of};
  ENT_TRY(ent_helper_serve(team->helper, channel, &brake));
  if (of->is_lost || !channel->calls(channel->context)) return ENT_OK;
  return ent_helper_serve(team->helper, channel, &brake);
}

int ent_team_answer(ent_team *team, int rank) {
  size_t k = 0;
  while (k < team->helpers.count && team->mates[k].rank != rank) k++;
  if (k == team->helpers.count || team->mates[k].is_lost || team->helpers.is_lost[k]) {
    ent_line_drop(rank);
    return ENT_OK;
  }
  if (team->helper == NULL) ENT_TRY(ent_helper_create(&team->helper));
  team->mates[k].is_answered = true;
  const int code = answer(team, &team->mates[k], &team->helpers.channels[k]);
  team->mates[k].is_answered = false;
  return code;
}
