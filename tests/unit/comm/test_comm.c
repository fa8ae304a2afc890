/* TEST np=1,4 */
#include <signal.h>
#include <string.h>
#include <sys/time.h>

#include <mpi.h>

#include "entrain/base/clock.h"
#include "entrain/comm/comm.h"
#include "entrain/sweep/gather.h"

#include "support/check.h"

enum { PATIENCE = 60 }; /* seconds until a test gives up on a message */

/* What the profiling interface lets us do to messages on their way. */
static struct {
  size_t flip; /* byte to damage, plus one; 0: none */
  int length;  /* to send instead of the right one; 0: the right one */
} sabotage;

int MPI_Isend(const void *buffer, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm,
              MPI_Request *request) {
  static unsigned char bytes[2 * ENT_WIRE_LARGEST];
  if (sabotage.flip == 0 && sabotage.length == 0)
    return PMPI_Isend(buffer, count, type, to, tag, comm, request);
  memset(bytes, 0, sizeof bytes);
  memcpy(bytes, buffer, (size_t)count);
  if (sabotage.flip > 0) bytes[sabotage.flip - 1] ^= 1;
  return PMPI_Isend(bytes, sabotage.length > 0 ? sabotage.length : count, type, to, tag, comm, request);
}

/* All are through with the test before: messages of another one would come in between. */
static ent_comm *create(void) {
  ent_comm *comm = NULL;
  MPI_Barrier(MPI_COMM_WORLD);
  CHECK_OK(ent_comm_create(&comm));
  return comm;
}

/* Waits for a message that must come. */
static ent_wire_message receive(ent_comm *comm, int *from) {
  ent_wire_message message = {0};
  bool arrived = false;
  const double end = ent_clock_now() + PATIENCE;
  while (!arrived && ent_clock_now() < end) CHECK_OK(ent_comm_wait(comm, 1, &message, from, &arrived));
  REQUIRE(arrived);
  return message;
}

static void send_task(ent_comm *comm, int rank, int64_t number) {
  CHECK_OK(
    ent_comm_send(comm, rank, &(ent_wire_message){.kind = ENT_WIRE_TASK, .lease = {number, 10, 20, 0}}));
}

static void knows_ranks(void) {
  int rank = -1, size = 0;
  ent_comm *comm = create();
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  CHECK_INT(ent_comm_rank(comm), rank);
  CHECK_INT(ent_comm_size(comm), size);
  ent_comm_destroy(&comm);
  CHECK(comm == NULL);
  ent_comm_destroy(&comm);
}

static void goes_round(void) {
  ent_comm *comm = create();
  const int rank = ent_comm_rank(comm), size = ent_comm_size(comm);
  int from = -1;
  for (int i = 1; i <= 100; i++) {
    send_task(comm, (rank + 1) % size, i);
    const ent_wire_message message = receive(comm, &from);
    CHECK_INT(from, (rank + size - 1) % size);
    CHECK_INT(message.kind, ENT_WIRE_TASK);
    CHECK_INT(message.lease.number, i);
    CHECK_INT(message.lease.count, 20);
  }
  ent_comm_destroy(&comm);
}

/* Nobody receives until everything is sent. */
static void never_waits_for_receiver(void) {
  enum { MESSAGES = 2000 };
  ent_comm *comm = create();
  const int rank = ent_comm_rank(comm), size = ent_comm_size(comm);
  int from = -1;
  for (int i = 1; i <= MESSAGES; i++) send_task(comm, (rank + 1) % size, i);
  MPI_Barrier(MPI_COMM_WORLD);
  for (int i = 1; i <= MESSAGES; i++) CHECK_INT(receive(comm, &from).lease.number, i);
  MPI_Barrier(MPI_COMM_WORLD);
  ent_comm_destroy(&comm);
}

static void all_to_all(void) {
  ent_comm *comm = create();
  const int size = ent_comm_size(comm);
  int from = -1, seen[64] = {0};
  for (int to = 0; to < size; to++) send_task(comm, to, 1 + ent_comm_rank(comm));
  for (int i = 0; i < size; i++) {
    const int64_t number = receive(comm, &from).lease.number;
    CHECK_INT(number, 1 + from);
    seen[from]++;
  }
  for (int i = 0; i < size; i++) CHECK_INT(seen[i], 1);
  ent_comm_destroy(&comm);
}

static void nothing_arrives(void) {
  ent_comm *comm = create();
  ent_wire_message message = {.pid = 42};
  int from = 17;
  bool arrived = true;
  CHECK_OK(ent_comm_poll(comm, &message, &from, &arrived));
  CHECK(!arrived);
  arrived = true;
  CHECK_OK(ent_comm_wait(comm, 0.01, &message, &from, &arrived));
  CHECK(!arrived);
  CHECK_INT(message.pid, 42);
  CHECK_INT(from, 17);
  ent_comm_destroy(&comm);
}

/* Sends itself a spoiled message and a good one; the first is refused and gone, the second arrives. */
static void check_refused(size_t flip, int length, const char *reason) {
  ent_comm *comm = create();
  ent_wire_message message = {0};
  int from = -1, code = ENT_OK;
  bool arrived = false;
  sabotage.flip = flip;
  sabotage.length = length;
  send_task(comm, ent_comm_rank(comm), 1);
  sabotage.flip = 0;
  sabotage.length = 0;
  const double end = ent_clock_now() + PATIENCE;
  while (code == ENT_OK && ent_clock_now() < end) code = ent_comm_poll(comm, &message, &from, &arrived);
  CHECK_INT(code, ENT_ERR_FORMAT);
  CHECK_CONTAINS(ent_error_message(), reason);
  send_task(comm, ent_comm_rank(comm), 2);
  CHECK_INT(receive(comm, &from).lease.number, 2);
  ent_comm_destroy(&comm);
}

static void damaged_messages(void) {
  check_refused(20, 0, "checksum");
  check_refused(1, 0, "message of version");
}

static void wrong_sizes(void) {
  check_refused(0, ENT_WIRE_SIZE - 1, "191 bytes");
  check_refused(0, ENT_WIRE_SIZE + 1, "193 bytes");
  check_refused(0, ENT_WIRE_LARGEST, "4032 bytes");
  check_refused(0, ENT_WIRE_LARGEST + 1, "4033 bytes");
  check_refused(0, 2 * ENT_WIRE_LARGEST, "8064 bytes");
}

static void unknown_rank(void) {
  ent_comm *comm = create();
  const ent_wire_message message = {.kind = ENT_WIRE_STOP};
  CHECK_CODE(ent_comm_send(comm, ent_comm_size(comm), &message), ENT_ERR_MPI);
  CHECK_CONTAINS(ent_error_message(), "rank");
  ent_comm_destroy(&comm);
}

static volatile sig_atomic_t alarms;

static void count_alarm(int signal) {
  (void)signal;
  alarms++;
}

static void signal_ends_wait(void) {
  ent_comm *comm = create();
  ent_wire_message message;
  int from = -1;
  bool arrived = false;
  const struct sigaction counting = {.sa_handler = count_alarm};
  const struct itimerval soon = {.it_value = {.tv_usec = 50000}, .it_interval = {.tv_usec = 50000}},
                         never = {0};
  struct sigaction old;
  sigaction(SIGALRM, &counting, &old);
  setitimer(ITIMER_REAL, &soon, NULL);
  const double begin = ent_clock_now();
  CHECK_OK(ent_comm_wait(comm, PATIENCE, &message, &from, &arrived));
  CHECK(ent_clock_now() - begin < PATIENCE);
  setitimer(ITIMER_REAL, &never, NULL);
  sigaction(SIGALRM, &old, NULL);
  CHECK(!arrived);
  CHECK(alarms > 0);
  ent_comm_destroy(&comm);
}

/* A text of several pieces goes round; each rank changes nothing. */
static void pieces_go_round(void) {
  enum { LENGTH = 3 * ENT_WIRE_PIECE + 17 };
  static unsigned char bytes[LENGTH];
  ent_comm *comm = create();
  ent_gather gather = {0};
  const int rank = ent_comm_rank(comm), size = ent_comm_size(comm);
  int from = -1;
  for (int i = 0; i < LENGTH; i++) bytes[i] = (unsigned char)(i * 7 + rank);
  CHECK_OK(ent_comm_send_pieces(comm, (rank + 1) % size, ENT_WIRE_RECORD, bytes, LENGTH));
  send_task(comm, (rank + 1) % size, 5);
  for (int i = 0; i < 4; i++) {
    const ent_wire_message message = receive(comm, &from);
    CHECK_INT(message.kind, ENT_WIRE_RECORD);
    CHECK(!gather.is_complete);
    CHECK_OK(ent_gather_add(&gather, &message.piece));
  }
  CHECK(gather.is_complete);
  REQUIRE(gather.length == LENGTH);
  int wrong = 0;
  for (int i = 0; i < LENGTH; i++) wrong += gather.data[i] != (unsigned char)(i * 7 + from);
  CHECK_INT(wrong, 0);
  CHECK_INT(receive(comm, &from).lease.number, 5); /* order is kept */
  ent_gather_fini(&gather);
  ent_comm_destroy(&comm);
}

static void flush_waits_for_sends(void) {
  ent_comm *comm = create();
  const int rank = ent_comm_rank(comm), size = ent_comm_size(comm);
  int from = -1;
  CHECK(ent_comm_flush(comm, 0));
  send_task(comm, (rank + 1) % size, 1);
  CHECK_INT(receive(comm, &from).lease.number, 1);
  CHECK(ent_comm_flush(comm, PATIENCE));
  ent_comm_destroy(&comm);
}

static const ent_test tests[] = {{"it knows its rank and the number of ranks", knows_ranks},
                                 {"messages go round in order", goes_round},
                                 {"a send never waits for its receiver", never_waits_for_receiver},
                                 {"messages come from whom they say", all_to_all},
                                 {"without a message nothing is changed", nothing_arrives},
                                 {"damaged messages are refused and consumed", damaged_messages},
                                 {"messages of a wrong size are refused and consumed", wrong_sizes},
                                 {"a rank that does not exist is an error, not an abort", unknown_rank},
                                 {"a signal ends a wait", signal_ends_wait},
                                 {"what is longer than a message goes in pieces, in order", pieces_go_round},
                                 {"a flush waits until all is sent", flush_waits_for_sends},
                                 {0}};

ENT_TEST_MPI_MAIN("comm/comm", tests)
