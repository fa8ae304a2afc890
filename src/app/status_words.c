#include "status_words.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entrain/app/submit_script.h"
#include "entrain/base/mem.h"
#include "entrain/base/text.h"

enum { LOG_TAIL = 1 << 16, LOG_LINE = 240 };

const char *ent_status_job_name(const ent_status_view *view) {
  const char *name = view->job_path ? view->job_path : "JOB.yaml";
  char *folder = getcwd(NULL, 0);
  const size_t length = folder ? strlen(folder) : 0;
  const bool is_below = length > 1 && strncmp(name, folder, length) == 0 && name[length] == '/';
  free(folder);
  return is_below ? name + length + 1 : name;
}

const char *ent_status_slurm_reason(const char *reason) {
  static const struct {
    const char *beginning, *meaning;
  } known[] = {
    {"Resources", "it waits for free nodes (Resources)"},
    {"Priority", "jobs of higher priority come first (Priority)"},
    {"BeginTime", "it may not start before its begin time; a requeued job waits two minutes (BeginTime)"},
    {"Dependency", "it waits for another job (Dependency)"},
    {"JobHeldUser", "it is held, `scontrol release` lets it go (JobHeldUser)"},
    {"JobHeldAdmin", "an administrator holds it (JobHeldAdmin)"},
    {"ReqNodeNotAvail", "nodes that it needs are down, drained or reserved (ReqNodeNotAvail)"},
    {"PartitionTimeLimit", "it asks for more time than its partition gives (PartitionTimeLimit)"},
    {"PartitionNodeLimit", "it asks for more nodes than its partition has (PartitionNodeLimit)"},
    {"PartitionDown", "its partition is down (PartitionDown)"},
    {"launch failed requeued held",
     "its start failed, `scontrol release` tries again (launch failed requeued held)"},
  };
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    if (strncmp(reason, known[i].beginning, strlen(known[i].beginning)) == 0) return known[i].meaning;
  return reason;
}

/* A file that may not be there. False: it is not. */
static bool read_if_there(const char *path, long tail, char *bytes, size_t size) {
  FILE *file = fopen(path, "re");
  if (file == NULL) return false;
  if (tail > 0 && fseek(file, -tail, SEEK_END) != 0) rewind(file); /* a shorter file: from its beginning */
  const size_t length = fread(bytes, 1, size - 1, file);
  bytes[length] = '\0';
  (void)fclose(file);
  return length > 0;
}

int ent_status_append_idle(const ent_status_view *view, ent_text *text) {
  char path[4096], bytes[128] = "";
  const int length = snprintf(path, sizeof path, "%s.requeues-%" PRId64, view->path,
                              view->slurm.job); /* slurm/entrain.sbatch */
  if (length >= (int)sizeof path || !read_if_there(path, 0, bytes, sizeof bytes)) return ENT_OK;
  const long idle = strtol(bytes, NULL, 10);
  if (idle <= 0) return ENT_OK;
  return ent_text_append(text, "; %ld requeue%s in a row made no progress", idle, ent_text_plural(idle));
}

/* The last line that the batch script itself has written; NULL if there is none. Cuts the text behind it. */
static const char *last_words(char *log) {
  static const char mark[] = " entrain.sbatch: ";
  char *found = NULL;
  for (char *at = log; (at = strstr(at, mark)) != NULL;) found = at += sizeof mark - 1;
  if (found) found[strcspn(found, "\n")] = '\0';
  return found;
}

int ent_status_append_log(const ent_status_view *view, ent_text *text) {
  int code = ENT_OK;
  ent_text path = {0};
  char *bytes = NULL;
  const bool was_in_slurm = view->n_segments > 0 && view->segments[view->n_segments - 1].slurm_job >= 0;
  if (!was_in_slurm) return ENT_OK;
  ENT_GOTO(ent_submit_append_beside(view->path, ".log", &path));
  ENT_GOTO(ent_mem_alloc(LOG_TAIL + 1, 1, &bytes));
  if (!read_if_there(path.data, LOG_TAIL, bytes, LOG_TAIL + 1)) goto done;
  const char *said = last_words(bytes);
  if (said) ENT_GOTO(ent_text_append(text, "; its log '%s' ends: %.*s", path.data, LOG_LINE, said));
done:
  free(bytes);
  ent_text_fini(&path);
  return code;
}
