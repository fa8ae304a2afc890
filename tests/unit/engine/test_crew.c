/* TEST np=1 */
#include <string.h>
#include <unistd.h>

#include "entrain/engine/crew.h"

#include "check.h"

enum { SIZE = 5 };

static ent_crew crew;
static int lost[SIZE];
static double now = 100;

static ent_wire_message hello_of(const ent_process *process) {
  ent_wire_message hello = {.kind = ENT_WIRE_HELLO, .pid = process->pid, .start = process->start};
  memcpy(hello.text, process->host, sizeof process->host);
  return hello;
}

/* A rank on another host says hello. */
static void greet_far(int rank) {
  const ent_process far = {.pid = 100 + rank, .start = 5, .host = "elsewhere"};
  const ent_wire_message hello = hello_of(&far);
  ent_crew_greet(&crew, rank, &hello);
}

static void open_crew(void) {
  CHECK_OK(ent_crew_init(&crew, SIZE));
  now = 100;
  CHECK_INT(ent_crew_look(&crew, now, 60, lost), 0);
}

/* Looks `count` times, a second apart; returns how many were lost. */
static int look(int count) {
  int found = 0;
  for (int i = 0; i < count; i++) found += ent_crew_look(&crew, now += 1, 60, lost);
  return found;
}

static void hello_makes_present(void) {
  open_crew();
  CHECK_INT(ent_crew_present(&crew), 0);
  CHECK_INT(ent_crew_count(&crew, ENT_MEMBER_ABSENT), SIZE - 1);
  greet_far(2);
  CHECK_INT(ent_crew_present(&crew), 1);
  CHECK(ent_crew_is_present(&crew, 2) && !ent_crew_is_present(&crew, 1));
  CHECK(!crew.members[2].is_here);
  crew.members[2].state = ENT_MEMBER_READY;
  CHECK_INT(ent_crew_present(&crew), 1);
  crew.members[2].state = ENT_MEMBER_GONE;
  CHECK_INT(ent_crew_present(&crew), 0);
  CHECK_INT(ent_crew_missing(&crew), 0);
  ent_process ranks[SIZE];
  CHECK_INT(ent_crew_processes(&crew, ranks), 2);
  CHECK_INT(ranks[0].pid, getpid());
  CHECK_INT(ranks[1].pid, 102);
  ent_crew_fini(&crew);
}

static void silence_loses(void) {
  open_crew();
  greet_far(1);
  greet_far(3);
  CHECK_INT(look(59), 0);
  CHECK(!ent_crew_hear(&crew, 3));
  CHECK_INT(look(1), 1);
  CHECK_INT(lost[0], 1);
  CHECK_INT(crew.members[1].state, ENT_MEMBER_LOST);
  CHECK_INT(look(58), 0); /* told once, and the other was heard */
  CHECK_INT(look(1), 1);
  CHECK_INT(lost[0], 3);
  CHECK_INT(ent_crew_missing(&crew), 2);
  ent_crew_fini(&crew);
}

static void a_late_look_counts_once(void) {
  open_crew();
  greet_far(1);
  for (int i = 0; i < 59; i++) CHECK_INT(ent_crew_look(&crew, now += 3600, 60, lost), 0);
  CHECK_INT(ent_crew_look(&crew, now += 0.5, 60, lost), 0);
  CHECK_INT(ent_crew_look(&crew, now += 3600, 60, lost), 1);
  ent_crew_fini(&crew);
}

static void who_is_heard_is_back(void) {
  open_crew();
  greet_far(1);
  greet_far(2);
  crew.members[2].state = ENT_MEMBER_READY;
  CHECK_INT(look(60), 2);
  CHECK(ent_crew_hear(&crew, 2));
  CHECK_INT(crew.members[2].state, ENT_MEMBER_READY);
  CHECK(!ent_crew_hear(&crew, 2));
  CHECK(ent_crew_hear(&crew, 1));
  CHECK_INT(crew.members[1].state, ENT_MEMBER_MET);
  CHECK_INT(look(59), 0);
  ent_crew_fini(&crew);
}

static void a_process_that_is_gone_is_dead(void) {
  ent_process self;
  open_crew();
  CHECK_OK(ent_process_self(&self));
  ent_process before = self;
  before.start--; /* one that had this number once */
  ent_wire_message hello = hello_of(&before);
  ent_crew_greet(&crew, 1, &hello);
  CHECK(crew.members[1].is_here);
  CHECK_INT(look(1), 0); /* what it said may still arrive */
  CHECK_INT(look(1), 1);
  CHECK_INT(crew.members[1].state, ENT_MEMBER_DEAD);
  CHECK(!ent_crew_hear(&crew, 1));
  hello = hello_of(&self);
  ent_crew_greet(&crew, 2, &hello);
  CHECK_INT(look(59), 0); /* a living one */
  CHECK_INT(crew.members[2].n_missed, 0);
  ent_crew_fini(&crew);
}

static const ent_test tests[] = {
  {"who says hello is present until it says goodbye", hello_makes_present},
  {"who is silent for too long is lost", silence_loses},
  {"a master that was stopped for an hour counts one second", a_late_look_counts_once},
  {"who was lost and is heard is what it was before", who_is_heard_is_back},
  {"a process of this host that is gone is dead at the second look", a_process_that_is_gone_is_dead},
  {0}};

ENT_TEST_MPI_MAIN("engine/crew", tests)
