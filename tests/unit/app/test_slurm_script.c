#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entrain/app/slurm_script.h"

#include "check.h"

static char folder[256], before[4096];

static void enter_folder(void) {
  const char *root = getenv("TMPDIR");
  snprintf(folder, sizeof folder, "%s/entrain-script-XXXXXX", root ? root : "/tmp");
  REQUIRE(mkdtemp(folder) != NULL);
  REQUIRE(getcwd(before, sizeof before) != NULL);
  CHECK_INT(chdir(folder), 0);
}

static void leave_folder(void) {
  CHECK_INT(chdir(before), 0);
  CHECK_INT(rmdir(folder), 0);
}

static void write_file(const char *name, const char *text) {
  FILE *file = fopen(name, "w");
  REQUIRE(file != NULL);
  fputs(text, file);
  fclose(file);
}

/* What is found for a results file; of a script that is not there the path alone. */
static void finds(const char *output, const char *path, int task, int parts, int64_t total) {
  ent_slurm_script found;
  CHECK_OK(ent_slurm_script_find(output, &found));
  CHECK_TEXT(found.path.data, path);
  CHECK(found.is_there == (parts > 0));
  CHECK_INT(found.task, task);
  if (parts > 0) CHECK_INT(found.parts, parts);
  if (parts > 0) CHECK_INT(found.total, total);
  ent_slurm_script_fini(&found);
}

static void a_file_has_its_script(void) {
  enter_folder();
  finds("a.h5", "a.sbatch", -1, 0, 0);
  write_file("a.sbatch", "#!/bin/bash\n#SBATCH --time=5\nout=total=3\ntotal=120 parts=1\n");
  finds("a.h5", "a.sbatch", -1, 1, 120);
  finds("a.0.h5", "a.0.sbatch", -1, 0, 0); /* no array: it has no part 0 */
  CHECK_INT(unlink("a.sbatch"), 0);
  write_file("a.sbatch", "#!/bin/bash\nexec something\n");
  finds("a.h5", "a.sbatch", -1, 1, 0);
  CHECK_INT(unlink("a.sbatch"), 0);
  leave_folder();
}

static void a_part_has_the_script_of_its_array(void) {
  enter_folder();
  write_file("a.sbatch", "total=120 parts=12\n");
  finds("a.0.h5", "a.sbatch", 0, 12, 120);
  finds("a.11.h5", "a.sbatch", 11, 12, 120);
  finds("a.12.h5", "a.12.sbatch", -1, 0, 0);
  finds("a.h5", "a.sbatch", -1, 12, 120);
  finds("a1.h5", "a1.sbatch", -1, 0, 0);
  finds("a..h5", "a..sbatch", -1, 0, 0);
  finds(".1.h5", ".1.sbatch", -1, 0, 0);
  finds("a.99999999999.h5", "a.99999999999.sbatch", -1, 0, 0);
  CHECK_INT(unlink("a.sbatch"), 0);
  leave_folder();
}

/* A study whose name ends with a number: its own script comes before that of an array. */
static void an_own_script_comes_first(void) {
  enter_folder();
  write_file("a.2.sbatch", "total=7 parts=1\n");
  finds("a.2.h5", "a.2.sbatch", -1, 1, 7);
  write_file("a.sbatch", "total=120 parts=3\n");
  finds("a.2.h5", "a.2.sbatch", -1, 1, 7);
  CHECK_INT(unlink("a.sbatch"), 0);
  CHECK_INT(unlink("a.2.sbatch"), 0);
  leave_folder();
}

static void a_link_leads_to_the_script_beside_the_file(void) {
  char path[600];
  enter_folder();
  write_file("a.h5", "");
  write_file("a.sbatch", "total=7 parts=1\n");
  CHECK_INT(symlink("a.h5", "b.h5"), 0);
  char *real = realpath("a.sbatch", NULL);
  REQUIRE(real != NULL);
  snprintf(path, sizeof path, "%s", real);
  free(real);
  finds("b.h5", path, -1, 1, 7);
  CHECK_INT(unlink("a.sbatch"), 0);
  finds("b.h5", "b.sbatch", -1, 0, 0);
  CHECK_INT(unlink("a.h5"), 0);
  CHECK_INT(unlink("b.h5"), 0);
  leave_folder();
}

static void a_path_becomes_absolute(void) {
  char wanted[8192];
  ent_text path = {0};
  enter_folder();
  char *here = getcwd(NULL, 0);
  REQUIRE(here != NULL);
  snprintf(wanted, sizeof wanted, "%s/x/y.h5", here);
  free(here);
  CHECK_OK(ent_slurm_append_absolute("x/y.h5", &path));
  CHECK_TEXT(path.data, wanted);
  path.length = 0;
  CHECK_OK(ent_slurm_append_absolute("/x/y.h5", &path));
  CHECK_TEXT(path.data, "/x/y.h5");
  ent_text_fini(&path);
  leave_folder();
}

static const ent_test tests[] = {
  {"a results file has the batch script beside it, with its numbers", a_file_has_its_script},
  {"a part has the script of its array, and its task", a_part_has_the_script_of_its_array},
  {"a script of its own comes before that of an array", an_own_script_comes_first},
  {"a link leads to the script beside the file that is meant", a_link_leads_to_the_script_beside_the_file},
  {"a path becomes absolute, whether the file is there or not", a_path_becomes_absolute},
  {0},
};

ENT_TEST_MAIN("app/slurm_script", tests)
