#include "entrain/app/submit_site.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIGNALLED = 128, PIECE = 4096, FIRST_WITHOUT_RECOVERY = 5 };

extern char **environ;

static int spawn(const char *const *argv, bool with_errors, int output, pid_t *pid) {
  union {
    const char *const *given;
    char *const *taken;
  } arguments = {argv};
  posix_spawn_file_actions_t actions;
  int error = posix_spawn_file_actions_init(&actions);
  ENT_CHECK(error == 0, ENT_ERR_MEMORY, "no memory to start '%s'", argv[0]);
  error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (error == 0) error = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  if (error == 0 && with_errors) error = posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
  if (error == 0) error = posix_spawnp(pid, argv[0], &actions, NULL, arguments.taken, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error == ENOENT) *pid = 0;
  ENT_CHECK(error == 0 || error == ENOENT, ENT_ERR_SYSTEM, "'%s' does not start: %s", argv[0],
            strerror(error));
  return ENT_OK;
}

static int read_all(int from, ent_text *said) {
  char piece[PIECE];
  for (;;) {
    const ssize_t length = read(from, piece, sizeof piece);
    if (length < 0 && errno == EINTR) continue;
    if (length <= 0) return ENT_OK;
    ENT_TRY(ent_text_append(said, "%.*s", (int)length, piece));
  }
}

int ent_submit_ask(const char *const *argv, bool with_errors, ent_text *said, int *status) {
  int code = ENT_OK, ends[2] = {-1, -1}, raw = 0;
  pid_t pid = 0;
  ENT_CHECK(pipe2(ends, O_CLOEXEC) == 0, ENT_ERR_SYSTEM, "no pipe: %s", strerror(errno));
  ENT_GOTO(spawn(argv, with_errors, ends[1], &pid));
  (void)close(ends[1]);
  ends[1] = -1;
  *status = ENT_SUBMIT_NOT_FOUND;
  if (pid > 0) code = read_all(ends[0], said);
  while (pid > 0 && waitpid(pid, &raw, 0) < 0) {
    ENT_CHECK_GOTO(errno == EINTR, ENT_ERR_SYSTEM, "no news of '%s': %s", argv[0], strerror(errno));
  }
  if (pid > 0) *status = WIFEXITED(raw) ? WEXITSTATUS(raw) : SIGNALLED + WTERMSIG(raw);
done:
  (void)close(ends[0]);
  if (ends[1] >= 0) (void)close(ends[1]);
  return code;
}

ent_submit_mpirun ent_submit_know_mpirun(const char *said) {
  static const char *const open_mpi[] = {"(Open MPI) ", "(OpenRTE) "};
  for (size_t i = 0; i < sizeof open_mpi / sizeof open_mpi[0]; i++) {
    const char *found = strstr(said, open_mpi[i]);
    if (found == NULL) continue;
    const long major = strtol(found + strlen(open_mpi[i]), NULL, 10);
    return major < FIRST_WITHOUT_RECOVERY ? ENT_SUBMIT_OPEN_MPI_4 : ENT_SUBMIT_OPEN_MPI_5;
  }
  /* the launcher of Open MPI 5 by its own name */
  return strstr(said, "PRRTE") || strstr(said, "prterun") ? ENT_SUBMIT_OPEN_MPI_5 : ENT_SUBMIT_OTHER_MPIRUN;
}

bool ent_submit_has_kind(const char *said, const char *kind) {
  const size_t length = strlen(kind);
  for (const char *found = strstr(said, kind); found; found = strstr(found + 1, kind)) {
    const bool begins = found == said || !(isalnum((unsigned char)found[-1]) || found[-1] == '_');
    if (begins && !isalnum((unsigned char)found[length])) return true;
  }
  return false;
}

int ent_submit_look(ent_submit_site *site) {
  static const char *const mpirun[] = {"mpirun", "--version", NULL},
                           *const kinds[] = {"srun", "--mpi=list", NULL},
                           *const sbatch[] = {"sbatch", "--version", NULL};
  int code = ENT_OK, status = 0;
  ent_text said = {0}, listed = {0}, version = {0};
  ent_submit_site seen = {.mpirun = ENT_SUBMIT_NO_MPIRUN};
  ENT_GOTO(ent_submit_ask(mpirun, true, &said, &status));
  if (status != ENT_SUBMIT_NOT_FOUND) seen.mpirun = ent_submit_know_mpirun(said.data ? said.data : "");
  ENT_GOTO(ent_submit_ask(kinds, true, &listed, &status));
  seen.has_pmix = status == 0 && listed.data != NULL && ent_submit_has_kind(listed.data, "pmix");
  ENT_GOTO(ent_submit_ask(sbatch, true, &version, &status));
  seen.has_sbatch = status != ENT_SUBMIT_NOT_FOUND;
  *site = seen;
done:
  ent_text_fini(&said);
  ent_text_fini(&listed);
  ent_text_fini(&version);
  return code;
}

static ent_submit_choice choose_srun(const ent_submit_site *site) {
  if (!site->has_pmix)
    return (ent_submit_choice){
      true, true,
      "srun has no PMIx here ('srun --mpi=list'): the ranks will hardly find each other; a "
      "--launcher mpirun of Open MPI would do"};
  return (ent_submit_choice){
    true, false,
    "srun starts the ranks: the death of one ends the step, and the script requeues itself "
    "to go on; with mpirun of Open MPI 4 the others go on"};
}

static ent_submit_choice choose_mpirun(const ent_submit_site *site) {
  static const ent_submit_choice choices[] = {
    [ENT_SUBMIT_NO_MPIRUN] =
      {false, true, "there is no mpirun here: load its module before submitting, or try --launcher srun"},
    [ENT_SUBMIT_OPEN_MPI_4] = {false, false, NULL},
    [ENT_SUBMIT_OPEN_MPI_5] =
      {false, false,
       "mpirun is that of Open MPI 5 or later, with which this program is not tested: when a "
       "rank dies the run may break off; the script requeues itself to go on"},
    [ENT_SUBMIT_OTHER_MPIRUN] =
      {false, true, "mpirun is not Open MPI's, whose options the program uses: try --launcher srun"},
  };
  return choices[site->mpirun];
}

ent_submit_choice ent_submit_choose(const ent_submit_site *site, const char *wanted) {
  const bool is_open_mpi = site->mpirun == ENT_SUBMIT_OPEN_MPI_4 || site->mpirun == ENT_SUBMIT_OPEN_MPI_5;
  if (wanted) return strcmp(wanted, "srun") == 0 ? choose_srun(site) : choose_mpirun(site);
  return is_open_mpi || !site->has_pmix ? choose_mpirun(site) : choose_srun(site);
}
