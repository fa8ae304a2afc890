#include "job_fixture.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <petscsys.h>

#include "entrain/solve/session.h"
#include "entrain/sweep/job_file.h"

#include "check.h"

enum { MAX_TEXT = 1 << 16 };

static void start_petsc(void) {
  PetscBool is_running = PETSC_FALSE;
  REQUIRE(PetscInitialized(&is_running) == 0);
  if (!is_running) CHECK_OK(ent_session_start(""));
}

static void open_text(ent_job_fixture *job, const char *text) {
  ent_text faults = {0};
  *job = (ent_job_fixture){0};
  start_petsc();
  const int code = ent_job_file_parse(text, "test.yaml", "", "", &job->spec, &faults);
  if (code != ENT_OK) fprintf(stderr, "%s\n", faults.data ? faults.data : "");
  ent_text_fini(&faults);
  CHECK_OK(code);
  CHECK_OK(ent_integrator_create(job->spec, NULL, &job->integrator));
}

void ent_fixture_open(ent_job_fixture *job, const char *format, ...) {
  static char text[MAX_TEXT];
  va_list arguments;
  va_start(arguments, format);
  const int length = vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  REQUIRE(length > 0 && length < MAX_TEXT);
  open_text(job, text);
}

void ent_fixture_close(ent_job_fixture *job) {
  ent_integrator_destroy(&job->integrator);
  ent_spec_destroy(&job->spec);
}

ent_output ent_fixture_run(ent_job_fixture *job, int64_t row, const ent_watcher *watcher) {
  ent_output output;
  CHECK_OK(ent_integrator_run(job->integrator, row, NULL, watcher, &output));
  return output;
}

ent_result ent_fixture_result(const char *format, ...) {
  static char text[MAX_TEXT];
  ent_job_fixture job;
  va_list arguments;
  va_start(arguments, format);
  const int length = vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  REQUIRE(length > 0 && length < MAX_TEXT);
  open_text(&job, text);
  const ent_result result = ent_fixture_run(&job, 0, NULL).result;
  ent_fixture_close(&job);
  return result;
}

bool ent_fixture_same(const ent_result *a, const ent_result *b) {
  ent_result x, y; /* copied bytewise: padding is zero in both */
  memcpy(&x, a, sizeof(x));
  memcpy(&y, b, sizeof(y));
  x.wall_s = y.wall_s = 0;
  return memcmp(&x, &y, sizeof(x)) == 0;
}
