#ifndef ENTRAIN_ENGINE_CREW_H
#define ENTRAIN_ENGINE_CREW_H

/*
 * Who is alive: what the master knows of its workers. A worker is lost when its process is gone, which is
 * looked at for those of this host, or when it was silent for too long; a silent one that is heard again is
 * back. No messages here: the master tells what it hears and asks who is lost.
 *
 * Silence is counted in looks of at most one second each, so that a master which was stopped or suspended for
 * an hour misjudges nobody.
 */

#include <stdbool.h>

#include "entrain/engine/trail.h"
#include "entrain/sweep/wire.h"

/* Seconds of silence after which a worker is lost, and in a drain, which may have little time. */
#define ENT_MASTER_SILENCE 60.0
#define ENT_MASTER_SILENCE_DRAIN 15.0

typedef enum {
  ENT_MEMBER_ABSENT, /* not heard of yet */
  ENT_MEMBER_MET,    /* has said hello */
  ENT_MEMBER_READY,  /* works */
  ENT_MEMBER_LOST,   /* silent for too long; may come back */
  ENT_MEMBER_DEAD,   /* its process is gone */
  ENT_MEMBER_FAILED, /* has said that it cannot go on */
  ENT_MEMBER_GONE    /* has said goodbye */
} ent_member_state;

typedef struct ent_member {
  ent_member_state state;
  ent_member_state before; /* LOST: what it was before */
  ent_process process;     /* pid 0 until it has said hello */
  bool is_here;            /* its process can be looked at */
  int n_missed;            /* looks in a row at which its process was gone */
  double silence;          /* seconds */
  int64_t lease, position; /* at work by its last beat; lease 0: none */
  double seconds;          /* in that job by then */
  double beat_at;          /* clock of its last beat */
  double position_at;      /* and of the first one at this position */
  ent_trail trail;         /* where it says what it is at; owned, empty on another host */
} ent_member;

typedef struct ent_crew {
  int size;            /* ranks, the master's 0 among them */
  ent_member *members; /* [size], owned */
  double last_look;    /* clock */
} ent_crew;

/* Makes a crew of which nobody but the master, this process, has been heard. Errors: ENT_ERR_MEMORY,
 * ENT_ERR_SYSTEM. Not collective. */
ENT_MUST_CHECK int ent_crew_init(ent_crew *crew, int size);

/* Frees what it owns and empties it. Not collective. */
void ent_crew_fini(ent_crew *crew);

/* A rank has said hello: it is MET. Not collective. */
void ent_crew_greet(ent_crew *crew, int rank, const ent_wire_message *hello);

/* A rank is READY, and has a trail behind a descriptor of its own; 0: it has none. Not collective. */
void ent_crew_ready(ent_crew *crew, int rank, int descriptor);

/* A rank was heard. Returns true when it was LOST and is now what it was before. Not collective. */
bool ent_crew_hear(ent_crew *crew, int rank);

/*
 * Looks at everybody who is MET or READY; about once a second.
 * [in]  now  clock
 * [in]  silence  seconds after which somebody is lost
 * [out] lost  [size] ranks that are LOST or DEAD now and were not before; those of this host are DEAD at the
 *             second look at which their process is gone, so that what they said before it has arrived
 * Returns their number. Not collective.
 */
int ent_crew_look(ent_crew *crew, double now, double silence, int *lost);

/* Whether a member is MET or READY. Not collective. */
bool ent_crew_is_present(const ent_crew *crew, int rank);

/* Ranks in a state; those that are MET or READY; those that are LOST, DEAD or FAILED. Not collective. */
int ent_crew_count(const ent_crew *crew, ent_member_state state);
int ent_crew_present(const ent_crew *crew);
int ent_crew_missing(const ent_crew *crew);

/* Whether somebody who has said hello is on another host than the master. Not collective. */
bool ent_crew_has_several_hosts(const ent_crew *crew);

/*
 * Ends the processes of this host that are LOST (SIGKILL): stopped ones would keep mpirun waiting for ever.
 * Not collective.
 */
void ent_crew_end_lost(const ent_crew *crew);

/* The processes of those who were heard of, the master's first. [out] ranks  [size]; returns their number. */
size_t ent_crew_processes(const ent_crew *crew, ent_process *ranks);

#endif
