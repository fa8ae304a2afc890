#include "entrain/engine/trail.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int64_t *map(int descriptor) {
  void *mapped = mmap(NULL, sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  return mapped == MAP_FAILED ? NULL : mapped;
}

void ent_trail_make(ent_trail *trail) {
  *trail = (ent_trail){0};
  const int made = memfd_create("entrain-trail", MFD_CLOEXEC);
  if (made < 0) return;
  if (ftruncate(made, sizeof(int64_t)) == 0) trail->position = map(made);
  trail->descriptor = made;
  if (trail->position == NULL) ent_trail_fini(trail);
  ent_trail_write(trail, ENT_TRAIL_IDLE);
}

void ent_trail_open(const ent_process *worker, int descriptor, ent_trail *trail) {
  char path[64];
  struct stat found;
  *trail = (ent_trail){0};
  if (descriptor < 1 || !ent_process_alive(worker)) return;
  (void)snprintf(path, sizeof path, "/proc/%lld/fd/%d", (long long)worker->pid, descriptor);
  const int opened = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (opened < 0) return;
  /* reading behind the end of what is mapped would be a signal */
  if (fstat(opened, &found) == 0 && S_ISREG(found.st_mode) && found.st_size >= (off_t)sizeof(int64_t))
    trail->position = map(opened);
  (void)close(opened);
}

void ent_trail_fini(ent_trail *trail) {
  if (trail->position) (void)munmap(trail->position, sizeof *trail->position);
  if (trail->descriptor > 0) (void)close(trail->descriptor);
  *trail = (ent_trail){0};
}

void ent_trail_write(const ent_trail *trail, int64_t position) {
  if (trail->position) __atomic_store_n(trail->position, position, __ATOMIC_RELEASE);
}

int64_t ent_trail_read(const ent_trail *trail) {
  return trail->position ? __atomic_load_n(trail->position, __ATOMIC_ACQUIRE) : ENT_TRAIL_NONE;
}
