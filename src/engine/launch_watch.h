#ifndef ENTRAIN_ENGINE_LAUNCH_WATCH_H
#define ENTRAIN_ENGINE_LAUNCH_WATCH_H

/*
 * What the parent knows of the mpirun that it has started: the ranks of this host by pid and start time, the
 * master, whether the run has begun; and the end of those that would stay for ever. Time is counted in looks,
 * so that a machine that slept misjudges nobody.
 */

#include "entrain/engine/launch.h"
#include "entrain/store/lock.h"

enum { ENT_LAUNCH_LOOKS = 10 }; /* a second */

typedef struct ent_launch_watch {
  const ent_launch_options *options;
  ent_process mpirun;
  size_t n_ranks, capacity;
  ent_process *ranks; /* [n_ranks] every child of mpirun that was ever seen */
  size_t expected;    /* ranks that mpirun is to start here; 0: not known */
  bool has_seen_ours; /* a child that runs this program: mpirun itself starts the ranks, no script between */
  ent_process master; /* pid 0: not known yet */
  bool has_begun;     /* the results file was locked by this mpirun */
  ent_launch_fault worry;
  int worried;            /* looks since the worry began */
  ent_launch_fault fault; /* for which mpirun is being ended */
  int ending;             /* looks since then */
} ent_launch_watch;

/* Begins to watch a child. Errors: ENT_ERR_MEMORY, ENT_ERR_SYSTEM. ent_launch_watch_fini it. */
ENT_MUST_CHECK int ent_launch_watch_init(ent_launch_watch *watch, const ent_launch_options *options,
                                         int64_t mpirun);

/* To be called ENT_LAUNCH_LOOKS times a second as long as mpirun lives; ends it when it has to be ended. */
void ent_launch_watch_look(ent_launch_watch *watch);

/*
 * mpirun has ended by itself: looks once more whether the run had begun. With an error before, that is the
 * death of a rank, which mpirun may not have taken for started yet, in spite of recovery.
 */
void ent_launch_watch_note_exit(ent_launch_watch *watch, bool is_error);

/*
 * After the end of mpirun: waits for the ranks that were seen, and ends those that do not go by themselves.
 */
void ent_launch_watch_end_ranks(const ent_launch_watch *watch);

void ent_launch_watch_fini(ent_launch_watch *watch);

#endif
