#include "launch_command.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

extern char **environ;

enum { MAX_WORKERS = 1000000, DEFAULT_COLUMNS = 80, MAX_OWN_ARGUMENTS = 12, MAX_OWN_VARIABLES = 16 };

/* A variable for the ranks, unless the user has set it. */
typedef struct launch_variable {
  const char *name, *value;
  bool is_local; /* only where all ranks are on this node */
} launch_variable;

static const launch_variable variables[] = {
  /*
   * Otherwise MPI_Init looks for fabrics: 0.24 s instead of 0.03 s, and every rank listens on all networks.
   * On a cluster the site's choice stands.
   */
  {"OMPI_MCA_pml", "ob1", true},
  {"OMPI_MCA_btl", "self,vader", true},
  /* Of a rank's bad end the parent tells; as the option --quiet, Open MPI 5 refuses it. */
  {"OMPI_MCA_orte_execute_quiet", "1", false},
  /* A rank that dies ends no other one, and the ranks know it; Open MPI 5 wants the option, too. */
  {"OMPI_MCA_orte_enable_recovery", "1", false},
  /* Ranks that may outlive others end without MPI_Finalize: on several nodes mpirun would wait for ever. */
  {"OMPI_MCA_orte_allowed_exit_without_sync", "1", false},
  /* The master shares a core with a worker. */
  {"OMPI_MCA_mpi_yield_when_idle", "1", false},
  /* One rank a core: threads of BLAS would take each other's. */
  {"OPENBLAS_NUM_THREADS", "1", false},
  {"OMP_NUM_THREADS", "1", false},
  {0},
};

/* Ours alone: they are never inherited. */
static const char *const own_variables[] = {ENT_LAUNCH_TERMINAL, ENT_LAUNCH_RESUMES, ENT_RUN_FOLDER, NULL};

static int create_list(ent_arena *arena, size_t capacity, ent_text_list *made) {
  made->count = 0;
  ENT_TRY(ent_arena_alloc(arena, capacity + 1, sizeof *made->items, &made->items));
  return ENT_OK;
}

static void push(ent_text_list *to, char *item) {
  to->items[to->count++] = item;
}

static int push_copy(ent_arena *arena, ent_text_list *to, const char *text) {
  char *copy = NULL;
  const size_t size = strlen(text) + 1;
  ENT_TRY(ent_arena_alloc(arena, size, 1, &copy));
  memcpy(copy, text, size);
  push(to, copy);
  return ENT_OK;
}

static size_t length_of(char *const *items) {
  size_t length = 0;
  while (items[length] != NULL) length++;
  return length;
}

static int push_all(ent_arena *arena, ent_text_list *to, const char *const *texts) {
  for (; *texts != NULL; texts++) ENT_TRY(push_copy(arena, to, *texts));
  return ENT_OK;
}

static int push_self(ent_arena *arena, ent_text_list *to) {
  char path[PATH_MAX] = "";
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  ENT_CHECK(length > 0, ENT_ERR_SYSTEM, "path of this program is unknown: %s", strerror(errno));
  path[length] = 0;
  return push_copy(arena, to, path);
}

/*
 * More ranks than slots are always allowed: mpirun counts cores without their hardware threads, or the tasks
 * of an allocation, and the master needs no core of its own. Of a rank's bad end the master tells, not
 * mpirun.
 */
static int make_arguments(const ent_launch_options *options, ent_launch_command *command) {
  char ranks[32];
  const int workers = options->workers > 0 ? options->workers : ent_launch_cores();
  const char *const always[] = {
    "mpirun", "-n", ranks, "--bind-to", "none", "--oversubscribe", "--enable-recovery", NULL};
  const char *const for_root[] = {"--allow-run-as-root", NULL};
  (void)snprintf(ranks, sizeof ranks, "%d", workers + 1);
  const size_t n_users = length_of(options->arguments);
  ENT_TRY(create_list(command->arena, MAX_OWN_ARGUMENTS + n_users, &command->arguments));
  ENT_TRY(push_all(command->arena, &command->arguments, always));
  if (geteuid() == 0) ENT_TRY(push_all(command->arena, &command->arguments, for_root));
  ENT_TRY(push_self(command->arena, &command->arguments));
  for (size_t i = 1; i < n_users; i++) push(&command->arguments, options->arguments[i]);
  return ENT_OK;
}

static bool is_wanted(const launch_variable *variable) {
  if (getenv(variable->name) != NULL) return false;
  return !variable->is_local || !ent_launch_has_several_nodes();
}

static int push_variable(ent_launch_command *command, const char *name, const char *value) {
  char text[PATH_MAX];
  (void)snprintf(text, sizeof text, "%s=%s", name, value);
  return push_copy(command->arena, &command->environment, text);
}

static int push_terminal(ent_launch_command *command) {
  char columns[16] = "0";
  struct winsize window = {0};
  if (isatty(STDERR_FILENO)) {
    const bool is_known = ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0;
    (void)snprintf(columns, sizeof columns, "%d", is_known ? window.ws_col : DEFAULT_COLUMNS);
  }
  return push_variable(command, ENT_LAUNCH_TERMINAL, columns);
}

/* Open MPI's files into our folder. A daemon on another node would look for the folder, or for the
 * descriptor, where they are not. */
static int push_folder(const ent_launch_options *options, ent_launch_command *command) {
  if (options->folder == NULL) return ENT_OK;
  ENT_TRY(push_variable(command, ENT_RUN_FOLDER, options->folder->path));
  if (ent_launch_has_several_nodes()) return ENT_OK;
  ENT_TRY(push_variable(command, "OMPI_MCA_btl_vader_backing_directory", options->folder->path));
  if (getenv("OMPI_MCA_orte_tmpdir_base") == NULL)
    ENT_TRY(push_variable(command, "OMPI_MCA_orte_tmpdir_base", options->folder->path));
  return ENT_OK;
}

static int push_silence(const ent_launch_channels *channels, ent_launch_command *command) {
  char number[16];
  if (channels->silence < 0 || getenv("PMIX_OUTPUT_STDERR_FD") != NULL) return ENT_OK;
  (void)snprintf(number, sizeof number, "%d", channels->silence);
  return push_variable(command, "PMIX_OUTPUT_STDERR_FD", number);
}

/* Whether a variable of our environment goes to the ranks as it is. */
static bool is_inherited(const char *entry, const ent_launch_options *options) {
  const size_t length = strcspn(entry, "=");
  for (const char *const *own = own_variables; *own != NULL; own++) {
    if (strncmp(entry, *own, length) == 0 && (*own)[length] == '\0') return false;
  }
  static const char replaced[] = "OMPI_MCA_btl_vader_backing_directory";
  return options->folder == NULL || ent_launch_has_several_nodes() || length != sizeof replaced - 1 ||
         strncmp(entry, replaced, length) != 0;
}

static int make_environment(const ent_launch_options *options, const ent_launch_channels *channels,
                            ent_launch_command *command) {
  ENT_TRY(create_list(command->arena, length_of(environ) + MAX_OWN_VARIABLES, &command->environment));
  for (char **entry = environ; *entry != NULL; entry++) {
    if (is_inherited(*entry, options)) push(&command->environment, *entry);
  }
  command->n_inherited = command->environment.count;
  for (const launch_variable *variable = variables; variable->name != NULL; variable++) {
    if (is_wanted(variable)) ENT_TRY(push_variable(command, variable->name, variable->value));
  }
  ENT_TRY(push_folder(options, command));
  ENT_TRY(push_silence(channels, command));
  if (options->resumes) ENT_TRY(push_variable(command, ENT_LAUNCH_RESUMES, "1"));
  ENT_TRY(push_terminal(command));
  return ENT_OK;
}

int ent_launch_command_make(const ent_launch_options *options, const ent_launch_channels *channels,
                            ent_launch_command *command) {
  ENT_CHECK(options->workers >= 0 && options->workers <= MAX_WORKERS, ENT_ERR_ARGUMENT,
            "number of workers = %d, must be in 0..%d", options->workers, MAX_WORKERS);
  ENT_TRY(ent_arena_create(&command->arena));
  ENT_TRY(make_arguments(options, command));
  ENT_TRY(make_environment(options, channels, command));
  return ENT_OK;
}
