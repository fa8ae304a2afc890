#ifndef ENTRAIN_ENGINE_DELIVERY_H
#define ENTRAIN_ENGINE_DELIVERY_H

/*
 * What a worker has the master write (`output: {writer: master}`) as bytes: a job with its series and final
 * state, or a checkpoint. Little-endian; the numbers in it are
 * those of the file, byte by byte, and messages that carry it have checksums.
 */

#include "entrain/engine/sink.h"

/*
 * Puts the record of a job, as for ent_store_write_job, in place of what a text holds.
 * [in]  store  whose layout it has; may be open for reading only
 * Errors: ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_delivery_job(const ent_store *store, int64_t row, const ent_result *result,
                                    const float *series, const double *final_state, ent_text *record);

/* The same of a checkpoint, as for ent_store_write_checkpoint. Errors: ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_delivery_checkpoint(int64_t slot, int generation, const unsigned char *bytes,
                                           size_t length, ent_text *record);

/*
 * Does what a record says.
 * [in]  store  of the sink, for its layout
 * Errors: ENT_ERR_FORMAT for bytes that are no record of this file; those of the sink. Not collective.
 */
ENT_MUST_CHECK int ent_delivery_write(const unsigned char *bytes, size_t length, const ent_store *store,
                                      const ent_sink *sink);

#endif
