#ifndef ENTRAIN_TESTS_STORE_FIXTURE_H
#define ENTRAIN_TESTS_STORE_FIXTURE_H

/* What the tests of the store share: a folder of their own, job files, and records that can be told apart. */

#include <stdbool.h>
#include <stdint.h>

#include "entrain/store/store.h"
#include "entrain/sweep/checkpoint.h"

#define FIXTURE_PETSC "3.18.5"

typedef struct fixture {
  char folder[256], path[300];
  ent_spec *spec;
} fixture;

/* A job file: 3 beta x 2 n x 2 d x 4 seeds, two deltas, three times, series and final states. */
extern const char *const fixture_job;

/* The same without series and final states. */
extern const char *const fixture_plain_job;

/* Makes a folder and resolves the job file's text; ends the test on failure. */
void fixture_open(fixture *at, const char *job);

/* Removes everything; checks that nothing but the results file was left. */
void fixture_close(fixture *at);

/* A specification from a text; ends the test on failure. */
ent_spec *fixture_parse(const char *job);

/* The record of a job, all of its parts depending on its number. series, final_state as ent_store_write_job.
 */
void fixture_record(const ent_spec *spec, int64_t index, ent_result *result, float *series,
                    double *final_state);

/* Writes the record of a job; returns its code. */
int fixture_write(ent_store *store, int64_t index);

/* Whether a store holds the record of a job, bit by bit. */
bool fixture_holds(ent_store *store, int64_t index);

/*
 * A checkpoint of a job at t, which tells it from others and must lie before the horizon: x[i] = t + i,
 * series zero. The arrays are the fixture's, until the next call.
 */
ent_checkpoint fixture_checkpoint(const ent_spec *spec, int64_t row, double t);

/* Copies the first `length` bytes of a file, all of it if negative. */
void fixture_copy(const char *from, const char *to, int64_t length);

#endif
