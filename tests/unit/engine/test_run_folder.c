#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "entrain/engine/run_folder.h"

#include "support/check.h"

static char base[256];

static void set_up(void) {
  const char *temporary = getenv("TMPDIR");
  (void)snprintf(base, sizeof base, "%.200s/run-folder-XXXXXX", temporary ? temporary : "/tmp");
  REQUIRE(mkdtemp(base) != NULL);
  setenv("OMPI_MCA_btl_vader_backing_directory", base, 1);
}

static void tear_down(void) {
  CHECK_INT(rmdir(base), 0);
  unsetenv("OMPI_MCA_btl_vader_backing_directory");
}

static int count_entries(void) {
  int count = 0;
  DIR *list = opendir(base);
  const struct dirent *entry = NULL;
  while (list != NULL && (entry = readdir(list)) != NULL) count += entry->d_name[0] != '.';
  if (list != NULL) closedir(list);
  return count;
}

static void write_file(const char *folder, const char *name) {
  char path[800];
  (void)snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "w");
  REQUIRE(file != NULL);
  fputs("4 MB of shared memory", file);
  fclose(file);
}

static void is_made_and_removed(void) {
  char inner[800];
  struct stat status;
  ent_run_folder folder = {.lock = -1};
  set_up();
  REQUIRE(ent_run_folder_create(&folder) == ENT_OK);
  CHECK_INT(strncmp(folder.path, base, strlen(base)), 0);
  CHECK(stat(folder.path, &status) == 0 && (status.st_mode & 0777) == 0700);
  write_file(folder.path, "vader_segment.0");
  (void)snprintf(inner, sizeof inner, "%s/ompi.host.0", folder.path);
  CHECK_INT(mkdir(inner, 0700), 0);
  write_file(inner, "contact.txt");
  ent_run_folder_destroy(&folder);
  CHECK_TEXT(folder.path, "");
  CHECK_INT(count_entries(), 0);
  ent_run_folder_destroy(&folder);
  tear_down();
}

/* Makes a folder with a file in it and is killed. */
static void leave_one_behind(void) {
  const pid_t child = fork();
  if (child == 0) {
    ent_run_folder folder = {.lock = -1};
    if (ent_run_folder_create(&folder) != ENT_OK) _exit(1);
    write_file(folder.path, "vader_segment.0");
    raise(SIGKILL);
  }
  CHECK_INT(waitpid(child, NULL, 0), child);
}

static void dead_ones_are_removed(void) {
  ent_run_folder folder = {.lock = -1};
  set_up();
  leave_one_behind();
  CHECK_INT(count_entries(), 1);
  REQUIRE(ent_run_folder_create(&folder) == ENT_OK);
  CHECK_INT(count_entries(), 1);
  CHECK_INT(access(folder.path, F_OK), 0);
  leave_one_behind();
  CHECK_INT(count_entries(), 2);
  ent_run_folder_sweep();
  CHECK_INT(count_entries(), 1);
  CHECK_INT(access(folder.path, F_OK), 0);
  ent_run_folder_destroy(&folder);
  tear_down();
}

static void living_ones_stay(void) {
  ent_run_folder first = {.lock = -1}, second = {.lock = -1};
  set_up();
  REQUIRE(ent_run_folder_create(&first) == ENT_OK);
  REQUIRE(ent_run_folder_create(&second) == ENT_OK);
  CHECK_INT(access(first.path, F_OK), 0);
  CHECK_INT(count_entries(), 2);
  ent_run_folder_destroy(&second);
  CHECK_INT(access(first.path, F_OK), 0);
  ent_run_folder_destroy(&first);
  tear_down();
}

/* As mpirun inherits it from a parent that is killed. */
static void heirs_keep_it(void) {
  int ends[2], hold[2];
  char path[512] = "", byte = 0;
  ent_run_folder second = {.lock = -1};
  set_up();
  REQUIRE(pipe(ends) == 0 && pipe(hold) == 0);
  const pid_t parent = fork();
  if (parent == 0) {
    ent_run_folder folder = {.lock = -1};
    if (ent_run_folder_create(&folder) != ENT_OK || fork() != 0) _exit(0);
    if (write(ends[1], folder.path, sizeof folder.path) < 0) _exit(1);
    close(hold[1]);
    if (read(hold[0], &byte, 1) < 0) _exit(1); /* until the test closes its end */
    _exit(0);
  }
  CHECK_INT(waitpid(parent, NULL, 0), parent);
  CHECK_INT(read(ends[0], path, sizeof path), (int)sizeof path);
  REQUIRE(ent_run_folder_create(&second) == ENT_OK);
  CHECK_INT(access(path, F_OK), 0);
  close(hold[1]);
  close(hold[0]);
  close(ends[1]);
  close(ends[0]);
  ent_run_folder_destroy(&second);
  for (int i = 0; i < 1000 && count_entries() > 0; i++) {
    usleep(10000); /* the heir ends */
    if (ent_run_folder_create(&second) == ENT_OK) ent_run_folder_destroy(&second);
  }
  CHECK_INT(count_entries(), 0);
  tear_down();
}

static void others_are_left_alone(void) {
  char name[64], other[400], target[400], link[400];
  ent_run_folder folder = {.lock = -1};
  set_up();
  (void)snprintf(target, sizeof target, "%s/users-folder", base);
  CHECK_INT(mkdir(target, 0700), 0);
  (void)snprintf(name, sizeof name, "entrain-run-%ld-abcdef", (long)geteuid());
  (void)snprintf(link, sizeof link, "%s/%s", base, name);
  CHECK_INT(symlink(target, link), 0);
  (void)snprintf(other, sizeof other, "%s/entrain-run-%ld-other", base, (long)geteuid());
  CHECK_INT(mkdir(other, 0700), 0);
  REQUIRE(ent_run_folder_create(&folder) == ENT_OK);
  ent_run_folder_destroy(&folder);
  CHECK_INT(unlink(link), 0);
  CHECK_INT(rmdir(other), 0);
  CHECK_INT(rmdir(target), 0);
  tear_down();
}

static void carries_notes(void) {
  ent_note note = {{-1, -1}};
  ent_run_folder folder = {.lock = -1};
  set_up();
  unsetenv(ENT_RUN_FOLDER);
  REQUIRE(ent_run_folder_create(&folder) == ENT_OK);
  ent_run_folder_note(ENT_NOTE_EXIT, &note); /* nobody is told */
  CHECK(!ent_run_folder_read(&folder, ENT_NOTE_EXIT, &note));
  setenv(ENT_RUN_FOLDER, folder.path, 1);
  ent_run_folder_note(ENT_NOTE_MASTER, &(ent_note){{4711, INT64_MAX}});
  CHECK(!ent_run_folder_read(&folder, ENT_NOTE_EXIT, &note));
  REQUIRE(ent_run_folder_read(&folder, ENT_NOTE_MASTER, &note));
  CHECK_INT(note.numbers[0], 4711);
  CHECK(note.numbers[1] == INT64_MAX);
  ent_run_folder_clear(&folder);
  CHECK(!ent_run_folder_read(&folder, ENT_NOTE_MASTER, &note));
  unsetenv(ENT_RUN_FOLDER);
  ent_run_folder_destroy(&folder);
  tear_down();
}

static const ent_test tests[] = {
  {"it is made for this user only and removed with all that is in it", is_made_and_removed},
  {"what a dead run has left behind is removed", dead_ones_are_removed},
  {"the folder of a living run stays", living_ones_stay},
  {"so does that of a run whose parent is dead and whose mpirun lives", heirs_keep_it},
  {"links and other folders are left alone", others_are_left_alone},
  {"the master's notes are read by the parent", carries_notes},
  {0}};

ENT_TEST_MAIN("engine/run_folder", tests)
