#include <stdio.h>
#include <string.h>

#include "entrain/app/submit_script.h"

#include "check.h"

static ent_submission a_submission(void) {
  return (ent_submission){.program = "/bin/entrain",
                          .job = "/a/job.yaml",
                          .output = "/a/out.h5",
                          .petsc_options = "",
                          .nodes = 2,
                          .tasks_per_node = 8,
                          .time = "1-0",
                          .parts = 1,
                          .total = 100};
}

static void check_word(const char *word, const char *expected) {
  ent_text text = {0};
  CHECK_OK(ent_submit_append_word(word, &text));
  CHECK_TEXT(text.data, expected);
  ent_text_fini(&text);
}

static void quotes_words(void) {
  check_word("/plain/path-1.h5", "/plain/path-1.h5");
  check_word("", "''");
  check_word("a b", "'a b'");
  check_word("it's", "'it'\\''s'");
  check_word("$(id)`id`\"\n\\", "'$(id)`id`\"\n\\'");
  check_word("*", "'*'");
  check_word("~", "'~'");
  check_word("a=b", "'a=b'");
}

static void reads_times(void) {
  static const struct {
    const char *text;
    int64_t seconds;
  } cases[] = {{"10", 600},          {"1:30", 90},       {"4:00:00", 14400}, {"1-0", 86400},
               {"1-2:3", 93780},     {"1-2:3:4", 93784}, {"0", 0},           {"", 0},
               {"soon", 0},          {"1.5", 0},         {"-5", 0},          {"5:", 0},
               {"1:2:3:4", 0},       {"1-2-3", 0},       {"UNLIMITED", 0},   {"inf", 0},
               {"99999999999999", 0}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    CHECK_INT(ent_submit_seconds(cases[i].text), cases[i].seconds);
}

static void knows_plain_names(void) {
  CHECK(ent_submit_is_plain("gpu_long-2.b@x:1,c"));
  CHECK(!ent_submit_is_plain(""));
  CHECK(!ent_submit_is_plain("--wrap"));
  CHECK(!ent_submit_is_plain("a b"));
  CHECK(!ent_submit_is_plain("a\n#SBATCH"));
}

static void check_beside(const char *output, const char *expected) {
  ent_text text = {0};
  CHECK_OK(ent_submit_append_beside(output, ".sbatch", &text));
  CHECK_TEXT(text.data, expected);
  ent_text_fini(&text);
}

static void names_files_beside_the_results(void) {
  check_beside("/a/out.h5", "/a/out.sbatch");
  check_beside("/a/out.hdf", "/a/out.hdf.sbatch");
  check_beside("/a/.h5", "/a/.h5.sbatch");
  check_beside("x.h5", "x.sbatch");
}

/* Whether the script of a submission has a line. */
static bool has_line(const ent_submission *submission, const char *line) {
  ent_text text = {0}, wanted = {0};
  CHECK_OK(ent_submit_append_script(submission, &text));
  CHECK_OK(ent_text_append(&wanted, "\n%s\n", line));
  const bool found = strstr(text.data, wanted.data) != NULL;
  ent_text_fini(&text);
  ent_text_fini(&wanted);
  return found;
}

static void fills_in_the_block(void) {
  ent_submission submission = a_submission();
  submission.petsc_options = "-a 1 -b $x";
  submission.qos = "high";
  CHECK(has_line(&submission, "#SBATCH --nodes=2"));
  CHECK(has_line(&submission, "#SBATCH --ntasks-per-node=8"));
  CHECK(has_line(&submission, "#SBATCH --qos=high"));
  CHECK(has_line(&submission, "#SBATCH --job-name=out"));
  CHECK(has_line(&submission, "petsc_options=(-a 1 -b '$x')"));
  CHECK(has_line(&submission, "total=100 parts=1"));
  CHECK(has_line(&submission, "isa=''"));
  submission.isa = "x86-64-v3";
  CHECK(has_line(&submission, "isa=x86-64-v3"));
  CHECK(has_line(&submission, "launcher=mpirun"));
  CHECK(!has_line(&submission,
                  "launcher=mpirun             # mpirun, or srun (then the death of one rank ends "
                  "the step)"));
  submission.uses_srun = true;
  CHECK(has_line(&submission, "launcher=srun"));
}

static void asks_for_a_signal_in_long_jobs(void) {
  ent_submission submission = a_submission();
  CHECK(has_line(&submission, "#SBATCH --signal=B:USR1@120"));
  submission.time = "10";
  CHECK(has_line(&submission, "#SBATCH --signal=B:USR1@120"));
  submission.time = "9:59";
  CHECK(!has_line(&submission, "#SBATCH --signal=B:USR1@120"));
}

static void escapes_the_logs_name(void) {
  ent_submission submission = a_submission();
  ent_text log = {0};
  submission.output = "/a b/100%j\"#'\xc3\xa4.h5";
  CHECK(has_line(&submission, "#SBATCH --output=\"/a b/100%%j\\\"#'\xc3\xa4.log\""));
  CHECK_OK(ent_submit_append_log(&submission, "7", &log));
  CHECK_TEXT(log.data, "/a b/100%j\"#'\xc3\xa4.log");
  log.length = 0;
  submission.parts = 4;
  CHECK(has_line(&submission, "#SBATCH --output=\"/a b/100%%j\\\"#'\xc3\xa4.%a.log\""));
  CHECK(has_line(&submission, "#SBATCH --array=0-3"));
  submission.output = "/a\\b.h5";
  CHECK(has_line(&submission, "#SBATCH --output=\"entrain-%A_%a.log\""));
  submission.parts = 1;
  submission.output = "/a\n#SBATCH --wrap=id.h5";
  CHECK(has_line(&submission, "#SBATCH --output=\"entrain-%j.log\""));
  CHECK(has_line(&submission, "#SBATCH --job-name=a__SBATCH_--wrap_id"));
  CHECK_OK(ent_submit_append_log(&submission, "7", &log));
  CHECK_TEXT(log.data, "entrain-7.log");
  ent_text_fini(&log);
}

static const ent_test tests[] = {
  {"words are quoted so that the shell expands nothing", quotes_words},
  {"times are read as Slurm reads them", reads_times},
  {"names that could be taken for anything else are not plain", knows_plain_names},
  {"files beside the results have its name with another ending", names_files_beside_the_results},
  {"what is asked for stands in the block", fills_in_the_block},
  {"a signal is asked for in long jobs only", asks_for_a_signal_in_long_jobs},
  {"sbatch reads the log's name as it is", escapes_the_logs_name},
  {0},
};

ENT_TEST_MAIN("app/submit_script", tests)
