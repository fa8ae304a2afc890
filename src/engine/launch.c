#include "entrain/engine/launch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "entrain/base/log.h"
#include "entrain/base/mem.h"

extern char **environ;

enum {
  MAX_WORKERS = 1000000,
  DEFAULT_COLUMNS = 80,
  MAX_OWN_ARGUMENTS = 10,
  EXEC_FAILED = 127,
  HANG_SECONDS = 5,
  TICKS = 10
};

/* A variable for the ranks, unless the user has set it, or the one that excludes it. */
typedef struct launch_variable {
  const char *name, *value;
  const char *excluded_by; /* NULL: nothing */
  bool is_local;           /* only where all ranks are on this node */
} launch_variable;

static const launch_variable variables[] = {
  /* Otherwise MPI_Init looks for fabrics: 0.24 s instead of 0.03 s. On a cluster the site's choice stands. */
  {"OMPI_MCA_pml", "ob1", NULL, true},
  {"OMPI_MCA_btl", "self,vader,tcp", NULL, true},
  {"OMPI_MCA_btl_tcp_if_include", "lo", "OMPI_MCA_btl_tcp_if_exclude", true},
  /* The master shares a core with a worker. */
  {"OMPI_MCA_mpi_yield_when_idle", "1", NULL, false},
  /* One rank a core: threads of BLAS would take each other's. */
  {"OPENBLAS_NUM_THREADS", "1", NULL, false},
  {"OMP_NUM_THREADS", "1", NULL, false},
  {0},
};

typedef struct text_list {
  size_t count;
  char **items; /* [count], then NULL */
} text_list;

/* What is to be started. The arena owns the lists and all texts that are ours. */
typedef struct launch_command {
  ent_arena *arena;
  text_list arguments;
  text_list environment;
  size_t n_inherited; /* variables that were there before ours */
} launch_command;

typedef struct signal_watch {
  sigset_t watched; /* blocked, and waited for */
  sigset_t old_mask;
  struct sigaction old_child;
} signal_watch;

static int create_list(ent_arena *arena, size_t capacity, text_list *made) {
  made->count = 0;
  ENT_TRY(ent_arena_alloc(arena, capacity + 1, sizeof *made->items, &made->items));
  return ENT_OK;
}

static void push(text_list *to, char *item) {
  to->items[to->count++] = item;
}

static int push_copy(ent_arena *arena, text_list *to, const char *text) {
  char *copy = NULL;
  const size_t size = strlen(text) + 1;
  ENT_TRY(ent_arena_alloc(arena, size, 1, &copy));
  memcpy(copy, text, size);
  push(to, copy);
  return ENT_OK;
}

static size_t length_of(char *const *items) {
  size_t length = 0;
  while (items[length] != NULL) length++;
  return length;
}

static int push_all(ent_arena *arena, text_list *to, const char *const *texts) {
  for (; *texts != NULL; texts++) ENT_TRY(push_copy(arena, to, *texts));
  return ENT_OK;
}

static int push_self(ent_arena *arena, text_list *to) {
  char path[PATH_MAX] = "";
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  ENT_CHECK(length > 0, ENT_ERR_SYSTEM, "path of this program is unknown: %s", strerror(errno));
  path[length] = 0;
  return push_copy(arena, to, path);
}

/*
 * More ranks than slots are always allowed: mpirun counts cores without their hardware threads, or the tasks
 * of an allocation, and the master needs no core of its own. Of a rank's bad end the parent tells, not
 * mpirun.
 */
static int make_arguments(const ent_launch_options *options, launch_command *command) {
  char ranks[32];
  const int workers = options->workers > 0 ? options->workers : ent_launch_cores();
  const char *const always[] = {"mpirun",          "-n",      ranks, "--bind-to", "none",
                                "--oversubscribe", "--quiet", NULL};
  const char *const for_root[] = {"--allow-run-as-root", NULL};
  (void)snprintf(ranks, sizeof ranks, "%d", workers + 1);
  const size_t n_users = length_of(options->arguments);
  ENT_TRY(create_list(command->arena, MAX_OWN_ARGUMENTS + n_users, &command->arguments));
  ENT_TRY(push_all(command->arena, &command->arguments, always));
  if (geteuid() == 0) ENT_TRY(push_all(command->arena, &command->arguments, for_root));
  ENT_TRY(push_self(command->arena, &command->arguments));
  for (size_t i = 1; i < n_users; i++) push(&command->arguments, options->arguments[i]);
  return ENT_OK;
}

static bool has_several_nodes(void) {
  const char *nodes = getenv("SLURM_JOB_NUM_NODES");
  if (nodes == NULL) nodes = getenv("SLURM_NNODES");
  return nodes != NULL && strtol(nodes, NULL, 10) > 1;
}

static bool is_wanted(const launch_variable *variable) {
  if (getenv(variable->name) != NULL) return false;
  if (variable->excluded_by != NULL && getenv(variable->excluded_by) != NULL) return false;
  return !variable->is_local || !has_several_nodes();
}

static int push_variable(launch_command *command, const char *name, const char *value) {
  char text[128];
  (void)snprintf(text, sizeof text, "%s=%s", name, value);
  return push_copy(command->arena, &command->environment, text);
}

static int push_terminal(launch_command *command) {
  char columns[16] = "0";
  struct winsize window = {0};
  if (isatty(STDERR_FILENO)) {
    const bool is_known = ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0;
    (void)snprintf(columns, sizeof columns, "%d", is_known ? window.ws_col : DEFAULT_COLUMNS);
  }
  return push_variable(command, ENT_LAUNCH_TERMINAL, columns);
}

static int make_environment(launch_command *command) {
  const size_t most = length_of(environ) + sizeof variables / sizeof variables[0] + 1;
  ENT_TRY(create_list(command->arena, most, &command->environment));
  for (char **entry = environ; *entry != NULL; entry++) {
    if (strncmp(*entry, ENT_LAUNCH_TERMINAL "=", sizeof ENT_LAUNCH_TERMINAL) != 0)
      push(&command->environment, *entry);
  }
  command->n_inherited = command->environment.count;
  for (const launch_variable *variable = variables; variable->name != NULL; variable++) {
    if (is_wanted(variable)) ENT_TRY(push_variable(command, variable->name, variable->value));
  }
  return push_terminal(command);
}

static int make_command(const ent_launch_options *options, launch_command *command) {
  ENT_CHECK(options->workers >= 0 && options->workers <= MAX_WORKERS, ENT_ERR_ARGUMENT,
            "number of workers = %d, must be in 0..%d", options->workers, MAX_WORKERS);
  ENT_TRY(ent_arena_create(&command->arena));
  ENT_TRY(make_arguments(options, command));
  ENT_TRY(make_environment(command));
  return ENT_OK;
}

/* From here to restore_signals nothing that can be waited for is lost, whenever it comes. */
static void block_signals(signal_watch *signals) {
  static const int forwarded[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};
  struct sigaction old;
  const struct sigaction by_default = {.sa_handler = SIG_DFL};
  sigemptyset(&signals->watched);
  sigaddset(&signals->watched, SIGCHLD);
  for (size_t i = 0; i < sizeof forwarded / sizeof forwarded[0]; i++) {
    if (sigaction(forwarded[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN) {
      sigaddset(&signals->watched, forwarded[i]);
    }
  }
  (void)sigaction(SIGCHLD, &by_default, &signals->old_child);
  (void)sigprocmask(SIG_BLOCK, &signals->watched, &signals->old_mask);
}

/* What still waits was meant for mpirun, which is gone. */
static void restore_signals(const signal_watch *signals) {
  const struct timespec at_once = {0};
  while (sigtimedwait(&signals->watched, NULL, &at_once) > 0) continue;
  (void)sigaction(SIGCHLD, &signals->old_child, NULL);
  (void)sigprocmask(SIG_SETMASK, &signals->old_mask, NULL);
}

/*
 * The child. USR1 is ignored until mpirun and the ranks have handlers for it, so that an early one does not
 * kill them; the parent repeats it. stdin is empty: the terminal's belongs to the parent's process group.
 */
static _Noreturn void become_mpirun(const launch_command *command, const signal_watch *signals, pid_t parent,
                                    int failure) {
  const struct sigaction ignored = {.sa_handler = SIG_IGN};
  const int empty = open("/dev/null", O_RDONLY);
  (void)setpgid(0, 0);
  (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
  (void)sigaction(SIGUSR1, &ignored, NULL);
  (void)sigprocmask(SIG_SETMASK, &signals->old_mask, NULL);
  if (empty > STDIN_FILENO) (void)dup2(empty, STDIN_FILENO);
  if (empty > STDERR_FILENO) (void)close(empty);
  if (getppid() != parent) _exit(EXEC_FAILED);
  (void)execvpe(command->arguments.items[0], command->arguments.items, command->environment.items);
  const int reason = errno;
  if (write(failure, &reason, sizeof reason) < 0) _exit(EXEC_FAILED);
  _exit(EXEC_FAILED);
}

/* The pipe closes by itself when the program has been exchanged; otherwise the child writes why not. */
static int start(const launch_command *command, const signal_watch *signals, pid_t *child) {
  int ends[2], reason = 0;
  const pid_t parent = getpid();
  ENT_CHECK(pipe2(ends, O_CLOEXEC) == 0, ENT_ERR_SYSTEM, "no pipe: %s", strerror(errno));
  const pid_t pid = fork();
  if (pid == 0) become_mpirun(command, signals, parent, ends[1]);
  const int fork_reason = errno;
  (void)close(ends[1]);
  ssize_t got = 0;
  while (pid > 0 && (got = read(ends[0], &reason, sizeof reason)) < 0 && errno == EINTR) continue;
  (void)close(ends[0]);
  ENT_CHECK(pid > 0, ENT_ERR_SYSTEM, "no process for 'mpirun': %s", strerror(fork_reason));
  if (got == (ssize_t)sizeof reason) {
    (void)waitpid(pid, NULL, 0);
    ENT_RAISE(ENT_ERR_SYSTEM, "program 'mpirun' does not start: %s; must be Open MPI's, in a folder of PATH",
              strerror(reason));
  }
  *child = pid;
  return ENT_OK;
}

/* Whether any thread of a process has children; false, too, where the system does not tell. */
static bool has_children(pid_t pid) {
  char folder[64], path[PATH_MAX];
  bool found = false;
  (void)snprintf(folder, sizeof folder, "/proc/%d/task", (int)pid);
  DIR *threads = opendir(folder);
  const struct dirent *thread = NULL;
  while (threads != NULL && !found && (thread = readdir(threads)) != NULL) {
    (void)snprintf(path, sizeof path, "%s/%s/children", folder, thread->d_name);
    FILE *list = fopen(path, "r");
    if (list == NULL) continue;
    found = fgetc(list) != EOF;
    (void)fclose(list);
  }
  if (threads != NULL) (void)closedir(threads);
  return found;
}

/*
 * Ten times a second: mpirun can deadlock in its own end after the death of ranks (seen with PMIx 4.2
 * and Open MPI 4.1). One that had ranks and has had none for some seconds is ended, so that its lock does not
 * live on.
 */
static void look_for_hang(pid_t child, int *ticks_without) {
  if (has_children(child)) {
    *ticks_without = 0;
  } else if (*ticks_without >= 0 && ++*ticks_without == HANG_SECONDS * TICKS) {
    ent_log(ENT_LOG_WARNING, "mpirun hangs after the end of its ranks, ending it");
    (void)kill(child, SIGKILL);
  }
}

/*
 * Passes signals on until the child has ended. A drain is repeated after 1, 2, 4, ... seconds: the ranks may
 * have been too young to hear it.
 */
static int attend(const signal_watch *signals, pid_t child, int *raw_status) {
  const struct timespec tick = {.tv_nsec = 1000000000 / TICKS};
  int interrupts = 0, patience = TICKS, pause = TICKS, ticks_without = -1; /* -1: no ranks were seen yet */
  bool is_draining = false;
  for (;;) {
    const pid_t ended = waitpid(child, raw_status, WNOHANG);
    if (ended == child) return ENT_OK;
    ENT_CHECK(ended == 0, ENT_ERR_SYSTEM, "no news of 'mpirun': %s", strerror(errno));
    const int caught = sigtimedwait(&signals->watched, NULL, &tick);
    if (caught == SIGCHLD || (caught < 0 && errno != EAGAIN)) continue;
    if (caught < 0) look_for_hang(child, &ticks_without);
    if (caught < 0 && (!is_draining || --pause > 0)) continue;
    if (caught < 0) pause = patience *= 2;
    const bool is_interrupt = caught == SIGINT || caught == SIGTERM;
    if (is_interrupt) interrupts++;
    (void)kill(child, is_interrupt && interrupts > 1 ? SIGTERM : SIGUSR1);
    is_draining = true;
  }
}

bool ent_launch_is_needed(void) {
  if (getenv("OMPI_COMM_WORLD_SIZE") != NULL || getenv("PMIX_RANK") != NULL) return false;
  return getenv("PMI_RANK") == NULL || getenv("SLURM_PROCID") == NULL || getenv("SLURM_STEP_ID") == NULL;
}

int ent_launch_cores(void) {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (sched_getaffinity(0, sizeof mask, &mask) == 0) return CPU_COUNT(&mask);
  const long online = sysconf(_SC_NPROCESSORS_ONLN); /* more processors than the mask has room for */
  return online > 0 ? (int)online : 1;
}

int ent_launch_describe(const ent_launch_options *options, ent_text *text) {
  int code = ENT_OK;
  launch_command command = {0};
  ENT_GOTO(make_command(options, &command));
  for (size_t i = 0; i < command.arguments.count; i++) {
    ENT_GOTO(ent_text_append(text, "%s%s", i == 0 ? "" : " ", command.arguments.items[i]));
  }
  for (size_t i = command.n_inherited; i < command.environment.count; i++) {
    ENT_GOTO(
      ent_text_append(text, "%s%s", i == command.n_inherited ? " with " : " ", command.environment.items[i]));
  }
done:
  ent_arena_destroy(&command.arena);
  return code;
}

int ent_launch_run(const ent_launch_options *options, ent_launch_status *status) {
  int code = ENT_OK, raw = 0;
  pid_t child = 0;
  launch_command command = {0};
  signal_watch signals;
  block_signals(&signals);
  ENT_GOTO(make_command(options, &command));
  ENT_GOTO(start(&command, &signals, &child));
  ENT_GOTO(attend(&signals, child, &raw));
  status->signal = WIFSIGNALED(raw) ? WTERMSIG(raw) : 0;
  status->exit_code = WIFEXITED(raw) ? WEXITSTATUS(raw) : 0;
done:
  restore_signals(&signals);
  ent_arena_destroy(&command.arena);
  return code;
}
