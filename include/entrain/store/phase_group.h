#ifndef ENTRAIN_STORE_PHASE_GROUP_H
#define ENTRAIN_STORE_PHASE_GROUP_H

/* Whether the phase diagram in a results file is that of its rows; store/store fills it. */

#include "entrain/store/store.h"

/* What /phase is, compared with the rows that are there now. */
typedef enum {
  ENT_PHASE_EMPTY,   /* not filled yet */
  ENT_PHASE_CURRENT, /* of these rows, bit by bit */
  ENT_PHASE_STALE,   /* it counts other rows: filled earlier */
  ENT_PHASE_DAMAGED  /* it counts these rows, but other values do not follow from them */
} ent_phase_state;

/* Compares /phase with a finished one, as for writing. Errors: ENT_ERR_HDF5, ENT_ERR_FORMAT,
 * ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_store_check_phase(ent_store *store, const ent_phase *phase, ent_phase_state *state);

#endif
