#include "entrain/app/recompute.h"

#include <math.h>
#include <string.h>

#include "entrain/base/log.h"
#include "entrain/solve/session.h"
#include "entrain/store/inputs.h"

const char *ent_recompute_obstacle(const ent_result *result) {
  if (result->status == ENT_STATUS_PENDING) return "it is pending in the file";
  if (result->status == ENT_STATUS_QUARANTINED) return "it was given up after its workers died";
  if (result->error == ENT_JOB_WALL_LIMIT) return "a wall-clock limit ended it";
  return NULL;
}

int ent_recompute_begin(ent_store *store, ent_recompute *own) {
  *own = (ent_recompute){.store = store, .spec = *ent_store_spec(store)};
  own->spec.limit_wall = INFINITY;
  ENT_TRY(ent_session_start(own->spec.petsc_options));
  own->is_elsewhere = ent_store_check_identity(store, &own->spec, ent_session_petsc_version()) != ENT_OK;
  if (own->is_elsewhere) {
    ent_log(ENT_LOG_WARNING, "made elsewhere, bits may differ: %s", ent_error_message());
    ent_error_clear();
  }
  ENT_TRY(ent_inputs_load(&own->spec, &own->table));
  ENT_TRY(ent_integrator_create(&own->spec, own->table, &own->integrator));
  return ENT_OK;
}

void ent_recompute_end(ent_recompute *own) {
  ent_integrator_destroy(&own->integrator);
  ent_start_table_destroy(&own->table);
  ent_session_end();
}

/* Copies what the integrator has into a record; axes are those of the stored row. */
static void take_output(const ent_recompute *own, int64_t row, const ent_record *stored,
                        const ent_output *output, ent_record *again) {
  const ent_layout *layout = ent_store_layout(own->store);
  const size_t n_values = ent_spec_series_count(&own->spec) * own->spec.n_record;
  ent_point point;
  ent_spec_point(&own->spec, row, &point);
  memcpy(again->row, stored->row, layout->size);
  ent_layout_encode(layout, &output->result, again->row);
  again->result = output->result;
  again->holds = true;
  again->index = row;
  if (output->series) memcpy(again->series, output->series, n_values * sizeof *again->series);
  if (own->spec.final_state)
    memcpy(again->final_state, output->final_state, (size_t)(point.n * point.d) * sizeof *again->final_state);
}

int ent_recompute_row(ent_recompute *own, int64_t row, const ent_record *stored, const ent_watcher *watcher,
                      ent_record *again) {
  ent_output output;
  const ent_result *result = &stored->result;
  const bool is_limited = result->status == ENT_STATUS_FAILED && result->error == ENT_JOB_STEP_LIMIT;
  own->spec.limit_steps = is_limited ? result->steps : INT64_MAX;
  ENT_TRY(ent_integrator_run(own->integrator, row, NULL, watcher, &output));
  take_output(own, row, stored, &output, again);
  return ENT_OK;
}
