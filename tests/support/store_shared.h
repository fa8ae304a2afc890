#ifndef ENTRAIN_TESTS_STORE_SHARED_H
#define ENTRAIN_TESTS_STORE_SHARED_H

/* A results file that all ranks of a test share: rank 0 makes and removes it, all know where it is. */

#include "store_fixture.h"

extern int shared_rank, shared_size; /* of this process, and of the world, once a file is open */

/* Makes a folder with a new results file; ends the test on failure. Collective over MPI_COMM_WORLD. */
void shared_open(fixture *at, const char *job);

/* Waits for all and removes everything. Collective over MPI_COMM_WORLD. */
void shared_close(fixture *at);

#endif
