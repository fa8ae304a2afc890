/* TEST np=1 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entrain/store/inputs.h"
#include "entrain/store/start_file.h"
#include "entrain/sweep/job_file.h"

#include "check.h"

#define JOB                                                                                                  \
  "model: kuramoto\nparameters:\n  graph: file\n  edges: edges.txt\n  frequencies: file\n"                   \
  "  frequencies_file: omega.txt\nsweep: {n: 4, d: 2, seed: 0}\ntime: {horizon: 1}\n"

enum { EDGES = 6, FREQUENCIES_FILE = 7 }; /* slots of the model's table */

/* A folder with a job file and the two files that it names. */
typedef struct place {
  char folder[256], job[300], edges[300], omega[300];
} place;

static void write_file(const char *path, const char *text) {
  CHECK_OK(ent_text_write_file(path, text, strlen(text)));
}

static void make_place(place *where) {
  const char *root = getenv("TMPDIR");
  snprintf(where->folder, sizeof where->folder, "%s/entrain-inputs-XXXXXX", root ? root : "/tmp");
  REQUIRE(mkdtemp(where->folder) != NULL);
  snprintf(where->job, sizeof where->job, "%s/job.yaml", where->folder);
  snprintf(where->edges, sizeof where->edges, "%s/edges.txt", where->folder);
  snprintf(where->omega, sizeof where->omega, "%s/omega.txt", where->folder);
  write_file(where->job, JOB);
  write_file(where->edges, "0 1\n1 2 # a path\n2 3\n");
  write_file(where->omega, "1, 2, 3, 4\n");
}

static void remove_place(const place *where) {
  unlink(where->job);
  unlink(where->edges);
  unlink(where->omega);
  CHECK_INT(rmdir(where->folder), 0);
}

static ent_spec *read_job(const place *where) {
  ent_spec *spec = NULL;
  ent_text faults = {0};
  CHECK_OK(ent_job_file_read(where->job, "", &spec, &faults));
  REQUIRE(spec != NULL);
  ent_text_fini(&faults);
  return spec;
}

/* The same study out of a results file: the text and the digests. */
static ent_spec *restore(const place *where, const ent_spec *from) {
  ent_spec *spec = NULL;
  ent_text faults = {0};
  CHECK_OK(ent_job_file_parse(from->text, where->job, "", from->input_digests, &spec, &faults));
  REQUIRE(spec != NULL);
  ent_text_fini(&faults);
  return spec;
}

static const ent_value *value_of(const ent_spec *spec, int slot) {
  return &spec->base.values[ENT_GROUP_MODEL][slot];
}

static void check_numbers(const ent_spec *spec) {
  static const double edges[] = {0, 1, 1, 2, 2, 3}, omega[] = {1, 2, 3, 4};
  REQUIRE(value_of(spec, EDGES)->count == 6 && value_of(spec, FREQUENCIES_FILE)->count == 4);
  for (int k = 0; k < 6; k++) CHECK_REAL(value_of(spec, EDGES)->list[k], edges[k], 0);
  for (int k = 0; k < 4; k++) CHECK_REAL(value_of(spec, FREQUENCIES_FILE)->list[k], omega[k], 0);
  CHECK_TEXT(value_of(spec, EDGES)->text, "edges.txt");
}

static void files_are_read_with_the_job_and_again(void) {
  place where;
  ent_start_table *table = NULL;
  char edges[ENT_DIGEST_SIZE], omega[ENT_DIGEST_SIZE], both[2 * ENT_DIGEST_SIZE];
  make_place(&where);
  ent_spec *first = read_job(&where);
  check_numbers(first);
  CHECK_OK(ent_digest_file(where.edges, edges));
  CHECK_OK(ent_digest_file(where.omega, omega));
  snprintf(both, sizeof both, "%s %s", edges, omega);
  CHECK_TEXT(first->input_digests, both);
  ent_spec *again = restore(&where, first);
  CHECK(value_of(again, EDGES)->list == NULL && value_of(again, FREQUENCIES_FILE)->list == NULL);
  CHECK_TEXT(again->inputs[1].digest, omega);
  CHECK_TEXT(again->inputs[1].path, where.omega);
  CHECK_OK(ent_inputs_load(again, &table));
  CHECK(table == NULL);
  check_numbers(again);
  ent_spec_destroy(&first);
  ent_spec_destroy(&again);
  remove_place(&where);
}

static void identity_has_the_content_of_files(void) {
  place where;
  char line[200], digest[ENT_DIGEST_SIZE];
  ent_text before = {0}, after = {0}, restored = {0};
  make_place(&where);
  ent_spec *spec = read_job(&where), *again = restore(&where, spec);
  CHECK_OK(ent_spec_identity(spec, &before));
  CHECK_OK(ent_spec_identity(again, &restored));
  CHECK_TEXT(restored.data, before.data);
  CHECK_OK(ent_digest_file(where.edges, digest));
  snprintf(line, sizeof line, "parameters.edges = %s\n", digest);
  CHECK_CONTAINS(before.data, line);
  CHECK(strstr(before.data, "edges.txt") == NULL);
  ent_spec_destroy(&spec);
  ent_spec_destroy(&again);
  write_file(where.edges, "0 1\n1 2 # a path\n3 2\n");
  spec = read_job(&where);
  CHECK_OK(ent_spec_identity(spec, &after));
  CHECK(strcmp(before.data, after.data) != 0);
  ent_spec_destroy(&spec);
  ent_text_fini(&before);
  ent_text_fini(&after);
  ent_text_fini(&restored);
  remove_place(&where);
}

/* Loading fails at the place where the job file names the input. */
static void check_fault(ent_spec *spec, const place *where, const char *message) {
  char expected[1000];
  ent_start_table *table = NULL;
  snprintf(expected, sizeof expected, "%s:4:10: error: %s", where->job, message);
  CHECK_CODE(ent_inputs_load(spec, &table), ENT_ERR_JOB_FILE);
  CHECK_TEXT(ent_error_message(), expected);
  CHECK(value_of(spec, EDGES)->list == NULL);
}

static void changed_files_are_refused(void) {
  place where;
  char message[600];
  make_place(&where);
  ent_spec *first = read_job(&where), *again = restore(&where, first);
  write_file(where.edges, "0 1\n1 2 # a path\n2 0\n");
  snprintf(message, sizeof message, "'%s' has changed since the study was made", where.edges);
  check_fault(again, &where, message);
  write_file(where.edges, "no numbers");
  check_fault(again, &where, message);
  unlink(where.edges);
  snprintf(message, sizeof message, "cannot open '%s': No such file or directory", where.edges);
  check_fault(again, &where, message);
  write_file(where.edges, "0 1\n1 2 # a path\n2 3\n");
  ent_start_table *table = NULL;
  CHECK_OK(ent_inputs_load(again, &table));
  ent_spec_destroy(&first);
  ent_spec_destroy(&again);
  remove_place(&where);
}

static void broken_files_are_faults_of_the_job(void) {
  static const char *const broken[][2] = {
    {"0 1\n1 x\n",
     "'parameters.edges' = edges.txt, line 2, column 3: 'x', must be a number in [0, 2147483647]"},
    {"0 1\n1 -2\n",
     "'parameters.edges' = edges.txt, line 2, column 3: '-2', must be a number in [0, 2147483647]"},
    {"# none\n", "'parameters.edges' = edges.txt, it has no numbers"},
    {"0 1 2", "the edges have 3 numbers, must be pairs of vertices"},
    {"0 4", "edge 1 has vertex 4, must be a whole number in [0, 3]"}};
  for (size_t k = 0; k < sizeof broken / sizeof broken[0]; k++) {
    place where;
    ent_spec *spec = NULL;
    ent_text faults = {0};
    char expected[600];
    make_place(&where);
    write_file(where.edges, broken[k][0]);
    snprintf(expected, sizeof expected, "%s:4:10: error: %s\n", where.job, broken[k][1]);
    CHECK_CODE(ent_job_file_read(where.job, "", &spec, &faults), ENT_ERR_JOB_FILE);
    CHECK_TEXT(faults.data, expected);
    ent_text_fini(&faults);
    remove_place(&where);
  }
}

static const ent_test tests[] = {
  {"files of numbers are read with the job file, and again by who computes",
   files_are_read_with_the_job_and_again},
  {"the identity has the content of files, not their paths", identity_has_the_content_of_files},
  {"a file that has changed or vanished is refused", changed_files_are_refused},
  {"a broken file is a fault of the job file", broken_files_are_faults_of_the_job},
  {0},
};

ENT_TEST_MPI_MAIN("store/inputs", tests)
