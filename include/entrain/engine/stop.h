#ifndef ENTRAIN_ENGINE_STOP_H
#define ENTRAIN_ENGINE_STOP_H

/* Signals that ask a rank to end in good order: USR1, TERM, and INT for a rank without a launcher. */

#include <stdbool.h>

#include "entrain/base/error.h"

/* Installs the handlers, which only set a flag; after PETSc has started. Errors: ENT_ERR_SYSTEM. Not
 * collective. */
ENT_MUST_CHECK int ent_stop_listen(void);

/* Whether such a signal has come. Not collective. */
bool ent_stop_requested(void);

#endif
