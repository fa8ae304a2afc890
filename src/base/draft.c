#include "entrain/base/draft.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entrain/base/text.h"

int ent_draft_begin(const char *place, ent_draft *draft) {
  int code = ENT_OK;
  struct stat status;
  ent_text found = {0}, beside = {0};
  char *resolved = realpath(place, NULL); /* NULL: not there yet, or a link to what is not */
  ENT_GOTO(ent_text_append(&found, "%s", resolved ? resolved : place));
  const bool is_straight = lstat(found.data, &status) == 0 && !S_ISREG(status.st_mode);
  ENT_GOTO(ent_text_append(&beside, "%s%s", found.data, is_straight ? "" : "~tmp"));
  *draft = (ent_draft){.path = beside.data, .place = found.data, .is_straight = is_straight};
  found = beside = (ent_text){0};
done:
  free(resolved);
  ent_text_fini(&found);
  ent_text_fini(&beside);
  return code;
}

static int sync_file(const char *path) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  const bool is_synced = file >= 0 && fsync(file) == 0;
  const int reason = errno;
  if (file >= 0) close(file);
  ENT_CHECK(is_synced, ENT_ERR_IO, "cannot sync '%s': %s", path, strerror(reason));
  return ENT_OK;
}

/* A renamed file survives a crash of the machine only when its folder is on disk too; best effort. */
static void sync_folder(const char *path) {
  char folder[PATH_MAX];
  const char *slash = strrchr(path, '/');
  const int length = slash && slash > path ? (int)(slash - path) : 1;
  (void)snprintf(folder, sizeof folder, "%.*s", length, slash ? path : ".");
  const int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  (void)fsync(descriptor);
  close(descriptor);
}

int ent_draft_keep(ent_draft *draft) {
  int code = ENT_OK;
  if (!draft->is_straight) {
    ENT_GOTO(sync_file(draft->path));
    ENT_CHECK_GOTO(rename(draft->path, draft->place) == 0, ENT_ERR_IO, "cannot rename '%s' to '%s': %s",
                   draft->path, draft->place, strerror(errno));
    sync_folder(draft->place);
    draft->is_straight = true; /* nothing is left beside */
  }
done:
  ent_draft_drop(draft);
  return code;
}

void ent_draft_drop(ent_draft *draft) {
  if (draft->path && !draft->is_straight) unlink(draft->path);
  free(draft->path);
  free(draft->place);
  *draft = (ent_draft){0};
}
