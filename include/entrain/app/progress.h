#ifndef ENTRAIN_APP_PROGRESS_H
#define ENTRAIN_APP_PROGRESS_H

/* How a run goes, on stderr: one line that is drawn again on a terminal, a line now and then in a log. */

#include <stdbool.h>

#include "entrain/engine/master.h"

typedef struct ent_progress_view {
  int columns;      /* of the terminal; 0: stderr is none */
  double last_line; /* clock time of the last line in a log */
  bool is_open;     /* a terminal line stands without its newline */
} ent_progress_view;

/* Finds out what stderr is, through mpirun's pipe too (engine/launch). */
void ent_progress_view_init(ent_progress_view *view);

/* An ent_listener's progress function; the context is a view. */
void ent_progress_show(void *view, const ent_progress *progress);

/* Writes the line of a progress into buffer[size], at most `columns` characters wide (0: as long as it
 * takes). */
void ent_progress_line(const ent_progress *progress, int columns, size_t size, char *buffer);

#endif
