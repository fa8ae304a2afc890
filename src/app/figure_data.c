#include <inttypes.h>
#include <math.h>

#include "entrain/app/figure.h"

/* One number of a line. */
static int append_cell(ent_text *text, double value) {
  ENT_TRY(ent_text_append(text, " "));
  return ent_text_append_real(text, value);
}

static int append_point(const ent_curves *curves, size_t group, size_t i, ent_text *text) {
  const ent_phase *phase = curves->phase;
  const size_t place = group * curves->n_x + i, cell = (size_t)curves->cells[place];
  ENT_TRY(ent_text_append_real(text, curves->values[i]));
  ENT_TRY(append_cell(text, ent_curves_point(phase, cell)));
  ENT_TRY(append_cell(text, phase->p_sync_low[cell]));
  ENT_TRY(append_cell(text, phase->p_sync_high[cell]));
  ENT_TRY(append_cell(text, curves->t_half[place]));
  for (size_t k = 0; k < phase->n_delta; k++) {
    const size_t at = k * (size_t)phase->n_cells + cell;
    ENT_TRY(append_cell(text, phase->t_sync_median[at]));
    ENT_TRY(append_cell(text, phase->t_sync_first[at]));
    ENT_TRY(append_cell(text, phase->t_sync_third[at]));
  }
  return ent_text_append(text, "\n");
}

static int append_header(const ent_curves *curves, ent_text *text) {
  ENT_TRY(ent_text_append(text, "# %s p_sync p_sync_low p_sync_high t_half", ent_curves_x_name(curves)));
  for (size_t k = 0; k < curves->phase->n_delta; k++) {
    ENT_TRY(ent_text_append(text, " t_sync_median(%g) t_sync_first(%g) t_sync_third(%g)",
                            curves->spec->delta[k], curves->spec->delta[k], curves->spec->delta[k]));
  }
  return ent_text_append(text, "\n");
}

int ent_figure_append_data(const ent_curves *curves, ent_text *text) {
  ENT_TRY(append_header(curves, text));
  for (size_t group = 0; group < curves->n_groups; group++) {
    ENT_TRY(ent_text_append(text, "%s# ", group > 0 ? "\n\n" : ""));
    ENT_TRY(ent_curves_append_title(curves, group, text));
    ENT_TRY(ent_text_append(text, "\n"));
    for (size_t i = 0; i < curves->n_x; i++) ENT_TRY(append_point(curves, group, i, text));
  }
  return ENT_OK;
}

/*
 * One band as `x low high`; where a limit is missing it is interrupted. gnuplot cannot fill across missing
 * points, and a block without points would be no block: it begins with a point of no height.
 */
static int append_band(const ent_curves *curves, size_t group, const double *low, const double *high,
                       ent_text *text) {
  const double nothing = 1e-300;
  ENT_TRY(ent_text_append_real(text, curves->values[0]));
  ENT_TRY(append_cell(text, nothing));
  ENT_TRY(append_cell(text, nothing));
  ENT_TRY(ent_text_append(text, "\n\n"));
  bool open = false;
  for (size_t i = 0; i < curves->n_x; i++) {
    const size_t cell = (size_t)curves->cells[group * curves->n_x + i];
    const bool known = isfinite(low[cell]) && isfinite(high[cell]);
    if (!known && open) ENT_TRY(ent_text_append(text, "\n"));
    open = known;
    if (!known) continue;
    ENT_TRY(ent_text_append_real(text, curves->values[i]));
    ENT_TRY(append_cell(text, low[cell]));
    ENT_TRY(append_cell(text, high[cell]));
    ENT_TRY(ent_text_append(text, "\n"));
  }
  return ent_text_append(text, "%s\n", open ? "\n" : "");
}

int ent_figure_append_bands(const ent_curves *curves, ent_text *text) {
  const ent_phase *phase = curves->phase;
  for (size_t group = 0; group < curves->n_groups; group++) {
    ENT_TRY(ent_text_append(text, "# p %04zu\n", group));
    ENT_TRY(append_band(curves, group, phase->p_sync_low, phase->p_sync_high, text));
    ENT_TRY(ent_text_append(text, "\n# t %04zu\n", group));
    ENT_TRY(append_band(curves, group, phase->t_sync_first, phase->t_sync_third, text));
    ENT_TRY(ent_text_append(text, "\n"));
  }
  return ENT_OK;
}

bool ent_figure_map_is_image(const ent_curves *curves) {
  const double *times = curves->spec->record;
  const size_t n_times = curves->spec->n_record;
  return !ent_curves_is_logarithmic(curves->values, curves->n_x) &&
         !ent_curves_is_logarithmic(times, n_times) && ent_curves_is_uniform(curves->values, curves->n_x) &&
         ent_curves_is_uniform(times, n_times);
}

/* One column of the map at abscissa x: lines `x t mean`. */
static int append_scan(const ent_curves *curves, size_t group, size_t i, double x, ent_text *text) {
  const float *mean = ent_curves_mean(curves, (size_t)curves->map, group, i);
  const double *times = curves->spec->record;
  const size_t n_times = curves->phase->n_times;
  const bool image = ent_figure_map_is_image(curves);
  for (size_t t = 0; t < n_times + !image; t++) {
    ENT_TRY(ent_text_append_real(text, x));
    ENT_TRY(append_cell(text, image ? times[t] : ent_curves_edge(times, n_times, t)));
    ENT_TRY(ent_text_append(text, " %.7g\n", (double)mean[t < n_times ? t : n_times - 1]));
  }
  return ent_text_append(text, "\n");
}

static int append_group_map(const ent_curves *curves, size_t group, ent_text *text) {
  const size_t n_x = curves->n_x;
  if (ent_figure_map_is_image(curves) && n_x == 1) {
    /* An image needs two columns: the single one fills the panel from side to side. */
    ENT_TRY(append_scan(curves, group, 0, curves->values[0] - 0.5, text));
    return append_scan(curves, group, 0, curves->values[0] + 0.5, text);
  }
  if (ent_figure_map_is_image(curves)) {
    for (size_t i = 0; i < n_x; i++) ENT_TRY(append_scan(curves, group, i, curves->values[i], text));
    return ENT_OK;
  }
  for (size_t i = 0; i < n_x; i++) {
    for (size_t side = 0; side < 2; side++)
      ENT_TRY(append_scan(curves, group, i, ent_curves_edge(curves->values, n_x, i + side), text));
  }
  return ENT_OK;
}

int ent_figure_append_map(const ent_curves *curves, ent_text *text) {
  ENT_TRY(ent_text_append(text, "# %s t, mean ", ent_curves_x_name(curves)));
  ENT_TRY(ent_curves_append_map_name(curves, text));
  ENT_TRY(ent_text_append(
    text, "%s\n", ent_figure_map_is_image(curves) ? "" : "   (a cell's value at its left and right edge)"));
  for (size_t group = 0; group < curves->n_groups; group++) {
    ENT_TRY(ent_text_append(text, "%s# ", group > 0 ? "\n" : ""));
    ENT_TRY(ent_curves_append_title(curves, group, text));
    ENT_TRY(ent_text_append(text, "\n"));
    ENT_TRY(append_group_map(curves, group, text));
  }
  return ENT_OK;
}
