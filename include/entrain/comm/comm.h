#ifndef ENTRAIN_COMM_COMM_H
#define ENTRAIN_COMM_COMM_H

/*
 * Messages between the ranks of a run, on MPI_COMM_WORLD. Two-sided, fire and forget: a send never waits for
 * its receiver, a receive is polled. Nothing here is collective, from the first call on: a rank may be
 * dead at any moment. The only place, with the mains, that knows MPI_COMM_WORLD.
 */

#include <stdbool.h>

#include "entrain/sweep/wire.h"

typedef struct ent_comm ent_comm;

/*
 * Makes it; MPI is initialized by the caller, and its errors on the world return from now on. One at a time:
 * messages of an older one would reach it. Errors: ENT_ERR_MPI, ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_comm_create(ent_comm **comm);

/* Frees it; sends that are not complete go on by themselves. Accepts NULL, sets NULL. Not collective. */
void ent_comm_destroy(ent_comm **comm);

int ent_comm_rank(const ent_comm *comm);
int ent_comm_size(const ent_comm *comm);

/* Sends a message and returns at once. Errors: ENT_ERR_MPI, ENT_ERR_MEMORY. Not collective. */
ENT_MUST_CHECK int ent_comm_send(ent_comm *comm, int rank, const ent_wire_message *message);

/*
 * Sends bytes of any length >= 1 as pieces, in messages of a kind that has them. Otherwise as
 * ent_comm_send.
 */
ENT_MUST_CHECK int ent_comm_send_pieces(ent_comm *comm, int rank, ent_wire_kind kind,
                                        const unsigned char *bytes, size_t length);

/*
 * Waits until all sends are complete, which those to a dead rank may never be, at most so many seconds:
 * before the process ends without MPI_Finalize. Returns whether they are. Not collective.
 */
bool ent_comm_flush(ent_comm *comm, double seconds);

/*
 * Receives one message if one has arrived.
 * [out] message  a piece in it is valid until the next receive
 * [out] from  its sender;
 * [out] arrived  whether there was one.
 * Errors: ENT_ERR_MPI; ENT_ERR_FORMAT when a message is damaged (it is consumed). Not collective.
 */
ENT_MUST_CHECK int ent_comm_poll(ent_comm *comm, ent_wire_message *message, int *from, bool *arrived);

/*
 * Waits for a message up to `seconds`: looks 20 times, then sleeps in between, from 1 us, doubling to 200 us;
 * sleeps go on growing over further waits until a message arrives. A signal caught in a sleep, and numbers
 * that somebody sends (comm/line), end the wait early. Otherwise as ent_comm_poll.
 */
ENT_MUST_CHECK int ent_comm_wait(ent_comm *comm, double seconds, ent_wire_message *message, int *from,
                                 bool *arrived);

#endif
