#include "entrain/comm/comm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mpi.h>

#include "entrain/base/clock.h"
#include "entrain/base/mem.h"
#include "entrain/comm/line.h"
#include "entrain/comm/mpi_try.h"

#include "tags.h"

/* NOLINTBEGIN(clang-analyzer-optin.mpi.MPI-Checker): sends have no wait, collect() tests their requests. */

/* A send looks at so many earlier ones, whether they are complete. */
enum { LOOKS = 8 };

/* A wait looks this often before it sleeps; then sleeps double up to the longest (docs/architecture.md). */
enum { SPINS = 20, FIRST_SLEEP_NS = 1000, LONGEST_SLEEP_NS = 200000 };

/* A message on its way. MPI reads the bytes until the request is complete, whatever the sender does
 * meanwhile. */
typedef struct parcel {
  struct parcel *next;
  MPI_Request request;
  bool is_large; /* has room for a piece */
  unsigned char bytes[];
} parcel;

struct ent_comm {
  int rank, size;
  parcel *sent; /* not known to be complete */
  parcel **sent_end;
  int64_t n_sent;
  parcel *spare[2]; /* complete, to be used again: small ones, large ones */
  int idle;         /* looks in vain since the last message */
  long sleep_ns;
  unsigned char received[ENT_WIRE_LARGEST];
};

static void append(ent_comm *comm, parcel *added) {
  added->next = NULL;
  *comm->sent_end = added;
  comm->sent_end = &added->next;
  comm->n_sent++;
}

static parcel *remove_first(ent_comm *comm) {
  parcel *first = comm->sent;
  comm->sent = first->next;
  if (comm->sent == NULL) comm->sent_end = &comm->sent;
  comm->n_sent--;
  return first;
}

/*
 * Looks at up to `most` parcels, those not looked at for longest first: complete ones become spare, the
 * others go to the end. One that MPI has trouble with stays: its receiver is gone.
 */
static void collect(ent_comm *comm, int64_t most) {
  int64_t left = most < comm->n_sent ? most : comm->n_sent;
  for (; left > 0 && comm->sent != NULL; left--) {
    int complete = 0;
    parcel *tested = remove_first(comm);
    if (MPI_Test(&tested->request, &complete, MPI_STATUS_IGNORE) != MPI_SUCCESS || !complete) {
      append(comm, tested);
      continue;
    }
    tested->next = comm->spare[tested->is_large];
    comm->spare[tested->is_large] = tested;
  }
}

static int take_parcel(ent_comm *comm, bool is_large, parcel **taken) {
  parcel **spare = &comm->spare[is_large];
  collect(comm, LOOKS);
  if (*spare == NULL) {
    ENT_TRY(ent_mem_alloc(1, sizeof **spare + (is_large ? ENT_WIRE_LARGEST : ENT_WIRE_SIZE), spare));
    (*spare)->is_large = is_large;
  }
  *taken = *spare;
  *spare = (*spare)->next;
  return ENT_OK;
}

static void free_parcels(parcel *list) {
  while (list != NULL) {
    parcel *next = list->next;
    free(list);
    list = next;
  }
}

/* Sleeps longer with every look in vain. Returns whether a signal ended the sleep. */
static bool doze(ent_comm *comm) {
  if (comm->idle++ < SPINS) return false;
  const struct timespec pause = {.tv_nsec = comm->sleep_ns};
  comm->sleep_ns *= 2;
  if (comm->sleep_ns > LONGEST_SLEEP_NS) comm->sleep_ns = LONGEST_SLEEP_NS;
  return nanosleep(&pause, NULL) != 0 && errno == EINTR;
}

static void wake(ent_comm *comm) {
  comm->idle = 0;
  comm->sleep_ns = FIRST_SLEEP_NS;
}

int ent_comm_create(ent_comm **comm) {
  int code = ENT_OK;
  ent_comm *made = NULL;
  ENT_TRY_MPI(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
  ENT_TRY(ent_mem_alloc(1, sizeof *made, &made));
  made->sent_end = &made->sent;
  wake(made);
  ENT_GOTO_MPI(MPI_Comm_rank(MPI_COMM_WORLD, &made->rank));
  ENT_GOTO_MPI(MPI_Comm_size(MPI_COMM_WORLD, &made->size));
  *comm = made;
  return ENT_OK;
done:
  free(made);
  return code;
}

void ent_comm_destroy(ent_comm **comm) {
  ent_comm *old = *comm;
  if (old == NULL) return;
  collect(old, INT64_MAX); /* MPI may still read parcels that are not complete: they are left alone */
  free_parcels(old->spare[false]);
  free_parcels(old->spare[true]);
  free(old);
  *comm = NULL;
}

int ent_comm_rank(const ent_comm *comm) {
  return comm->rank;
}

int ent_comm_size(const ent_comm *comm) {
  return comm->size;
}

int ent_comm_send(ent_comm *comm, int rank, const ent_wire_message *message) {
  parcel *made = NULL;
  ENT_TRY(take_parcel(comm, message->piece.length > 0, &made));
  const size_t length = ent_wire_encode(message, made->bytes);
  made->request = MPI_REQUEST_NULL; /* stays so if the send fails, and counts as complete */
  append(comm, made);
  ENT_TRY_MPI(
    MPI_Isend(made->bytes, (int)length, MPI_BYTE, rank, ENT_TAG_MESSAGE, MPI_COMM_WORLD, &made->request));
  return ENT_OK;
}

int ent_comm_send_pieces(ent_comm *comm, int rank, ent_wire_kind kind, const unsigned char *bytes,
                         size_t length) {
  for (size_t offset = 0; offset < length; offset += ENT_WIRE_PIECE) {
    const size_t rest = length - offset;
    const ent_wire_message message = {
      .kind = kind,
      .piece = {.total = (int64_t)length,
                .offset = (int64_t)offset,
                .length = (int32_t)(rest < ENT_WIRE_PIECE ? rest : ENT_WIRE_PIECE),
                .data = bytes + offset}};
    ENT_TRY(ent_comm_send(comm, rank, &message));
  }
  return ENT_OK;
}

bool ent_comm_flush(ent_comm *comm, double seconds) {
  const double end = ent_clock_now() + seconds;
  for (collect(comm, INT64_MAX); comm->sent != NULL && ent_clock_now() < end; collect(comm, INT64_MAX)) {
    (void)doze(comm);
  }
  return comm->sent == NULL;
}

/* Takes a message that no rank of this program has sent off the queue; MPI may write it whole, whatever it is
 * told. */
static int drop(const MPI_Status *status, int length) {
  int code = ENT_OK;
  unsigned char *bytes = NULL;
  ENT_TRY(ent_mem_alloc((size_t)length, 1, &bytes));
  ENT_GOTO_MPI(MPI_Recv(bytes, length, MPI_BYTE, status->MPI_SOURCE, ENT_TAG_MESSAGE, MPI_COMM_WORLD,
                        MPI_STATUS_IGNORE));
  code = ent_error_raise(ENT_ERR_FORMAT, __func__, __FILE__, __LINE__,
                         "message of %d bytes, must be at most %d", length, ENT_WIRE_LARGEST);
done:
  free(bytes);
  return code;
}

int ent_comm_poll(ent_comm *comm, ent_wire_message *message, int *from, bool *arrived) {
  int found = 0, length = 0;
  MPI_Status status;
  ENT_TRY_MPI(MPI_Iprobe(MPI_ANY_SOURCE, ENT_TAG_MESSAGE, MPI_COMM_WORLD, &found, &status));
  if (!found) {
    *arrived = false;
    return ENT_OK;
  }
  wake(comm);
  ENT_TRY_MPI(MPI_Get_count(&status, MPI_BYTE, &length));
  if (length > ENT_WIRE_LARGEST) ENT_TRY(drop(&status, length));
  ENT_TRY_MPI(MPI_Recv(comm->received, sizeof comm->received, MPI_BYTE, status.MPI_SOURCE, ENT_TAG_MESSAGE,
                       MPI_COMM_WORLD, MPI_STATUS_IGNORE));
  ENT_TRY(ent_wire_decode(comm->received, (size_t)length, message));
  *from = status.MPI_SOURCE;
  *arrived = true;
  return ENT_OK;
}

int ent_comm_wait(ent_comm *comm, double seconds, ent_wire_message *message, int *from, bool *arrived) {
  const double end = ent_clock_now() + seconds;
  bool interrupted = false;
  int caller = 0;
  do {
    ENT_TRY(ent_comm_poll(comm, message, from, arrived));
    if (*arrived || ent_line_calls(&caller)) return ENT_OK;
    interrupted = doze(comm);
  } while (!interrupted && ent_clock_now() < end);
  return ENT_OK;
}

/* NOLINTEND(clang-analyzer-optin.mpi.MPI-Checker) */
