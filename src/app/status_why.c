#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entrain/app/command.h"
#include "entrain/app/slurm_script.h"
#include "entrain/app/status.h"
#include "entrain/app/submit_script.h"
#include "entrain/base/clock.h"
#include "entrain/base/text.h"

#include "status_words.h"

enum { EXIT_NO_WORKERS = 69 }; /* of a segment: ENT_RUN_NO_WORKERS */

static const double SILENT_SECONDS = 30; /* six beats that did not come */
static const double SLOW_SECONDS = 60;   /* a run without a row for so long is worth a word */

/* One way it can be: tried in order, the first that holds explains. */
typedef struct explanation {
  const char *state;
  bool (*holds)(const ent_status_view *view);
  int (*append_why)(const ent_status_view *view, ent_text *why);   /* OPTIONAL */
  int (*append_next)(const ent_status_view *view, ent_text *next); /* OPTIONAL */
} explanation;

static double silence(const ent_status_view *view) {
  return fmax(0.0, ent_clock_unix() - view->owner.heartbeat);
}

static bool notes(const ent_status_view *view, const char *beginning) {
  return view->alive && view->known && strncmp(view->owner.progress.note, beginning, strlen(beginning)) == 0;
}

static const ent_segment *last_segment(const ent_status_view *view) {
  return view->n_segments > 0 ? &view->segments[view->n_segments - 1] : NULL;
}

static int next_report(const ent_status_view *view, ent_text *next) {
  ENT_TRY(ent_text_append(next, "entrain report "));
  return ent_submit_append_word(view->path, next);
}

/* The command that goes on: the batch script's when there is one, else the run. */
static int next_run(const ent_status_view *view, ent_text *next) {
  int code = ENT_OK;
  ent_slurm_script script;
  ENT_GOTO(ent_slurm_script_find(view->path, &script));
  if (script.is_there && view->slurm.answer != ENT_SLURM_ABSENT) {
    ENT_GOTO(ent_text_append(next, "sbatch "));
    if (script.task >= 0) ENT_GOTO(ent_text_append(next, "--array=%d ", script.task));
    ENT_GOTO(ent_submit_append_word(script.path.data, next));
  } else {
    ENT_GOTO(ent_text_append(next, "entrain run "));
    ENT_GOTO(ent_submit_append_word(ent_status_job_name(view), next));
    ENT_GOTO(ent_text_append(next, " -o "));
    ENT_GOTO(ent_submit_append_word(view->path, next));
    if (view->petsc_options && view->petsc_options[0]) {
      ENT_GOTO(ent_text_append(next, " -- "));
      ENT_GOTO(ent_submit_append_words(view->petsc_options, next));
    }
  }
done:
  ent_slurm_script_fini(&script);
  return code;
}

static int next_watch(const ent_status_view *view, ent_text *next) {
  ENT_TRY(ent_text_append(next, "entrain status --watch "));
  return ent_submit_append_word(view->path, next);
}

/* Complete. */

static bool is_complete(const ent_status_view *view) {
  return ent_status_is_complete(view);
}

/* What rows that a limit ended need besides retry: else they are likely to end there again. */
static int append_limited(const ent_status_view *view, int64_t failed, ent_text *why) {
  const int64_t *error = view->tally.error;
  const int64_t limited = error[ENT_JOB_STEP_LIMIT] + error[ENT_JOB_WALL_LIMIT];
  if (limited == 0) return ENT_OK;
  if (limited < failed)
    ENT_TRY(ent_text_append(why, "; a limit ended %" PRId64 " of them", limited));
  else
    ENT_TRY(ent_text_append(why, "; a limit ended %s", limited == 1 ? "it" : "all of them"));
  ENT_TRY(ent_text_append(why, ": raise `limits` in "));
  ENT_TRY(ent_submit_append_word(ent_status_job_name(view), why));
  return ent_text_append(why, " before the next run");
}

static int why_complete(const ent_status_view *view, ent_text *why) {
  const int64_t failed = ent_tally_failed(&view->tally);
  if (view->held && view->alive) ENT_TRY(ent_text_append(why, "every row is decided, the run is ending"));
  if (failed == 0) return ENT_OK;
  ENT_TRY(ent_text_append(why, "%s%" PRId64 " row%s failed; `entrain retry ", why->length > 0 ? "; " : "",
                          failed, ent_text_plural(failed)));
  ENT_TRY(ent_submit_append_word(view->path, why));
  ENT_TRY(
    ent_text_append(why, " --where 'status!=done'` makes %s pending again", failed == 1 ? "it" : "them"));
  return append_limited(view, failed, why);
}

/* A living owner. */

static bool is_unknown(const ent_status_view *view) {
  return view->alive && !view->known;
}

static int why_unknown(const ent_status_view *view, ent_text *why) {
  return ent_text_append(why,
                         "the lock '%s.lock' cannot be read; without a change it counts as dead after two "
                         "minutes",
                         view->path);
}

static bool is_silent(const ent_status_view *view) {
  return view->alive && view->known && silence(view) > SILENT_SECONDS;
}

/* Whether the owner's processes can be looked at from here. */
static bool is_elsewhere(const ent_status_view *view) {
  char host[sizeof view->owner.launcher.host] = "";
  return gethostname(host, sizeof host - 1) != 0 || strcmp(host, view->owner.launcher.host) != 0;
}

static int why_silent(const ent_status_view *view, ent_text *why) {
  char age[32];
  ent_text_duration(silence(view), sizeof age, age);
  if (is_elsewhere(view))
    return ent_text_append(
      why,
      "its last heartbeat is %s old, and from here nobody can see whether it lives on %s: "
      "after two minutes it counts as dead, and the next run takes over",
      age, view->owner.launcher.host);
  return ent_text_append(
    why,
    "its process lives, but its last heartbeat is %s old: it is stopped or suspended, or its "
    "disk does not answer",
    age);
}

static bool is_draining(const ent_status_view *view) {
  return notes(view, "draining") || notes(view, "stopping");
}

static bool is_waiting(const ent_status_view *view) {
  return notes(view, "waiting") && view->owner.progress.running == 0;
}

static int why_note(const ent_status_view *view, ent_text *why) {
  return ent_text_append(why, "%s", view->owner.progress.note);
}

/* report and surgery hold the lock without ranks and workers. */
static bool is_busy(const ent_status_view *view) {
  return view->alive && view->known && view->owner.n_ranks == 0;
}

static int why_busy(const ent_status_view *view, ent_text *why) {
  const char *note = view->owner.progress.note; /* its name, if it gives one */
  return ent_text_append(why, "%s works on the file, no row is computed", note[0] ? note : "another command");
}

static bool is_running(const ent_status_view *view) {
  return view->alive;
}

static int append_lost(const ent_lock_progress *progress, ent_text *why) {
  if (progress->lost == 0) return ENT_OK;
  const int all = progress->workers + progress->lost;
  return ent_text_append(why, "%d of %d worker%s lost, the others do their rows", progress->lost, all,
                         ent_text_plural(all));
}

static int append_slowness(const ent_status_view *view, ent_text *why) {
  const ent_lock_progress *progress = &view->owner.progress;
  const double elapsed = ent_clock_unix() - progress->started;
  char age[32];
  if (progress->rate > 0.0 || elapsed < SLOW_SECONDS) return ENT_OK;
  ent_text_duration(elapsed, sizeof age, age);
  return ent_text_append(why, "%sno row has ended lately; the run began %s ago", why->length > 0 ? "; " : "",
                         age);
}

static int append_limit(const ent_status_view *view, ent_text *why) {
  const ent_slurm_job *slurm = &view->slurm;
  const double eta = view->owner.progress.eta;
  char left[32];
  if (slurm->answer != ENT_SLURM_JOB || !(slurm->time_left < eta)) return ENT_OK;
  ent_text_duration(slurm->time_left, sizeof left, left);
  return ent_text_append(why, "%sSlurm's time limit comes first, in %s: the next start goes on",
                         why->length > 0 ? "; " : "", left);
}

static int why_running(const ent_status_view *view, ent_text *why) {
  const char *note = view->owner.progress.note;
  if (note[0]) ENT_TRY(ent_text_append(why, "%s%s", note, view->owner.progress.lost > 0 ? "; " : ""));
  ENT_TRY(append_lost(&view->owner.progress, why));
  ENT_TRY(append_slowness(view, why));
  return append_limit(view, why);
}

/* No living owner, but a job in Slurm's queue. */

static bool is_queued(const ent_status_view *view) {
  return view->slurm.answer == ENT_SLURM_JOB && strcmp(view->slurm.state, "PENDING") == 0;
}

static int why_queued(const ent_status_view *view, ent_text *why) {
  const ent_slurm_job *slurm = &view->slurm;
  ENT_TRY(ent_text_append(why, "Slurm job %" PRId64 " is pending", slurm->job));
  if (slurm->reason[0]) ENT_TRY(ent_text_append(why, ": %s", ent_status_slurm_reason(slurm->reason)));
  if (slurm->start[0]) ENT_TRY(ent_text_append(why, "; expected to start %s local time", slurm->start));
  return ent_status_append_idle(view, why);
}

static bool is_in_slurm(const ent_status_view *view) {
  return view->slurm.answer == ENT_SLURM_JOB;
}

static int why_in_slurm(const ent_status_view *view, ent_text *why) {
  return ent_text_append(why,
                         "Slurm job %" PRId64 " is %s, but no run holds the file: it is starting or ending",
                         view->slurm.job, view->slurm.state);
}

/* Nobody. */

static bool is_dead(const ent_status_view *view) {
  return view->held;
}

/* "17 on vm (mpirun of process 16)" */
static int append_launcher(const ent_lock_owner *owner, ent_text *why) {
  ENT_TRY(ent_text_append(why, "%" PRId64 " on %s", owner->launcher.pid, owner->launcher.host));
  if (owner->starter.pid <= 0) return ENT_OK;
  return ent_text_append(why, " (mpirun of process %" PRId64 ")", owner->starter.pid);
}

/* What is known of how a run ended that is gone: its lock may say that it was stopping. */
static int append_end(const ent_status_view *view, ent_text *why) {
  const char *note = view->owner.progress.note;
  char when[32];
  if (strncmp(note, "draining", strlen("draining")) == 0)
    ENT_TRY(ent_text_append(why, ", stopping (%s): a second signal ended it, or it was killed", note));
  if (view->written <= 0.0) return ENT_OK;
  ent_clock_format(view->written, sizeof when, when);
  return ent_text_append(why, "; the file was last written at %s, what is done is kept", when);
}

static int why_dead(const ent_status_view *view, ent_text *why) {
  char when[32];
  if (!view->known) {
    ENT_TRY(ent_text_append(why, "its lock cannot be read and is old"));
  } else {
    ent_clock_format(view->owner.heartbeat, sizeof when, when);
    ENT_TRY(ent_text_append(why, "the run broke off: %s ", view->hung ? "the ranks of process" : "process"));
    ENT_TRY(append_launcher(&view->owner, why));
    ENT_TRY(ent_text_append(why, " %s, it was last heard of at %s",
                            view->hung           ? "are dead, it hangs"
                            : is_elsewhere(view) ? "counts as dead, it cannot be seen from here"
                                                 : "is dead",
                            when));
    ENT_TRY(append_end(view, why));
  }
  ENT_TRY(ent_text_append(why, "; the next run takes over"));
  return ent_status_append_log(view, why);
}

static bool is_new(const ent_status_view *view) {
  return view->n_segments == 0;
}

static int why_new(const ent_status_view *view, ent_text *why) {
  (void)view;
  return ent_text_append(why, "no run has worked on it yet");
}

static bool is_stopped(const ent_status_view *view) {
  (void)view;
  return true;
}

static int why_stopped(const ent_status_view *view, ent_text *why) {
  const ent_segment *last = last_segment(view);
  ENT_TRY(ent_text_append(why, "nobody works on it; the last run %s", ent_status_segment_meaning(last, 0)));
  if (last->end > 0.0 && last->exit == 0)
    ENT_TRY(ent_text_append(why,
                            "; what is pending was left out (--only), or has become pending since (retry, "
                            "extend, merge, verify --repair)"));
  return ent_status_append_log(view, why);
}

static const explanation explanations[] = {
  {"complete", is_complete, why_complete, next_report},
  {"unknown", is_unknown, why_unknown, NULL},
  {"silent", is_silent, why_silent, next_watch},
  {"draining", is_draining, why_note, next_watch},
  {"waiting", is_waiting, why_note, next_watch},
  {"busy", is_busy, why_busy, NULL},
  {"running", is_running, why_running, next_watch},
  {"queued", is_queued, why_queued, next_watch},
  {"starting", is_in_slurm, why_in_slurm, next_watch},
  {"dead", is_dead, why_dead, next_run},
  {"new", is_new, why_new, next_run},
  {"stopped", is_stopped, why_stopped, next_run},
  {0},
};

const char *ent_status_segment_meaning(const ent_segment *segment, int running) {
  static const char broke_off[] = "broke off: a second signal ended it, it was killed, or its machine failed";
  static const struct {
    int exit;
    const char *meaning;
  } meanings[] = {
    {ENT_EXIT_OK, "ended in good order"},
    {ENT_EXIT_ENGINE, "failed, what it printed says why"},
    {ENT_EXIT_ROWS, "ended in good order, with failed rows"},
    {ENT_EXIT_STOPPED, "was stopped early in good order"},
    {EXIT_NO_WORKERS, "lost all its workers"},
  };
  if (segment->end <= 0.0) return running ? "goes on" : broke_off;
  for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
    if (segment->exit == meanings[i].exit) return meanings[i].meaning;
  return "ended for another reason";
}

int ent_status_segment_runs(const ent_status_view *view, size_t i) {
  return view->alive && i + 1 == view->n_segments && !(view->segments[i].end > 0.0) &&
         !(view->known && view->owner.n_ranks == 0);
}

int ent_status_explain(const ent_status_view *view, ent_status_reason *reason) {
  const explanation *found = explanations;
  *reason = (ent_status_reason){0};
  while (!found->holds(view)) found++;
  reason->state = found->state;
  ENT_TRY(ent_text_append(&reason->why, "%s", ""));
  ENT_TRY(ent_text_append(&reason->next, "%s", ""));
  if (found->append_why) ENT_TRY(found->append_why(view, &reason->why));
  if (found->append_next) ENT_TRY(found->append_next(view, &reason->next));
  return ENT_OK;
}

void ent_status_reason_fini(ent_status_reason *reason) {
  ent_text_fini(&reason->why);
  ent_text_fini(&reason->next);
}
