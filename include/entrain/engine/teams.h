#ifndef ENTRAIN_ENGINE_TEAMS_H
#define ENTRAIN_ENGINE_TEAMS_H

/*
 * Who computes large jobs with whom, by `ranks_per_job: k`: each k successive workers are a team, the first
 * of which leads it. Large jobs are handed out first, to leaders only, while the others of the team have no
 * work of their own and help; once no large job waits, the teams without one are free, and once all are
 * settled everybody is. Decisions only: engine/master acts on them, engine/team is the workers' side.
 */

#include <stdbool.h>
#include <stdint.h>

#include "entrain/sweep/spec.h"

enum { ENT_LARGE_WAITS = -1, ENT_LARGE_SETTLED = -2 };

/* {0} is valid: no teams. */
typedef struct ent_teams {
  int size, count; /* workers of a team; teams */
  int64_t n;       /* large positions that were pending at the start */
  int64_t waiting; /* of them, those that nobody has */
  int64_t left;    /* and those that are not settled */
  struct ent_large {
    int64_t position;
    int holder; /* worker, or one of the above */
  } * large;    /* [n] ascending, owned */
} ent_teams;

/*
 * Divides the workers 0 ... workers - 1, and finds the large positions of a study.
 * [in]  finished  [grid.size] by position: 1 where nothing is to be done
 * Errors: ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_teams_init(ent_teams *teams, const ent_spec *spec, int size, int workers,
                                  const unsigned char *finished);

/* Frees what it owns and empties it. Not collective. */
void ent_teams_fini(ent_teams *teams);

/* Whether there are teams and large jobs that are not settled. Not collective. */
bool ent_teams_are_at_work(const ent_teams *teams);

/* The leader of a worker's team, itself perhaps; -1 for one who is in none. Not collective. */
int ent_teams_leader_of(const ent_teams *teams, int worker);

/* Whether a worker may get a lease now. Not collective. */
bool ent_teams_allow(const ent_teams *teams, int worker);

/* A worker has got a lease. Returns whether its mates help: it leads, and the first job is large. */
bool ent_teams_hand_out(ent_teams *teams, int worker, int64_t first, int64_t count);

/* What a worker has is with nobody again: it is lost, or has given it back. Not collective. */
void ent_teams_take_back(ent_teams *teams, int worker);

/* Nobody waits for these positions any more: they are done, or a worker has died of them. Not collective. */
void ent_teams_settle(ent_teams *teams, int64_t first, int64_t count);

/* Nobody leads any more: all is settled. Not collective. */
void ent_teams_dissolve(ent_teams *teams);

#endif
