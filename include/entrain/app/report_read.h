#ifndef ENTRAIN_APP_REPORT_READ_H
#define ENTRAIN_APP_REPORT_READ_H

/* What the commands that look at results share: saying what went wrong. */

#include "entrain/store/tally.h"

/*
 * Says on stderr what the error record holds, after the command's name, and returns the exit status that
 * belongs to the code: 2 for what the user named, 1 for anything else.
 */
int ent_report_failure(const char *command, int code);

#endif
