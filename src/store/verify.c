#include "entrain/store/verify.h"

#include <stdlib.h>
#include <string.h>

#include "store_impl.h"

const char *const ent_row_fault_texts[] = {
  [ENT_ROW_FAULT_CHECKSUM] = "its checksum does not hold",
  [ENT_ROW_FAULT_AXES] = "its axes are not those of the grid",
  [ENT_ROW_FAULT_LEFT_OVER] = "it is pending and holds something",
};

/* What a walk over the rows needs. */
typedef struct verification {
  ent_store *store;
  unsigned char *expected; /* [layout size] a pending row; owned */
  ent_row_fault_sink *sink;
  void *context;
  ent_verification found;
} verification;

static int report_fault(verification *of, int64_t index, ent_row_fault fault) {
  of->found.faults[fault]++;
  return of->sink ? of->sink(of->context, index, fault) : ENT_OK;
}

static int verify_row(void *context, int64_t index, const unsigned char *row, bool holds) {
  verification *of = context;
  const ent_layout *layout = of->store->layout;
  of->found.rows++;
  ent_layout_encode_axes(layout, &of->store->spec->grid, index, of->expected);
  if (!holds && ent_row_claims(layout, row)) return report_fault(of, index, ENT_ROW_FAULT_CHECKSUM);
  if (!ent_row_has_axes(of->store, index, row)) return report_fault(of, index, ENT_ROW_FAULT_AXES);
  of->found.finished += holds;
  if (!holds && memcmp(row, of->expected, layout->size) != 0)
    return report_fault(of, index, ENT_ROW_FAULT_LEFT_OVER);
  return ENT_OK;
}

int ent_store_verify(ent_store *store, ent_row_fault_sink *sink, void *context, ent_verification *found) {
  int code = ENT_OK;
  verification of = {.store = store, .sink = sink, .context = context};
  ENT_GOTO(ent_mem_alloc(1, store->layout->size, &of.expected));
  ENT_GOTO(ent_store_walk(store, verify_row, &of));
  ENT_GOTO(ent_final_check_jobs(store, false, &of.found.misplaced));
  *found = of.found;
done:
  free(of.expected);
  return code;
}
