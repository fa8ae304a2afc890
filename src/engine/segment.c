#include "entrain/engine/segment.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/clock.h"
#include "entrain/base/isa.h"
#include "entrain/base/mem.h"
#include "entrain/base/version.h"
#include "entrain/store/tally.h"

/* The hosts of the ranks, each once, in the order of their first rank; cut where they do not fit. */
static void list_hosts(const ent_lock_owner *owner, size_t size, char *hosts) {
  size_t length = 0;
  hosts[0] = '\0';
  for (size_t i = 0; i < owner->n_ranks && length < size; i++) {
    bool is_known = false;
    for (size_t k = 0; k < i && !is_known; k++) {
      is_known = strcmp(owner->ranks[k].host, owner->ranks[i].host) == 0;
    }
    if (is_known) continue;
    const char *separator = length > 0 ? " " : "";
    length += (size_t)snprintf(hosts + length, size - length, "%s%s", separator, owner->ranks[i].host);
  }
}

int ent_run_segment_begin(ent_store *store, const ent_lock_owner *owner, size_t *slot) {
  ent_segment segment = {.start = ent_clock_unix(),
                         .ranks = (int32_t)owner->n_ranks,
                         .slurm_job = owner->slurm_job,
                         .restart_count = (int32_t)owner->restart,
                         .exit = -1};
  list_hosts(owner, sizeof(segment.hosts), segment.hosts);
  snprintf(segment.cpu, sizeof(segment.cpu), "%s", ent_version_cpu());
  snprintf(segment.isa, sizeof(segment.isa), "%s", ent_isa_name(ent_isa_current()));
  ENT_TRY(ent_store_begin_segment(store, &segment, slot));
  return ENT_OK;
}

int ent_run_segment_end(ent_store *store, size_t slot, int exit_status) {
  int code = ENT_OK;
  ent_phase *phase = NULL;
  ent_tally tally;
  ENT_GOTO(ent_tally_read_phase(store, &phase, &tally));
  ENT_GOTO(ent_store_write_phase(store, phase));
  ENT_GOTO(ent_store_end_segment(store, slot, ent_clock_unix(), exit_status));
  ENT_GOTO(ent_store_sync(store));
done:
  ent_phase_destroy(&phase);
  return code;
}

int ent_run_segment_last(ent_store *store, ent_segment *last, int32_t *number) {
  int code = ENT_OK;
  size_t count = 0;
  ent_segment *segments = NULL;
  ENT_GOTO(ent_mem_alloc(ENT_STORE_SEGMENTS, sizeof *segments, &segments));
  ENT_GOTO(ent_store_read_segments(store, ENT_STORE_SEGMENTS, segments, &count));
  *last = count > 0 ? segments[count - 1] : (ent_segment){0};
  *number = (int32_t)count;
done:
  free(segments);
  return code;
}

/* [out] is_there  an earlier start of this Slurm job has a stretch */
static int look_for_job(const char *path, int64_t job, int64_t restart, bool *is_there) {
  int code = ENT_OK;
  size_t count = 0;
  ent_store *store = NULL;
  ent_segment *segments = NULL;
  ENT_GOTO(ent_mem_alloc(ENT_STORE_SEGMENTS, sizeof *segments, &segments));
  ENT_GOTO(ent_store_open(path, ENT_STORE_READ, &store));
  ENT_GOTO(ent_store_read_segments(store, ENT_STORE_SEGMENTS, segments, &count));
  for (size_t i = 0; i < count; i++) {
    if (segments[i].slurm_job == job && segments[i].restart_count < restart) *is_there = true;
  }
done:
  free(segments);
  return ent_store_close_after(&store, code);
}

bool ent_run_segment_is_requeued(const char *path) {
  int64_t job = -1, restart = 0;
  bool is_there = false;
  ent_lock_find_slurm(&job, &restart);
  if (restart > 0 && look_for_job(path, job, restart, &is_there) != ENT_OK) ent_error_clear();
  return is_there;
}
