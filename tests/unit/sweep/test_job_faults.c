#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "entrain/sweep/job_file.h"

#include "check.h"

#define BROKEN "tests/jobfiles/broken"

enum { PATH_SIZE = 512, MIN_BROKEN = 40 };

static void tells_why_a_file_cannot_be_read(void) {
  ent_spec *spec = NULL;
  ent_text faults = {0};
  CHECK_CODE(ent_job_file_read("no/such.yaml", "", &spec, &faults), ENT_ERR_JOB_FILE);
  CHECK(spec == NULL);
  CHECK_CONTAINS(faults.data, "no/such.yaml: error: ");
  CHECK_CONTAINS(faults.data, "No such file or directory\n");
  ent_text_fini(&faults);
}

/* Faults of a text whose path is "jobs/some.yaml". */
static void check_faults(const char *text, const char *expected) {
  ent_spec *spec = NULL;
  ent_text faults = {0};
  CHECK_CODE(ent_job_file_parse(text, "jobs/some.yaml", "", "", &spec, &faults), ENT_ERR_JOB_FILE);
  CHECK(spec == NULL);
  CHECK_TEXT(faults.data, expected);
  ent_text_fini(&faults);
}

static void sorts_faults_by_position(void) {
  check_faults("timme: 3\nmodel: attention\nsweep: {n: [0], bta: 1, d: 2, seed: 1, beta: {range: [0, 1]}}\n"
               "time: {horizon: 1}\n",
               "jobs/some.yaml:1:1: error: unknown key 'timme', did you mean 'time'\n"
               "jobs/some.yaml:3:13: error: 'sweep.n' = 0, must be a whole number in [1, 2147483647]\n"
               "jobs/some.yaml:3:17: error: unknown key 'sweep.bta', did you mean 'beta'\n"
               "jobs/some.yaml:3:54: error: 'sweep.beta.range' is a list, must be [a, b, step]\n");
}

/*
 * Broken files: tests/jobfiles/broken/NAME.yaml with NAME.expected, the faults without the path. There
 * {models} and {observables} stand for the names of all that are registered.
 */

static void expect_models(ent_text *expected) {
  for (const ent_model *const *model = ent_models; *model; model++)
    CHECK_OK(ent_text_append(expected, "%s%s", model == ent_models ? "" : ", ", (*model)->name));
}

static void expect_observables(ent_text *expected) {
  for (const ent_observable *const *o = ent_observables; *o; o++)
    CHECK_OK(ent_text_append(expected, "%s%s", o == ent_observables ? "" : ", ", (*o)->name));
}

/* Appends a line with what its names in braces stand for. */
static void expect_line(const char *line, size_t length, ent_text *expected) {
  static const struct {
    const char *name;
    void (*expand)(ent_text *expected);
  } lists[] = {{"{models}", expect_models}, {"{observables}", expect_observables}};
  for (size_t k = 0; k < sizeof(lists) / sizeof(*lists); k++) {
    const size_t width = strlen(lists[k].name);
    const char *found = memmem(line, length, lists[k].name, width);
    if (found == NULL) continue;
    const size_t before = (size_t)(found - line);
    CHECK_OK(ent_text_append(expected, "%.*s", (int)before, line));
    lists[k].expand(expected);
    expect_line(found + width, length - before - width, expected);
    return;
  }
  CHECK_OK(ent_text_append(expected, "%.*s\n", (int)length, line));
}

/* "line:column: ..." lines with `path:` before each. */
static void expect_lines(const char *path, const char *lines, ent_text *expected) {
  while (*lines) {
    const size_t length = strcspn(lines, "\n");
    CHECK_OK(ent_text_append(expected, "%s:", path));
    expect_line(lines, length, expected);
    lines += length + (lines[length] == '\n');
  }
}

static void check_broken(const char *name, size_t stem) {
  char path[PATH_SIZE], expected_path[PATH_SIZE];
  ent_spec *spec = NULL;
  ent_text faults = {0}, lines = {0}, expected = {0};
  snprintf(path, sizeof(path), BROKEN "/%s", name);
  snprintf(expected_path, sizeof(expected_path), BROKEN "/%.*s.expected", (int)stem, name);
  CHECK_OK(ent_text_read_file(expected_path, &lines));
  expect_lines(path, lines.data, &expected);
  CHECK_CODE(ent_job_file_read(path, "", &spec, &faults), ENT_ERR_JOB_FILE);
  CHECK(spec == NULL);
  CHECK_TEXT(faults.data, expected.data);
  ent_text_fini(&faults);
  ent_text_fini(&lines);
  ent_text_fini(&expected);
}

static void reports_every_fault_of_broken_files(void) {
  static const char ending[] = ".yaml";
  size_t count = 0;
  DIR *folder = opendir(BROKEN);
  REQUIRE(folder != NULL);
  for (struct dirent *entry; (entry = readdir(folder));) {
    const size_t length = strlen(entry->d_name);
    if (length < sizeof(ending) || strcmp(entry->d_name + length - strlen(ending), ending) != 0) continue;
    check_broken(entry->d_name, length - strlen(ending));
    count++;
  }
  closedir(folder);
  CHECK(count >= MIN_BROKEN);
}

static const ent_test tests[] = {{"a file that cannot be read is a fault", tells_why_a_file_cannot_be_read},
                                 {"faults come in the order of the file", sorts_faults_by_position},
                                 {"broken files give all their faults", reports_every_fault_of_broken_files},
                                 {0}};
ENT_TEST_MAIN("sweep/job_faults", tests)
