#include "entrain/engine/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launch_command.h"
#include "launch_watch.h"

enum { EXEC_FAILED = 127, FIRST_CHANNEL = 200 };

/* What signals have asked for. */
typedef enum wish { GOES_ON, DRAINS, ENDS } wish;

typedef struct signal_watch {
  sigset_t watched; /* blocked, and waited for */
  sigset_t old_mask;
  struct sigaction old_child;
  pid_t parent; /* this process */
} signal_watch;

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
  signals->parent = getpid();
  (void)sigaction(SIGCHLD, &by_default, &signals->old_child);
  (void)sigprocmask(SIG_BLOCK, &signals->watched, &signals->old_mask);
}

/* What still waits was meant for mpirun, which is gone. Returns whether a stop was asked for so late. */
static bool restore_signals(const signal_watch *signals) {
  const struct timespec at_once = {0};
  bool is_stop_asked = false;
  int caught = 0;
  while ((caught = sigtimedwait(&signals->watched, NULL, &at_once)) > 0) is_stop_asked |= caught != SIGCHLD;
  (void)sigaction(SIGCHLD, &signals->old_child, NULL);
  (void)sigprocmask(SIG_SETMASK, &signals->old_mask, NULL);
  return is_stop_asked;
}

/* A descriptor that mpirun inherits and no library happens to use. -1: none. */
static int open_silence(void) {
  const int empty = open("/dev/null", O_WRONLY | O_CLOEXEC);
  const int kept = empty >= 0 ? fcntl(empty, F_DUPFD_CLOEXEC, FIRST_CHANNEL) : -1;
  if (empty >= 0) (void)close(empty);
  return kept;
}

static ent_launch_channels open_channels(const ent_launch_options *options) {
  return (ent_launch_channels){.silence =
                                 options->is_verbose || ent_launch_has_several_nodes() ? -1 : open_silence(),
                               .lock = options->folder != NULL ? options->folder->lock : -1};
}

static void inherit(int channel) {
  if (channel >= 0) (void)fcntl(channel, F_SETFD, 0);
}

/*
 * The child. USR1 is ignored until mpirun and the ranks have handlers for it, so that an early one does not
 * kill them; the parent repeats it. stdin is empty: the terminal's belongs to the parent's process group.
 */
static _Noreturn void become_mpirun(const ent_launch_command *command, const ent_launch_channels *channels,
                                    const signal_watch *signals, int failure) {
  const struct sigaction ignored = {.sa_handler = SIG_IGN};
  const int empty = open("/dev/null", O_RDONLY);
  (void)setpgid(0, 0);
  (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
  (void)sigaction(SIGUSR1, &ignored, NULL);
  (void)sigprocmask(SIG_SETMASK, &signals->old_mask, NULL);
  if (empty > STDIN_FILENO) (void)dup2(empty, STDIN_FILENO);
  if (empty > STDERR_FILENO) (void)close(empty);
  if (getppid() != signals->parent) _exit(EXEC_FAILED);
  inherit(channels->silence);
  inherit(channels->lock);
  (void)execvpe(command->arguments.items[0], command->arguments.items, command->environment.items);
  const int reason = errno;
  if (write(failure, &reason, sizeof reason) < 0) _exit(EXEC_FAILED);
  _exit(EXEC_FAILED);
}

/* The pipe closes by itself when the program has been exchanged; otherwise the child writes why not. */
static int start(const ent_launch_command *command, const ent_launch_channels *channels,
                 const signal_watch *signals, pid_t *child) {
  int ends[2], reason = 0;
  ENT_CHECK(pipe2(ends, O_CLOEXEC) == 0, ENT_ERR_SYSTEM, "no pipe: %s", strerror(errno));
  const pid_t pid = fork();
  if (pid == 0) become_mpirun(command, channels, signals, ends[1]);
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

/*
 * Passes signals on until the child has ended. A drain is repeated after 1, 2, 4, ... seconds: the ranks may
 * have been too young to hear it.
 */
static int attend(const signal_watch *signals, ent_launch_watch *watch, int *raw_status, wish *asked) {
  const struct timespec tick = {.tv_nsec = 1000000000 / ENT_LAUNCH_LOOKS};
  const pid_t child = (pid_t)watch->mpirun.pid;
  int interrupts = 0, patience = ENT_LAUNCH_LOOKS, pause = ENT_LAUNCH_LOOKS;
  for (;;) {
    const pid_t ended = waitpid(child, raw_status, WNOHANG);
    if (ended == child) return ENT_OK;
    ENT_CHECK(ended == 0, ENT_ERR_SYSTEM, "no news of 'mpirun': %s", strerror(errno));
    const int caught = sigtimedwait(&signals->watched, NULL, &tick);
    if (caught == SIGCHLD || (caught < 0 && errno != EAGAIN)) continue;
    if (caught < 0) ent_launch_watch_look(watch);
    if (caught < 0 && (*asked == GOES_ON || --pause > 0)) continue;
    if (caught < 0) pause = patience *= 2;
    const bool is_interrupt = caught == SIGINT || caught == SIGTERM;
    if (is_interrupt) interrupts++;
    *asked = interrupts > 1 ? ENDS : DRAINS;
    (void)kill(child, is_interrupt && interrupts > 1 ? SIGTERM : SIGUSR1);
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

bool ent_launch_has_several_nodes(void) {
  const char *nodes = getenv("SLURM_JOB_NUM_NODES");
  if (nodes == NULL) nodes = getenv("SLURM_NNODES");
  return nodes != NULL && strtol(nodes, NULL, 10) > 1;
}

void ent_launch_enter(void) {
  const char *rank = getenv("OMPI_COMM_WORLD_RANK");
  ent_process self;
  if (getenv(ENT_RUN_FOLDER) == NULL) return;
  (void)unsetenv("PMIX_OUTPUT_STDERR_FD"); /* here it is any file of ours, or none */
  if (rank == NULL || strcmp(rank, "0") != 0) return;
  if (ent_process_self(&self) == ENT_OK)
    ent_run_folder_note(ENT_NOTE_MASTER, &(ent_note){{self.pid, self.start}});
}

int ent_launch_describe(const ent_launch_options *options, ent_text *text) {
  int code = ENT_OK;
  ent_launch_command command = {0};
  const ent_launch_channels none = {.silence = -1, .lock = -1};
  ENT_GOTO(ent_launch_command_make(options, &none, &command));
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
  wish asked = GOES_ON;
  ent_launch_command command = {0};
  ent_launch_watch watch = {0};
  signal_watch signals;
  const ent_launch_channels channels = open_channels(options);
  block_signals(&signals);
  ENT_GOTO(ent_launch_command_make(options, &channels, &command));
  ENT_GOTO(start(&command, &channels, &signals, &child));
  ENT_GOTO(ent_launch_watch_init(&watch, options, child));
  ENT_GOTO(attend(&signals, &watch, &raw, &asked));
  if (WIFEXITED(raw)) ent_launch_watch_note_exit(&watch, WEXITSTATUS(raw) != 0);
  ent_launch_watch_end_ranks(&watch);
  *status = (ent_launch_status){.signal = WIFSIGNALED(raw) ? WTERMSIG(raw) : 0,
                                .exit_code = WIFEXITED(raw) ? WEXITSTATUS(raw) : 0,
                                .fault = watch.fault,
                                .has_begun = watch.has_begun,
                                .is_cut_short = asked == ENDS};
done:
  if (restore_signals(&signals) && asked == GOES_ON) asked = DRAINS;
  if (code == ENT_OK) status->is_stop_asked = asked != GOES_ON;
  if (code != ENT_OK && child > 0) (void)kill(child, SIGKILL);
  if (channels.silence >= 0) (void)close(channels.silence);
  ent_launch_watch_fini(&watch);
  ent_arena_destroy(&command.arena);
  return code;
}
