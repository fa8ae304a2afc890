/* TEST np=1 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/store/identity.h"

#include "check.h"
#include "store_fixture.h"

#define JOB(beta, rest)                                                                                      \
  "name: fixture\nmodel: attention\nsweep:\n  beta: " beta                                                   \
  "\n  n: [3]\n  d: [2]\n  seed: {count: 4}\ntime: {horizon: 2}\n" rest

/* Creates the file for one job, opens it and compares it with another; returns the code. */
static int compare(const char *stored, const char *job, const char *petsc_version) {
  fixture at;
  ent_store *store = NULL;
  ent_spec *other = fixture_parse(job);
  fixture_open(&at, stored);
  CHECK_OK(ent_store_create(at.path, at.spec, FIXTURE_PETSC));
  CHECK_OK(ent_store_open(at.path, ENT_STORE_READ, &store));
  const int code = ent_store_check_identity(store, other, petsc_version);
  CHECK_OK(ent_store_close(&store));
  ent_spec_destroy(&other);
  fixture_close(&at);
  return code;
}

static void same_study_is_accepted(void) {
  CHECK_OK(compare(JOB("[1, 2]", ""), JOB("[1, 2]", ""), FIXTURE_PETSC));
}

static void comments_limits_and_output_may_change(void) {
  CHECK_OK(compare(JOB("[1, 2]", ""), JOB("[1, 2.0]", "limits: {steps: 77} # shorter\n"), FIXTURE_PETSC));
}

static void names_what_differs(void) {
  CHECK_CODE(compare(JOB("[1, 2]", ""), JOB("[1, 3]", ""), FIXTURE_PETSC), ENT_ERR_MISMATCH);
  CHECK_CONTAINS(ent_error_message(), "sweep.beta: file has ");
  CHECK_CONTAINS(ent_error_message(), ", job file has ");
  CHECK(strstr(ent_error_message(), "more") == NULL);
}

/* No line is wider than a terminal usually is. */
static void is_narrow(const char *message) {
  while (*message) {
    const size_t length = strcspn(message, "\n");
    CHECK(length <= 80);
    message += message[length] ? length + 1 : length;
  }
}

static void names_three_at_most(void) {
  CHECK_CODE(
    compare(JOB("[1, 2]", ""),
            JOB("[1, 3]", "study: 5\nsolver: {rtol: 1.0e-9, atol: 1.0e-11}\ndetect: {stop: horizon}\n"),
            FIXTURE_PETSC),
    ENT_ERR_MISMATCH);
  CHECK_CONTAINS(ent_error_message(), ":\n  study: file has 0, job file has 5\n  ");
  CHECK_CONTAINS(ent_error_message(), "\n  and 2 more\ngive this one a file of its own (-o), or");
  is_narrow(ent_error_message());
}

static void another_petsc_is_named(void) {
  CHECK_CODE(compare(JOB("[1, 2]", ""), JOB("[1, 2]", ""), "3.99.0"), ENT_ERR_MISMATCH);
  CHECK_CONTAINS(ent_error_message(), "engine.petsc: file has 3.18.5, this program has 3.99.0");
}

/* Two lists whose 60th element differs: the message must show that element. */
static void long_values_are_cut_at_the_difference(void) {
  ent_text one = {0}, two = {0};
  CHECK_OK(
    ent_text_append(&one, "model: attention\nsweep:\n  n: [3]\n  d: [2]\n  seed: {count: 4}\n  beta: ["));
  CHECK_OK(ent_text_append(&two, "%s", one.data));
  for (int i = 0; i < 100; i++) {
    CHECK_OK(ent_text_append(&one, "%g, ", 0.5 + i * i));
    CHECK_OK(ent_text_append(&two, "%g, ", i == 60 ? 3601.25 : 0.5 + i * i));
  }
  CHECK_OK(ent_text_append(&one, "-1]\ntime: {horizon: 2}\n"));
  CHECK_OK(ent_text_append(&two, "-1]\ntime: {horizon: 2}\n"));
  CHECK_CODE(compare(one.data, two.data, FIXTURE_PETSC), ENT_ERR_MISMATCH);
  CHECK_CONTAINS(ent_error_message(), "3600.5");
  CHECK_CONTAINS(ent_error_message(), "3601.25");
  CHECK_CONTAINS(ent_error_message(), "\n  sweep.beta:\n    file has ...");
  CHECK_CONTAINS(ent_error_message(), ",\n    job file has ...");
  CHECK(strlen(ent_error_message()) < 300);
  is_narrow(ent_error_message());
  ent_text_fini(&one);
  ent_text_fini(&two);
}

/* A file of another PETSc is the model of one with more rows: the engine's lines are taken over, no others.
 */
static void a_file_like_another_has_its_engine(void) {
  fixture at;
  char path[sizeof at.path + 4];
  ent_store *model = NULL, *made = NULL;
  ent_text differences = {0};
  ent_spec *longer = fixture_parse(JOB("[1, 2, 3]", ""));
  fixture_open(&at, JOB("[1, 2]", ""));
  (void)snprintf(path, sizeof path, "%s.b", at.path);
  CHECK_OK(ent_store_create(at.path, at.spec, "3.99.0"));
  CHECK_OK(ent_store_open(at.path, ENT_STORE_READ, &model));
  CHECK_OK(ent_store_create_like(path, longer, model));
  CHECK_OK(ent_store_open(path, ENT_STORE_READ, &made));
  CHECK_CONTAINS(ent_store_stored_identity(made), "engine.petsc = 3.99.0\n");
  CHECK_TEXT(ent_store_attribute(made, "petsc_version"), "3.99.0");
  CHECK_TEXT(ent_store_attribute(made, "cpu"), ent_store_attribute(model, "cpu"));
  CHECK_OK(ent_store_compare_identities(model, made, &differences));
  CHECK_CONTAINS(differences.data, "\n  sweep.beta: one has ");
  CHECK(strstr(differences.data, "dimension") == NULL);
  CHECK(strstr(differences.data, "engine") == NULL);
  ent_text_fini(&differences);
  CHECK_OK(ent_store_compare_identities(model, model, &differences));
  CHECK_INT(differences.length, 0);
  CHECK_OK(ent_store_close(&made));
  CHECK_OK(ent_store_close(&model));
  CHECK_INT(remove(path), 0);
  ent_spec_destroy(&longer);
  fixture_close(&at);
}

static const ent_test tests[] = {
  {"a file like another has its engine and its own study", a_file_like_another_has_its_engine},
  {"the same study is accepted", same_study_is_accepted},
  {"comments, ways of writing and limits may change", comments_limits_and_output_may_change},
  {"what differs is named with both values", names_what_differs},
  {"at most three differences are named", names_three_at_most},
  {"another PETSc is another study", another_petsc_is_named},
  {"long values are cut around their first difference", long_values_are_cut_at_the_difference},
  {0},
};

ENT_TEST_MPI_MAIN("store/identity", tests)
