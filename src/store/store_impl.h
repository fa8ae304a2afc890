#ifndef ENTRAIN_STORE_STORE_IMPL_H
#define ENTRAIN_STORE_STORE_IMPL_H

/* What the files of this layer share about an open results file; nobody else includes this. */

#include "entrain/store/array.h"
#include "entrain/store/store.h"

/* A root attribute that is a text. */
typedef struct ent_store_text {
  const char *name, *value;
} ent_store_text;

/* The final states of all rows with the same n and d. */
typedef struct ent_final_group {
  int64_t n, d, rows;
  ent_array x; /* [rows, n, d] */
} ent_final_group;

struct ent_store {
  ent_arena *arena; /* owns path and texts */
  const char *path;
  ent_store_mode mode;
  int descriptor; /* of our own, for fsync */
  ent_spec *spec;
  ent_layout *layout;
  size_t n_texts;
  ent_store_text *texts;
  hid_t file, row_type, segment_type;
  ent_array jobs, segments, kills, checkpoints;
  size_t n_series;
  ent_array *series; /* [n_series]; owned */
  size_t n_groups;
  ent_final_group *groups; /* [n_groups] sorted by n, d; owned; none when no final states are kept */
  const ent_axis *n_axis, *d_axis;
  unsigned char *row; /* [layout size]; owned */
};

/* Whether the store may be written. Errors: ENT_ERR_ARGUMENT. */
ENT_MUST_CHECK int ent_store_check_writable(const ent_store *store);

/* Whether rows first .. first+count-1 exist. Errors: ENT_ERR_ARGUMENT. */
ENT_MUST_CHECK int ent_store_check_range(const ent_store *store, int64_t first, int64_t count);

/* What a job has left, as in ent_store_write_job. */
typedef struct ent_job_parts {
  const ent_result *result;
  const float *series;
  const double *final_state;
} ent_job_parts;

/*
 * Writes a job's series and final state, and makes its row.
 * [out] row  [layout size] complete, to be written after this
 * Errors: those of ent_store_write_job.
 */
ENT_MUST_CHECK int ent_job_write_parts(ent_store *store, int64_t index, const ent_job_parts *parts,
                                       unsigned char *row);

/* Whether a row claims to be finished (it has a status, or the checksum that a finished row had), and whether
 * it is: with a status, and a checksum that holds over row, series and final state. Not collective. */
bool ent_row_claims(const ent_layout *layout, const unsigned char *row);
bool ent_row_holds(const ent_layout *layout, const unsigned char *row, const float *series,
                   size_t n_series_values, const double *final_state, size_t n_final_values);

/* Whether the axes of a row are those of the grid: a row that was moved has a good checksum. Uses store->row.
 */
bool ent_row_has_axes(ent_store *store, int64_t index, const unsigned char *row);

/* Told of every job of a file, in order; row [layout size], whether it holds as in ent_row_holds. */
typedef int ent_job_visit(void *context, int64_t index, const unsigned char *row, bool holds);

/* Reads all jobs with their parts, in blocks. Errors: those of the visitor, ENT_ERR_HDF5, ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_store_walk(ent_store *store, ent_job_visit *visit, void *context);

/* The compound type of a row, packed. Errors: ENT_ERR_HDF5. */
ENT_MUST_CHECK int ent_row_type(const ent_layout *layout, hid_t *type);

/* Opens or creates /series/<k> of a store or file. Errors: ENT_ERR_HDF5, ENT_ERR_FORMAT. */
ENT_MUST_CHECK int ent_series_create(hid_t file, const ent_spec *spec);
ENT_MUST_CHECK int ent_series_open(ent_store *store);

/* The (n, d) groups of a specification, sorted. [out] groups  owned by the caller. Errors: ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_final_groups(const ent_spec *spec, ent_final_group **groups, size_t *count);

/* Creates /final, and fills in its job numbers. Errors: ENT_ERR_HDF5, ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_final_create(hid_t file, const ent_spec *spec);
ENT_MUST_CHECK int ent_final_fill(hid_t file, const ent_spec *spec);
ENT_MUST_CHECK int ent_final_open(ent_store *store);

/*
 * Holds the job numbers of all groups against the grid, and puts right those that are wrong.
 * [out] misplaced  how many were wrong
 * Errors: ENT_ERR_HDF5, ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_final_check_jobs(ent_store *store, bool repairs, int64_t *misplaced);

/* The group of a row, and the row's place in it. Not collective. */
ent_final_group *ent_final_find(const ent_store *store, int64_t index, int64_t *place);

/* Creates /phase with its coordinates. Errors: ENT_ERR_HDF5, ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_phase_group_create(hid_t file, const ent_spec *spec);

/* Creates /segments, or opens it. Errors: ENT_ERR_HDF5, ENT_ERR_FORMAT. */
ENT_MUST_CHECK int ent_segments_create(hid_t file);
ENT_MUST_CHECK int ent_segments_open(ent_store *store);

/* Creates /kills and /checkpoints, or opens them. Errors: ENT_ERR_HDF5, ENT_ERR_FORMAT. */
ENT_MUST_CHECK int ent_kills_create(hid_t file, const ent_spec *spec);
ENT_MUST_CHECK int ent_kills_open(ent_store *store);
ENT_MUST_CHECK int ent_checkpoints_create(hid_t file, const ent_spec *spec);
ENT_MUST_CHECK int ent_checkpoints_open(ent_store *store);

#endif
