#ifndef ENTRAIN_ENGINE_TEAM_H
#define ENTRAIN_ENGINE_TEAM_H

/*
 * The other workers of a worker's team: with `ranks_per_job: k` so many workers compute one large job
 * together. One of them has the job and everything that belongs to it; the others compute parts of its sums
 * (kernel/help) and remember nothing of it. Who belongs to whom is the master's decision. A mate that is lost
 * costs nothing but time: what it was asked is computed by who asked, with the same bits.
 */

#include "entrain/comm/line.h"
#include "entrain/store/lock.h"

/* Seconds after which a mate that does not answer is lost, and while a stop is on its way. */
#define ENT_TEAM_SILENCE 60.0
#define ENT_TEAM_SILENCE_DRAIN 2.0

typedef enum {
  ENT_HOUSE_FINE,  /* waits may go on */
  ENT_HOUSE_HURRY, /* a stop was asked for */
  ENT_HOUSE_OVER   /* no wait makes sense any more */
} ent_house;

typedef struct ent_team ent_team;

/* Who keeps house while a worker waits for a mate: asked about every millisecond. */
typedef struct ent_team_house {
  void *context;
  ent_house (*keep)(void *context);
} ent_team_house;

/* Makes a team of nobody but this worker. Errors: ENT_ERR_MEMORY, ENT_ERR_SYSTEM. Not collective. */
ENT_MUST_CHECK int ent_team_create(const ent_team_house *house, ent_team **team);

/* Frees it; accepts NULL, sets NULL. Not collective. */
void ent_team_destroy(ent_team **team);

/*
 * A worker is a mate from now on; more than a team can have are left out. Errors: ENT_ERR_MEMORY. Not
 * collective.
 */
ENT_MUST_CHECK int ent_team_meet(ent_team *team, int rank, const ent_process *process);

/* Whether there are mates. Not collective. */
bool ent_team_has_mates(const ent_team *team);

/* The mates as helpers, those whom it meets later among them, valid as long as the team. Not collective. */
ent_helpers *ent_team_helpers(ent_team *team);

/*
 * Answers a question of a rank whose numbers have arrived (ent_line_calls), and one more if it is there then;
 * those of one that is no mate, or no longer, are dropped. Errors: ENT_ERR_MEMORY, ENT_ERR_FORMAT. Not
 * collective.
 */
ENT_MUST_CHECK int ent_team_answer(ent_team *team, int rank);

#endif
