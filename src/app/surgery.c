#include "entrain/app/surgery.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entrain/base/clock.h"
#include "entrain/base/copy.h"
#include "entrain/base/log.h"
#include "entrain/base/mem.h"
#include "entrain/store/kept.h"
#include "entrain/store/tally.h"

static const double BEAT_SECONDS = 5;

int ent_surgery_lock(const char *path, const char *command, ent_lock_progress *progress, ent_lock **lock) {
  ent_lock_owner owner = {0};
  *progress = (ent_lock_progress){.eta = NAN, .started = ent_clock_unix()};
  (void)snprintf(progress->note, sizeof progress->note, "%s", command);
  owner.progress = *progress;
  ent_lock_find_slurm(&owner.slurm_job, &owner.restart);
  ENT_TRY(ent_process_self(&owner.launcher)); /* without ranks: nobody computes rows (app/status_why) */
  ENT_TRY(ent_lock_take(path, &owner, lock));
  return ENT_OK;
}

int ent_surgery_take(ent_surgery *own) {
  ENT_CHECK(access(own->path, F_OK) == 0, ENT_ERR_IO, "cannot open '%s': %s", own->path, strerror(errno));
  if (own->is_dry)
    ENT_TRY(ent_lock_probe(own->path));
  else
    ENT_TRY(ent_surgery_lock(own->path, own->command, &own->progress, &own->lock));
  own->last_beat = ent_clock_now();
  return ENT_OK;
}

int ent_surgery_begin(ent_surgery *own) {
  ENT_TRY(ent_surgery_take(own));
  ENT_TRY(ent_store_open(own->path, ENT_STORE_READ, &own->old));
  return ENT_OK;
}

int ent_surgery_beat(void *context) {
  ent_surgery *own = context;
  const double now = ent_clock_now();
  if (own->lock == NULL || now - own->last_beat < BEAT_SECONDS) return ENT_OK;
  own->last_beat = now;
  ENT_TRY(ent_lock_beat(own->lock, &own->progress));
  return ENT_OK;
}

/* Where the changed file is made; what a killed command left there is removed. */
static int begin_draft(ent_surgery *own) {
  ENT_TRY(ent_draft_begin(own->path, &own->draft));
  ENT_CHECK(!own->draft.is_straight, ENT_ERR_ARGUMENT, "'%s' is no regular file", own->path);
  ENT_CHECK(unlink(own->draft.path) == 0 || errno == ENOENT, ENT_ERR_IO, "cannot remove '%s': %s",
            own->draft.path, strerror(errno));
  own->has_begun = true;
  return ENT_OK;
}

int ent_surgery_duplicate(ent_surgery *own) {
  ENT_TRY(begin_draft(own));
  ENT_TRY(ent_copy_file(own->draft.place, own->draft.path, ent_surgery_beat, own));
  return ENT_OK;
}

int ent_surgery_copy(ent_surgery *own) {
  ENT_TRY(ent_surgery_duplicate(own));
  ENT_TRY(ent_store_open(own->draft.path, ENT_STORE_EDIT, &own->made));
  return ENT_OK;
}

/* The runs that computed the rows keep their numbers. */
static int copy_segments(ent_surgery *own) {
  int code = ENT_OK;
  ent_segment *segments = NULL;
  size_t count = 0, slot = 0;
  ENT_GOTO(ent_mem_alloc(ENT_STORE_SEGMENTS, sizeof *segments, &segments));
  ENT_GOTO(ent_store_read_segments(own->old, ENT_STORE_SEGMENTS, segments, &count));
  for (size_t i = 0; i < count; i++) ENT_GOTO(ent_store_begin_segment(own->made, &segments[i], &slot));
done:
  free(segments);
  return code;
}

int ent_surgery_create(ent_surgery *own, const ent_spec *spec) {
  struct stat status;
  ENT_TRY(begin_draft(own));
  ENT_TRY(ent_store_create_like(own->draft.path, spec, own->old));
  if (stat(own->draft.place, &status) == 0)
    ENT_CHECK(chmod(own->draft.path, status.st_mode & 07777) == 0, ENT_ERR_IO, "cannot write '%s': %s",
              own->draft.path, strerror(errno));
  ENT_TRY(ent_store_open(own->draft.path, ENT_STORE_EDIT, &own->made));
  ENT_TRY(copy_segments(own));
  return ENT_OK;
}

int ent_surgery_forget(ent_surgery *own, const unsigned char *rows) {
  int code = ENT_OK;
  unsigned char *bytes = NULL, *zeros = NULL;
  const size_t length = ent_store_slot_bytes(own->made);
  ENT_GOTO(ent_mem_alloc(1, length, &bytes));
  ENT_GOTO(ent_mem_alloc(1, length, &zeros));
  for (int64_t i = 0; i < 2 * ent_store_slots(own->made); i++) {
    ent_checkpoint found;
    const ent_kept_place place = {i / 2, (int)(i % 2)};
    ENT_GOTO(ent_kept_read(own->made, place, NULL, bytes, &found));
    if (found.row >= 0 && rows[found.row])
      ENT_GOTO(ent_store_write_checkpoint(own->made, place.slot, place.generation, zeros, length));
  }
done:
  free(bytes);
  free(zeros);
  return code;
}

static int fill_phase(ent_surgery *own) {
  int code = ENT_OK;
  ent_phase *phase = NULL;
  ent_tally tally;
  ENT_GOTO(ent_tally_read_phase(own->made, &phase, &tally));
  ENT_GOTO(ent_store_write_phase(own->made, phase));
done:
  ent_phase_destroy(&phase);
  return code;
}

/* Gives the old file a second name, path~; an older one of that name is lost. */
static int keep_old(const ent_surgery *own) {
  int code = ENT_OK;
  ent_text older = {0};
  ENT_GOTO(ent_text_append(&older, "%s~", own->draft.place));
  ENT_CHECK_GOTO(unlink(older.data) == 0 || errno == ENOENT, ENT_ERR_IO, "cannot remove '%s': %s", older.data,
                 strerror(errno));
  ENT_CHECK_GOTO(link(own->draft.place, older.data) == 0, ENT_ERR_IO, "cannot keep the old file as '%s': %s",
                 older.data, strerror(errno));
done:
  ent_text_fini(&older);
  return code;
}

int ent_surgery_finish(ent_surgery *own) {
  ENT_TRY(fill_phase(own));
  ENT_TRY(ent_store_sync(own->made));
  ENT_TRY(ent_store_close(&own->made));
  if (own->keeps_old) ENT_TRY(keep_old(own));
  ENT_TRY(ent_draft_keep(&own->draft));
  return ENT_OK;
}

int ent_surgery_end(ent_surgery *own, int code) {
  const int closed = ent_store_close_after(&own->made, ENT_OK);
  code = ent_store_close_after(&own->old, code != ENT_OK ? code : closed);
  ent_draft_drop(&own->draft);
  ent_lock_release(&own->lock);
  /* a full disk is no mistake of the user's: exit status 1, not 2 */
  return code == ENT_ERR_IO && own->has_begun ? ENT_ERR_SYSTEM : code;
}
