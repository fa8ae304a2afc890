#ifndef ENTRAIN_APP_HTML_H
#define ENTRAIN_APP_HTML_H

/* report.html: the figures, what was swept, what became of the rows, and what made them, in one file. */

#include "entrain/app/command.h"
#include "entrain/app/report_curves.h"
#include "entrain/store/tally.h"

/* What a page is made of. */
typedef struct ent_html {
  ent_store *store;
  const ent_curves *curves;
  const ent_tally *tally;
  const char *path;   /* of the results file, as the user named it */
  const char *folder; /* the page's; figures are read from it */
  const char *tables; /* paths of the tables, one a line */
  const char *costs;  /* a sentence about what jobs took; NULL: nothing is to be said */
  bool drawn;         /* the SVG figures are there */
} ent_html;

/* Writes folder/report.html. Errors: ENT_ERR_IO, ENT_ERR_MEMORY, those of ent_store_read_segments. */
ENT_MUST_CHECK int ent_html_write(const ent_html *page);

#endif
