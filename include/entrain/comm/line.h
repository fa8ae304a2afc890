#ifndef ENTRAIN_COMM_LINE_H
#define ENTRAIN_COMM_LINE_H

/*
 * A line between two ranks on which long arrays of numbers travel, as channel of a helper or of who asks it
 * (kernel/help). Like messages (comm/comm) numbers are sent in pieces that MPI sends without asking the
 * receiver, never collectively, and nobody waits without looking whether it is worth while. A line on which a
 * wait was given up is broken for good. What was sent and is not complete when a line is closed is left to
 * MPI.
 */

#include <stdbool.h>
#include <stddef.h>

#include "entrain/kernel/help.h"

enum { ENT_LINE_PIECE = 480 }; /* numbers that are sent at a time at most */

/* Who is asked, about every millisecond, whether a wait goes on. */
typedef struct ent_line_watch {
  void *context;
  bool (*goes_on)(void *context, double waited); /* seconds that this wait has taken so far */
} ent_line_watch;

typedef struct ent_line ent_line;

/* Opens the line to a rank; the other end need not be open. Errors: ENT_ERR_MEMORY. Not collective. */
ENT_MUST_CHECK int ent_line_open(int rank, const ent_line_watch *watch, ent_line **line);

/* Closes it; accepts NULL, sets NULL. Not collective. */
void ent_line_close(ent_line **line);

/* This end as a channel, valid as long as the line. */
ent_channel ent_line_channel(ent_line *line);

/* Whether numbers of somebody have arrived. [out] rank  whose. Not collective. */
bool ent_line_calls(int *rank);

/* Drops one piece of a rank's numbers, if one has arrived. Not collective. */
void ent_line_drop(int rank);

#endif
