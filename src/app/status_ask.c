#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "entrain/app/status_slurm.h"
#include "entrain/base/clock.h"

enum { NOT_FOUND = 127, MOST_BYTES = 4 << 20 };

#define POLL_S 0.01
#define END_S 0.5 /* after SIGKILL; what hangs in the kernel is not waited for */

/* The child's side: nothing of the user's taste changes what the programs print. */
static _Noreturn void become(const char *const *arguments, int output) {
  static const char *const tastes[] = {"SQUEUE_FORMAT",    "SQUEUE_FORMAT2", "SQUEUE_STATES", "SQUEUE_USERS",
                                       "SQUEUE_PARTITION", "SQUEUE_ACCOUNT", "SQUEUE_QOS",    "SQUEUE_NAMES",
                                       "SQUEUE_LICENSES",  "SQUEUE_SORT"};
  const int nothing = open("/dev/null", O_RDWR);
  (void)setpgid(0, 0);
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (size_t i = 0; i < sizeof tastes / sizeof tastes[0]; i++) unsetenv(tastes[i]);
  setenv("SLURM_TIME_FORMAT", "standard", 1);
  if (nothing >= 0) (void)dup2(nothing, STDIN_FILENO);
  if (nothing >= 0) (void)dup2(nothing, STDERR_FILENO);
  (void)dup2(output, STDOUT_FILENO);
  (void)execvp(arguments[0], (char *const *)(uintptr_t)arguments);
  _exit(NOT_FOUND);
}

/* Reads until the program closes its output. [out] is_whole  it did so in time */
static int read_all(int input, double deadline, ent_text *answer, bool *is_whole) {
  char bytes[4096];
  *is_whole = false;
  while (answer->length < MOST_BYTES) {
    struct pollfd ready = {.fd = input, .events = POLLIN};
    const double left = deadline - ent_clock_now();
    if (left <= 0) return ENT_OK;
    const int n = poll(&ready, 1, (int)(left * 1e3) + 1);
    if (n < 0 && errno != EINTR) return ENT_OK;
    if (n <= 0) continue;
    const ssize_t length = read(input, bytes, sizeof bytes);
    if (length < 0 && errno == EINTR) continue;
    *is_whole = length == 0;
    if (length <= 0) return ENT_OK;
    ENT_TRY(ent_text_append(answer, "%.*s", (int)length, bytes));
  }
  return ENT_OK;
}

/* Waits for the end of a child. False when it has none in time. */
static bool wait_until(pid_t child, double deadline, int *status) {
  pid_t ended = waitpid(child, status, WNOHANG);
  while (ended != child) {
    if (ended < 0 && errno != EINTR) return false;
    if (ent_clock_now() >= deadline) return false;
    ent_clock_sleep(POLL_S);
    ended = waitpid(child, status, WNOHANG);
  }
  return true;
}

static ent_ask_end end_of(pid_t child, bool is_whole, double deadline) {
  int status = 0;
  const bool is_over = is_whole && wait_until(child, deadline, &status);
  if (!is_over) {
    (void)kill(-child, SIGKILL);
    (void)wait_until(child, ent_clock_now() + END_S, &status);
    return ENT_ASK_SILENT;
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_FOUND) return ENT_ASK_ABSENT;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? ENT_ASK_ANSWERED : ENT_ASK_REFUSED;
}

int ent_ask(const char *const *arguments, double deadline, ent_text *answer, ent_ask_end *end) {
  int ends[2];
  bool is_whole = false;
  ENT_CHECK(pipe2(ends, O_CLOEXEC) == 0, ENT_ERR_SYSTEM, "no pipe: %s", strerror(errno));
  const pid_t child = fork();
  if (child == 0) become(arguments, ends[1]);
  const int reason = errno;
  (void)close(ends[1]);
  if (child < 0) {
    (void)close(ends[0]);
    ENT_RAISE(ENT_ERR_SYSTEM, "no process for '%s': %s", arguments[0], strerror(reason));
  }
  (void)setpgid(child, child); /* both do it: whoever comes first */
  const int code = read_all(ends[0], deadline, answer, &is_whole);
  (void)close(ends[0]);
  *end = end_of(child, is_whole, deadline);
  ENT_TRY(code);
  return ENT_OK;
}
