#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entrain/app/status_slurm.h"
#include "entrain/base/clock.h"

#include "check.h"

static void reads_slurms_times(void) {
  CHECK_REAL(ent_slurm_seconds("3:07"), 187, 0);
  CHECK_REAL(ent_slurm_seconds("0:00"), 0, 0);
  CHECK_REAL(ent_slurm_seconds("1:02:03"), 3723, 0);
  CHECK_REAL(ent_slurm_seconds("2-00:00:01"), 172801, 0);
  CHECK_REAL(ent_slurm_seconds("1-12"), 129600, 0);
  CHECK_REAL(ent_slurm_seconds("5"), 300, 0);
  static const char *const words[] = {"",   "UNLIMITED", "INVALID", "NOT_SET", "-1:00",
                                      "1:", "1:2:3:4",   "1-",      "1:00x"};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) CHECK(isnan(ent_slurm_seconds(words[i])));
}

static ent_ask_end ask(const char *first, const char *second, const char *third, double seconds,
                       ent_text *answer) {
  const char *const arguments[] = {first, second, third, NULL};
  ent_ask_end end = ENT_ASK_SILENT;
  CHECK_OK(ent_ask(arguments, ent_clock_now() + seconds, answer, &end));
  return end;
}

static void tells_how_a_program_ended(void) {
  ent_text answer = {0};
  CHECK_INT(ask("echo", "$(id) a", "b", 60, &answer), ENT_ASK_ANSWERED);
  CHECK_TEXT(answer.data, "$(id) a b\n");
  CHECK_INT(ask("entrain-no-such-program", NULL, NULL, 60, &answer), ENT_ASK_ABSENT);
  CHECK_INT(ask("false", NULL, NULL, 60, &answer), ENT_ASK_REFUSED);
  CHECK_INT(ask("cat", NULL, NULL, 60, &answer), ENT_ASK_ANSWERED); /* its stdin is empty */
  CHECK_TEXT(answer.data, "$(id) a b\n");
  ent_text_fini(&answer);
}

/* A program that says its pid and hangs, with its output open or closed, is ended. */
static void ends_what_does_not_answer(const char *script) {
  ent_text answer = {0};
  CHECK_INT(ask("sh", "-c", script, 0.3, &answer), ENT_ASK_SILENT);
  const pid_t pid = answer.data ? (pid_t)strtol(answer.data, NULL, 10) : 0;
  CHECK(pid > 0);
  if (pid > 0) CHECK_INT(kill(pid, 0), -1);
  ent_text_fini(&answer);
}

static void ends_programs_that_hang(void) {
  ends_what_does_not_answer("echo $$; sleep 1000");
  ends_what_does_not_answer("echo $$; exec sleep 1000 >&-");
  ends_what_does_not_answer("trap '' TERM INT HUP; echo $$; while :; do sleep 1000; done");
}

/* A folder with a squeue and a scontrol of ours in front of PATH. */
static char folder[256], path_before[4096];

static void write_program(const char *name, const char *text) {
  char path[300];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "w");
  REQUIRE(file != NULL);
  fputs(text, file);
  fclose(file);
  CHECK_INT(chmod(path, 0700), 0);
}

static void set_up(const char *squeue) {
  const char *root = getenv("TMPDIR");
  char path[4400];
  snprintf(folder, sizeof folder, "%s/entrain-slurm-XXXXXX", root ? root : "/tmp");
  REQUIRE(mkdtemp(folder) != NULL);
  snprintf(path_before, sizeof path_before, "%s", getenv("PATH"));
  snprintf(path, sizeof path, "%s:%s", folder, path_before);
  setenv("PATH", path, 1);
  if (squeue) write_program("squeue", squeue);
  write_program("scontrol", "#!/bin/sh\necho \"JobId=$4 JobName=x Restarts=5 BatchFlag=1\"\n");
}

static void tear_down(void) {
  char path[300];
  setenv("PATH", path_before, 1);
  snprintf(path, sizeof path, "%s/squeue", folder);
  unlink(path);
  snprintf(path, sizeof path, "%s/scontrol", folder);
  unlink(path);
  CHECK_INT(rmdir(folder), 0);
}

static int find(int64_t job, const char *script, ent_slurm_job *found) {
  return ent_slurm_find(&(ent_slurm_wanted){.job = job, .script = script, .task = -1}, found);
}

static void finds_a_job_by_its_number(void) {
  ent_slurm_job found;
  set_up("#!/bin/sh\n[ \"$3\" = -j ] && [ \"$4\" = 17 ] || exit 1\n"
         "echo '17|N/A|PENDING|Priority|UNLIMITED|2026-11-22T06:00:00|/a|b.sbatch'\n");
  CHECK_OK(find(17, NULL, &found));
  CHECK_INT(found.answer, ENT_SLURM_JOB);
  CHECK_INT(found.job, 17);
  CHECK_TEXT(found.state, "PENDING");
  CHECK_TEXT(found.reason, "Priority");
  CHECK_TEXT(found.start, "2026-11-22T06:00:00");
  CHECK(isnan(found.time_left));
  CHECK_INT(found.restarts, 5);
  CHECK_OK(find(18, NULL, &found));
  CHECK_INT(found.answer, ENT_SLURM_NO_JOB);
  tear_down();
}

/* The last task of an array has the id of the array, for which Slurm tells of all tasks. */
static void finds_the_task_that_has_the_number_of_its_array(void) {
  ent_slurm_job found;
  set_up("#!/bin/sh\necho '18|0|RUNNING|None|9:00|N/A|/a.sbatch'\n"
         "echo '17|2|PENDING|BeginTime|10:00|N/A|/a.sbatch'\n"
         "echo '19|1|RUNNING|None|9:00|N/A|/a.sbatch'\n");
  write_program("scontrol", "#!/bin/sh\necho 'JobId=18 ArrayJobId=17 ArrayTaskId=0 Restarts=1 BatchFlag=1'\n"
                            "echo 'JobId=17 ArrayJobId=17 ArrayTaskId=2 Restarts=4 BatchFlag=1'\n");
  CHECK_OK(find(17, NULL, &found));
  CHECK_INT(found.answer, ENT_SLURM_JOB);
  CHECK_INT(found.job, 17);
  CHECK_TEXT(found.state, "PENDING");
  CHECK_TEXT(found.reason, "BeginTime");
  CHECK_INT(found.restarts, 4);
  CHECK_OK(find(19, NULL, &found));
  CHECK_INT(found.restarts, -1);
  CHECK_OK(find(20, NULL, &found));
  CHECK_INT(found.answer, ENT_SLURM_NO_JOB);
  tear_down();
}

/* Of the user's jobs the one that runs the script, the running one first. */
static void finds_a_job_by_its_script(void) {
  ent_slurm_job found;
  set_up("#!/bin/sh\n[ \"$3\" = --me ] || exit 1\n"
         "echo '1|N/A|RUNNING|None|9:00|N/A|/home/u/other.sbatch'\n"
         "echo 'nonsense'\n"
         "echo '2|N/A|COMPLETING|None|8:00|N/A|/home/u/OUT.sbatch'\n"
         "echo '3|N/A|RUNNING|None|1-02:00:00|2026-11-22T06:00:00|/home/u/OUT.sbatch'\n"
         "echo '4|N/A|PENDING|Resources|7:00|N/A|/home/u/OUT.sbatch'\n");
  CHECK_OK(find(-1, "/home/u/OUT.sbatch", &found));
  CHECK_INT(found.answer, ENT_SLURM_JOB);
  CHECK_INT(found.job, 3);
  CHECK_TEXT(found.reason, "");
  CHECK_REAL(found.time_left, 93600, 0);
  CHECK_OK(find(99, "/home/u/OUT.sbatch", &found)); /* the number is forgotten, the script is not */
  CHECK_INT(found.job, 3);
  CHECK_OK(find(-1, "/home/u/missing.sbatch", &found));
  CHECK_INT(found.answer, ENT_SLURM_NO_JOB);
  tear_down();
}

/* Tasks that wait have the id of their array all, so that only the task tells them apart. */
static void finds_a_task_by_the_script_of_its_array(void) {
  ent_slurm_job found;
  ent_slurm_wanted wanted = {.job = -1, .script = "/home/u/OUT.sbatch", .task = 1};
  set_up("#!/bin/sh\n[ \"$2\" = --array ] || exit 1\n"
         "echo '18|0|RUNNING|None|9:00|N/A|/home/u/OUT.sbatch'\n"
         "echo '17|1|PENDING|Priority|9:00|N/A|/home/u/OUT.sbatch'\n"
         "echo '17|2|PENDING|Resources|9:00|N/A|/home/u/OUT.sbatch'\n");
  CHECK_OK(ent_slurm_find(&wanted, &found));
  CHECK_INT(found.answer, ENT_SLURM_JOB);
  CHECK_TEXT(found.reason, "Priority");
  wanted.task = 3;
  CHECK_OK(ent_slurm_find(&wanted, &found));
  CHECK_INT(found.answer, ENT_SLURM_NO_JOB);
  wanted = (ent_slurm_wanted){.job = 17, .script = NULL, .task = 2};
  CHECK_OK(ent_slurm_find(&wanted, &found));
  CHECK_TEXT(found.reason, "Resources");
  tear_down();
}

static void silence_is_an_answer(void) {
  ent_slurm_job found;
  set_up("#!/bin/sh\nexec sleep 1000\n");
  CHECK_OK(find(17, "/home/u/OUT.sbatch", &found));
  CHECK_INT(found.answer, ENT_SLURM_SILENT);
  tear_down();
  set_up("#!/bin/sh\necho 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1\n");
  CHECK_OK(find(17, "/home/u/OUT.sbatch", &found));
  CHECK_INT(found.answer, ENT_SLURM_SILENT);
  tear_down();
}

static void absence_is_an_answer(void) {
  ent_slurm_job found;
  set_up(NULL);
  setenv("PATH", folder, 1);
  CHECK_OK(find(17, "/home/u/OUT.sbatch", &found));
  CHECK_INT(found.answer, ENT_SLURM_ABSENT);
  tear_down();
}

static const ent_test tests[] = {
  {"times are read as Slurm writes them", reads_slurms_times},
  {"a program's answer, absence or refusal is told; no shell reads its arguments", tells_how_a_program_ended},
  {"a program that hangs is ended", ends_programs_that_hang},
  {"a job is found by its number, with its restarts", finds_a_job_by_its_number},
  {"a task of an array is not taken for another one", finds_the_task_that_has_the_number_of_its_array},
  {"a job is found by its batch script", finds_a_job_by_its_script},
  {"a task of an array is found by the script of the array", finds_a_task_by_the_script_of_its_array},
  {"a queue or a controller that does not answer is silent", silence_is_an_answer},
  {"a machine without Slurm is no error", absence_is_an_answer},
  {0},
};

ENT_TEST_MAIN("app/status_slurm", tests)
