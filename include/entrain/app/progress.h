#ifndef ENTRAIN_APP_PROGRESS_H
#define ENTRAIN_APP_PROGRESS_H

/* How a run goes, on stderr: one line that is drawn again on a terminal, a line now and then in a log. */

#include <stdbool.h>

#include "entrain/engine/master.h"

enum { ENT_PROGRESS_BAR = 30 }; /* columns of the widest bar */

typedef struct ent_progress_view {
  int columns;      /* of the terminal; 0: stderr is none */
  double last_line; /* clock time of the last line in a log */
  int bar;          /* columns of the bar: it only becomes shorter, so that it does not jump */
  bool is_open;     /* a terminal line stands without its newline */
} ent_progress_view;

/* Finds out what stderr is, through mpirun's pipe too (engine/launch). */
void ent_progress_view_init(ent_progress_view *view);

/* An ent_listener's progress function; the context is a view. */
void ent_progress_show(void *view, const ent_progress *progress);

/* Clears the line that may stand on the terminal without its newline, before something else is written. */
void ent_progress_clear(void);

/*
 * Writes the line of a progress into buffer[size], at most `columns` characters wide (0: as long as it
 * takes).
 * [in,out] bar  the widest bar that is wanted; becomes what there was room for. Without enough there is none,
 *               and it stays
 */
void ent_progress_line(const ent_progress *progress, int columns, int *bar, size_t size, char *buffer);

#endif
