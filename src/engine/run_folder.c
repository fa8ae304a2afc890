#include "entrain/engine/run_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ftw.h>

#include "entrain/base/log.h"

enum { NAME_SIZE = 64, PATH_SIZE = 640, RANDOM_LETTERS = 6, OPEN_FOLDERS = 16, ATTEMPTS = 8 };

static const char *const notes[] = {ENT_NOTE_MASTER, ENT_NOTE_EXIT, NULL};

static bool is_usable(const char *path) {
  return path != NULL && path[0] == '/' && access(path, R_OK | W_OK | X_OK) == 0;
}

/* The folder that holds those of all runs. */
static const char *base(void) {
  const char *users = getenv("OMPI_MCA_btl_vader_backing_directory"), *temporary = getenv("TMPDIR");
  if (is_usable(users)) return users;
  if (is_usable("/dev/shm")) return "/dev/shm";
  return is_usable(temporary) ? temporary : "/tmp";
}

static void make_prefix(char name[NAME_SIZE]) {
  (void)snprintf(name, NAME_SIZE, "entrain-run-%ld-", (long)geteuid());
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *where) {
  (void)status;
  (void)where;
  (void)(type == FTW_DP ? rmdir(path) : unlink(path));
  return 0; /* what stays is looked at by the next start */
}

static void remove_tree(const char *path) {
  (void)nftw(path, remove_entry, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* Opens a folder of ours, never through a link. Returns -1 if it is none. */
static int open_ours(const char *path) {
  struct stat status;
  const int opened = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (opened >= 0 && fstat(opened, &status) == 0 && status.st_uid == geteuid()) return opened;
  if (opened >= 0) (void)close(opened);
  return -1;
}

static void remove_if_dead(const char *path) {
  const int opened = open_ours(path);
  if (opened < 0) return;
  if (flock(opened, LOCK_EX | LOCK_NB) == 0) {
    remove_tree(path);
    ent_log(ENT_LOG_INFO, "removed '%s', left behind by a dead run", path);
  }
  (void)close(opened);
}

static void remove_dead(const char *parent) {
  char prefix[NAME_SIZE], path[PATH_SIZE];
  DIR *list = opendir(parent);
  const struct dirent *entry = NULL;
  make_prefix(prefix);
  const size_t length = strlen(prefix);
  while (list != NULL && (entry = readdir(list)) != NULL) {
    if (strncmp(entry->d_name, prefix, length) != 0) continue;
    if (strlen(entry->d_name) != length + RANDOM_LETTERS) continue;
    const int written = snprintf(path, sizeof path, "%s/%s", parent, entry->d_name);
    if (written > 0 && (size_t)written < sizeof path) remove_if_dead(path);
  }
  if (list != NULL) (void)closedir(list);
}

/* Whether the locked folder is still there: between its making and its locking another start may have taken
 * it for dead. */
static bool is_there(const char *path, int opened) {
  struct stat by_path, by_handle;
  return lstat(path, &by_path) == 0 && fstat(opened, &by_handle) == 0 && by_path.st_dev == by_handle.st_dev &&
         by_path.st_ino == by_handle.st_ino;
}

/* [out] folder  its lock is -1 when another start was quicker */
static int try_to_create(const char *parent, ent_run_folder *folder) {
  char prefix[NAME_SIZE];
  make_prefix(prefix);
  const int written = snprintf(folder->path, sizeof folder->path, "%s/%sXXXXXX", parent, prefix);
  ENT_CHECK(written > 0 && (size_t)written < sizeof folder->path && mkdtemp(folder->path) != NULL, ENT_ERR_IO,
            "no folder in '%s': %s", parent, strerror(errno));
  folder->lock = open_ours(folder->path);
  if (folder->lock < 0) return ENT_OK;
  (void)flock(folder->lock, LOCK_EX); /* where that does not work, nobody else can lock it either */
  if (is_there(folder->path, folder->lock)) return ENT_OK;
  (void)close(folder->lock);
  folder->lock = -1;
  return ENT_OK;
}

void ent_run_folder_sweep(void) {
  remove_dead(base());
}

int ent_run_folder_create(ent_run_folder *folder) {
  const char *parent = base();
  ent_run_folder made = {.lock = -1};
  remove_dead(parent);
  for (int attempt = 0; attempt < ATTEMPTS && made.lock < 0; attempt++) {
    ENT_TRY(try_to_create(parent, &made));
  }
  ENT_CHECK(made.lock >= 0, ENT_ERR_IO, "no folder in '%s' stays", parent);
  *folder = made;
  return ENT_OK;
}

void ent_run_folder_destroy(ent_run_folder *folder) {
  if (folder->path[0] == '\0') return;
  remove_tree(folder->path);
  (void)close(folder->lock);
  *folder = (ent_run_folder){.lock = -1};
}

void ent_run_folder_clear(const ent_run_folder *folder) {
  char path[PATH_SIZE];
  if (folder->path[0] == '\0') return;
  for (const char *const *name = notes; *name != NULL; name++) {
    (void)snprintf(path, sizeof path, "%s/%s", folder->path, *name);
    (void)unlink(path);
  }
}

bool ent_run_folder_read(const ent_run_folder *folder, const char *name, ent_note *note) {
  char path[PATH_SIZE];
  ent_note read = {{0}};
  if (folder->path[0] == '\0') return false;
  (void)snprintf(path, sizeof path, "%s/%s", folder->path, name);
  FILE *file = fopen(path, "re");
  if (file == NULL) return false;
  const int found = fscanf(file, "%" SCNd64 " %" SCNd64, &read.numbers[0], &read.numbers[1]);
  (void)fclose(file);
  if (found == 2) *note = read;
  return found == 2;
}

/* Under another name first: who reads sees all of it or nothing. */
void ent_run_folder_note(const char *name, const ent_note *note) {
  char draft[PATH_SIZE], path[PATH_SIZE];
  const char *folder = getenv(ENT_RUN_FOLDER);
  if (folder == NULL || strlen(folder) >= sizeof((ent_run_folder *)0)->path) return;
  (void)snprintf(path, sizeof path, "%s/%s", folder, name);
  (void)snprintf(draft, sizeof draft, "%s/%s~", folder, name);
  FILE *file = fopen(draft, "we");
  if (file == NULL) return;
  const int written = fprintf(file, "%" PRId64 " %" PRId64 "\n", note->numbers[0], note->numbers[1]);
  if (fclose(file) == 0 && written > 0) (void)rename(draft, path);
}
