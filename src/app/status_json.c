#include <inttypes.h>
#include <math.h>

#include "entrain/app/status.h"

static int append_text(ent_text *text, const char *key, const char *value) {
  ENT_TRY(ent_text_append(text, "\"%s\":\"", key));
  ENT_TRY(ent_text_append_json(text, value));
  return ent_text_append(text, "\"");
}

static int append_number(ent_text *text, const char *key, double value) {
  ENT_TRY(ent_text_append(text, "\"%s\":", key));
  return ent_text_append_json_real(text, value);
}

static int append_slurm_job(ent_text *text, int64_t job) {
  if (job < 0) return ent_text_append(text, "\"slurm_job\":null");
  return ent_text_append(text, "\"slurm_job\":%" PRId64, job);
}

static int append_counts(const ent_status_view *view, ent_text *text) {
  const ent_tally *tally = &view->tally;
  ENT_TRY(ent_text_append(text,
                          ",\"total\":%" PRId64 ",\"done\":%" PRId64 ",\"failed\":%" PRId64
                          ",\"quarantined\":%" PRId64 ",\"pending\":%" PRId64 ",\"checkpoints\":%" PRId64
                          ",\"checkpointed_steps\":%" PRId64 ",\"complete\":%s,\"outcomes\":{",
                          tally->total, tally->status[ENT_STATUS_DONE], tally->status[ENT_STATUS_FAILED],
                          tally->status[ENT_STATUS_QUARANTINED], tally->status[ENT_STATUS_PENDING],
                          view->checkpoints, view->checkpointed_steps,
                          ent_status_is_complete(view) ? "true" : "false"));
  for (int i = 0; i < ENT_OUTCOME_COUNT; i++)
    ENT_TRY(
      ent_text_append(text, "%s\"%s\":%" PRId64, i > 0 ? "," : "", ent_outcome_names[i], tally->outcome[i]));
  ENT_TRY(ent_text_append(text, "},\"errors\":{"));
  const char *separator = "";
  for (int i = 0; i < ENT_TALLY_ERRORS; i++) {
    if (tally->error[i] == 0) continue;
    ENT_TRY(ent_text_append(text, "%s\"%s\":%" PRId64, separator, ent_job_error_label(i), tally->error[i]));
    separator = ",";
  }
  return ent_text_append(text, "}");
}

static int append_rows(const char *key, const ent_status_row *rows, size_t count, int is_slow,
                       ent_text *text) {
  ENT_TRY(ent_text_append(text, ",\"%s\":[", key));
  for (size_t i = 0; i < count; i++) {
    ENT_TRY(ent_text_append(text, "%s{\"row\":%" PRId64 ",", i > 0 ? "," : "", rows[i].row));
    if (is_slow) {
      ENT_TRY(append_number(text, "seconds", rows[i].seconds));
      ENT_TRY(ent_text_append(text, ",\"worker\":%d,", rows[i].worker));
    } else {
      ENT_TRY(append_text(text, "error", ent_job_error_label(rows[i].error)));
      ENT_TRY(ent_text_append(text, ","));
    }
    ENT_TRY(ent_text_append(text, "\"point\":%s}", rows[i].point_json.data));
  }
  return ent_text_append(text, "]");
}

/* How the run goes, as it says itself: null, or nothing, when there is none. */
static int append_progress(const ent_status_view *view, ent_text *text) {
  const ent_lock_progress *progress = &view->owner.progress;
  const int lives = view->known && view->alive;
  const int has_range = lives && progress->eta_high > 0.0;
  const struct {
    const char *key;
    double value;
  } numbers[] = {
    {"rate", lives ? progress->rate : NAN},           {"eta", lives ? progress->eta : NAN},
    {"eta_low", has_range ? progress->eta_low : NAN}, {"eta_high", has_range ? progress->eta_high : NAN},
    {"running", lives ? progress->running : NAN},     {"workers", lives ? progress->workers : NAN},
    {"lost", lives ? progress->lost : NAN},
  };
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
    ENT_TRY(ent_text_append(text, ","));
    ENT_TRY(append_number(text, numbers[i].key, numbers[i].value));
  }
  ENT_TRY(ent_text_append(text, ","));
  ENT_TRY(append_text(text, "note", lives ? progress->note : ""));
  ENT_TRY(append_rows("slow", view->slow, view->n_slow, 1, text));
  return append_rows("quarantined_rows", view->quarantined, view->n_quarantined, 0, text);
}

static int append_owner(const ent_status_view *view, ent_text *text) {
  const ent_lock_owner *owner = &view->owner;
  if (!view->held) return ent_text_append(text, ",\"owner\":null");
  ENT_TRY(ent_text_append(text, ",\"owner\":{\"alive\":%s,\"hangs\":%s,", view->alive ? "true" : "false",
                          view->hung ? "true" : "false"));
  if (!view->known)
    return ent_text_append(text,
                           "\"host\":null,\"pid\":null,\"starter\":null,\"ranks\":null,\"slurm_job\":null,"
                           "\"restart_count\":null,\"started\":null,\"heartbeat\":null}");
  ENT_TRY(append_text(text, "host", owner->launcher.host));
  ENT_TRY(ent_text_append(text, ",\"pid\":%" PRId64 ",", owner->launcher.pid));
  ENT_TRY(append_number(text, "starter", owner->starter.pid > 0 ? (double)owner->starter.pid : NAN));
  ENT_TRY(ent_text_append(text, ",\"ranks\":%zu,", owner->n_ranks));
  ENT_TRY(append_slurm_job(text, owner->slurm_job));
  ENT_TRY(ent_text_append(text, ",\"restart_count\":%" PRId64 ",", owner->restart));
  ENT_TRY(append_number(text, "started", owner->progress.started));
  ENT_TRY(ent_text_append(text, ","));
  ENT_TRY(append_number(text, "heartbeat", owner->heartbeat));
  return ent_text_append(text, "}");
}

static int append_slurm(const ent_slurm_job *slurm, ent_text *text) {
  static const char *const answers[] = {
    [ENT_SLURM_SILENT] = "silent", [ENT_SLURM_NO_JOB] = "no job", [ENT_SLURM_JOB] = "job"};
  if (slurm->answer == ENT_SLURM_NOT_ASKED || slurm->answer == ENT_SLURM_ABSENT)
    return ent_text_append(text, ",\"slurm\":null");
  ENT_TRY(ent_text_append(text, ",\"slurm\":{\"answer\":\"%s\"", answers[slurm->answer]));
  if (slurm->answer != ENT_SLURM_JOB)
    return ent_text_append(text, ",\"job\":null,\"state\":null,\"reason\":null,\"time_left\":null,"
                                 "\"restarts\":null}");
  ENT_TRY(ent_text_append(text, ",\"job\":%" PRId64 ",", slurm->job));
  ENT_TRY(append_text(text, "state", slurm->state));
  ENT_TRY(ent_text_append(text, ","));
  ENT_TRY(append_text(text, "reason", slurm->reason));
  ENT_TRY(ent_text_append(text, ","));
  ENT_TRY(append_number(text, "time_left", slurm->time_left));
  ENT_TRY(ent_text_append(text, ","));
  ENT_TRY(append_number(text, "restarts", slurm->restarts >= 0 ? (double)slurm->restarts : NAN));
  return ent_text_append(text, "}");
}

static int append_reason(const ent_status_view *view, ent_text *text) {
  int code = ENT_OK;
  ent_status_reason reason = {0};
  ENT_GOTO(ent_status_explain(view, &reason));
  ENT_GOTO(ent_text_append(text, ","));
  ENT_GOTO(append_text(text, "state", reason.state));
  ENT_GOTO(ent_text_append(text, ","));
  ENT_GOTO(append_text(text, "why", reason.why.data));
  ENT_GOTO(ent_text_append(text, ","));
  ENT_GOTO(append_text(text, "next", reason.next.data));
done:
  ent_status_reason_fini(&reason);
  return code;
}

static int append_segment(const ent_segment *segment, int is_running, ent_text *text) {
  const int over = segment->end > 0.0;
  ENT_TRY(ent_text_append(text, "{"));
  ENT_TRY(append_number(text, "start", segment->start));
  ENT_TRY(ent_text_append(text, ","));
  ENT_TRY(append_number(text, "end", over ? segment->end : NAN));
  ENT_TRY(ent_text_append(text, ","));
  ENT_TRY(append_text(text, "hosts", segment->hosts));
  ENT_TRY(ent_text_append(text, ","));
  ENT_TRY(append_text(text, "cpu", segment->cpu));
  ENT_TRY(ent_text_append(text, ","));
  ENT_TRY(append_text(text, "instruction_set", segment->isa));
  ENT_TRY(ent_text_append(text, ",\"ranks\":%d,", segment->ranks));
  ENT_TRY(append_slurm_job(text, segment->slurm_job));
  ENT_TRY(ent_text_append(text, ",\"restart_count\":%d,", segment->restart_count));
  ENT_TRY(append_number(text, "exit", over ? (double)segment->exit : NAN));
  ENT_TRY(ent_text_append(text, ","));
  ENT_TRY(append_text(text, "meaning", ent_status_segment_meaning(segment, is_running)));
  return ent_text_append(text, "}");
}

int ent_status_append_json(const ent_status_view *view, ent_text *text) {
  ENT_TRY(ent_text_append(text, "{"));
  ENT_TRY(append_text(text, "file", view->path));
  ENT_TRY(ent_text_append(text, ","));
  ENT_TRY(append_text(text, "name", view->name));
  ENT_TRY(ent_text_append(text, ","));
  ENT_TRY(append_text(text, "model", view->model));
  ENT_TRY(append_counts(view, text));
  ENT_TRY(append_progress(view, text));
  ENT_TRY(append_reason(view, text));
  ENT_TRY(append_owner(view, text));
  ENT_TRY(append_slurm(&view->slurm, text));
  ENT_TRY(ent_text_append(text, ",\"segments\":["));
  for (size_t i = 0; i < view->n_segments; i++) {
    if (i > 0) ENT_TRY(ent_text_append(text, ","));
    ENT_TRY(append_segment(&view->segments[i], ent_status_segment_runs(view, i), text));
  }
  return ent_text_append(text, "]}\n");
}
