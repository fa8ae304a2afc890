#include "entrain/app/slurm_script.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entrain/app/submit_script.h"

enum { LINE = 4096, MAX_DIGITS = 6 };

/* Reads the numbers of a script. False: it is not there. */
static bool read_numbers(ent_slurm_script *script) {
  char line[LINE];
  FILE *file = fopen(script->path.data, "re");
  script->parts = 1;
  script->total = 0;
  if (file == NULL) return false;
  while (fgets(line, sizeof line, file)) {
    char *end = NULL;
    if (strncmp(line, "total=", strlen("total=")) != 0) continue;
    script->total = strtoll(line + strlen("total="), &end, 10);
    if (strncmp(end, " parts=", strlen(" parts=")) == 0)
      script->parts = (int)strtol(end + strlen(" parts="), NULL, 10);
    break;
  }
  (void)fclose(file);
  return true;
}

/* The K of OUT.K.h5, and where .K.h5 begins; -1 when the name is another one. */
static int part_of(const char *output, size_t *stem) {
  const size_t length = strlen(output), ending = strlen(".h5");
  if (length <= ending || strcmp(output + length - ending, ".h5") != 0) return -1;
  size_t at = length - ending;
  while (at > 0 && isdigit((unsigned char)output[at - 1])) at--;
  const size_t digits = length - ending - at;
  if (digits == 0 || digits > MAX_DIGITS || at < 2 || output[at - 1] != '.' || output[at - 2] == '/')
    return -1;
  *stem = at - 1;
  return (int)strtol(output + at, NULL, 10);
}

/* Looks beside the file of this name: for a script of its own first, then for that of its array. */
static int look_beside(const char *output, ent_slurm_script *script) {
  size_t stem = 0;
  const int part = part_of(output, &stem);
  script->task = -1;
  script->path.length = 0;
  ENT_TRY(ent_submit_append_beside(output, ".sbatch", &script->path));
  script->is_there = read_numbers(script);
  if (script->is_there || part < 0) return ENT_OK;
  script->path.length = 0;
  ENT_TRY(ent_text_append(&script->path, "%.*s.sbatch", (int)stem, output));
  script->is_there = read_numbers(script) && script->parts > 1 && part < script->parts;
  if (script->is_there) {
    script->task = part;
    return ENT_OK;
  }
  script->path.length = 0;
  return ent_submit_append_beside(output, ".sbatch", &script->path);
}

int ent_slurm_script_find(const char *output, ent_slurm_script *found) {
  int code = ENT_OK;
  *found = (ent_slurm_script){.task = -1, .parts = 1};
  ENT_TRY(look_beside(output, found));
  char *meant = found->is_there ? NULL : realpath(output, NULL);
  if (meant == NULL) return ENT_OK;
  ENT_GOTO(look_beside(meant, found));
  if (!found->is_there) ENT_GOTO(look_beside(output, found)); /* its name as it was given */
done:
  free(meant);
  return code;
}

void ent_slurm_script_fini(ent_slurm_script *script) {
  ent_text_fini(&script->path);
}

int ent_slurm_append_absolute(const char *path, ent_text *text) {
  char folder[PATH_MAX];
  if (path[0] == '/') return ent_text_append(text, "%s", path);
  ENT_CHECK(getcwd(folder, sizeof folder), ENT_ERR_SYSTEM, "the current folder has no path: %s",
            strerror(errno));
  return ent_text_append(text, "%s/%s", folder, path);
}
