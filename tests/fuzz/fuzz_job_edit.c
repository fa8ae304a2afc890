/* FUZZ max_len=192. New values for an axis or the horizon: what is accepted gives a job file that is read. */
#include <string.h>

#include "entrain/sweep/job_edit.h"
#include "entrain/sweep/job_file.h"

#include "fuzz.h"

static const char job[] = "# of an edit\nmodel: attention\nsweep:\n  beta: {linspace: [1, 2, 3]} # beta\n"
                          "  n: [2, 4]\n  d: 3\n  seed: {count: 4}\n  solver.scheme: [5dp]\n"
                          "time: {horizon: 8}\n";
static const char *const axes[] = {"beta", "n", "d", "seed", "solver.scheme", "gamma"};
enum { N_AXES = sizeof axes / sizeof axes[0] };

static ent_spec *read_job(const char *text) {
  ent_spec *spec = NULL;
  ent_text faults = {0};
  PROMISE(ent_job_file_parse(text, "job.yaml", "", "", &spec, &faults) == ENT_OK);
  ent_text_fini(&faults);
  return spec;
}

/* The changed text is a job file again, with `added` more values on the axis. */
static void check_text(const ent_job_edit *edit, const ent_spec *old, const char *axis, int64_t added) {
  ent_text text = {0};
  PROMISE(ent_job_edit_write(edit, &text) == ENT_OK);
  ent_spec *spec = read_job(text.data);
  if (axis) {
    const int64_t before = ent_grid_axis(&old->grid, axis)->count;
    PROMISE(ent_grid_axis(&spec->grid, axis)->count == before + added);
  }
  PROMISE(axis || spec->horizon > old->horizon);
  ent_spec_destroy(&spec);
  ent_text_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static ent_spec *spec;
  ent_job_edit *edit = NULL;
  int64_t added = 0;
  if (size == 0) return 0;
  if (!spec) spec = read_job(job);
  char *text = malloc(size);
  PROMISE(text != NULL);
  memcpy(text, data + 1, size - 1);
  text[size - 1] = '\0';
  const char *axis = data[0] % (N_AXES + 1) < N_AXES ? axes[data[0] % (N_AXES + 1)] : NULL;
  PROMISE(ent_job_edit_create(spec, &edit) == ENT_OK);
  const int code = axis ? ent_job_edit_add(edit, axis, text, &added) : ent_job_edit_horizon(edit, text);
  PROMISE(code == ENT_OK || code == ENT_ERR_ARGUMENT);
  if (code == ENT_OK) check_text(edit, spec, axis, added);
  ent_job_edit_destroy(&edit);
  free(text);
  return 0;
}
