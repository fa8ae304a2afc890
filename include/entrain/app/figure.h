#ifndef ENTRAIN_APP_FIGURE_H
#define ENTRAIN_APP_FIGURE_H

/*
 * The figure of a phase diagram: data files and gnuplot scripts, which are kept so that users can restyle
 * them, and gnuplot itself, started without a shell. Four groups a page: phase.png, phase_2.png, ... and the
 * same as SVG.
 */

#include "entrain/app/report_curves.h"
#include "entrain/base/text.h"

enum { ENT_FIGURE_COLUMNS = 4 }; /* groups on one page */

/* Pages that a phase diagram takes. */
size_t ent_figure_pages(const ent_curves *curves);

/* Name of a page's file, "phase.png", "phase_2.svg", into buffer[size]; page counts from 0. */
void ent_figure_name(size_t page, const char *ending, size_t size, char *buffer);

/*
 * Writes phase.dat, phase_band.dat, phase_map.dat (when a series is recorded) and the scripts into a
 * folder that exists. Errors: ENT_ERR_IO, ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_figure_write(const ent_curves *curves, const char *folder);

/* The text of the data files; [out] text is appended to. Errors: ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_figure_append_data(const ent_curves *curves, ent_text *text);
ENT_MUST_CHECK int ent_figure_append_bands(const ent_curves *curves, ent_text *text);
ENT_MUST_CHECK int ent_figure_append_map(const ent_curves *curves, ent_text *text);

/*
 * Whether the map is drawn as an image: equal steps on linear axes. Otherwise its file holds the corners of
 * quadrangles, each with the value of the cell that begins there.
 */
bool ent_figure_map_is_image(const ent_curves *curves);

/* The gnuplot script of a page. Errors: ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_figure_append_script(const ent_curves *curves, size_t page, ent_text *text);

/*
 * Runs gnuplot on the scripts in the folder, twice a page, PNG and SVG. Errors: ENT_ERR_SYSTEM when gnuplot
 * is not installed or fails.
 */
ENT_MUST_CHECK int ent_figure_draw(const ent_curves *curves, const char *folder);

#endif
