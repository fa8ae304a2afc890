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

static int append_counts(const ent_tally *tally, ent_text *text) {
  ENT_TRY(ent_text_append(text,
                          ",\"total\":%" PRId64 ",\"done\":%" PRId64 ",\"failed\":%" PRId64
                          ",\"quarantined\":%" PRId64 ",\"pending\":%" PRId64
                          ",\"complete\":%s,\"outcomes\":{",
                          tally->total, tally->status[ENT_STATUS_DONE], tally->status[ENT_STATUS_FAILED],
                          tally->status[ENT_STATUS_QUARANTINED], tally->status[ENT_STATUS_PENDING],
                          tally->status[ENT_STATUS_PENDING] == 0 ? "true" : "false"));
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

static int append_owner(const ent_status_view *view, ent_text *text) {
  const ent_lock_owner *owner = &view->owner;
  const int lives = view->known && view->alive;
  if (!view->held) return ent_text_append(text, ",\"rate\":null,\"eta\":null,\"owner\":null");
  ENT_TRY(ent_text_append(text, ","));
  ENT_TRY(append_number(text, "rate", lives ? owner->progress.rate : NAN));
  ENT_TRY(ent_text_append(text, ","));
  ENT_TRY(append_number(text, "eta", lives ? owner->progress.eta : NAN));
  ENT_TRY(ent_text_append(text, ",\"owner\":{\"alive\":%s,", view->alive ? "true" : "false"));
  if (!view->known)
    return ent_text_append(text, "\"host\":null,\"pid\":null,\"ranks\":null,\"slurm_job\":null,"
                                 "\"started\":null,\"heartbeat\":null}");
  ENT_TRY(append_text(text, "host", owner->launcher.host));
  ENT_TRY(ent_text_append(text, ",\"pid\":%" PRId64 ",\"ranks\":%zu,", owner->launcher.pid, owner->n_ranks));
  ENT_TRY(append_slurm_job(text, owner->slurm_job));
  ENT_TRY(ent_text_append(text, ","));
  ENT_TRY(append_number(text, "started", owner->progress.started));
  ENT_TRY(ent_text_append(text, ","));
  ENT_TRY(append_number(text, "heartbeat", owner->heartbeat));
  return ent_text_append(text, "}");
}

static int append_segment(const ent_segment *segment, ent_text *text) {
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
  return ent_text_append(text, "}");
}

int ent_status_append_json(const ent_status_view *view, ent_text *text) {
  ENT_TRY(ent_text_append(text, "{"));
  ENT_TRY(append_text(text, "file", view->path));
  ENT_TRY(ent_text_append(text, ","));
  ENT_TRY(append_text(text, "name", view->name));
  ENT_TRY(ent_text_append(text, ","));
  ENT_TRY(append_text(text, "model", view->model));
  ENT_TRY(append_counts(&view->tally, text));
  ENT_TRY(append_owner(view, text));
  ENT_TRY(ent_text_append(text, ",\"segments\":["));
  for (size_t i = 0; i < view->n_segments; i++) {
    if (i > 0) ENT_TRY(ent_text_append(text, ","));
    ENT_TRY(append_segment(&view->segments[i], text));
  }
  return ent_text_append(text, "]}\n");
}
