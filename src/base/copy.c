#include "entrain/base/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entrain/base/mem.h"

enum { BUFFER_BYTES = 1 << 20 };

static const off_t PIECE_BYTES = (off_t)64 << 20;

/* The two files of a copy. */
typedef struct pair {
  const char *from_path, *to_path;
  int from, to;
  off_t size;
  char *buffer; /* [BUFFER_BYTES], made when it is needed first */
  ent_copy_watcher *watch;
  void *context;
} pair;

static off_t smaller(off_t a, off_t b) {
  return a < b ? a : b;
}

/* Whether the kernel's own copy does not work between these files. */
static bool is_unsupported(int reason) {
  return reason == EXDEV || reason == ENOSYS || reason == EINVAL || reason == EOPNOTSUPP ||
         reason == ETXTBSY || reason == EPERM;
}

static int write_all(const pair *own, off_t at, ssize_t count) {
  for (ssize_t done = 0; done < count;) {
    const ssize_t written = pwrite(own->to, own->buffer + done, (size_t)(count - done), at + done);
    if (written < 0 && errno == EINTR) continue;
    ENT_CHECK(written > 0, ENT_ERR_IO, "cannot write '%s': %s", own->to_path,
              strerror(written < 0 ? errno : ENOSPC));
    done += written;
  }
  return ENT_OK;
}

/* Copies bytes at..end through a buffer. */
static int copy_by_hand(pair *own, off_t at, off_t end) {
  if (own->buffer == NULL) ENT_TRY(ent_mem_alloc(1, BUFFER_BYTES, &own->buffer));
  while (at < end) {
    const ssize_t count = pread(own->from, own->buffer, (size_t)smaller(BUFFER_BYTES, end - at), at);
    if (count < 0 && errno == EINTR) continue;
    ENT_CHECK(count >= 0, ENT_ERR_IO, "cannot read '%s': %s", own->from_path, strerror(errno));
    ENT_CHECK(count > 0, ENT_ERR_IO, "'%s' became shorter while it was copied", own->from_path);
    ENT_TRY(write_all(own, at, count));
    at += count;
  }
  return ENT_OK;
}

/* Copies bytes at..end, by the kernel where it can: it may share blocks instead of copying them. */
static int copy_bytes(pair *own, off_t at, off_t end) {
  while (at < end) {
    off_t in = at, out = at;
    const ssize_t count =
      own->buffer ? -1 : copy_file_range(own->from, &in, own->to, &out, (size_t)(end - at), 0);
    if (count > 0) {
      at += count;
      continue;
    }
    const int reason = errno;
    if (!own->buffer && count < 0 && reason == EINTR) continue;
    ENT_CHECK(own->buffer || count == 0 || is_unsupported(reason), ENT_ERR_IO, "cannot write '%s': %s",
              own->to_path, strerror(reason));
    ENT_TRY(copy_by_hand(own, at, end));
    at = end;
  }
  return ENT_OK;
}

/* The next bytes that are no hole, [*begin, *end); begin = size when there are none. */
static int next_data(const pair *own, off_t from, off_t *begin, off_t *end) {
  *begin = lseek(own->from, from, SEEK_DATA);
  if (*begin < 0 && errno == ENXIO) {
    *begin = *end = own->size;
    return ENT_OK;
  }
  if (*begin < 0 && errno == EINVAL) { /* a file system that knows no holes */
    *begin = from;
    *end = own->size;
    return ENT_OK;
  }
  ENT_CHECK(*begin >= 0, ENT_ERR_IO, "cannot read '%s': %s", own->from_path, strerror(errno));
  *end = lseek(own->from, *begin, SEEK_HOLE);
  ENT_CHECK(*end > *begin, ENT_ERR_IO, "cannot read '%s': %s", own->from_path, strerror(errno));
  return ENT_OK;
}

static int copy_data(pair *own) {
  off_t begin = 0, end = 0;
  while (end < own->size) {
    ENT_TRY(next_data(own, end, &begin, &end));
    for (off_t at = begin; at < end; at += PIECE_BYTES) {
      ENT_TRY(copy_bytes(own, at, smaller(end, at + PIECE_BYTES)));
      if (own->watch) ENT_TRY(own->watch(own->context));
    }
  }
  return ENT_OK;
}

static int open_pair(pair *own) {
  struct stat status;
  own->from = open(own->from_path, O_RDONLY | O_CLOEXEC);
  ENT_CHECK(own->from >= 0 && fstat(own->from, &status) == 0, ENT_ERR_IO, "cannot open '%s': %s",
            own->from_path, strerror(errno));
  own->size = status.st_size;
  own->to = open(own->to_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  ENT_CHECK(own->to >= 0, ENT_ERR_IO, "cannot create '%s': %s", own->to_path, strerror(errno));
  ENT_CHECK(fchmod(own->to, status.st_mode & 07777) == 0 && ftruncate(own->to, own->size) == 0, ENT_ERR_IO,
            "cannot write '%s': %s", own->to_path, strerror(errno));
  return ENT_OK;
}

int ent_copy_file(const char *from, const char *to, ent_copy_watcher *watch, void *context) {
  int code = ENT_OK;
  pair own = {.from_path = from, .to_path = to, .from = -1, .to = -1, .watch = watch, .context = context};
  ENT_GOTO(open_pair(&own));
  ENT_GOTO(copy_data(&own));
done:
  if (own.from >= 0) close(own.from);
  if (own.to >= 0 && close(own.to) != 0 && code == ENT_OK)
    code =
      ent_error_raise(ENT_ERR_IO, __func__, __FILE__, __LINE__, "cannot write '%s': %s", to, strerror(errno));
  free(own.buffer);
  return code;
}
