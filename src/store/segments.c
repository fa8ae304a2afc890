#include <stdlib.h>
#include <string.h>

#include "store_impl.h"

/* An ent_segment as it lies in memory; the file holds the same bytes. */
static int segment_type(hid_t *type) {
  int code = ENT_OK;
  hid_t made = 0;
  ENT_GOTO_H5(made = H5Tcreate(H5T_COMPOUND, sizeof(ent_segment)));
  ENT_GOTO_H5(H5Tinsert(made, "start", HOFFSET(ent_segment, start), H5T_NATIVE_DOUBLE));
  ENT_GOTO_H5(H5Tinsert(made, "end", HOFFSET(ent_segment, end), H5T_NATIVE_DOUBLE));
  ENT_GOTO(ent_compound_text(made, "hosts", HOFFSET(ent_segment, hosts), sizeof((ent_segment *)0)->hosts));
  ENT_GOTO(ent_compound_text(made, "cpu", HOFFSET(ent_segment, cpu), sizeof((ent_segment *)0)->cpu));
  ENT_GOTO(ent_compound_text(made, "isa", HOFFSET(ent_segment, isa), sizeof((ent_segment *)0)->isa));
  ENT_GOTO_H5(H5Tinsert(made, "ranks", HOFFSET(ent_segment, ranks), H5T_NATIVE_INT32));
  ENT_GOTO_H5(H5Tinsert(made, "slurm_job", HOFFSET(ent_segment, slurm_job), H5T_NATIVE_INT64));
  ENT_GOTO_H5(H5Tinsert(made, "restart_count", HOFFSET(ent_segment, restart_count), H5T_NATIVE_INT32));
  ENT_GOTO_H5(H5Tinsert(made, "exit", HOFFSET(ent_segment, exit), H5T_NATIVE_INT32));
  *type = made;
  made = 0;
done:
  ent_h5_close(&made);
  return code;
}

static const hsize_t slots = ENT_STORE_SEGMENTS;

int ent_segments_create(hid_t file) {
  int code = ENT_OK;
  hid_t type = 0;
  ent_array array = {0};
  ENT_GOTO(segment_type(&type));
  const ent_array_shape shape = {.name = "segments", .type = type, .rank = 1, .extent = &slots};
  ENT_GOTO(ent_array_create(file, &shape, &array));
done:
  ent_array_close(&array);
  ent_h5_close(&type);
  return code;
}

int ent_segments_open(ent_store *store) {
  ENT_TRY(segment_type(&store->segment_type));
  const ent_array_shape shape = {
    .name = "segments", .type = store->segment_type, .rank = 1, .extent = &slots};
  ENT_TRY(ent_array_open(store->file, &shape, &store->segments));
  return ENT_OK;
}

/* All slots, and how many of them are used. */
static int read_slots(ent_store *store, ent_segment **segments, size_t *used) {
  int code = ENT_OK;
  ent_segment *all = NULL;
  size_t count = 0;
  ENT_GOTO(ent_mem_alloc(ENT_STORE_SEGMENTS, sizeof *all, &all));
  ENT_GOTO(ent_array_read(&store->segments, 0, ENT_STORE_SEGMENTS, all));
  for (; count < ENT_STORE_SEGMENTS && all[count].start != 0; count++) {
    all[count].hosts[sizeof all->hosts - 1] = '\0';
    all[count].cpu[sizeof all->cpu - 1] = '\0';
    all[count].isa[sizeof all->isa - 1] = '\0';
  }
  *segments = all;
  *used = count;
  all = NULL;
done:
  free(all);
  return code;
}

int ent_store_read_segments(ent_store *store, size_t max, ent_segment *segments, size_t *count) {
  ent_segment *all = NULL;
  size_t used = 0;
  ENT_TRY(read_slots(store, &all, &used));
  *count = used < max ? used : max;
  memcpy(segments, all, *count * sizeof *segments);
  free(all);
  return ENT_OK;
}

int ent_store_begin_segment(ent_store *store, const ent_segment *segment, size_t *slot) {
  int code = ENT_OK;
  ent_segment *all = NULL;
  size_t used = 0;
  ENT_TRY(ent_store_check_writable(store));
  ENT_GOTO(read_slots(store, &all, &used));
  if (used == ENT_STORE_SEGMENTS) used--;
  ENT_GOTO(ent_array_write(&store->segments, 0, (int64_t)used, 1, segment));
  *slot = used;
done:
  free(all);
  return code;
}

int ent_store_end_segment(ent_store *store, size_t slot, double end, int exit_status) {
  ent_segment segment;
  ENT_TRY(ent_store_check_writable(store));
  ENT_CHECK(slot < ENT_STORE_SEGMENTS, ENT_ERR_ARGUMENT, "segment %zu, must be below %d", slot,
            ENT_STORE_SEGMENTS);
  ENT_TRY(ent_array_read(&store->segments, (int64_t)slot, 1, &segment));
  segment.end = end;
  segment.exit = exit_status;
  ENT_TRY(ent_array_write(&store->segments, 0, (int64_t)slot, 1, &segment));
  return ENT_OK;
}
