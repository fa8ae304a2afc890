#include "entrain/app/status_slurm.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "entrain/base/clock.h"

/* Id, task of an array, state, reason, time left, start, batch script: that last, as it may hold anything. */
#define LINE_FORMAT "%A|%K|%T|%r|%L|%S|%o"

enum { ID, TASK, STATE, REASON, TIME_LEFT, START, SCRIPT, FIELDS };
enum { SECONDS_OF_MINUTE = 60, HOURS_OF_DAY = 24, DAY = 86400 };

double ent_slurm_seconds(const char *text) {
  double parts[3] = {0}, days = 0;
  int n_parts = 0;
  const char *dash = strchr(text, '-');
  const char *at = dash ? dash + 1 : text;
  char *end = NULL;
  if (!isdigit((unsigned char)*text) || (dash && !isdigit((unsigned char)*at))) return NAN;
  if (dash) days = strtod(text, NULL);
  for (; n_parts < 3; at = end + 1) {
    parts[n_parts++] = strtod(at, &end);
    if (*end != ':' || !isdigit((unsigned char)end[1])) break;
  }
  if (*end != '\0') return NAN;
  /* with days the first part is hours, otherwise the last part is seconds */
  if (dash) {
    return days * DAY + (parts[0] * SECONDS_OF_MINUTE + parts[1]) * SECONDS_OF_MINUTE + parts[2];
  }
  double seconds = 0;
  for (int i = 0; i < n_parts; i++) seconds = seconds * SECONDS_OF_MINUTE + parts[i];
  return n_parts == 1 ? seconds * SECONDS_OF_MINUTE : seconds; /* a number alone is minutes */
}

static void copy(char *to, size_t size, const char *from) {
  const bool is_void = strcmp(from, "None") == 0 || strcmp(from, "N/A") == 0 || strcmp(from, "(null)") == 0;
  snprintf(to, size, "%s", is_void ? "" : from);
}

/* Splits a line in place. False when it has too few fields. */
static bool split(char *line, char *fields[FIELDS]) {
  for (int i = 0; i < FIELDS; i++) {
    fields[i] = line;
    line = i + 1 < FIELDS ? strchr(line, '|') : line;
    if (line == NULL) return false;
    if (i + 1 < FIELDS) *line++ = '\0';
  }
  return true;
}

/* Whether a job's command is this batch script, however its folder is called. */
static bool is_script(const char *command, const char *script) {
  struct stat theirs, ours;
  const char *last = strrchr(command, '/'), *name = strrchr(script, '/');
  if (strcmp(command, script) == 0) return true;
  if (last == NULL || name == NULL || strcmp(last, name) != 0) return false;
  return stat(command, &theirs) == 0 && stat(script, &ours) == 0 && theirs.st_dev == ours.st_dev &&
         theirs.st_ino == ours.st_ino;
}

/* Whether this is a better answer than what was found: a job that is there beats one that is ending. */
static bool is_better(const ent_slurm_job *found, const char *state) {
  return found->answer != ENT_SLURM_JOB || strcmp(state, "RUNNING") == 0;
}

/* Whether a line of squeue is of this task; a job without tasks has `N/A`, which is no other task either. */
static bool is_task(const char *listed, int task) {
  return task < 0 || !isdigit((unsigned char)*listed) || strtol(listed, NULL, 10) == task;
}

/*
 * Looks for the script's job among the lines; without a script for the one with this id: one task of an array
 * has the id of the whole, and squeue lists all its tasks.
 */
static void pick(char *lines, const ent_slurm_wanted *wanted, ent_slurm_job *found) {
  char *fields[FIELDS], *rest = NULL;
  for (char *line = strtok_r(lines, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
    if (!split(line, fields)) continue;
    const bool is_meant = wanted->job < 0 ? is_script(fields[SCRIPT], wanted->script)
                                          : strtoll(fields[ID], NULL, 10) == wanted->job;
    if (!is_meant || !is_task(fields[TASK], wanted->task) || !is_better(found, fields[STATE])) continue;
    found->answer = ENT_SLURM_JOB;
    found->job = strtoll(fields[ID], NULL, 10);
    copy(found->state, sizeof found->state, fields[STATE]);
    copy(found->reason, sizeof found->reason, fields[REASON]);
    copy(found->start, sizeof found->start, fields[START]);
    found->time_left = ent_slurm_seconds(fields[TIME_LEFT]);
  }
}

/* One question to squeue, for the id when there is one, else for the script. */
static int ask_queue(const char *const *arguments, double deadline, const ent_slurm_wanted *wanted,
                     ent_slurm_job *found) {
  int code = ENT_OK;
  ent_text answer = {0};
  ent_ask_end end = ENT_ASK_SILENT;
  ENT_GOTO(ent_ask(arguments, deadline, &answer, &end));
  if (end == ENT_ASK_ABSENT) found->answer = ENT_SLURM_ABSENT;
  if (end == ENT_ASK_SILENT) found->answer = ENT_SLURM_SILENT;
  /* squeue refuses the id of a job that it has forgotten, and when its controller is down */
  if (end == ENT_ASK_REFUSED) found->answer = wanted->job < 0 ? ENT_SLURM_SILENT : ENT_SLURM_NO_JOB;
  if (end == ENT_ASK_ANSWERED) found->answer = ENT_SLURM_NO_JOB;
  if (end == ENT_ASK_ANSWERED && answer.data) pick(answer.data, wanted, found);
done:
  ent_text_fini(&answer);
  return code;
}

/* Of the jobs that scontrol shows, one a line: for the id of an array these are all its tasks. -1: unknown */
static int64_t restarts_of(int64_t job, char *lines) {
  char mark[32], *rest = NULL;
  const int length = snprintf(mark, sizeof mark, "JobId=%lld ", (long long)job);
  for (char *line = strtok_r(lines, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
    const char *at = strncmp(line, mark, (size_t)length) == 0 ? strstr(line, " Restarts=") : NULL;
    if (at) return strtoll(strchr(at, '=') + 1, NULL, 10);
  }
  return -1;
}

/* squeue does not tell how often a job was started again. */
static int ask_restarts(double deadline, ent_slurm_job *found) {
  int code = ENT_OK;
  char id[24];
  ent_text answer = {0};
  ent_ask_end end = ENT_ASK_SILENT;
  snprintf(id, sizeof id, "%lld", (long long)found->job);
  const char *const arguments[] = {"scontrol", "-o", "show", "job", id, NULL};
  ENT_GOTO(ent_ask(arguments, deadline, &answer, &end));
  if (end == ENT_ASK_ANSWERED && answer.data) found->restarts = restarts_of(found->job, answer.data);
done:
  ent_text_fini(&answer);
  return code;
}

int ent_slurm_find(const ent_slurm_wanted *wanted, ent_slurm_job *found) {
  const double deadline = ent_clock_now() + ENT_SLURM_PATIENCE_S;
  char id[24];
  ent_slurm_job asked = {.job = -1, .time_left = NAN, .restarts = -1};
  snprintf(id, sizeof id, "%lld", (long long)wanted->job);
  const ent_slurm_wanted by_its_script = {-1, wanted->script, wanted->task};
  const char *const by_id[] = {"squeue", "--noheader", "--array", "-j", id, "-o", LINE_FORMAT, NULL};
  const char *const by_script[] = {"squeue", "--noheader", "--array", "--me", "-o", LINE_FORMAT, NULL};
  if (wanted->job >= 0) ENT_TRY(ask_queue(by_id, deadline, wanted, &asked));
  const bool goes_on = asked.answer == ENT_SLURM_NOT_ASKED || asked.answer == ENT_SLURM_NO_JOB;
  if (goes_on && wanted->script) ENT_TRY(ask_queue(by_script, deadline, &by_its_script, &asked));
  if (asked.answer == ENT_SLURM_JOB) ENT_TRY(ask_restarts(deadline, &asked));
  *found = asked;
  return ENT_OK;
}
