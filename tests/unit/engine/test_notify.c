#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entrain/engine/notify.h"

#include "support/check.h"

/* Runs with stderr in a file. Returns what was written, until the next call. [out] code */
static const char *talk(const char *command, const ent_notice *notice, int *code) {
  static char text[65536];
  char path[] = "/tmp/test-notify-XXXXXX";
  const int file = mkstemp(path), before = dup(STDERR_FILENO);
  REQUIRE(file >= 0 && before >= 0);
  dup2(file, STDERR_FILENO);
  *code = ent_notify(command, notice);
  dup2(before, STDERR_FILENO);
  close(before);
  const ssize_t length = pread(file, text, sizeof text - 1, 0);
  close(file);
  unlink(path);
  text[length > 0 ? length : 0] = '\0';
  return text;
}

static const ent_notice notice = {
  .file = "out dir/a'b.h5", .exit_status = 75, .total = 100, .done = 60, .failed = 3, .pending = 37};

static void words_are_words(void) {
  int code = -1;
  CHECK_TEXT(talk("  printf <%s>\t$(id)  'a  b' ; > x & \n", &notice, &code), "<$(id)><'a><b'><;><>><x><&>");
  CHECK_INT(code, ENT_OK);
}

static void environment_tells(void) {
  int code = -1;
  setenv("ENTRAIN_TERMINAL", "80", 1);
  const char *said = talk("env", &notice, &code);
  unsetenv("ENTRAIN_TERMINAL");
  CHECK_INT(code, ENT_OK);
  CHECK_CONTAINS(said, "\nENTRAIN_FILE=out dir/a'b.h5\n");
  CHECK_CONTAINS(said, "\nENTRAIN_EXIT=75\n");
  CHECK_CONTAINS(said, "\nENTRAIN_TOTAL=100\n");
  CHECK_CONTAINS(said, "\nENTRAIN_DONE=60\n");
  CHECK_CONTAINS(said, "\nENTRAIN_FAILED=3\n");
  CHECK_CONTAINS(said, "\nENTRAIN_PENDING=37\n");
  CHECK_CONTAINS(said, "PATH=");
  CHECK(strstr(said, "ENTRAIN_TERMINAL") == NULL);
}

static void unknown_is_empty(void) {
  int code = -1;
  const ent_notice unknown = {
    .file = "x", .exit_status = 1, .total = -1, .done = -1, .failed = -1, .pending = -1};
  CHECK_CONTAINS(talk("env", &unknown, &code), "\nENTRAIN_TOTAL=\n");
  CHECK_INT(code, ENT_OK);
}

static void nothing_is_inherited(void) {
  int code = -1;
  const int open_file = open("/dev/null", O_RDONLY);
  const char *said = talk("ls -l /proc/self/fd", &notice, &code);
  char leaked[32];
  (void)snprintf(leaked, sizeof leaked, " %d -> /dev/null", open_file);
  CHECK_CONTAINS(said, " 0 -> /dev/null");
  CHECK(strstr(said, leaked) == NULL);
  close(open_file);
}

static void signals_are_default(void) {
  int code = -1;
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  (void)signal(SIGINT, SIG_IGN);
  sigprocmask(SIG_BLOCK, &blocked, &before);
  const char *said = talk("cat /proc/self/status", &notice, &code);
  sigprocmask(SIG_SETMASK, &before, NULL);
  (void)signal(SIGINT, SIG_DFL);
  CHECK_CONTAINS(said, "SigBlk:\t0000000000000000");
  const char *ignored = strstr(said, "SigIgn:\t");
  REQUIRE(ignored != NULL);
  const uint64_t classic = 0x7fffffff; /* signals 1 to 31; the C library keeps two beyond to itself */
  CHECK((strtoull(ignored + strlen("SigIgn:\t"), NULL, 16) & classic) == 0);
}

static void failures_are_told(void) {
  CHECK_CODE(ent_notify(" \t ", &notice), ENT_ERR_ARGUMENT);
  CHECK_CODE(ent_notify("/nonexistent/program x", &notice), ENT_ERR_SYSTEM);
  CHECK_CONTAINS(ent_error_message(), "'/nonexistent/program' does not start: No such file");
  CHECK_CODE(ent_notify("false", &notice), ENT_ERR_SYSTEM);
  CHECK_CONTAINS(ent_error_message(), "'false' ended with exit status 1");
}

static const ent_test tests[] = {{"blanks separate words and nothing else means anything", words_are_words},
                                 {"the environment tells what has happened", environment_tells},
                                 {"what is not known is empty", unknown_is_empty},
                                 {"no open file is passed on", nothing_is_inherited},
                                 {"the command begins with default signals", signals_are_default},
                                 {"a command that fails or does not start is an error", failures_are_told},
                                 {0}};

ENT_TEST_MAIN("engine/notify", tests)
