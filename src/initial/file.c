#include <string.h>

#include "entrain/initial/initial.h"

enum { PATH, DATASET };

static const ent_parameter parameters[] = {
  [PATH] = {.name = "path",
            .kind = ENT_PARAM_TEXT,
            .required = true,
            .is_input = true,
            .summary = "HDF5 file, relative to the job file's folder"},
  [DATASET] = {.name = "dataset",
               .kind = ENT_PARAM_TEXT,
               .summary = "dataset of shape [count, n, d]; the seed picks the row; default: x"},
  {0},
};

/* Shapes and seeds were checked when the table was loaded (store/start_file). */
static int draw(const ent_point *point, const ent_start_table *table, double *x) {
  ENT_CHECK(table != NULL, ENT_ERR_ARGUMENT, "start from a file without its table");
  ENT_CHECK(table->n == point->n && table->d == point->d && point->seed < table->count, ENT_ERR_ARGUMENT,
            "table of shape [%lld, %lld, %lld] has no start for n = %lld, d = %lld, seed = %lld",
            (long long)table->count, (long long)table->n, (long long)table->d, (long long)point->n,
            (long long)point->d, (long long)point->seed);
  const size_t size = (size_t)point->n * (size_t)point->d;
  memcpy(x, table->x + (size_t)point->seed * size, size * sizeof(*x));
  return ENT_OK;
}

const ent_initial ent_initial_file = {
  .name = "file",
  .summary = "unit vectors from a dataset of an HDF5 file, one start a seed",
  .parameters = parameters,
  .draw = draw,
};
