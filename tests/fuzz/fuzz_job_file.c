/* FUZZ max_len=512. Job files: what is accepted must be usable, what is refused must be explained. */
#include <string.h>

#include "entrain/sweep/job_file.h"
#include "entrain/sweep/result.h"

#include "fuzz.h"

static char digest[] = "0000000000000000000000000000000000000000000000000000000000000000";

/* Uses an accepted specification as the later stages do, at both ends of its grid. */
static void use(const ent_spec *spec) {
  ent_layout *layout = NULL;
  ent_text identity = {0};
  ent_result result;
  char name[64];
  double delta = 0;
  PROMISE(spec->grid.size >= 1 && spec->grid.size <= ENT_GRID_MAX);
  PROMISE(spec->model != NULL && spec->n_delta >= 1);
  PROMISE(ent_layout_create(spec, &layout) == ENT_OK);
  PROMISE(ent_spec_identity(spec, &identity) == ENT_OK);
  for (size_t k = 0; k < ent_spec_series_count(spec); k++) (void)ent_spec_series(spec, k, &delta, name);
  unsigned char *row = calloc(1, layout->size);
  PROMISE(row != NULL);
  const int64_t rows[] = {0, spec->grid.size / 2, spec->grid.size - 1};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    ent_point point = spec->base;
    ent_spec_point(spec, rows[i], &point);
    ent_layout_encode_axes(layout, &spec->grid, rows[i], row);
    ent_layout_decode(layout, row, &result);
    PROMISE(ent_layout_checksum(layout, row, NULL, 0, NULL, 0) != 0);
  }
  free(row);
  ent_text_fini(&identity);
  ent_layout_destroy(&layout);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ent_spec *spec = NULL;
  ent_text faults = {0};
  char *text = malloc(size + 1);
  PROMISE(text != NULL);
  memcpy(text, data, size);
  text[size] = '\0';
  const int code = ent_job_file_parse(text, "jobs/some.yaml", "", digest, &spec, &faults);
  free(text);
  PROMISE(code == ENT_OK || code == ENT_ERR_JOB_FILE);
  PROMISE((code == ENT_OK) == (spec != NULL));
  PROMISE((code == ENT_OK) == (faults.length == 0));
  if (code == ENT_OK) use(spec);
  ent_spec_destroy(&spec);
  ent_text_fini(&faults);
  return 0;
}
