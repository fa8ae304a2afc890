#include "entrain/store/inputs.h"

#include <stdio.h>
#include <string.h>

#include "entrain/store/start_file.h"
#include "entrain/sweep/number_file.h"

enum { WHY_SIZE = 512 };

int ent_inputs_fault(const ent_spec *spec, const ent_input *input, const char *why) {
  return ent_error_raise(ENT_ERR_JOB_FILE, __func__, __FILE__, __LINE__, "%s:%d:%d: error: %s", spec->path,
                         input->line, input->column, why);
}

int ent_inputs_check(const ent_spec *spec, const ent_input *input, const char *digest) {
  char why[WHY_SIZE];
  if (input->digest[0] == '\0' || strcmp(digest, input->digest) == 0) return ENT_OK;
  snprintf(why, sizeof why, "'%s' has changed since the study was made", input->path);
  return ent_inputs_fault(spec, input, why);
}

/* Whether a file has changed is looked at first, because a changed one may be broken too. */
static int load_numbers(ent_spec *spec, const ent_input *input) {
  char why[WHY_SIZE], digest[ENT_DIGEST_SIZE];
  ent_value loaded = spec->base.values[input->group][input->slot];
  const ent_parameter *legal = &ent_spec_parameters(spec, input->group)[input->slot];
  int code = ent_digest_file(input->path, digest);
  if (code == ENT_OK) ENT_TRY(ent_inputs_check(spec, input, digest));
  if (code == ENT_OK) code = ent_number_file_read(input->path, legal, spec->arena, &loaded, digest);
  if (code == ENT_ERR_IO || code == ENT_ERR_FORMAT) {
    const char *path = code == ENT_ERR_FORMAT ? input->path : "";
    snprintf(why, sizeof why, "%s%s%s", path, path[0] ? ": " : "", ent_error_message());
    return ent_inputs_fault(spec, input, why);
  }
  ENT_TRY(code);
  ENT_TRY(ent_inputs_check(spec, input, digest));
  spec->base.values[input->group][input->slot] = loaded;
  return ENT_OK;
}

int ent_inputs_load(ent_spec *spec, ent_start_table **table) {
  for (size_t i = 0; i < spec->n_inputs; i++) {
    const ent_input *input = &spec->inputs[i];
    const bool is_file = ent_spec_parameters(spec, input->group)[input->slot].kind == ENT_PARAM_FILE;
    const bool is_loaded = spec->base.values[input->group][input->slot].list != NULL;
    if (is_file && !is_loaded) ENT_TRY(load_numbers(spec, input));
  }
  return ent_start_file_load(spec, table);
}
