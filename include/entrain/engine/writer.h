#ifndef ENTRAIN_ENGINE_WRITER_H
#define ENTRAIN_ENGINE_WRITER_H

/*
 * The master as the only writer: it puts the pieces of every worker's records together, writes them before it
 * handles the report behind them, and tells the worker, which sends no more than so many bytes ahead.
 */

#include "entrain/comm/comm.h"
#include "entrain/engine/sink.h"
#include "entrain/sweep/gather.h"

/* Bytes of records that a worker may have on their way before it waits. */
enum { ENT_WRITER_AHEAD = 1 << 20 };

typedef struct ent_writer_state {
  ent_comm *comm;
  ent_store *store;
  ent_store_sink state;
  ent_sink sink;
  int size;
  ent_gather *gathers; /* [size] by rank, owned */
  int64_t *unsaid;     /* [size] bytes written that the worker was not told of, owned */
} ent_writer_state;

/*
 * Whether workers write themselves or the master does: as the specification says, and otherwise workers,
 * where that is safe or all ranks are on one host. Says what it has chosen and why. Not collective.
 */
bool ent_writer_is_master(const ent_spec *spec, const char *path, bool has_several_hosts);

/* Makes the master's side. Errors: ENT_ERR_MEMORY. Not collective. */
ENT_MUST_CHECK int ent_writer_init(ent_writer_state *writer, ent_comm *comm, ent_store *store);

/* Frees what it owns and empties it. Not collective. */
void ent_writer_fini(ent_writer_state *writer);

/* Takes a piece of a worker's records. Errors: ENT_ERR_FORMAT, those of the store. Not collective. */
ENT_MUST_CHECK int ent_writer_take(ent_writer_state *writer, int rank, const ent_wire_piece *piece);

/* Makes durable what was written, when it is time or now. Errors: ENT_ERR_IO. Not collective. */
ENT_MUST_CHECK int ent_writer_sync(ent_writer_state *writer, bool is_last);

#endif
