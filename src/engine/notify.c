#include "entrain/engine/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "entrain/base/clock.h"
#include "entrain/base/mem.h"
#include "entrain/base/text.h"

extern char **environ;

enum { MAX_OWN_VARIABLES = 8 };

static const double POLL_SECONDS = 0.01;
static const char blanks[] = " \t\n";

/* What is started. The arena owns all of it but inherited variables. */
typedef struct spawn {
  ent_arena *arena;
  char **words;       /* then NULL */
  char **environment; /* then NULL */
} spawn;

static int split(spawn *made, const char *command) {
  size_t count = 0;
  ENT_TRY(ent_arena_alloc(made->arena, strlen(command) / 2 + 2, sizeof *made->words, &made->words));
  for (const char *at = command + strspn(command, blanks); *at != '\0'; at += strspn(at, blanks)) {
    const size_t length = strcspn(at, blanks);
    ENT_TRY(ent_arena_alloc(made->arena, length + 1, 1, &made->words[count]));
    memcpy(made->words[count++], at, length);
    at += length;
  }
  ENT_CHECK(count > 0, ENT_ERR_ARGUMENT, "the command to run at the end is empty");
  return ENT_OK;
}

/* Appends NAME=TEXT to the environment. [in,out] count */
static int add(spawn *made, size_t *count, const char *name, const char *text) {
  const size_t size = strlen(name) + strlen(text) + 2;
  ENT_TRY(ent_arena_alloc(made->arena, size, 1, &made->environment[*count]));
  (void)snprintf(made->environment[(*count)++], size, "%s=%s", name, text);
  return ENT_OK;
}

static int add_number(spawn *made, size_t *count, const char *name, int64_t number) {
  char text[32] = "";
  if (number >= 0) (void)snprintf(text, sizeof text, "%" PRId64, number);
  ENT_TRY(add(made, count, name, text));
  return ENT_OK;
}

static int make_environment(spawn *made, const ent_notice *notice) {
  size_t n_inherited = 0, count = 0;
  while (environ[n_inherited] != NULL) n_inherited++;
  ENT_TRY(ent_arena_alloc(made->arena, n_inherited + MAX_OWN_VARIABLES, sizeof *made->environment,
                          &made->environment));
  for (char **entry = environ; *entry != NULL; entry++) {
    if (strncmp(*entry, "ENTRAIN_", strlen("ENTRAIN_")) != 0) made->environment[count++] = *entry;
  }
  ENT_TRY(add(made, &count, "ENTRAIN_FILE", notice->file));
  ENT_TRY(add_number(made, &count, "ENTRAIN_EXIT", notice->exit_status));
  ENT_TRY(add_number(made, &count, "ENTRAIN_TOTAL", notice->total));
  ENT_TRY(add_number(made, &count, "ENTRAIN_DONE", notice->done));
  ENT_TRY(add_number(made, &count, "ENTRAIN_FAILED", notice->failed));
  ENT_TRY(add_number(made, &count, "ENTRAIN_PENDING", notice->pending));
  return ENT_OK;
}

/* Returns what posix_spawn does: 0 or the system's error. */
static int start(const spawn *made, pid_t *child) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  int reason = posix_spawn_file_actions_init(&files);
  if (reason != 0) return reason;
  reason = posix_spawnattr_init(&attributes);
  if (reason == 0) reason = posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (reason == 0) reason = posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
  if (reason == 0) reason = posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  if (reason == 0) reason = posix_spawnattr_setsigmask(&attributes, &none);
  if (reason == 0) reason = posix_spawnattr_setsigdefault(&attributes, &all);
  if (reason == 0)
    reason = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  if (reason == 0)
    reason = posix_spawnp(child, made->words[0], &files, &attributes, made->words, made->environment);
  (void)posix_spawnattr_destroy(&attributes);
  (void)posix_spawn_file_actions_destroy(&files);
  return reason;
}

static int wait_for(pid_t child, const char *name) {
  const double until = ent_clock_now() + ENT_NOTIFY_SECONDS;
  int status = 0;
  pid_t ended = 0;
  while ((ended = waitpid(child, &status, WNOHANG)) == 0 && ent_clock_now() < until) {
    ent_clock_sleep(POLL_SECONDS);
  }
  if (ended == 0) {
    (void)kill(child, SIGKILL);
    (void)waitpid(child, &status, 0);
    ENT_RAISE(ENT_ERR_SYSTEM, "'%s' has not ended in %d s", name, ENT_NOTIFY_SECONDS);
  }
  ENT_CHECK(ended == child, ENT_ERR_SYSTEM, "no news of '%s': %s", name, strerror(errno));
  ENT_CHECK(!WIFSIGNALED(status), ENT_ERR_SYSTEM, "'%s' was killed by signal %d", name, WTERMSIG(status));
  ENT_CHECK(WEXITSTATUS(status) == 0, ENT_ERR_SYSTEM, "'%s' ended with exit status %d", name,
            WEXITSTATUS(status));
  return ENT_OK;
}

int ent_notify(const char *command, const ent_notice *notice) {
  int code = ENT_OK;
  pid_t child = 0;
  spawn made = {0};
  ENT_TRY(ent_arena_create(&made.arena));
  ENT_GOTO(split(&made, command));
  ENT_GOTO(make_environment(&made, notice));
  const int reason = start(&made, &child);
  ENT_CHECK_GOTO(reason == 0, ENT_ERR_SYSTEM, "'%s' does not start: %s", made.words[0], strerror(reason));
  ENT_GOTO(wait_for(child, made.words[0]));
done:
  ent_arena_destroy(&made.arena);
  return code;
}
