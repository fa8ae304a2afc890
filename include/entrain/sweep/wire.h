#ifndef ENTRAIN_SWEEP_WIRE_H
#define ENTRAIN_SWEEP_WIRE_H

/*
 * The messages between master and workers as bytes: little-endian, of one fixed size, with a version, a kind
 * and a checksum. Pure; comm/comm sends them.
 */

#include "entrain/base/error.h"
#include "entrain/sweep/dispatch.h"

#define ENT_WIRE_VERSION 1
enum { ENT_WIRE_SIZE = 192 };

typedef enum {
  ENT_WIRE_HELLO = 1, /* worker to master: I am here; process */
  ENT_WIRE_TASK,      /* master to worker: lease */
  ENT_WIRE_REPORT,    /* worker to master: report */
  ENT_WIRE_BEAT,      /* worker to master: alive; the lease and position at work, seconds in it */
  ENT_WIRE_STOP,   /* master to worker: finish what runs, give the rest back; drain = 1: within the grace time
                    */
  ENT_WIRE_BYE,    /* worker to master: nothing of mine is open any more; code */
  ENT_WIRE_FAILED, /* worker to master: my engine failed; code and text */
} ent_wire_kind;

typedef struct ent_wire_message {
  ent_wire_kind kind;
  int64_t pid, start;      /* HELLO */
  char text[96];           /* HELLO: host; FAILED: message; zero-terminated */
  ent_lease lease;         /* TASK; number in BEAT. `worker` is not sent */
  ent_lease_report report; /* REPORT */
  int64_t position;        /* BEAT */
  double seconds;          /* BEAT */
  int32_t drain;           /* STOP */
  int32_t code;            /* BYE, FAILED */
} ent_wire_message;

/* Writes a message as bytes; unused fields of its kind become zero. Not collective. */
void ent_wire_encode(const ent_wire_message *message, unsigned char bytes[ENT_WIRE_SIZE]);

/*
 * Reads a message. Errors: ENT_ERR_FORMAT for a wrong length, version, kind or checksum, or a field out of
 * range; `message` is untouched then. Not collective.
 */
ENT_MUST_CHECK int ent_wire_decode(const unsigned char *bytes, size_t length, ent_wire_message *message);

#endif
