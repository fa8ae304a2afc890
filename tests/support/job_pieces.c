#include "job_pieces.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/digest.h"
#include "entrain/base/rng.h"

#include "check.h"
#include "job_fixture.h"

enum { MAX_PIECES = 20000 };

void ent_leftover_copy(const ent_spec *spec, int64_t row, const ent_output *output, ent_leftover *copy) {
  ent_point point;
  *copy = (ent_leftover){.n_series = ent_spec_series_count(spec) * spec->n_record};
  memcpy(&copy->result, &output->result, sizeof(copy->result)); /* with its padding */
  if (output->final_state) {
    ent_spec_point(spec, row, &point);
    copy->n_final = (size_t)(point.n * point.d);
  }
  CHECK_OK(ent_mem_alloc(copy->n_series, sizeof(float), &copy->series));
  CHECK_OK(ent_mem_alloc(copy->n_final, sizeof(double), &copy->final_state));
  if (copy->n_series > 0) memcpy(copy->series, output->series, copy->n_series * sizeof(float));
  if (copy->n_final > 0) memcpy(copy->final_state, output->final_state, copy->n_final * sizeof(double));
}

void ent_leftover_fini(ent_leftover *old) {
  free(old->series);
  free(old->final_state);
}

bool ent_leftover_same(const ent_leftover *a, const ent_leftover *b) {
  return ent_fixture_same(&a->result, &b->result) && a->n_series == b->n_series && a->n_final == b->n_final &&
         memcmp(a->series, b->series, a->n_series * sizeof(float)) == 0 &&
         memcmp(a->final_state, b->final_state, a->n_final * sizeof(double)) == 0;
}

void ent_keeper_init(const ent_spec *spec, ent_keeper *made) {
  *made = (ent_keeper){.spec = spec};
  CHECK_OK(ent_mem_alloc(ent_checkpoint_bytes(spec), 1, &made->bytes));
  CHECK_OK(ent_mem_alloc(ENT_KEEPER_STEPS, sizeof(*made->digests), &made->digests));
}

void ent_keeper_fini(ent_keeper *old) {
  free(old->bytes);
  free(old->digests);
}

bool ent_keeper_ends(void *context) {
  ent_keeper *own = context;
  return --own->steps_left <= 0;
}

bool ent_keeper_always(void *context) {
  ent_keeper *own = context;
  own->asked++;
  return true;
}

bool ent_keeper_never(void *context) {
  ent_keeper *own = context;
  own->asked++;
  return false;
}

/* Whether a checkpoint is the one that was taken after the same step before, but for the seconds. */
static bool is_as_before(ent_keeper *own, const ent_checkpoint *checkpoint) {
  ent_checkpoint timeless = *checkpoint;
  REQUIRE(checkpoint->steps < ENT_KEEPER_STEPS);
  uint32_t *before = &own->digests[checkpoint->steps];
  timeless.seconds = 0;
  const uint32_t digest = ent_digest_crc(0, own->bytes, ent_checkpoint_encode(&timeless, own->bytes));
  const bool is_same = *before == 0 || *before == digest;
  *before = digest;
  return is_same;
}

int ent_keeper_keeps(void *context, const ent_checkpoint *checkpoint) {
  ent_keeper *own = context;
  size_t n_recorded = 0, n_synced = 0;
  for (size_t i = 0; i < own->spec->n_record; i++) n_recorded += own->spec->record[i] <= checkpoint->t;
  for (size_t k = 0; k < own->spec->n_delta; k++) n_synced += !isnan(checkpoint->t_sync[k]);
  own->after_record += n_recorded > own->n_recorded;
  own->after_sync += n_synced > own->n_synced;
  own->with_slope += checkpoint->slope != NULL;
  own->n_recorded = n_recorded;
  own->n_synced = n_synced;
  CHECK(is_as_before(own, checkpoint));
  own->length = ent_checkpoint_encode(checkpoint, own->bytes);
  own->taken++;
  REQUIRE(own->length <= ent_checkpoint_bytes(own->spec));
  return ENT_OK;
}

bool ent_keeper_run_piece(ent_keeper *own, int64_t row, ent_leftover *left) {
  const ent_watcher watcher = {
    .abandons = ent_keeper_ends, .keeps = ent_keeper_keeps, .context = own, .at_every_step = true};
  ent_integrator *integrator = NULL;
  ent_arena *arena = NULL;
  ent_checkpoint from;
  ent_output output;
  CHECK_OK(ent_arena_create(&arena));
  CHECK_OK(ent_integrator_create(own->spec, NULL, &integrator));
  if (own->length > 0) CHECK_OK(ent_checkpoint_decode(own->bytes, own->length, own->spec, arena, &from));
  CHECK_OK(ent_integrator_run(integrator, row, own->length > 0 ? &from : NULL, &watcher, &output));
  if (!output.abandoned) ent_leftover_copy(own->spec, row, &output, left);
  ent_integrator_destroy(&integrator);
  ent_arena_destroy(&arena);
  return !output.abandoned;
}

void ent_keeper_run(ent_keeper *own, int64_t row, int longest, ent_leftover *left) {
  ent_rng rng;
  ent_rng_init(&rng, row, longest, 1, 1, ENT_STREAM_START);
  own->length = own->n_recorded = own->n_synced = 0;
  for (int piece = 0; piece < MAX_PIECES; piece++) {
    own->steps_left = 1 + (int64_t)(longest * ent_rng_uniform(&rng));
    if (ent_keeper_run_piece(own, row, left)) return;
  }
  REQUIRE(false);
}

void ent_keeper_check(ent_job_fixture *job, int64_t row, int64_t least) {
  ent_keeper own;
  ent_leftover whole, pieces;
  ent_keeper_init(job->spec, &own);
  const ent_output output = ent_fixture_run(job, row, NULL);
  ent_leftover_copy(job->spec, row, &output, &whole);
  ent_keeper_run(&own, row, 1, &pieces);
  CHECK(own.taken >= least);
  CHECK(ent_leftover_same(&pieces, &whole));
  ent_leftover_fini(&pieces);
  ent_leftover_fini(&whole);
  ent_keeper_fini(&own);
}
