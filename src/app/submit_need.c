#include "entrain/app/submit_need.h"

#include <inttypes.h>
#include <stdio.h>

#include "entrain/app/slurm_script.h"
#include "entrain/app/status_slurm.h"
#include "entrain/engine/pending.h"

static int refuse_job_of(const char *output, const ent_slurm_script *script) {
  int code = ENT_OK;
  ent_text absolute = {0};
  ent_slurm_job job;
  ENT_GOTO(ent_slurm_append_absolute(script->path.data, &absolute));
  const ent_slurm_wanted wanted = {.job = -1, .script = absolute.data, .task = script->task};
  ENT_GOTO(ent_slurm_find(&wanted, &job));
  ENT_CHECK_GOTO(job.answer != ENT_SLURM_JOB, ENT_ERR_BUSY,
                 "'%s' has a job in Slurm's queue: Slurm job %" PRId64
                 " is %s; follow it (`entrain status`), "
                 "or end it first (`scancel %" PRId64 "`)",
                 output, job.job, job.state, job.job);
done:
  ent_text_fini(&absolute);
  return code;
}

int ent_submit_refuse_twice(const char *output) {
  ent_slurm_script script;
  int code = ent_slurm_script_find(output, &script);
  if (code == ENT_OK && script.is_there) code = refuse_job_of(output, &script);
  ent_slurm_script_fini(&script);
  return code;
}

/* [out] is_pending  whether a run would compute one of the rows from first to before end */
static int look(const char *path, int64_t first, int64_t end, bool *is_pending) {
  return ent_pending_look(path, 1, &(ent_row_range){first, end - 1}, is_pending);
}

static int look_at_part(const char *output, const ent_submission *submission, int part, bool *is_pending) {
  char ending[32];
  ent_text path = {0};
  const int64_t total = submission->total, parts = submission->parts;
  (void)snprintf(ending, sizeof ending, ".%d.h5", part);
  int code = ent_submit_append_beside(output, ending, &path);
  /* the share that slurm/entrain.sbatch gives it */
  if (code == ENT_OK) code = look(path.data, total * part / parts, total * (part + 1) / parts, is_pending);
  ent_text_fini(&path);
  return code;
}

int ent_submit_needs(const char *output, const ent_submission *submission, bool *is_needed) {
  ENT_TRY(look(output, 0, submission->total, is_needed));
  if (!*is_needed || submission->parts == 1) return ENT_OK;
  *is_needed = false;
  for (int part = 0; part < submission->parts && !*is_needed; part++)
    ENT_TRY(look_at_part(output, submission, part, is_needed));
  return ENT_OK;
}
