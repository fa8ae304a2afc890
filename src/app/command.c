#include "entrain/app/command.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <mpi.h>

#include "entrain/engine/launch.h"
#include "entrain/store/guard.h"

error_t ent_command_parse_path(int key, char *argument, struct argp_state *state, const char *what,
                               const char **path) {
  if (key == ARGP_KEY_ARG && *path == NULL) {
    *path = argument;
  } else if (key == ARGP_KEY_ARG) {
    argp_error(state, "one %s, not '%s' as well", what, argument);
  } else if (key == ARGP_KEY_NO_ARGS) {
    argp_error(state, "no %s given", what);
  } else {
    return ARGP_ERR_UNKNOWN;
  }
  return 0;
}

ent_isa ent_command_parse_isa(const char *name, struct argp_state *state) {
  char legal[64];
  size_t length = 0;
  ent_isa isa = ENT_ISA_BASELINE;
  for (int k = 0; k < ENT_ISA_COUNT && ent_isa_name((ent_isa)k); k++)
    length += (size_t)snprintf(legal + length, sizeof legal - length, "%s%s", k > 0 ? ", " : "",
                               ent_isa_name((ent_isa)k));
  if (!ent_isa_find(name, strlen(name), &isa))
    argp_error(state, "--isa '%s', must be one of %s", name, legal);
  return isa;
}

static bool is_option(const char *word) {
  return word[0] == '-' && isalpha((unsigned char)word[1]);
}

int ent_command_split_options(int *argc, char **argv, ent_text *options) {
  int first = 1;
  while (first < *argc && strcmp(argv[first], "--") != 0) first++;
  for (int k = first + 1; k < *argc; k++) {
    ENT_CHECK(is_option(argv[k]) || (k > first + 1 && is_option(argv[k - 1])), ENT_ERR_ARGUMENT,
              "'%s' after '--' is no PETSc option, must be like '-ts_adapt_safety 0.8'", argv[k]);
    ENT_TRY(ent_text_append(options, "%s%s", k > first + 1 ? " " : "", argv[k]));
  }
  *argc = first;
  return ENT_OK;
}

static bool is_same_file(const struct stat *a, const struct stat *b) {
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

int ent_command_check_target(const char *target, const char *input) {
  struct stat there, read;
  ENT_CHECK(target[0] != '\0', ENT_ERR_ARGUMENT, "the path after -o is empty");
  if (stat(target, &there) != 0 || !S_ISREG(there.st_mode)) return ENT_OK;
  ENT_CHECK(stat(input, &read) != 0 || !is_same_file(&there, &read), ENT_ERR_ARGUMENT,
            "'%s' is the results file that is read, must be another file", target);
  ENT_CHECK(!ent_store_is_results(target), ENT_ERR_ARGUMENT, "'%s' is a results file, it is not replaced",
            target);
  return ENT_OK;
}

int ent_command_check_job(const char *path) {
  ENT_CHECK(
    !ent_store_is_results(path), ENT_ERR_ARGUMENT,
    "'%s' is a results file, must be a job file; `entrain status` of it names the command that goes on",
    path);
  return ENT_OK;
}

void ent_command_say(ent_log_level level, const char *message) {
  static const char *const labels[] = {[ENT_LOG_ERROR] = "error: ",
                                       [ENT_LOG_WARNING] = "warning: ",
                                       [ENT_LOG_INFO] = "",
                                       [ENT_LOG_DEBUG] = NULL};
  if (labels[level]) fprintf(stderr, "entrain: %s%s\n", labels[level], message);
}

int ent_command_fail(const char *command, int code, const ent_text *faults) {
  const bool is_users = code == ENT_ERR_ARGUMENT || code == ENT_ERR_IO || code == ENT_ERR_FORMAT ||
                        code == ENT_ERR_BUSY || code == ENT_ERR_JOB_FILE || code == ENT_ERR_MISMATCH;
  const char *message = ent_error_message();
  if (code == ENT_ERR_JOB_FILE && faults && faults->length > 0) {
    fputs(faults->data, stderr);
  } else {
    fprintf(stderr, "%s: error: %s\n", command, message[0] ? message : ent_error_text(code));
    if (!is_users) fputs(ent_error_frames(), stderr);
  }
  return is_users ? ENT_EXIT_USAGE : ENT_EXIT_ENGINE;
}

/*
 * ROMIO, not OMPIO: OMPIO makes files for shared file pointers, which nobody uses here, beside the results
 * file and in shared memory, where they stay when a rank is killed, and which two runs with files of one name
 * share.
 * The variables for a process that is alone are taken back: a program that is started later is not.
 */
bool ent_command_start_mpi(void) {
  static const char *const alone[][2] = {
    {"OMPI_MCA_pml", "ob1"}, {"OMPI_MCA_btl", "self"}, {"OMPI_MCA_ess_singleton_isolated", "1"}};
  enum { N_ALONE = sizeof alone / sizeof alone[0] };
  bool is_set[N_ALONE] = {false};
  const bool is_alone = ent_launch_is_needed();
  (void)setenv("OMPI_MCA_io", "^ompio", 0);
  for (size_t i = 0; is_alone && i < N_ALONE; i++)
    is_set[i] = getenv(alone[i][0]) == NULL && setenv(alone[i][0], alone[i][1], 0) == 0;
  const bool started = MPI_Init(NULL, NULL) == MPI_SUCCESS;
  for (size_t i = 0; i < N_ALONE; i++)
    if (is_set[i]) (void)unsetenv(alone[i][0]);
  return started;
}
