/* TEST np=1,3,4 */
#include <stdlib.h>

#include <mpi.h>

#include "entrain/base/clock.h"
#include "entrain/base/mem.h"
#include "entrain/comm/comm.h"
#include "entrain/comm/line.h"

#include "check.h"

enum { LONG = 300000 };

#define PATIENCE 60.0

static bool is_patient(void *context, double waited) {
  (void)context;
  return waited < PATIENCE;
}

static bool gives_up(void *context, double waited) {
  ++*(int *)context;
  return waited < 0.05;
}

static const ent_line_watch patient = {.goes_on = is_patient};

static int rank_of(int *size) {
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, size);
  return rank;
}

static double number(int rank, size_t k) {
  return (double)rank + 1e-3 * (double)k;
}

/* Every rank sends arrays of many lengths to the next one, and gets those of the one before. */
static void numbers_go_round(void) {
  static const size_t counts[] = {1, 10, ENT_LINE_PIECE, ENT_LINE_PIECE + 1, 20000};
  int size = 0;
  const int rank = rank_of(&size), before = (rank + size - 1) % size;
  ent_line *to = NULL, *from = NULL;
  double *sent = NULL, *got = NULL;
  CHECK_OK(ent_line_open((rank + 1) % size, &patient, &to));
  CHECK_OK(ent_line_open(before, &patient, &from));
  CHECK_OK(ent_mem_alloc(LONG, sizeof(double), &sent));
  CHECK_OK(ent_mem_alloc(LONG, sizeof(double), &got));
  const ent_channel out = ent_line_channel(to), in = ent_line_channel(from);
  for (size_t k = 0; k < LONG; k++) sent[k] = number(rank, k);
  for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
    CHECK(out.send(out.context, counts[i], sent + i));
    CHECK(in.receive(in.context, counts[i], got));
    size_t wrong = 0;
    for (size_t k = 0; k < counts[i]; k++) wrong += got[k] != number(before, k + i);
    CHECK_INT(wrong, 0);
  }
  free(sent);
  free(got);
  MPI_Barrier(MPI_COMM_WORLD);
  ent_line_close(&to);
  ent_line_close(&from);
  CHECK(to == NULL);
  ent_line_close(&to);
}

/* More than is on its way at a time: rank 0 asks, the others answer when they are called. */
static void long_arrays_wait_for_their_receiver(void) {
  int size = 0, caller = -1;
  const int rank = rank_of(&size);
  double *numbers = NULL;
  CHECK_OK(ent_mem_alloc(LONG, sizeof(double), &numbers));
  for (int k = 1; k < size && rank == 0; k++) {
    ent_line *line = NULL;
    CHECK_OK(ent_line_open(k, &patient, &line));
    const ent_channel channel = ent_line_channel(line);
    for (size_t i = 0; i < LONG; i++) numbers[i] = number(k, i);
    CHECK(channel.send(channel.context, LONG, numbers));
    for (size_t i = 0; i < LONG; i++) numbers[i] = 0;
    CHECK(channel.receive(channel.context, LONG, numbers));
    CHECK_REAL(numbers[LONG - 1], 2 * number(k, LONG - 1), 0);
    ent_line_close(&line);
  }
  if (rank > 0) {
    ent_line *line = NULL;
    while (!ent_line_calls(&caller)) continue;
    CHECK_INT(caller, 0);
    CHECK_OK(ent_line_open(0, &patient, &line));
    const ent_channel channel = ent_line_channel(line);
    CHECK(channel.calls(channel.context));
    CHECK(channel.receive(channel.context, LONG, numbers));
    CHECK(!channel.calls(channel.context));
    for (size_t i = 0; i < LONG; i++) numbers[i] *= 2;
    CHECK(channel.send(channel.context, LONG, numbers));
    MPI_Barrier(MPI_COMM_WORLD);
    ent_line_close(&line);
  } else {
    MPI_Barrier(MPI_COMM_WORLD);
  }
  free(numbers);
}

static void a_wait_that_is_given_up_breaks_the_line(void) {
  int size = 0, asked = 0;
  const int rank = rank_of(&size);
  double x = 5;
  ent_line *line = NULL;
  const ent_line_watch watch = {.context = &asked, .goes_on = gives_up};
  CHECK_OK(ent_line_open((rank + 1) % size, &watch, &line));
  const ent_channel channel = ent_line_channel(line);
  CHECK(!channel.receive(channel.context, 1, &x));
  CHECK(asked > 1);
  CHECK_REAL(x, 5, 0);
  CHECK(!channel.send(channel.context, 1, &x));
  CHECK(!channel.receive(channel.context, 1, &x));
  ent_line_close(&line);
  MPI_Barrier(MPI_COMM_WORLD);
}

/* Numbers that are not as many as are expected; what is left is dropped. */
static void other_counts_break_the_line(void) {
  int size = 0, caller = -1;
  const int rank = rank_of(&size);
  double x[8] = {0};
  ent_line *line = NULL;
  CHECK_OK(ent_line_open(rank, &patient, &line));
  const ent_channel channel = ent_line_channel(line);
  CHECK(channel.send(channel.context, 3, x));
  CHECK(!channel.receive(channel.context, 4, x));
  CHECK(ent_line_calls(&caller));
  CHECK_INT(caller, rank);
  ent_line_drop(rank);
  CHECK(!ent_line_calls(&caller));
  ent_line_drop(rank);
  ent_line_close(&line);
  MPI_Barrier(MPI_COMM_WORLD);
}

/* Who waits for messages hears that there are numbers. */
static void numbers_end_a_wait_for_messages(void) {
  int size = 0, from = -1;
  const int rank = rank_of(&size);
  bool arrived = false;
  double x = 3;
  ent_wire_message message;
  ent_comm *comm = NULL;
  ent_line *line = NULL;
  CHECK_OK(ent_comm_create(&comm));
  CHECK_OK(ent_line_open(rank, &patient, &line));
  const ent_channel channel = ent_line_channel(line);
  CHECK(channel.send(channel.context, 1, &x));
  const double began = ent_clock_now();
  CHECK_OK(ent_comm_wait(comm, PATIENCE, &message, &from, &arrived));
  CHECK(!arrived && ent_clock_now() - began < PATIENCE);
  CHECK(channel.receive(channel.context, 1, &x));
  ent_line_close(&line);
  ent_comm_destroy(&comm);
  MPI_Barrier(MPI_COMM_WORLD);
}

static const ent_test tests[] = {
  {"numbers of any count go round", numbers_go_round},
  {"long arrays wait for their receiver", long_arrays_wait_for_their_receiver},
  {"a wait that is given up breaks the line", a_wait_that_is_given_up_breaks_the_line},
  {"another count than was expected breaks the line", other_counts_break_the_line},
  {"numbers end a wait for messages", numbers_end_a_wait_for_messages},
  {0},
};

ENT_TEST_MPI_MAIN("comm/line", tests)
