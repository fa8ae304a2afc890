#include "entrain/app/command.h"

#include <stdbool.h>
#include <stdio.h>

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
