#ifndef ENTRAIN_STORE_STORE_H
#define ENTRAIN_STORE_STORE_H

/*
 * The results file (docs/results-format.md): created once at full extent, then filled row by row with
 * independent writes, readable at any moment. Who may write is store/lock's business, what is in a row
 * sweep/result's. Whether a file is whole, and how it is repaired, is store/guard's.
 *
 * Functions that write need a store that is open with ENT_STORE_WRITE or ENT_STORE_EDIT; with
 * ENT_STORE_READ they return ENT_ERR_ARGUMENT. When the system does not take what is written (a full disk, a
 * quota), they return ENT_ERR_IO with its reason, and may be called again.
 */

#include "entrain/sweep/phase.h"
#include "entrain/sweep/result.h"

typedef struct ent_store ent_store;

typedef enum {
  ENT_STORE_READ,  /* plain serial driver, read only; works while others write */
  ENT_STORE_WRITE, /* MPI-IO driver over MPI_COMM_SELF; MPI is initialized by the caller */
  ENT_STORE_EDIT,  /* plain serial driver, reading and writing, without MPI: surgery and repair */
} ent_store_mode;

/* One entry of /segments: a stretch of one run. Texts are cut to fit. */
typedef struct ent_segment {
  double start, end; /* Unix seconds; end 0 while it runs */
  char hosts[256], cpu[96], isa[16];
  int32_t ranks;
  int64_t slurm_job; /* -1 outside Slurm */
  int32_t restart_count;
  int32_t exit; /* exit status; -1 while it runs */
} ent_segment;

/* Number of the file's format; a file with a higher one is refused. */
enum { ENT_STORE_FORMAT = 2 };

/* Slots of /segments. */
enum { ENT_STORE_SEGMENTS = 128 };

/*
 * Creates the file at full extent: path.tmp, flushed, closed, synced, renamed. Axes are filled in, all rows
 * are pending. Nothing is left behind on failure, and a file that is there already is left alone. Serial
 * driver, one process.
 * [in]  petsc_version  of the PETSc that will compute the rows, "3.18.5"
 * Errors: ENT_ERR_IO (also: the file exists), ENT_ERR_HDF5, ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_store_create(const char *path, const ent_spec *spec, const char *petsc_version);

/*
 * The same for rows that were computed by the maker of another file: versions, machine and the engine's lines
 * of the identity are those of `like`. Errors: those of ent_store_create.
 */
ENT_MUST_CHECK int ent_store_create_like(const char *path, const ent_spec *spec, const ent_store *like);

/*
 * The identity of a specification, and after it the lines that depend on this build and machine (solver
 * version, instruction set, PETSc), whose keys start with `engine.`. Errors: ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_store_identity(const ent_spec *spec, const char *petsc_version, ent_text *identity);

/*
 * Opens a results file and reads its specification. Every metadata object that later calls need is opened
 * here. Errors: ENT_ERR_IO (cannot be opened), ENT_ERR_FORMAT (not a results file, damaged, or of a newer
 * format), ENT_ERR_HDF5. Not collective.
 */
ENT_MUST_CHECK int ent_store_open(const char *path, ent_store_mode mode, ent_store **store);

/* Closes all that is open; accepts NULL, sets NULL. Errors: ENT_ERR_HDF5. Not collective. */
ENT_MUST_CHECK int ent_store_close(ent_store **store);

/* Closes as above at the end of a function that has come to `code`; returns that, or what closing gave. */
ENT_MUST_CHECK int ent_store_close_after(ent_store **store, int code);

/* What the file was made for; owned by the store. */
const ent_spec *ent_store_spec(const ent_store *store);
const ent_layout *ent_store_layout(const ent_store *store);

/* The identity stored at creation, as ent_store_identity wrote it; owned by the store. */
const char *ent_store_stored_identity(const ent_store *store);

/* A root attribute that is a string ("git_commit"), NULL if it is not there; owned by the store. */
const char *ent_store_attribute(const ent_store *store, const char *name);

/*
 * Compares a specification's identity with the file's. Errors: ENT_ERR_MISMATCH naming the first three lines
 * that differ with both values; ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_store_check_identity(const ent_store *store, const ent_spec *spec,
                                            const char *petsc_version);

/*
 * Writes one job's record: series, final state, and last its row, whose checksum is computed here over all
 * three.
 * [in]  index  row
 * [in]  result  its checksum is ignored
 * [in]  series  [n_series, n_record] or NULL when none are recorded
 * [in]  final_state  unit vectors [n, d] or NULL when none are kept
 * Errors: ENT_ERR_IO; ENT_ERR_ARGUMENT when index is outside or a part is missing. Not collective.
 */
ENT_MUST_CHECK int ent_store_write_job(ent_store *store, int64_t index, const ent_result *result,
                                       const float *series, const double *final_state);

/* Reads rows [count, layout size] starting at `first`. Errors: ENT_ERR_HDF5, ENT_ERR_ARGUMENT. */
ENT_MUST_CHECK int ent_store_read_rows(ent_store *store, int64_t first, int64_t count, unsigned char *rows);

/*
 * Reads series k of jobs first..first+count-1 into values [count, n_record].
 * Errors: ENT_ERR_HDF5, ENT_ERR_ARGUMENT.
 */
ENT_MUST_CHECK int ent_store_read_series(ent_store *store, size_t k, int64_t first, int64_t count,
                                         float *values);

/* Reads the final state [n, d] of one job. Errors: ENT_ERR_HDF5, ENT_ERR_ARGUMENT when none are kept. */
ENT_MUST_CHECK int ent_store_read_final(ent_store *store, int64_t index, double *final_state);

/*
 * Which rows count: finished[i] = 1 when the row's status is not pending, its checksum holds over row, series
 * and final state, and its axes are those of the grid, otherwise 0.
 * [out] finished  [grid.size]
 * [out] broken  number of rows that have a status, or the checksum of a finished row, and do not hold
 * Errors: ENT_ERR_HDF5, ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_store_scan(ent_store *store, unsigned char *finished, int64_t *broken);

/*
 * Reads everything of one job.
 * [out] row  [layout size]
 * [out] series  [n_series, n_record]; may be NULL when none are recorded
 * [out] final_state  [n, d]; may be NULL when none are kept
 * [out] holds  whether it is finished, as in ent_store_scan; otherwise it is pending
 * Errors: ENT_ERR_HDF5, ENT_ERR_ARGUMENT.
 */
ENT_MUST_CHECK int ent_store_read_job(ent_store *store, int64_t index, unsigned char *row, float *series,
                                      double *final_state, bool *holds);

/*
 * Copies a finished job into a row of another store: result columns by name, series, final state. The axes
 * are those of the target's grid, and the checksum is made anew. That both rows are the same job is the
 * caller's affair. Errors: ENT_ERR_ARGUMENT when the job is not finished or an index is outside;
 * ENT_ERR_MISMATCH when `from` lacks what `to` holds; ENT_ERR_HDF5, ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_store_copy_job(ent_store *from, int64_t from_index, ent_store *to, int64_t to_index);

/* Makes a job pending again: all of its row but the axes becomes zero. Errors: ENT_ERR_HDF5,
 * ENT_ERR_ARGUMENT. */
ENT_MUST_CHECK int ent_store_reset_job(ent_store *store, int64_t index);

/* How often each job was at work when its worker died: kills [count]. Errors: ENT_ERR_HDF5,
 * ENT_ERR_ARGUMENT. */
ENT_MUST_CHECK int ent_store_read_kills(ent_store *store, int64_t first, int64_t count, uint8_t *kills);
ENT_MUST_CHECK int ent_store_write_kills(ent_store *store, int64_t index, uint8_t kills);

/*
 * Room for checkpoints: slots of two generations each; what is in them is sweep/checkpoint's business, with
 * a checksum of its own. A slot that was never written reads as zeros.
 */
int64_t ent_store_slots(const ent_store *store);
size_t ent_store_slot_bytes(const ent_store *store); /* of one generation */

/* The same of a file that is still to be made. */
void ent_store_plan_slots(const ent_spec *spec, int64_t *slots, size_t *slot_bytes);

/*
 * Writes `length` bytes to the start of a generation (0 or 1), or reads so many from there.
 * Errors: ENT_ERR_HDF5; ENT_ERR_ARGUMENT when there is no such slot or too little room.
 */
ENT_MUST_CHECK int ent_store_write_checkpoint(ent_store *store, int64_t slot, int generation,
                                              const void *bytes, size_t length);
ENT_MUST_CHECK int ent_store_read_checkpoint(ent_store *store, int64_t slot, int generation, void *bytes,
                                             size_t length);

/*
 * Segments: the slots used so far; begin takes the next slot (the last one again when all are used), end
 * closes it. Errors: ENT_ERR_HDF5.
 */
ENT_MUST_CHECK int ent_store_read_segments(ent_store *store, size_t max, ent_segment *segments,
                                           size_t *count);
ENT_MUST_CHECK int ent_store_begin_segment(ent_store *store, const ent_segment *segment, size_t *slot);
ENT_MUST_CHECK int ent_store_end_segment(ent_store *store, size_t slot, double end, int exit_status);

/*
 * Fills /phase, all of it; no metadata of the file change.
 * [in]  phase  finished, made from this store's specification
 * Errors: ENT_ERR_HDF5, ENT_ERR_FORMAT when /phase is damaged. Not collective.
 */
ENT_MUST_CHECK int ent_store_write_phase(ent_store *store, const ent_phase *phase);

/* Makes what was written durable (fsync). Errors: ENT_ERR_IO. Not collective. */
ENT_MUST_CHECK int ent_store_sync(ent_store *store);

/*
 * Whether the path still leads to the open file: false once it was deleted, replaced or moved, after which
 * all that is written is lost. A few system calls, for the heartbeat.
 */
bool ent_store_is_there(const ent_store *store);

#endif
