#ifndef ENTRAIN_APP_TERMINAL_H
#define ENTRAIN_APP_TERMINAL_H

/*
 * The phase diagram in characters: for each group the map of a recorded mean over (x, t), when there is one,
 * and P(sync) over x with its interval. Colours and blocks on a terminal that has them, ASCII
 * shades elsewhere.
 */

#include "entrain/app/report_curves.h"
#include "entrain/base/text.h"

typedef struct ent_terminal_style {
  size_t width; /* columns */
  bool blocks;  /* Unicode blocks in 256 colours, otherwise ASCII */
} ent_terminal_style;

/* The style of a stream: its width (80 where unknown), blocks on a terminal with a UTF-8 locale. */
ent_terminal_style ent_terminal_detect(int descriptor);

/* Appends the diagram of at most max_groups groups, and how many are left out. Errors: ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_terminal_append(const ent_curves *curves, const ent_terminal_style *style,
                                       size_t max_groups, ent_text *text);

#endif
