/* FUZZ max_len=256. Expressions: what is accepted can be evaluated, what is refused is explained. */
#include <string.h>

#include "entrain/sweep/job_file.h"
#include "entrain/sweep/where.h"

#include "fuzz.h"

enum { MAX_ROW = 1024 };

static const char job[] = "model: attention\n"
                          "sweep: {beta: [1, 2], n: [2, 4], d: [3, 2], weights: [softmax, mean], seed: 2}\n"
                          "time: {horizon: 8}\nobserve: [pair_overlap, energy]\n";

static const ent_layout *the_layout(void) {
  static ent_layout *layout;
  static ent_spec *spec;
  ent_text faults = {0};
  if (!layout) {
    PROMISE(ent_job_file_parse(job, "job.yaml", "", "", &spec, &faults) == ENT_OK);
    PROMISE(ent_layout_create(spec, &layout) == ENT_OK && layout->size <= MAX_ROW);
  }
  return layout;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  unsigned char row[MAX_ROW] = {0};
  ent_where *where = NULL, *same = NULL;
  char *text = malloc(size + 1);
  PROMISE(text != NULL);
  memcpy(text, data, size);
  text[size] = '\0';
  const int code = ent_where_parse(text, the_layout(), &where);
  PROMISE(code == ENT_OK || code == ENT_ERR_ARGUMENT);
  PROMISE((code == ENT_OK) == (where != NULL));
  PROMISE(code == ENT_OK || ent_error_message()[0] != '\0');
  if (code == ENT_OK) {
    PROMISE(ent_where_parse(text, the_layout(), &same) == ENT_OK);
    PROMISE(ent_where_holds(where, row) == ent_where_holds(same, row));
    memcpy(row, data, size < sizeof row ? size : sizeof row);
    PROMISE(ent_where_holds(where, row) == ent_where_holds(same, row));
  }
  ent_where_destroy(&where);
  ent_where_destroy(&same);
  free(text);
  return 0;
}
