#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#include "entrain/app/status.h"
#include "entrain/base/clock.h"

static int read_store(ent_store *store, ent_status_view *view) {
  const ent_spec *spec = ent_store_spec(store);
  snprintf(view->name, sizeof view->name, "%s", spec->name);
  snprintf(view->model, sizeof view->model, "%s", spec->model->name);
  ENT_TRY(ent_tally_read(store, &view->tally));
  return ent_store_read_segments(store, ENT_STATUS_SEGMENTS, view->segments, &view->n_segments);
}

/* A lock that cannot be read is a lock all the same. */
static void read_lock(ent_status_view *view) {
  const int code = ent_lock_read(view->path, &view->owner, &view->alive);
  view->known = code == ENT_OK;
  if (!view->known) view->alive = ent_lock_probe(view->path) != ENT_OK;
  view->held = view->known || view->alive || code == ENT_ERR_FORMAT;
  ent_error_clear();
}

static int read_file(ent_status_view *view) {
  ent_store *store = NULL;
  ENT_TRY(ent_store_open(view->path, ENT_STORE_READ, &store));
  const int code = read_store(store, view);
  const int closed = ent_store_close(&store);
  ENT_TRY(code);
  return closed;
}

int ent_status_read(const char *path, ent_status_view *view) {
  *view = (ent_status_view){.path = path};
  read_lock(view); /* first: what an owner that is gone has left behind is final */
  const int code = read_file(view);
  if (code != ENT_OK) ent_status_fini(view);
  return code;
}

void ent_status_fini(ent_status_view *view) {
  if (view->known) ent_lock_owner_fini(&view->owner);
  view->held = view->known = 0;
}

/* Rate and time left, which only a living run knows. */
static int append_speed(const ent_status_view *view, ent_text *text) {
  char eta[32] = "unknown";
  const ent_lock_progress *progress = &view->owner.progress;
  if (!view->known || !view->alive || !(progress->rate > 0.0)) return ENT_OK;
  if (isfinite(progress->eta)) ent_text_duration(progress->eta, sizeof eta, eta);
  return ent_text_append(text, ", %.3g rows/s, time left %s", progress->rate, eta);
}

static int append_bar(const ent_tally *tally, ent_text *text) {
  const int width = 40;
  const int64_t over = tally->total - tally->status[ENT_STATUS_PENDING];
  const double share = tally->total > 0 ? (double)over / (double)tally->total : 1.0;
  ENT_TRY(ent_text_append(text, "["));
  for (int i = 0; i < width; i++) ENT_TRY(ent_text_append(text, "%c", (double)i < share * width ? '#' : '.'));
  return ent_text_append(text, "] %.1f %%", floor(1000.0 * share) / 10.0);
}

static int append_owner(const ent_status_view *view, ent_text *text) {
  const ent_lock_owner *owner = &view->owner;
  if (!view->held) return ent_text_append(text, "held by nobody\n");
  if (!view->known) return ent_text_append(text, "held by an unknown owner: its lock cannot be read\n");
  if (!view->alive)
    return ent_text_append(text,
                           "held by process %" PRId64 " on %s, which is dead: the next run takes over\n",
                           owner->launcher.pid, owner->launcher.host);
  ENT_TRY(ent_text_append(text, "held by process %" PRId64 " on %s, %zu ranks", owner->launcher.pid,
                          owner->launcher.host, owner->n_ranks));
  if (owner->slurm_job >= 0) ENT_TRY(ent_text_append(text, ", Slurm job %" PRId64, owner->slurm_job));
  return ent_text_append(text, ", heartbeat %.0f s ago\n", fmax(0.0, ent_clock_unix() - owner->heartbeat));
}

static int append_segment(const ent_segment *segment, bool is_running, ent_text *text) {
  char start[32], duration[32];
  const bool over = segment->end > 0.0;
  ent_clock_format(segment->start, sizeof start, start);
  snprintf(duration, sizeof duration, "-");
  if (over || is_running) {
    const double end = over ? segment->end : ent_clock_unix();
    ent_text_duration(end - segment->start, sizeof duration, duration);
  }
  ENT_TRY(
    ent_text_append(text, "  %s  %10s  %d ranks on %s", start, duration, segment->ranks, segment->hosts));
  if (over) return ent_text_append(text, "  exit %d\n", segment->exit);
  return ent_text_append(text, "  %s\n", is_running ? "running" : "broke off");
}

int ent_status_append(const ent_status_view *view, ent_text *text) {
  ENT_TRY(ent_text_append(text, "%s: %s, model %s\n", view->path, view->name, view->model));
  ENT_TRY(append_bar(&view->tally, text));
  ENT_TRY(append_speed(view, text));
  ENT_TRY(ent_text_append(text, "\n"));
  ENT_TRY(ent_tally_append(&view->tally, text));
  ENT_TRY(ent_text_append(text, "\n"));
  ENT_TRY(append_owner(view, text));
  ENT_TRY(ent_text_append(text, view->n_segments > 0 ? "runs:\n" : "no run yet\n"));
  for (size_t i = 0; i < view->n_segments; i++)
    ENT_TRY(append_segment(&view->segments[i], view->held && view->alive && i + 1 == view->n_segments, text));
  return ENT_OK;
}

int ent_status_append_line(const ent_status_view *view, ent_text *text) {
  char now[32];
  ent_clock_format(ent_clock_unix(), sizeof now, now);
  ENT_TRY(ent_text_append(text, "%s %s: ", now, view->name));
  ENT_TRY(ent_tally_append(&view->tally, text));
  ENT_TRY(append_speed(view, text));
  return ent_text_append(text, "\n");
}
