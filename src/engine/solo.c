#include "entrain/engine/solo.h"

#include "entrain/base/clock.h"
#include "entrain/engine/stop.h"

typedef struct solo {
  ent_dispatch *dispatch;
  ent_teller teller;
  double grace_ends; /* clock time at which the running job is abandoned */
  int code;          /* of a failure while a job runs */
} solo;

static int keep_house(solo *own) {
  ent_progress *progress = &own->teller.progress;
  if (ent_stop_requested() && !progress->stopping) {
    progress->stopping = true;
    own->grace_ends = ent_clock_now() + ENT_WORKER_GRACE;
    ent_dispatch_stop(own->dispatch);
  }
  ENT_TRY(ent_teller_tell(&own->teller));
  return ENT_OK;
}

static bool abandons(void *context) {
  solo *own = context;
  own->code = keep_house(own);
  return own->code != ENT_OK || (own->teller.progress.stopping && ent_clock_now() > own->grace_ends);
}

int ent_solo_run(ent_pending *pending, ent_worker *worker, const ent_teller_sources *told,
                 ent_progress *progress) {
  ent_task task = {0};
  ent_lease_report report;
  solo own = {.dispatch = pending->dispatch};
  const ent_watcher watcher = {.abandons = abandons, .context = &own};
  ent_teller_init(&own.teller, told);
  ENT_TRY(keep_house(&own));
  while (ent_dispatch_take(own.dispatch, 0, &task.lease)) {
    task.slot = ent_slots_of_lease(&pending->slots, &task.lease, &task.resumes);
    ENT_TRY(ent_worker_run(worker, &task, &watcher, &own.teller.progress.stopping, &report));
    ENT_TRY(own.code);
    ent_slots_release(&pending->slots, &task.lease, report.done);
    ENT_TRY(ent_dispatch_report(own.dispatch, &report));
    ENT_TRY(keep_house(&own));
  }
  ent_teller_end(&own.teller);
  *progress = own.teller.progress;
  return ENT_OK;
}
