#ifndef ENTRAIN_ENGINE_LAUNCH_COMMAND_H
#define ENTRAIN_ENGINE_LAUNCH_COMMAND_H

/* The command that ent_launch_run starts: mpirun with its arguments and its environment. */

#include <stddef.h>

#include "entrain/base/mem.h"
#include "entrain/engine/launch.h"

typedef struct ent_text_list {
  size_t count;
  char **items; /* [count], then NULL */
} ent_text_list;

typedef struct ent_launch_command {
  ent_arena *arena; /* owns the lists and all texts that are ours */
  ent_text_list arguments;
  ent_text_list environment;
  size_t n_inherited; /* variables that were there before ours */
} ent_launch_command;

/* What mpirun has to find open: descriptors that it inherits, -1 for none. */
typedef struct ent_launch_channels {
  int silence; /* /dev/null, for what PMIx says of every rank that ends without MPI_Finalize */
  int lock;    /* of the run's folder */
} ent_launch_channels;

/*
 * Makes the command; destroy its arena, also after a failure.
 * Errors: ENT_ERR_ARGUMENT for a number of workers that cannot be; ENT_ERR_MEMORY; ENT_ERR_SYSTEM. Not
 * collective.
 */
ENT_MUST_CHECK int ent_launch_command_make(const ent_launch_options *options,
                                           const ent_launch_channels *channels, ent_launch_command *command);

#endif
