#include "entrain/comm/comm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mpi.h>

#include "entrain/base/clock.h"
#include "entrain/base/mem.h"
#include "entrain/comm/mpi_try.h"

/* All tags of the program. */
enum { TAG_MESSAGE = 1 };

/* A wait looks this often before it sleeps; then sleeps double up to the longest (docs/architecture.md). */
enum { SPINS = 20, FIRST_SLEEP_NS = 1000, LONGEST_SLEEP_NS = 200000 };

/* A message on its way. MPI reads the bytes until the request is complete, whatever the sender does
 * meanwhile. */
typedef struct parcel {
  struct parcel *next;
  MPI_Request request;
  unsigned char bytes[ENT_WIRE_SIZE];
} parcel;

struct ent_comm {
  MPI_Comm world; /* our duplicate */
  int rank, size;
  parcel *sent;  /* not known to be complete */
  parcel *spare; /* complete, to be used again */
  int idle;      /* looks in vain since the last message */
  long sleep_ns;
};

/* Moves complete parcels to the spare ones. One that MPI has trouble with stays: its receiver is gone. */
static void collect(ent_comm *comm) {
  for (parcel **link = &comm->sent; *link != NULL;) {
    parcel *tested = *link;
    int complete = 0;
    if (MPI_Test(&tested->request, &complete, MPI_STATUS_IGNORE) != MPI_SUCCESS || !complete) {
      link = &tested->next;
      continue;
    }
    *link = tested->next;
    tested->next = comm->spare;
    comm->spare = tested;
  }
}

static int take_parcel(ent_comm *comm, parcel **taken) {
  collect(comm);
  if (comm->spare == NULL) {
    ENT_TRY(ent_mem_alloc(1, sizeof *comm->spare, &comm->spare));
  }
  *taken = comm->spare;
  comm->spare = comm->spare->next;
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
  wake(made);
  ENT_GOTO_MPI(MPI_Comm_dup(MPI_COMM_WORLD, &made->world));
  ENT_GOTO_MPI(MPI_Comm_set_errhandler(made->world, MPI_ERRORS_RETURN));
  ENT_GOTO_MPI(MPI_Comm_rank(made->world, &made->rank));
  ENT_GOTO_MPI(MPI_Comm_size(made->world, &made->size));
  *comm = made;
  return ENT_OK;
done:
  free(made);
  return code;
}

void ent_comm_destroy(ent_comm **comm) {
  ent_comm *old = *comm;
  if (old == NULL) return;
  /* MPI may still read parcels that are not complete: they are left alone, as the communicator is. */
  collect(old);
  free_parcels(old->spare);
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
  ENT_TRY(take_parcel(comm, &made));
  ent_wire_encode(message, made->bytes);
  made->next = comm->sent;
  comm->sent = made;
  made->request = MPI_REQUEST_NULL; /* stays so if the send fails, and counts as complete */
  /* NOLINTBEGIN(clang-analyzer-optin.mpi.MPI-Checker): no wait here, collect() tests the request later. */
  ENT_TRY_MPI(
    MPI_Isend(made->bytes, ENT_WIRE_SIZE, MPI_BYTE, rank, TAG_MESSAGE, comm->world, &made->request));
  /* NOLINTEND(clang-analyzer-optin.mpi.MPI-Checker) */
  return ENT_OK;
}

int ent_comm_poll(ent_comm *comm, ent_wire_message *message, int *from, bool *arrived) {
  int found = 0, length = 0;
  MPI_Status status;
  unsigned char bytes[ENT_WIRE_SIZE] = {0};
  ENT_TRY_MPI(MPI_Iprobe(MPI_ANY_SOURCE, TAG_MESSAGE, comm->world, &found, &status));
  if (!found) {
    *arrived = false;
    return ENT_OK;
  }
  wake(comm);
  ENT_TRY_MPI(MPI_Get_count(&status, MPI_BYTE, &length));
  const int received =
    MPI_Recv(bytes, sizeof bytes, MPI_BYTE, status.MPI_SOURCE, TAG_MESSAGE, comm->world, MPI_STATUS_IGNORE);
  /* A message that is too long comes with an error, but it is consumed; the decoder names its length. */
  if (length <= ENT_WIRE_SIZE) ENT_TRY_MPI(received);
  ENT_TRY(ent_wire_decode(bytes, (size_t)length, message));
  *from = status.MPI_SOURCE;
  *arrived = true;
  return ENT_OK;
}

int ent_comm_wait(ent_comm *comm, double seconds, ent_wire_message *message, int *from, bool *arrived) {
  const double end = ent_clock_now() + seconds;
  bool interrupted = false;
  do {
    ENT_TRY(ent_comm_poll(comm, message, from, arrived));
    if (*arrived) return ENT_OK;
    interrupted = doze(comm);
  } while (!interrupted && ent_clock_now() < end);
  return ENT_OK;
}

int ent_comm_agree(ent_comm *comm, int mine, int *worst) {
  int largest = 0;
  ENT_TRY_MPI(MPI_Allreduce(&mine, &largest, 1, MPI_INT, MPI_MAX, comm->world));
  *worst = largest;
  return ENT_OK;
}

int ent_comm_share(ent_comm *comm, ent_text *text) {
  int code = ENT_OK;
  char *bytes = NULL;
  unsigned long length = text->length;
  ENT_TRY_MPI(MPI_Bcast(&length, 1, MPI_UNSIGNED_LONG, 0, comm->world));
  ENT_TRY(ent_mem_alloc(length + 1, 1, &bytes));
  if (comm->rank == 0 && length > 0) memcpy(bytes, text->data, length);
  ENT_GOTO_MPI(MPI_Bcast(bytes, (int)length, MPI_CHAR, 0, comm->world));
  if (comm->rank != 0) ENT_GOTO(ent_text_append(text, "%s", bytes));
done:
  free(bytes);
  return code;
}
