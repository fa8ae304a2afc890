#ifndef ENTRAIN_APP_FIGURE_PAGE_H
#define ENTRAIN_APP_FIGURE_PAGE_H

/* The layout of one page of the figure: which panels it has, where they stand, and the ranges of their axes.
 */

#include "entrain/app/figure.h"

typedef enum { ENT_PANEL_MAP, ENT_PANEL_PROBABILITY, ENT_PANEL_TIME, ENT_PANEL_KINDS } ent_panel;

/* Where things are on the page, in pixels from the lower left corner. */
typedef struct ent_figure_frame {
  double width, height;
  double left, column, gap; /* of the columns */
  double bottom[ENT_PANEL_KINDS], row[ENT_PANEL_KINDS];
} ent_figure_frame;

typedef struct ent_figure_page {
  const ent_curves *curves;
  size_t first, columns;
  bool shown[ENT_PANEL_KINDS];
  ent_panel last; /* lowest panel, which carries the x axis */
  double x_min, x_max;
  bool log_x, log_t;
  bool wraps;          /* a title is too wide for one line: then every one takes two */
  double t_min, t_max; /* of the t_sync panel */
  ent_figure_frame frame;
} ent_figure_page;

/* Lays out a page, counted from 0. Errors: ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_figure_page_make(const ent_curves *curves, size_t number, ent_figure_page *made);

/*
 * A group's name, broken at commas where it is wider than its column; `title` is empty before.
 * [out] lines  how many it takes
 * Errors: ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_figure_page_title(const ent_figure_page *page, size_t group, ent_text *title,
                                         size_t *lines);

#endif
