#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "entrain/app/fold.h"
#include "entrain/app/status.h"
#include "entrain/base/clock.h"

enum { BAR = 40, AROUND_BAR = 10 /* "[] 100.0 %" */, SEGMENTS_SHOWN = 5 };

/* Every line is a key and, two spaces on at least, what it says: so it is continued under that (app/fold). */
#define KEY "%-12s  "

static bool is_living(const ent_status_view *view) {
  return view->known && view->alive;
}

static int append_bar(const ent_status_view *view, ent_text *text) {
  const ent_tally *tally = &view->tally;
  const int room = view->columns - AROUND_BAR;
  const int width = view->columns <= 0 || room > BAR ? BAR : room < 1 ? 1 : room;
  const int64_t over = tally->total - tally->status[ENT_STATUS_PENDING];
  const double share = tally->total > 0 ? (double)over / (double)tally->total : 1.0;
  ENT_TRY(ent_text_append(text, "["));
  for (int i = 0; i < width; i++) ENT_TRY(ent_text_append(text, "%c", (double)i < share * width ? '#' : '.'));
  return ent_text_append(text, "] %.1f %%\n", floor(1000.0 * share) / 10.0);
}

static int append_rows(const ent_status_view *view, ent_text *text) {
  const ent_tally *tally = &view->tally;
  const int64_t quarantined = tally->status[ENT_STATUS_QUARANTINED];
  ENT_TRY(ent_text_append(text, KEY "%" PRId64 "\n", "rows", tally->total));
  ENT_TRY(ent_text_append(text, KEY "%" PRId64, "  done", tally->status[ENT_STATUS_DONE]));
  ENT_TRY(ent_tally_append_outcomes(tally, text));
  ENT_TRY(ent_text_append(text, "\n" KEY "%" PRId64, "  failed", ent_tally_failed(tally)));
  ENT_TRY(ent_tally_append_errors(tally, text));
  ENT_TRY(ent_text_append(text, "\n"));
  if (quarantined > 0)
    ENT_TRY(ent_text_append(text, KEY "%" PRId64 " of the failed\n", "  quarantined", quarantined));
  ENT_TRY(ent_text_append(text, KEY "%" PRId64, "  pending", tally->status[ENT_STATUS_PENDING]));
  if (is_living(view) && view->owner.progress.running > 0)
    ENT_TRY(ent_text_append(text, ", %d at work now", view->owner.progress.running));
  if (view->checkpoints > 0)
    ENT_TRY(ent_text_append(text, ", %" PRId64 " with a checkpoint", view->checkpoints));
  return ent_text_append(text, "\n");
}

/* Rate and time left, which only a living run knows. */
static int append_speed(const ent_status_view *view, ent_text *text) {
  char rate[32], eta[32], low[32], high[32];
  const ent_lock_progress *progress = &view->owner.progress;
  if (!is_living(view) || !(progress->rate > 0.0)) return ENT_OK;
  ent_text_rate(progress->rate, sizeof rate, rate);
  ENT_TRY(ent_text_append(text, KEY "%s rows/s\n", "rate", rate));
  ent_text_duration(progress->eta, sizeof eta, eta);
  ENT_TRY(ent_text_append(text, KEY "%s", "time left", eta));
  if (progress->eta_high > 0.0 && isfinite(progress->eta_low)) {
    ent_text_duration(progress->eta_low, sizeof low, low);
    ent_text_duration(progress->eta_high, sizeof high, high);
    ENT_TRY(ent_text_append(text, " (%s to %s)", low, high));
  }
  return ent_text_append(text, "\n");
}

static int append_slow(const ent_status_view *view, ent_text *text) {
  char age[32];
  for (size_t i = 0; i < view->n_slow; i++) {
    const ent_status_row *slow = &view->slow[i];
    ent_text_duration(slow->seconds, sizeof age, age);
    ENT_TRY(ent_text_append(text, KEY "row %" PRId64 ", %s at worker %d", i == 0 ? "slowest jobs" : "",
                            slow->row, age, slow->worker));
    ENT_TRY(
      ent_text_append(text, ": %s\n", slow->point.length > 0 ? slow->point.data : "no row of this file"));
  }
  return ENT_OK;
}

static int append_quarantined(const ent_status_view *view, ent_text *text) {
  const int64_t there = view->tally.status[ENT_STATUS_QUARANTINED];
  for (size_t i = 0; i < view->n_quarantined; i++) {
    const ent_status_row *row = &view->quarantined[i];
    ENT_TRY(ent_text_append(text, KEY "row %" PRId64 ": %s (%s)\n", i == 0 ? "quarantined" : "", row->row,
                            row->point.data, ent_job_error_text(row->error)));
  }
  if (there > (int64_t)view->n_quarantined)
    ENT_TRY(ent_text_append(text, KEY "and %" PRId64 " more, `entrain export` lists them\n", "",
                            there - (int64_t)view->n_quarantined));
  return ENT_OK;
}

static int append_owner(const ent_status_view *view, ent_text *text) {
  const ent_lock_owner *owner = &view->owner;
  const ent_lock_progress *progress = &owner->progress;
  char age[32];
  ENT_TRY(ent_text_append(text, KEY, "held by"));
  if (!view->held) return ent_text_append(text, "nobody\n");
  if (!view->known) return ent_text_append(text, "an unknown owner: its lock cannot be read\n");
  const bool has_starter = owner->starter.pid > 0;
  ENT_TRY(ent_text_append(text, "process %" PRId64 " on %s",
                          has_starter ? owner->starter.pid : owner->launcher.pid, owner->launcher.host));
  if (has_starter) ENT_TRY(ent_text_append(text, ", its mpirun %" PRId64, owner->launcher.pid));
  if (owner->n_ranks > 0)
    ENT_TRY(ent_text_append(text, ", %zu rank%s", owner->n_ranks, ent_text_plural((int64_t)owner->n_ranks)));
  if (progress->lost > 0)
    ENT_TRY(
      ent_text_append(text, ", %d of %d workers lost", progress->lost, progress->lost + progress->workers));
  if (owner->slurm_job >= 0) ENT_TRY(ent_text_append(text, ", Slurm job %" PRId64, owner->slurm_job));
  ent_text_duration(fmax(0.0, ent_clock_unix() - owner->heartbeat), sizeof age, age);
  ENT_TRY(ent_text_append(text, ", heartbeat %s ago", age));
  if (!view->alive) ENT_TRY(ent_text_append(text, ", %s", view->hung ? "hangs" : "dead"));
  return ent_text_append(text, "\n");
}

static int append_slurm(const ent_status_view *view, ent_text *text) {
  const ent_slurm_job *slurm = &view->slurm;
  char left[32];
  if (slurm->answer == ENT_SLURM_NOT_ASKED || slurm->answer == ENT_SLURM_ABSENT) return ENT_OK;
  ENT_TRY(ent_text_append(text, KEY, "Slurm"));
  if (slurm->answer == ENT_SLURM_SILENT) return ent_text_append(text, "does not answer\n");
  if (slurm->answer == ENT_SLURM_NO_JOB) return ent_text_append(text, "no job for this file in the queue\n");
  ENT_TRY(ent_text_append(text, "job %" PRId64 " %s", slurm->job, slurm->state));
  if (slurm->reason[0]) ENT_TRY(ent_text_append(text, " (%s)", slurm->reason));
  if (isfinite(slurm->time_left)) {
    ent_text_duration(slurm->time_left, sizeof left, left);
    ENT_TRY(ent_text_append(text, ", %s of its time left", left));
  }
  if (slurm->restarts > 0)
    ENT_TRY(ent_text_append(text, ", started again %" PRId64 " time%s", slurm->restarts,
                            ent_text_plural(slurm->restarts)));
  return ent_text_append(text, "\n");
}

/* No line is broken within `a command`, which is to be copied. */
static void join_commands(ent_text *text) {
  bool is_inside = false;
  for (size_t i = 0; i < text->length; i++) {
    if (text->data[i] == '`') is_inside = !is_inside;
    if (is_inside && text->data[i] == ' ') text->data[i] = ENT_FOLD_JOIN;
  }
}

static int append_reason(const ent_status_view *view, ent_text *text) {
  int code = ENT_OK;
  ent_status_reason reason = {0};
  ENT_GOTO(ent_status_explain(view, &reason));
  join_commands(&reason.why);
  const bool says_itself = strncmp(reason.why.data, reason.state, strlen(reason.state)) == 0;
  ENT_GOTO(ent_text_append(text, KEY "%s%s%s\n", "state", says_itself ? "" : reason.state,
                           says_itself || reason.why.length == 0 ? "" : ": ", reason.why.data));
  for (size_t i = 0; i < reason.next.length; i++)
    if (reason.next.data[i] == ' ') reason.next.data[i] = ENT_FOLD_JOIN;
  if (reason.next.length > 0) ENT_GOTO(ent_text_append(text, KEY "%s\n", "next", reason.next.data));
done:
  ent_status_reason_fini(&reason);
  return code;
}

/* The first host, and how many more there are. */
static int append_hosts(const char *hosts, ent_text *text) {
  int length = 0, more = 0;
  while (hosts[length] != '\0' && hosts[length] != ' ') length++;
  for (const char *at = hosts + length; *at; at++) more += *at == ' ';
  ENT_TRY(ent_text_append(text, "%.*s", length, hosts));
  return more > 0 ? ent_text_append(text, " and %d more", more) : ENT_OK;
}

/* When a run ended, ends now, or was last heard of; NaN where nobody knows. */
static double end_of(const ent_status_view *view, size_t i) {
  const ent_segment *segment = &view->segments[i];
  const bool is_last = i + 1 == view->n_segments;
  if (segment->end > 0.0) return segment->end;
  if (ent_status_segment_runs(view, i)) return ent_clock_unix();
  const bool is_owners = is_last && view->known && view->owner.n_ranks > 0;
  return is_owners && view->owner.heartbeat >= segment->start ? view->owner.heartbeat : NAN;
}

static int append_segment(const ent_status_view *view, size_t i, ent_text *text) {
  char start[32], duration[32] = "-";
  const ent_segment *segment = &view->segments[i];
  const bool over = segment->end > 0.0;
  const double end = end_of(view, i);
  ent_clock_format(segment->start, sizeof start, start);
  if (isfinite(end)) ent_text_duration(end - segment->start, sizeof duration, duration);
  ENT_TRY(ent_text_append(text, "  %s  %s, %d rank%s on ", start, duration, segment->ranks,
                          ent_text_plural(segment->ranks)));
  ENT_TRY(append_hosts(segment->hosts, text));
  if (segment->slurm_job >= 0) ENT_TRY(ent_text_append(text, ", Slurm job %" PRId64, segment->slurm_job));
  ENT_TRY(
    ent_text_append(text, ": %s", ent_status_segment_meaning(segment, ent_status_segment_runs(view, i))));
  return over ? ent_text_append(text, " (exit %d)\n", segment->exit) : ent_text_append(text, "\n");
}

static int append_segments(const ent_status_view *view, ent_text *text) {
  const size_t first = view->n_segments > SEGMENTS_SHOWN ? view->n_segments - SEGMENTS_SHOWN : 0;
  if (view->n_segments == 0) return ENT_OK;
  ENT_TRY(ent_text_append(text, "runs\n"));
  if (first > 0)
    ENT_TRY(ent_text_append(text, "  %zu earlier one%s\n", first, ent_text_plural((int64_t)first)));
  for (size_t i = first; i < view->n_segments; i++) ENT_TRY(append_segment(view, i, text));
  return ENT_OK;
}

/* Of a file that is not there its script says the number of rows, unless it was written by hand. */
static int append_expected(const ent_status_view *view, ent_text *text) {
  ENT_TRY(ent_text_append(text, "%s: not there yet\n", view->path));
  if (view->tally.total > 0) ENT_TRY(ent_text_append(text, KEY "%" PRId64 "\n", "rows", view->tally.total));
  ENT_TRY(append_owner(view, text));
  ENT_TRY(append_slurm(view, text));
  return append_reason(view, text);
}

int ent_status_append(const ent_status_view *view, ent_text *text) {
  if (view->expected) return append_expected(view, text);
  ENT_TRY(ent_text_append(text, "%s: %s, model %s\n", view->path, view->name, view->model));
  ENT_TRY(append_bar(view, text));
  ENT_TRY(append_rows(view, text));
  ENT_TRY(append_quarantined(view, text));
  ENT_TRY(append_speed(view, text));
  ENT_TRY(append_slow(view, text));
  ENT_TRY(append_owner(view, text));
  ENT_TRY(append_slurm(view, text));
  ENT_TRY(append_reason(view, text));
  return append_segments(view, text);
}

int ent_status_append_line(const ent_status_view *view, ent_text *text) {
  int code = ENT_OK;
  char now[32], rate[32], eta[32];
  const ent_tally *tally = &view->tally;
  const ent_lock_progress *progress = &view->owner.progress;
  ent_status_reason reason = {0};
  ent_clock_format(ent_clock_unix(), sizeof now, now);
  ENT_GOTO(ent_status_explain(view, &reason));
  ENT_GOTO(ent_text_append(text, "%s %" PRId64 "/%" PRId64 " done, %" PRId64 " failed", now,
                           tally->status[ENT_STATUS_DONE], tally->total, ent_tally_failed(tally)));
  if (is_living(view) && progress->lost > 0)
    ENT_GOTO(ent_text_append(text, ", %d worker%s lost", progress->lost, ent_text_plural(progress->lost)));
  if (is_living(view) && progress->rate > 0.0) {
    ent_text_duration(progress->eta, sizeof eta, eta);
    ent_text_rate(progress->rate, sizeof rate, rate);
    ENT_GOTO(ent_text_append(text, ", %s/s, %s left", rate, eta));
  }
  ENT_GOTO(ent_text_append(text, ", %s\n", reason.state));
done:
  ent_status_reason_fini(&reason);
  return code;
}
