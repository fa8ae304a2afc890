#include "entrain/app/report_read.h"

#include <stdio.h>

int ent_report_failure(const char *command, int code) {
  const bool users = code == ENT_ERR_ARGUMENT || code == ENT_ERR_IO || code == ENT_ERR_FORMAT ||
                     code == ENT_ERR_BUSY || code == ENT_ERR_JOB_FILE || code == ENT_ERR_MISMATCH;
  const char *message = ent_error_message();
  fprintf(stderr, "%s: error: %s\n", command, message[0] ? message : ent_error_text(code));
  return users ? 2 : 1;
}
