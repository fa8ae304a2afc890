#ifndef ENTRAIN_SWEEP_WIRE_H
#define ENTRAIN_SWEEP_WIRE_H

/*
 * The messages between master and workers as bytes: little-endian, with a version, a kind and a checksum.
 * Most have one fixed size; those that carry a piece of something longer have its bytes behind that, and are
 * below 4 KB too, so that MPI sends them without asking the receiver. Pure; comm/comm sends them,
 * sweep/gather puts pieces together.
 */

#include "entrain/base/error.h"
#include "entrain/sweep/dispatch.h"

#define ENT_WIRE_VERSION 4

enum {
  ENT_WIRE_SIZE = 192,  /* bytes of a message without its piece */
  ENT_WIRE_PIECE = 3840 /* bytes of a piece at most */
};
enum { ENT_WIRE_LARGEST = ENT_WIRE_SIZE + ENT_WIRE_PIECE };

typedef enum {
  ENT_WIRE_HELLO = 1, /* both ways: I am here; process */
  ENT_WIRE_STUDY,     /* master to worker: a piece of what is to be computed */
  ENT_WIRE_BEGIN,     /* master to worker: the study is complete; writes */
  ENT_WIRE_READY,     /* worker to master: the results file is open; trail */
  ENT_WIRE_MATE,      /* master to worker: somebody of your team; rank and process */
  ENT_WIRE_TASK,      /* master to worker: lease, slot, resumes, helped */
  ENT_WIRE_RECORD,    /* worker to master: a piece of what is to be written */
  ENT_WIRE_KEPT,      /* master to worker: so many bytes of records were written since the last time */
  ENT_WIRE_REPORT,    /* worker to master: report */
  ENT_WIRE_BEAT,   /* both ways: alive; from a worker: the lease and position at work, seconds in that job */
  ENT_WIRE_STOP,   /* master to worker: finish what runs, give the rest back; drain = 1: within the grace time
                    */
  ENT_WIRE_BYE,    /* worker to master: nothing of mine is open any more; the master answers with the same */
  ENT_WIRE_FAILED, /* worker to master, in place of BYE: my engine failed; code and text */
} ent_wire_kind;

/* Bytes offset..offset+length-1 of `total`; STUDY and RECORD. */
typedef struct ent_wire_piece {
  int64_t total, offset;
  int32_t length;            /* 1..ENT_WIRE_PIECE */
  const unsigned char *data; /* [length]; inside the decoded bytes when it was received */
} ent_wire_piece;

typedef struct ent_wire_message {
  ent_wire_kind kind;
  int64_t pid, start;      /* HELLO, MATE */
  int32_t rank;            /* MATE */
  char text[96];           /* HELLO, MATE: host; FAILED: message; zero-terminated */
  ent_lease lease;         /* TASK; number in BEAT. `worker` is not sent */
  ent_lease_report report; /* REPORT */
  ent_wire_piece piece;    /* STUDY, RECORD */
  int64_t slot;            /* TASK: for checkpoints of its jobs, -1: none */
  int32_t resumes;         /* TASK: 1 when the slot holds a checkpoint of its first job */
  int32_t helped;          /* TASK: 1 when the mates help */
  int32_t writes;          /* BEGIN: 1 when the worker writes to the results file, 0 when the master does */
  int32_t trail;           /* READY: the worker's descriptor of its trail (engine/trail), 0: none */
  int64_t position;        /* BEAT */
  int64_t bytes;           /* KEPT */
  double seconds;          /* BEAT */
  int32_t drain;           /* STOP */
  int32_t code;            /* BYE, FAILED */
} ent_wire_message;

/*
 * Writes a message as bytes; unused fields of its kind become zero. Returns their number. Not collective.
 */
size_t ent_wire_encode(const ent_wire_message *message, unsigned char bytes[ENT_WIRE_LARGEST]);

/*
 * Reads a message. Errors: ENT_ERR_FORMAT for a wrong length, version, kind or checksum, or a field out of
 * range; `message` is untouched then. Not collective.
 */
ENT_MUST_CHECK int ent_wire_decode(const unsigned char *bytes, size_t length, ent_wire_message *message);

#endif
