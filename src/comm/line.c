#include "entrain/comm/line.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mpi.h>

#include "entrain/base/clock.h"
#include "entrain/base/mem.h"

#include "tags.h"

/* NOLINTBEGIN(clang-analyzer-optin.mpi.MPI-Checker): sends have no wait, their requests are tested. */

enum { PIECES = 64 }; /* on their way at a time at most */
enum { SPINS = 2000, FIRST_SLEEP_NS = 1000, LONGEST_SLEEP_NS = 100000 };

#define ASK_SECONDS 1e-3

/* A piece on its way, which MPI reads until its request is complete. */
typedef struct piece {
  MPI_Request request;
  double numbers[ENT_LINE_PIECE];
} piece;

struct ent_line {
  int rank;
  ent_line_watch watch;
  bool is_broken;
  size_t next;   /* piece to be used */
  piece *pieces; /* [PIECES] */
};

/* A wait on a line. */
typedef struct wait {
  double began, asked; /* clock */
  int looks;
  long sleep_ns;
} wait;

int ent_line_open(int rank, const ent_line_watch *watch, ent_line **line) {
  int code = ENT_OK;
  ent_line *made = NULL;
  ENT_GOTO(ent_mem_alloc(1, sizeof *made, &made));
  *made = (ent_line){.rank = rank, .watch = *watch};
  ENT_GOTO(ent_mem_alloc(PIECES, sizeof *made->pieces, &made->pieces));
  for (size_t k = 0; k < PIECES; k++) made->pieces[k].request = MPI_REQUEST_NULL;
  *line = made;
  made = NULL;
done:
  ent_line_close(&made);
  return code;
}

/* Whether a piece may be written again. */
static bool is_free(piece *of) {
  int complete = 0;
  return MPI_Test(&of->request, &complete, MPI_STATUS_IGNORE) == MPI_SUCCESS && complete;
}

void ent_line_close(ent_line **line) {
  ent_line *old = *line;
  bool is_quiet = true;
  if (old == NULL) return;
  for (size_t k = 0; old->pieces && k < PIECES; k++) is_quiet = is_free(&old->pieces[k]) && is_quiet;
  if (is_quiet) free(old->pieces); /* otherwise MPI may still read them */
  free(old);
  *line = NULL;
}

/* Between two looks in vain; false when the wait is given up. */
static bool goes_on(ent_line *line, wait *of) {
  const double now = ent_clock_now();
  if (of->looks++ == 0) {
    of->began = of->asked = now;
    of->sleep_ns = FIRST_SLEEP_NS;
  }
  if (now - of->asked >= ASK_SECONDS) {
    of->asked = now;
    line->is_broken = !line->watch.goes_on(line->watch.context, now - of->began);
  }
  if (of->looks > SPINS) {
    const struct timespec pause = {.tv_nsec = of->sleep_ns};
    (void)nanosleep(&pause, NULL);
    if (of->sleep_ns < LONGEST_SLEEP_NS) of->sleep_ns *= 2;
  }
  return !line->is_broken;
}

static bool send_piece(ent_line *line, size_t count, const double *numbers) {
  wait waiting = {0};
  piece *of = &line->pieces[line->next];
  while (!is_free(of))
    if (!goes_on(line, &waiting)) return false;
  memcpy(of->numbers, numbers, count * sizeof *numbers);
  line->next = (line->next + 1) % PIECES;
  line->is_broken = MPI_Isend(of->numbers, (int)count, MPI_DOUBLE, line->rank, ENT_TAG_NUMBERS,
                              MPI_COMM_WORLD, &of->request) != MPI_SUCCESS;
  return !line->is_broken;
}

/* The numbers of the next piece must be as many as are expected: it lies in MPI's memory whole. */
static bool receive_piece(ent_line *line, size_t count, double *numbers) {
  wait waiting = {0};
  MPI_Status status;
  int found = 0, length = 0;
  for (;;) {
    line->is_broken = MPI_Iprobe(line->rank, ENT_TAG_NUMBERS, MPI_COMM_WORLD, &found, &status) != MPI_SUCCESS;
    if (line->is_broken) return false;
    if (found) break;
    if (!goes_on(line, &waiting)) return false;
  }
  line->is_broken = MPI_Get_count(&status, MPI_DOUBLE, &length) != MPI_SUCCESS || (size_t)length != count ||
                    MPI_Recv(numbers, length, MPI_DOUBLE, line->rank, ENT_TAG_NUMBERS, MPI_COMM_WORLD,
                             MPI_STATUS_IGNORE) != MPI_SUCCESS;
  return !line->is_broken;
}

static size_t piece_of(size_t left) {
  return left < ENT_LINE_PIECE ? left : ENT_LINE_PIECE;
}

static bool send_numbers(void *context, size_t count, const double *numbers) {
  ent_line *line = context;
  for (size_t sent = 0; sent < count && !line->is_broken; sent += piece_of(count - sent))
    (void)send_piece(line, piece_of(count - sent), numbers + sent);
  return !line->is_broken;
}

static bool receive_numbers(void *context, size_t count, double *numbers) {
  ent_line *line = context;
  for (size_t taken = 0; taken < count && !line->is_broken; taken += piece_of(count - taken))
    (void)receive_piece(line, piece_of(count - taken), numbers + taken);
  return !line->is_broken;
}

static bool has_numbers(void *context) {
  const ent_line *line = context;
  int found = 0;
  return MPI_Iprobe(line->rank, ENT_TAG_NUMBERS, MPI_COMM_WORLD, &found, MPI_STATUS_IGNORE) == MPI_SUCCESS &&
         found;
}

ent_channel ent_line_channel(ent_line *line) {
  return (ent_channel){
    .context = line, .send = send_numbers, .receive = receive_numbers, .calls = has_numbers};
}

bool ent_line_calls(int *rank) {
  int found = 0;
  MPI_Status status;
  if (MPI_Iprobe(MPI_ANY_SOURCE, ENT_TAG_NUMBERS, MPI_COMM_WORLD, &found, &status) != MPI_SUCCESS || !found)
    return false;
  *rank = status.MPI_SOURCE;
  return true;
}

void ent_line_drop(int rank) {
  double numbers[ENT_LINE_PIECE];
  int found = 0;
  if (MPI_Iprobe(rank, ENT_TAG_NUMBERS, MPI_COMM_WORLD, &found, MPI_STATUS_IGNORE) == MPI_SUCCESS && found)
    (void)MPI_Recv(numbers, ENT_LINE_PIECE, MPI_DOUBLE, rank, ENT_TAG_NUMBERS, MPI_COMM_WORLD,
                   MPI_STATUS_IGNORE);
}

/* NOLINTEND(clang-analyzer-optin.mpi.MPI-Checker) */
