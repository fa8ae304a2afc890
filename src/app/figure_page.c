#include "entrain/app/figure_page.h"

#include <math.h>

static void find_x_range(ent_figure_page *page) {
  const ent_curves *curves = page->curves;
  const double *x = curves->values;
  const size_t n = curves->n_x;
  page->log_x = ent_curves_is_logarithmic(x, n);
  page->x_min = ent_curves_edge(x, n, 0);
  page->x_max = ent_curves_edge(x, n, n);
  /* Only the cells of a map need half a step beside the outer points; a mark needs a little room. */
  if (n == 1 || page->shown[ENT_PANEL_MAP]) return;
  const double room = page->log_x ? pow(x[n - 1] / x[0], 0.04) : 0.04 * (x[n - 1] - x[0]);
  page->x_min = page->log_x ? x[0] / room : x[0] - room;
  page->x_max = page->log_x ? x[n - 1] * room : x[n - 1] + room;
}

/* Whether there is a time to show. */
static bool any_time(const ent_phase *phase) {
  for (size_t i = 0; i < phase->n_delta * (size_t)phase->n_cells; i++)
    if (isfinite(phase->t_sync_median[i]) || isfinite(phase->t_sync_first[i])) return true;
  return false;
}

/* Range of the medians and quartiles and of the horizon, with room above and below. */
static void find_t_range(ent_figure_page *page) {
  const ent_phase *phase = page->curves->phase;
  const double room = 1.6;
  const double *const quantiles[] = {phase->t_sync_median, phase->t_sync_first, phase->t_sync_third};
  page->t_max = page->curves->spec->horizon;
  page->t_min = page->t_max;
  for (size_t i = 0; i < phase->n_delta * (size_t)phase->n_cells; i++)
    for (size_t q = 0; q < 3; q++) {
      const double t = quantiles[q][i];
      if (!isfinite(t) || t <= 0.0) continue;
      page->t_min = fmin(page->t_min, t);
      page->t_max = fmax(page->t_max, t);
    }
  if (page->t_min == page->t_max) page->t_min /= 10.0;
  page->t_min /= room;
  page->t_max *= room;
}

/* Whether any row may have synchronized or not: models that just finish have no P(sync). */
static bool any_judged(const ent_phase *phase) {
  int64_t counted = 0;
  for (int64_t cell = 0; cell < phase->n_cells; cell++) {
    if (phase->sync[cell] + phase->nonsync[cell] + phase->undecided[cell] > 0) return true;
    counted += phase->count[cell];
  }
  return counted == 0;
}

/* Widths of a page's panels, by the number of columns, and the room between them. */
static void place_columns(ent_figure_page *page) {
  static const double widths[ENT_FIGURE_COLUMNS] = {860.0, 640.0, 470.0, 430.0};
  const double beside = page->shown[ENT_PANEL_MAP] ? 210.0 : 40.0;
  ent_figure_frame *frame = &page->frame;
  frame->left = 170.0;
  frame->gap = page->log_x ? 80.0 : 44.0;
  frame->column = widths[page->columns - 1];
  frame->width = frame->left + (double)page->columns * (frame->column + frame->gap) - frame->gap + beside;
}

static void place_rows(ent_figure_page *page, size_t title_lines) {
  static const double heights[ENT_PANEL_KINDS] = {420.0, 300.0, 300.0};
  const double under = 120.0, line = 38.0, above = 32.0 + line * (double)title_lines, between = 34.0;
  ent_figure_frame *frame = &page->frame;
  double y = under;
  for (int kind = ENT_PANEL_KINDS - 1; kind >= 0; kind--) {
    if (!page->shown[kind]) continue;
    frame->bottom[kind] = y;
    frame->row[kind] = heights[kind];
    y += heights[kind] + between;
  }
  frame->height = y - between + above;
}

/* Letters that fit above a panel, with room for one between two titles. */
static size_t title_room(const ent_figure_page *page) {
  const double letter = 18.5;
  return (size_t)((page->frame.column + page->frame.gap) / letter) - 1;
}

int ent_figure_page_title(const ent_figure_page *page, size_t group, ent_text *title, size_t *lines) {
  const size_t most = title_room(page);
  size_t start = 0, comma = 0;
  *lines = 1;
  ENT_TRY(ent_curves_append_title(page->curves, group, title));
  for (size_t i = 0; i <= title->length; i++) {
    const bool may_break = title->data[i] == ',' || i == title->length;
    if (may_break && i - start > most && comma > start) {
      title->data[comma + 1] = '\n';
      start = comma + 2;
      ++*lines;
    }
    if (may_break && i < title->length) comma = i;
  }
  if (page->wraps && *lines == 1 && comma > 0) {
    title->data[comma + 1] = '\n';
    ++*lines;
  }
  return ENT_OK;
}

static int count_title_lines(const ent_figure_page *page, size_t *most) {
  int code = ENT_OK;
  ent_text title = {0};
  *most = 1;
  for (size_t column = 0; column < page->columns; column++) {
    size_t lines = 1;
    ent_text_fini(&title);
    ENT_GOTO(ent_figure_page_title(page, page->first + column, &title, &lines));
    if (lines > *most) *most = lines;
  }

done:
  ent_text_fini(&title);
  return code;
}

int ent_figure_page_make(const ent_curves *curves, size_t number, ent_figure_page *made) {
  ent_figure_page page = {.curves = curves, .first = number * ENT_FIGURE_COLUMNS};
  const size_t left = curves->n_groups - page.first;
  size_t title_lines = 1;
  page.columns = left < ENT_FIGURE_COLUMNS ? left : ENT_FIGURE_COLUMNS;
  const bool judged = any_judged(curves->phase);
  page.shown[ENT_PANEL_MAP] = curves->map >= 0;
  page.shown[ENT_PANEL_PROBABILITY] = judged || !page.shown[ENT_PANEL_MAP];
  page.shown[ENT_PANEL_TIME] =
    judged && !curves->phase->certified && (any_time(curves->phase) || !page.shown[ENT_PANEL_MAP]);
  for (int kind = 0; kind < ENT_PANEL_KINDS; kind++)
    if (page.shown[kind]) page.last = (ent_panel)kind;
  find_x_range(&page);
  find_t_range(&page);
  page.log_t = ent_curves_is_logarithmic(curves->spec->record, curves->spec->n_record);
  place_columns(&page);
  ENT_TRY(count_title_lines(&page, &title_lines));
  page.wraps = title_lines > 1;
  place_rows(&page, title_lines);
  *made = page;
  return ENT_OK;
}
