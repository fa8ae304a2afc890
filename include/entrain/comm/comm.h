#ifndef ENTRAIN_COMM_COMM_H
#define ENTRAIN_COMM_COMM_H

/*
 * Messages between the ranks of a run, on a duplicate of MPI_COMM_WORLD. Two-sided, fire and forget: a send
 * never waits for its receiver, a receive is polled. The only place, with the mains, that knows
 * MPI_COMM_WORLD.
 */

#include "entrain/base/text.h"
#include "entrain/sweep/wire.h"

typedef struct ent_comm ent_comm;

/* Duplicates the world. Collective over MPI_COMM_WORLD. Errors: ENT_ERR_MPI, ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_comm_create(ent_comm **comm);

/*
 * Frees it; completed sends are collected, others abandoned. The communicator itself lasts until
 * MPI_Finalize: to free it would be collective, and a rank may be dead. Accepts NULL, sets NULL. Not
 * collective.
 */
void ent_comm_destroy(ent_comm **comm);

int ent_comm_rank(const ent_comm *comm);
int ent_comm_size(const ent_comm *comm);

/* Sends a message and returns at once. Errors: ENT_ERR_MPI, ENT_ERR_MEMORY. Not collective. */
ENT_MUST_CHECK int ent_comm_send(ent_comm *comm, int rank, const ent_wire_message *message);

/*
 * Receives one message if one has arrived.
 * [out] from  its sender;
 * [out] arrived  whether there was one.
 * Errors: ENT_ERR_MPI; ENT_ERR_FORMAT when a message is damaged (it is consumed). Not collective.
 */
ENT_MUST_CHECK int ent_comm_poll(ent_comm *comm, ent_wire_message *message, int *from, bool *arrived);

/*
 * Waits for a message up to `seconds`: looks 20 times, then sleeps in between, from 1 us, doubling to 200 us;
 * sleeps go on growing over further waits until a message arrives. A signal caught in a sleep ends the wait
 * early. Otherwise as ent_comm_poll.
 */
ENT_MUST_CHECK int ent_comm_wait(ent_comm *comm, double seconds, ent_wire_message *message, int *from,
                                 bool *arrived);

/*
 * All ranks learn whether all are well: the largest code over ranks. Only at start, before the first job.
 * Collective. Errors: ENT_ERR_MPI.
 */
ENT_MUST_CHECK int ent_comm_agree(ent_comm *comm, int mine, int *worst);

/*
 * Gives the text of rank 0 to all ranks, whose texts are empty. Only at start, before the first job.
 * Collective. Errors: ENT_ERR_MPI, ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_comm_share(ent_comm *comm, ent_text *text);

#endif
