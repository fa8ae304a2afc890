#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "entrain/engine/trail.h"

#include "check.h"

static void nothing_is_there(void) {
  ent_trail none = {0};
  ent_process self;
  CHECK_INT(ent_trail_read(&none), ENT_TRAIL_NONE);
  ent_trail_write(&none, 3);
  ent_trail_fini(&none);
  CHECK_OK(ent_process_self(&self));
  ent_trail_open(&self, 0, &none);
  CHECK_INT(ent_trail_read(&none), ENT_TRAIL_NONE);
  ent_trail_open(&self, 999, &none);
  CHECK_INT(ent_trail_read(&none), ENT_TRAIL_NONE);
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  ent_trail_open(&self, ends[1], &none); /* no memory at all */
  CHECK_INT(ent_trail_read(&none), ENT_TRAIL_NONE);
  (void)close(ends[0]);
  (void)close(ends[1]);
}

/* What a child tells of itself. */
typedef struct child_told {
  ent_process process;
  int descriptor;
} child_told;

/* A child that says where it is, and waits to be killed. */
static pid_t start(int told) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child > 0) return child;
  ent_trail own;
  child_told it = {0};
  ent_trail_make(&own);
  ent_trail_write(&own, 41);
  it.descriptor = own.descriptor;
  if (ent_process_self(&it.process) != ENT_OK || write(told, &it, sizeof it) < 0) _exit(1);
  for (;;) pause();
}

static void a_dead_process_has_said_it(void) {
  int ends[2];
  child_told told = {0};
  ent_trail trail;
  REQUIRE(pipe(ends) == 0);
  const pid_t child = start(ends[1]);
  CHECK_INT(read(ends[0], &told, sizeof told), sizeof told);
  ent_trail_open(&told.process, told.descriptor, &trail);
  CHECK_INT(ent_trail_read(&trail), 41);
  CHECK_INT(kill(child, SIGKILL), 0);
  CHECK_INT(waitpid(child, NULL, 0), child);
  CHECK_INT(ent_trail_read(&trail), 41);
  ent_trail_fini(&trail);
  CHECK_INT(ent_trail_read(&trail), ENT_TRAIL_NONE);
  (void)close(ends[0]);
  (void)close(ends[1]);
}

static const ent_test tests[] = {
  {"without a trail nothing is said", nothing_is_there},
  {"what a process has said is there when it is dead", a_dead_process_has_said_it},
  {0}};

ENT_TEST_MAIN("engine/trail", tests)
