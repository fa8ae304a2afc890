#include "entrain/solve/session.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpi.h>
#include <petscsys.h>

#include "entrain/base/log.h"
#include "entrain/base/text.h"
#include "entrain/solve/petsc_try.h"

static const char *const own_options[] = {"skip_petscrc", "no_signal_handler", "ts_adapt_wnormtype", NULL};

/* An option that the job file decides, or that takes away what results or verdicts rest on. */
typedef struct refused_option {
  const char *name, *instead; /* instead: the key of the job file; NULL: there is none */
} refused_option;

static const refused_option refused_options[] = {
  {"-ts_type", "solver.type"},
  {"-ts_rk_type", "solver.scheme"},
  {"-ts_rtol", "solver.rtol"},
  {"-ts_atol", "solver.atol"},
  {"-ts_max_time", "time.horizon"},
  {"-ts_max_steps", "limits.steps"},
  {"-ts_dt", NULL},
  {"-ts_init_time", NULL},
  {"-ts_time_span", NULL}, /* and its place in the span would go on from one job to the next */
  {"-ts_exact_final_time", NULL},
  {"-ts_error_if_step_fails", NULL},
  {"-ts_rk_multirate", NULL},
  {"-ts_adapt_always_accept", NULL},
  {"-ts_adapt_time_step_increase_delay", NULL}, /* what it counts goes on from one job to the next */
  {"-ts_adapt_dt_min", NULL},
  {"-ts_adapt_max_ignore", NULL},
  {"-ts_adapt_wnormtype", NULL},
  {"-ts_adapt_monitor", NULL},
  {"-ts_monitor", NULL},
  {"-ts_view", NULL},
  {"-log_view", NULL},
  {"-options_view", NULL},
  {"-info", NULL},
  {"-help", NULL},
  {0},
};

static int refuse_options(void) {
  for (const refused_option *option = refused_options; option->name; option++) {
    PetscBool is_set = PETSC_FALSE;
    ENT_TRY_PETSC(PetscOptionsHasName(NULL, NULL, option->name, &is_set));
    ENT_CHECK(!is_set || !option->instead, ENT_ERR_ARGUMENT, "PETSc option '%s' contradicts '%s', use that",
              option->name, option->instead);
    ENT_CHECK(!is_set, ENT_ERR_ARGUMENT, "PETSc option '%s' cannot be used here", option->name);
  }
  return ENT_OK;
}

static void tell_what_is_ignored(void) {
  if (getenv("PETSC_OPTIONS")) {
    ent_log(ENT_LOG_INFO, "PETSC_OPTIONS is ignored: options come from the job file and after '--'");
    unsetenv("PETSC_OPTIONS");
  }
  if (access(".petscrc", F_OK) == 0)
    ent_log(ENT_LOG_INFO, "'.petscrc' is ignored: options come from the job file and after '--'");
}

int ent_session_start(const char *petsc_options) {
  static char name[] = "entrain", skip[] = "-skip_petscrc", no_signals[] = "-no_signal_handler";
  static char *arguments[] = {name, skip, no_signals, NULL};
  int argc = 3;
  char **argv = arguments;
  tell_what_is_ignored();
  PETSC_COMM_WORLD = MPI_COMM_SELF;
  ENT_TRY_PETSC(PetscInitialize(&argc, &argv, NULL, NULL));
  ENT_TRY_PETSC(PetscPushErrorHandler(PetscReturnErrorHandler, NULL));
  ENT_CHECK(PetscOptionsInsertString(NULL, petsc_options) == 0, ENT_ERR_ARGUMENT,
            "'%s' after '--' are no PETSc options", petsc_options);
  ENT_TRY(refuse_options());
  /* the 2-norm averages over all components and hides one straggler */
  ENT_TRY_PETSC(PetscOptionsSetValue(NULL, "-ts_adapt_wnormtype", "infinity"));
  return ENT_OK;
}

static bool is_own(const char *name) {
  for (const char *const *own = own_options; *own; own++) {
    if (strcmp(name, *own) == 0) return true;
  }
  return false;
}

int ent_session_check_options(void) {
  int code = ENT_OK;
  PetscInt count = 0;
  char **names = NULL, **values = NULL;
  ent_text unknown = {0};
  ENT_TRY_PETSC(PetscOptionsLeftGet(NULL, &count, &names, &values));
  for (PetscInt i = 0; i < count; i++) {
    if (!is_own(names[i])) ENT_GOTO(ent_text_append(&unknown, "%s-%s", unknown.length ? ", " : "", names[i]));
  }
  ENT_CHECK_GOTO(unknown.length == 0, ENT_ERR_ARGUMENT, "PETSc knows no option '%s' here", unknown.data);
done:
  ent_text_fini(&unknown);
  if (PetscOptionsLeftRestore(NULL, &count, &names, &values) != 0 && code == ENT_OK) code = ENT_ERR_PETSC;
  return code;
}

void ent_session_end(void) {
  PetscBool is_running = PETSC_FALSE;
  if (PetscInitialized(&is_running) == 0 && is_running && PetscFinalize() != 0) {
    ent_log(ENT_LOG_WARNING, "PETSc could not be ended in good order");
  }
}

const char *ent_session_petsc_version(void) {
  static char version[32];
  PetscInt major = 0, minor = 0, subminor = 0;
  if (PetscGetVersionNumber(&major, &minor, &subminor, NULL) != 0) return "unknown";
  snprintf(version, sizeof(version), "%d.%d.%d", (int)major, (int)minor, (int)subminor);
  return version;
}
