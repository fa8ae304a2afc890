#include "entrain/engine/supervise.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "entrain/base/log.h"
#include "entrain/base/mem.h"
#include "entrain/engine/run.h"
#include "entrain/engine/segment.h"
#include "entrain/store/tally.h"

enum { BLOCK_ROWS = 65536 };

/* What the results file says. */
typedef struct file_state {
  bool exists;
  dev_t device;
  ino_t number;
  double segment; /* start of the last segment, 0: none */
  int exit;       /* of that segment; -1 while it is open */
} file_state;

/* Starts in a row that came to nothing. */
typedef struct attempts {
  int without_run;
  int without_progress;
  int64_t progress; /* rows decided and deaths counted, when workers were lost last; -1: never */
} attempts;

static int read_segment(ent_store *store, file_state *state) {
  ent_segment last;
  int32_t number = 0;
  ENT_TRY(ent_run_segment_last(store, &last, &number));
  if (number == 0) return ENT_OK;
  state->segment = last.start;
  state->exit = last.exit;
  return ENT_OK;
}

/* A file that cannot be read is one that says nothing: the next start tells what is wrong with it. */
static file_state look_at(const char *path) {
  struct stat status;
  ent_store *store = NULL;
  file_state state = {.exit = -1};
  if (stat(path, &status) != 0) return state;
  state = (file_state){.exists = true, .device = status.st_dev, .number = status.st_ino, .exit = -1};
  int code = ent_store_open(path, ENT_STORE_READ, &store);
  if (code == ENT_OK) code = read_segment(store, &state);
  if (ent_store_close_after(&store, code) != ENT_OK) ent_error_clear();
  return state;
}

static bool is_same_file(const file_state *a, const file_state *b) {
  return a->exists && b->exists && a->device == b->device && a->number == b->number;
}

/* The deaths that were counted, of all rows. */
static int count_kills(ent_store *store, int64_t *sum) {
  int code = ENT_OK;
  uint8_t *kills = NULL;
  int64_t found = 0;
  const int64_t size = ent_store_spec(store)->grid.size;
  ENT_GOTO(ent_mem_alloc(BLOCK_ROWS, sizeof *kills, &kills));
  for (int64_t first = 0; first < size; first += BLOCK_ROWS) {
    const int64_t count = size - first < BLOCK_ROWS ? size - first : BLOCK_ROWS;
    ENT_GOTO(ent_store_read_kills(store, first, count, kills));
    for (int64_t i = 0; i < count; i++) found += kills[i];
  }
  *sum = found;
done:
  free(kills);
  return code;
}

/* Rows that are decided, and deaths that were counted. */
static int count_progress(const char *path, int64_t *progress) {
  int code = ENT_OK;
  ent_store *store = NULL;
  ent_tally tally;
  int64_t kills = 0;
  ENT_GOTO(ent_store_open(path, ENT_STORE_READ, &store));
  ENT_GOTO(ent_tally_read(store, &tally));
  ENT_GOTO(count_kills(store, &kills));
  *progress = tally.total - tally.status[ENT_STATUS_PENDING] + kills;
done:
  return ent_store_close_after(&store, code);
}

/* The exit status of the master: the file knows it, or, where nothing was written, its note. -1: it has died.
 */
static int read_end(const ent_launch_options *options, const file_state *before, const file_state *after) {
  ent_note note;
  const bool is_ours = after->segment > 0 && after->segment != before->segment;
  if (is_ours && after->exit >= 0) return after->exit;
  if (options->folder != NULL && ent_run_folder_read(options->folder, ENT_NOTE_EXIT, &note))
    return (int)note.numbers[0];
  return -1;
}

static bool may_try(int *tries, const char *why) {
  if (++*tries > ENT_SUPERVISE_ATTEMPTS) {
    ent_log(ENT_LOG_ERROR, "%s, %d times in a row", why, *tries);
    return false;
  }
  ent_log(ENT_LOG_WARNING, "%s; starting again", why);
  return true;
}

/* Decides what follows a start. [in,out] end  its exit status becomes what is to be told */
static bool starts_again(const char *path, attempts *so_far, ent_supervision *end) {
  const ent_launch_status *last = &end->last;
  const bool is_lost = end->exit_status == ENT_RUN_NO_WORKERS;
  /* an mpirun that loses a rank in its start may also end by itself, and with 0 */
  const bool has_vanished = end->is_mute && last->signal == 0 && !last->has_begun;
  const bool is_broken = last->fault == ENT_LAUNCH_NO_RUN || has_vanished;
  if (!is_broken && (last->has_begun || end->exit_status >= 0)) so_far->without_run = 0;
  if (last->is_stop_asked) {
    const bool is_wanted = !last->has_begun || last->is_cut_short;
    if (is_lost || (end->exit_status < 0 && is_wanted)) end->exit_status = ENT_RUN_STOPPED;
    return false;
  }
  /* a master that began at the last moment has taken the end of mpirun for a drain */
  if (is_broken && (end->exit_status < 0 || end->exit_status == ENT_RUN_STOPPED))
    return may_try(&so_far->without_run, "a rank was lost before the run had begun");
  if (!is_lost) return false;
  int64_t progress = so_far->progress;
  if (count_progress(path, &progress) != ENT_OK) ent_error_clear();
  const bool has_progress = progress > so_far->progress;
  so_far->progress = progress;
  if (has_progress) so_far->without_progress = 0;
  if (!has_progress) return may_try(&so_far->without_progress, "all workers were lost without progress");
  ent_log(ENT_LOG_WARNING, "all workers were lost; starting again");
  return true;
}

static int run_until_done(ent_launch_options *options, ent_supervision *end) {
  attempts so_far = {.progress = -1};
  const file_state first = look_at(options->results);
  file_state before = first;
  bool again = true;
  while (again) {
    if (options->folder != NULL) ent_run_folder_clear(options->folder);
    ENT_TRY(ent_launch_run(options, &end->last));
    end->starts++;
    const file_state after = look_at(options->results);
    end->exit_status = read_end(options, &before, &after);
    end->is_mute = end->exit_status < 0 && end->last.fault == ENT_LAUNCH_GOOD;
    again = starts_again(options->results, &so_far, end);
    /* --fresh has done its work: once more, it would put away what was just begun */
    if (after.exists && !is_same_file(&first, &after)) options->resumes = true;
    before = after;
  }
  if (end->exit_status == ENT_RUN_NO_WORKERS) end->exit_status = -1;
  return ENT_OK;
}

int ent_supervise(const ent_launch_options *options, ent_supervision *end) {
  int code = ENT_OK;
  ent_run_folder folder = {.lock = -1};
  ent_launch_options started = *options;
  ent_supervision made = {.exit_status = -1};
  if (ent_run_folder_create(&folder) == ENT_OK) {
    started.folder = &folder;
  } else {
    ent_log(ENT_LOG_WARNING, "%s; shared memory of killed ranks may be left behind", ent_error_message());
    ent_error_clear();
  }
  ENT_GOTO(run_until_done(&started, &made));
  *end = made;
done:
  ent_run_folder_destroy(&folder);
  return code;
}
