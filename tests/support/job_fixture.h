#ifndef ENTRAIN_TESTS_JOB_FIXTURE_H
#define ENTRAIN_TESTS_JOB_FIXTURE_H

/*
 * A job file given as text, and its rows integrated as a worker does it: parsed by sweep/job_file, run by
 * solve/integrate. PETSc is started when the first fixture is opened and runs until the program ends. A
 * fault in the text ends the test.
 */

#include "entrain/base/error.h"
#include "entrain/solve/integrate.h"

typedef struct ent_job_fixture {
  ent_spec *spec; /* may be changed before the first row is run */
  ent_integrator *integrator;
} ent_job_fixture;

/* Opens the job whose text the format makes. */
void ent_fixture_open(ent_job_fixture *job, const char *format, ...) ENT_PRINTF(2, 3);
void ent_fixture_close(ent_job_fixture *job);

/* Integrates a row; what the result points to lives until the next row. `watcher` may be NULL. */
ent_output ent_fixture_run(ent_job_fixture *job, int64_t row, const ent_watcher *watcher);

/* The result of row 0 of a job: open, run, close. */
ent_result ent_fixture_result(const char *format, ...) ENT_PRINTF(1, 2);

/* Whether two results are the same bits, but for the seconds that they took. */
bool ent_fixture_same(const ent_result *a, const ent_result *b);

#endif
