#include "entrain/sweep/job_inputs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "entrain/sweep/number_file.h"

/* Relative paths start at the job file's folder. */
static int resolve_path(ent_job *job, const char *path, const char **resolved) {
  ent_text text = {0};
  int code = ENT_OK;
  const bool is_plain = path[0] == '/' || strcmp(job->spec->folder, ".") == 0;
  ENT_GOTO(ent_text_append(&text, "%s%s%s", is_plain ? "" : job->spec->folder, is_plain ? "" : "/", path));
  ENT_GOTO(ent_arena_text(job->spec->arena, text.data, text.length, resolved));
done:
  ent_text_fini(&text);
  return code;
}

/* The next of the digests that were stored; they are in the order in which files are read. */
static void take_digest(ent_job *job, ent_input *input) {
  const size_t length = strcspn(job->stored_digests, " ");
  snprintf(input->digest, sizeof input->digest, "%.*s", (int)length, job->stored_digests);
  job->stored_digests += length;
  if (*job->stored_digests == ' ') job->stored_digests++;
}

static int read_file(ent_job *job, ent_input *input, const ent_yaml_node *node) {
  ent_spec *spec = job->spec;
  struct stat status;
  const ent_parameter *parameter = &ent_spec_parameters(spec, input->group)[input->slot];
  if (stat(input->path, &status) != 0) {
    ent_value_refuse(&job->faults, node, "cannot be read: %s", strerror(errno));
    return ENT_OK;
  }
  if (!S_ISREG(status.st_mode)) {
    ent_value_refuse(&job->faults, node, "must be a regular file");
    return ENT_OK;
  }
  const int code = parameter->kind == ENT_PARAM_FILE
                     ? ent_number_file_read(input->path, parameter, spec->arena,
                                            &spec->base.values[input->group][input->slot], input->digest)
                     : ent_digest_file(input->path, input->digest);
  if (code == ENT_ERR_MEMORY) return code;
  if (code == ENT_ERR_FORMAT) ent_value_refuse(&job->faults, node, "%s", ent_error_message());
  if (code == ENT_ERR_IO) ent_value_refuse(&job->faults, node, "cannot be read: %s", ent_error_message());
  if (code != ENT_OK) ent_error_clear();
  return ENT_OK;
}

int ent_job_read_input(ent_job *job, ent_group group, int slot, const ent_yaml_node *node) {
  ent_spec *spec = job->spec;
  const char *path = spec->base.values[group][slot].text;
  if (path == NULL) return ENT_OK;
  if (spec->n_inputs == ENT_MAX_INPUTS) {
    ent_value_fault(&job->faults, node, "is one file too many, at most %d are legal", ENT_MAX_INPUTS);
    return ENT_OK;
  }
  ent_input *input = &spec->inputs[spec->n_inputs++];
  *input = (ent_input){.group = group, .slot = slot, .line = node->line, .column = node->column};
  ENT_TRY(resolve_path(job, path, &input->path));
  if (job->stored_digests == NULL) return read_file(job, input, node);
  take_digest(job, input);
  return ENT_OK;
}

int ent_job_join_digests(ent_job *job, const char *stored) {
  int code = ENT_OK;
  ent_text text = {0};
  ent_spec *spec = job->spec;
  ENT_GOTO(ent_text_append(&text, "%s", stored ? stored : ""));
  for (size_t i = 0; stored == NULL && i < spec->n_inputs; i++)
    ENT_GOTO(ent_text_append(&text, "%s%s", i == 0 ? "" : " ", spec->inputs[i].digest));
  ENT_GOTO(ent_arena_text(spec->arena, text.data, text.length, &spec->input_digests));
done:
  ent_text_fini(&text);
  return code;
}
