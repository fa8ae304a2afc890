#include "entrain/base/filesystem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <libgen.h>

typedef struct kind {
  uint32_t number; /* statfs' f_type; linux/magic.h, and each file system's own headers */
  const char *name;
  bool is_local, is_safe;
} kind;

static const kind kinds[] = {
  /* local: the processes of one host share the pages */
  {0xef53, "ext4", true, true},
  {0x58465342, "xfs", true, true},
  {0x9123683e, "btrfs", true, true},
  {0x2fc12fc1, "zfs", true, true},
  {0xf2f52010, "f2fs", true, true},
  {0xca451a4e, "bcachefs", true, true},
  {0x3153464a, "jfs", true, true},
  {0x52654973, "reiserfs", true, true},
  {0x01021994, "tmpfs", true, true},
  {0x858458f6, "ramfs", true, true},
  {0x794c7630, "overlayfs", true, true},
  {0xf15f, "ecryptfs", true, true},
  {0x4d44, "vfat", true, true},
  {0x2011bab0, "exfat", true, true},
  {0x5346544e, "ntfs", true, true},
  {0x7366746e, "ntfs3", true, true},
  /* shared, with locks between the hosts */
  {0x0bd00bd0, "lustre", false, true},
  {0x47504653, "gpfs", false, true},
  {0x19830326, "beegfs", false, true},
  {0x00c36400, "ceph", false, true},
  {0x01161970, "gfs2", false, true},
  {0x7461636f, "ocfs2", false, true},
  /* shared, each host with pages of its own */
  {0x6969, "nfs", false, false},
  {0x517b, "smb", false, false},
  {0xff534d42, "cifs", false, false},
  {0xfe534d42, "smb2", false, false},
  {0x65735546, "fuse", false, false},
  {0x6a656a63, "virtiofs", false, false},
  {0x01021997, "9p", false, false},
  {0x5346414f, "afs", false, false},
  {0x6b414653, "afs", false, false},
  {0x73757245, "coda", false, false},
  {0x786f4256, "vboxsf", false, false},
};

void ent_filesystem_describe(uint32_t number, ent_filesystem *found) {
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    if (kinds[i].number != number) continue;
    (void)snprintf(found->name, sizeof found->name, "%s", kinds[i].name);
    found->is_local = kinds[i].is_local;
    found->is_safe = kinds[i].is_safe;
    return;
  }
  (void)snprintf(found->name, sizeof found->name, "unknown 0x%x", (unsigned)number);
  found->is_local = false;
  found->is_safe = false;
}

/* Asks for the path, then for the folders above it; changes the copy of the path. */
static int ask(char *path, struct statfs *answer) {
  char *at = path;
  while (statfs(at, answer) != 0) {
    const bool is_top = strcmp(at, ".") == 0 || strcmp(at, "/") == 0;
    ENT_CHECK((errno == ENOENT || errno == ENOTDIR) && !is_top, ENT_ERR_IO,
              "cannot look at the file system of '%s': %s", at, strerror(errno));
    at = dirname(at);
  }
  return ENT_OK;
}

static int64_t times(uint64_t count, int64_t size) {
  return count > (uint64_t)(INT64_MAX / size) ? INT64_MAX : (int64_t)count * size;
}

int ent_filesystem_at(const char *path, ent_filesystem *found) {
  int code = ENT_OK;
  struct statfs answer;
  char *copy = strdup(path[0] ? path : ".");
  ENT_CHECK(copy != NULL, ENT_ERR_MEMORY, "no memory for the path '%s'", path);
  ENT_GOTO(ask(copy, &answer));
  ent_filesystem_describe((uint32_t)answer.f_type, found);
  found->free = times(answer.f_bavail, answer.f_frsize > 0 ? answer.f_frsize : 1);
  found->entries = answer.f_files > 0 ? times(answer.f_ffree, 1) : -1;
done:
  free(copy);
  return code;
}

const char *ent_filesystem_obstacle(const char *path, int64_t offset, int64_t length) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
      (uint64_t)(offset + length) > limit.rlim_cur)
    return strerror(EFBIG);
  const int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return strerror(errno);
  const int reason = fallocate(file, FALLOC_FL_KEEP_SIZE, offset, length) == 0 ? 0 : errno;
  (void)close(file);
  return reason == 0 || reason == EOPNOTSUPP || reason == ENOSYS ? NULL : strerror(reason);
}
