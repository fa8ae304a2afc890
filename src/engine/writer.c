#include "entrain/engine/writer.h"

#include <stdlib.h>

#include "entrain/base/filesystem.h"
#include "entrain/base/log.h"
#include "entrain/base/mem.h"
#include "entrain/engine/delivery.h"

/* A worker is told of what was written in portions, well before it has to wait. */
enum { PORTION = ENT_WRITER_AHEAD / 8 };

bool ent_writer_is_master(const ent_spec *spec, const char *path, bool has_several_hosts) {
  ent_filesystem found;
  if (spec->writer == ENT_WRITER_MASTER) return true;
  if (!has_several_hosts) return false;
  if (ent_filesystem_at(path, &found) != ENT_OK) {
    ent_error_clear();
    return false;
  }
  if (found.is_safe) return false;
  if (spec->writer == ENT_WRITER_WORKERS) {
    ent_log(ENT_LOG_WARNING,
            "'%s' is on %s, where hosts that write at the same time may spoil each other's rows: "
            "'output.writer' should be master",
            path, found.name);
    return false;
  }
  ent_log(ENT_LOG_INFO, "'%s' is on %s: the master writes for all hosts", path, found.name);
  return true;
}

int ent_writer_init(ent_writer_state *writer, ent_comm *comm, ent_store *store) {
  *writer = (ent_writer_state){.comm = comm, .store = store, .size = ent_comm_size(comm)};
  ENT_TRY(ent_mem_alloc((size_t)writer->size, sizeof *writer->gathers, &writer->gathers));
  ENT_TRY(ent_mem_alloc((size_t)writer->size, sizeof *writer->unsaid, &writer->unsaid));
  writer->sink = ent_sink_to_store(&writer->state, store);
  return ENT_OK;
}

void ent_writer_fini(ent_writer_state *writer) {
  for (int rank = 0; writer->gathers && rank < writer->size; rank++) {
    ent_gather_fini(&writer->gathers[rank]);
  }
  free(writer->gathers);
  free(writer->unsaid);
  *writer = (ent_writer_state){0};
}

int ent_writer_take(ent_writer_state *writer, int rank, const ent_wire_piece *piece) {
  ent_gather *gather = &writer->gathers[rank];
  ENT_TRY(ent_gather_add(gather, piece));
  writer->unsaid[rank] += piece->length;
  if (gather->is_complete)
    ENT_TRY(ent_delivery_write(gather->data, gather->length, writer->store, &writer->sink));
  if (writer->unsaid[rank] < PORTION) return ENT_OK;
  const ent_wire_message kept = {.kind = ENT_WIRE_KEPT, .bytes = writer->unsaid[rank]};
  writer->unsaid[rank] = 0;
  ENT_TRY(ent_comm_send(writer->comm, rank, &kept));
  return ENT_OK;
}

int ent_writer_sync(ent_writer_state *writer, bool is_last) {
  ENT_TRY(writer->sink.operations->sync(writer->sink.own, is_last));
  return ENT_OK;
}
