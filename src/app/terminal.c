#include "entrain/app/terminal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { MARGIN = 9, MAP_ROWS = 12, CHART_ROWS = 7, WIDEST_CELL = 8 };

/* Viridis in the 6x6x6 cube and grey ramp of 256-colour terminals. */
static const int ramp[] = {17, 54, 55, 60, 24, 25, 31, 30, 36, 35, 41, 77, 113, 149, 185, 220, 226};
enum { RAMP = sizeof ramp / sizeof ramp[0], GREY = 238 };
static const char shades[] = " .:-=+*#%@";

/* Where a group is drawn. */
typedef struct canvas {
  const ent_curves *curves;
  const ent_terminal_style *style;
  size_t group, columns;
  ent_text *text;
} canvas;

static bool locale_is_utf8(void) {
  static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG", NULL};
  for (size_t i = 0; names[i]; i++) {
    const char *value = getenv(names[i]);
    if (value && value[0]) return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
  }
  return false;
}

ent_terminal_style ent_terminal_detect(int descriptor) {
  const size_t usual = 80, narrowest = 40;
  const char *term = getenv("TERM");
  struct winsize size = {0};
  ent_terminal_style style = {.width = usual};
  if (!isatty(descriptor)) return style;
  style.blocks = locale_is_utf8() && !(term && strcmp(term, "dumb") == 0);
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col >= narrowest) style.width = size.ws_col;
  return style;
}

/* The point in whose cell the middle of a column lies, on the scale that suits the points. */
static size_t point_of(const canvas *on, size_t column) {
  const double *values = on->curves->values;
  const size_t n = on->curves->n_x;
  const double low = ent_curves_edge(values, n, 0), high = ent_curves_edge(values, n, n);
  const double share = ((double)column + 0.5) / (double)on->columns;
  const double x =
    ent_curves_is_logarithmic(values, n) ? low * pow(high / low, share) : low + share * (high - low);
  size_t i = 0;
  while (i + 1 < n && ent_curves_edge(values, n, i + 1) <= x) i++;
  return i;
}

/* What the map shows in a column at a share 0..1 of the recorded time span, as a share of its range. */
static double map_at(const canvas *on, size_t column, double share) {
  const ent_curves *curves = on->curves;
  const double *times = curves->spec->record;
  const size_t last = curves->phase->n_times - 1;
  const double t = times[0] + share * (times[last] - times[0]);
  size_t nearest = 0;
  while (nearest < last && times[nearest + 1] <= t) nearest++;
  if (nearest < last && times[nearest + 1] - t < t - times[nearest]) nearest++;
  const float *mean = ent_curves_mean(curves, (size_t)curves->map, on->group, point_of(on, column));
  return ((double)mean[nearest] - curves->map_low) / (curves->map_high - curves->map_low);
}

static int color_of(double value) {
  if (isnan(value)) return GREY;
  const int i = (int)(value * RAMP);
  return ramp[i < 0 ? 0 : i >= (int)RAMP ? (int)RAMP - 1 : i];
}

static char shade_of(double value) {
  const int count = (int)sizeof shades - 1, i = (int)(value * count);
  if (isnan(value)) return '?';
  return shades[i < 0 ? 0 : i >= count ? count - 1 : i];
}

/* Two times in one character, the upper half block in front of the lower one. */
static int append_map_row(const canvas *on, size_t row) {
  const double rows = 2.0 * MAP_ROWS - 1.0;
  const double upper = 1.0 - 2.0 * (double)row / rows, lower = fmax(0.0, upper - 1.0 / rows);
  for (size_t column = 0; column < on->columns; column++) {
    if (on->style->blocks)
      ENT_TRY(ent_text_append(on->text, "\033[38;5;%dm\033[48;5;%dm▀", color_of(map_at(on, column, upper)),
                              color_of(map_at(on, column, lower))));
    else
      ENT_TRY(ent_text_append(on->text, "%c", shade_of(map_at(on, column, 0.5 * (upper + lower)))));
  }
  return ent_text_append(on->text, "%s\n", on->style->blocks ? "\033[0m" : "|");
}

static int append_map(const canvas *on) {
  const double *times = on->curves->spec->record;
  const size_t n_times = on->curves->phase->n_times;
  ENT_TRY(ent_text_append(on->text, "%*s  mean ", MARGIN - 1, ""));
  ENT_TRY(ent_curves_append_map_name(on->curves, on->text));
  ENT_TRY(ent_text_append(on->text, " over t\n"));
  for (size_t row = 0; row < MAP_ROWS; row++) {
    if (row == 0)
      ENT_TRY(ent_text_append(on->text, "%*.4g |", MARGIN - 2, times[n_times - 1]));
    else if (row == MAP_ROWS - 1)
      ENT_TRY(ent_text_append(on->text, "%*.4g |", MARGIN - 2, times[0]));
    else
      ENT_TRY(ent_text_append(on->text, "%*s |", MARGIN - 2, row == MAP_ROWS / 2 ? "t" : ""));
    ENT_TRY(append_map_row(on, row));
  }
  return ENT_OK;
}

/* The mark of one column in a row of the chart: the point, its interval, or nothing. */
static const char *chart_mark(const canvas *on, size_t column, size_t row) {
  const ent_phase *phase = on->curves->phase;
  const size_t cell = (size_t)on->curves->cells[on->group * on->curves->n_x + point_of(on, column)];
  const double top = CHART_ROWS - 1.0;
  const double level = 1.0 - (double)row / top, half = 0.5 / top;
  const double p = ent_curves_point(phase, cell);
  if (p >= level - half && p < level + half) return on->style->blocks ? "\033[38;5;31m●\033[0m" : "o";
  if (phase->p_sync_low[cell] < level + half && phase->p_sync_high[cell] >= level - half)
    return on->style->blocks ? "\033[38;5;153m│\033[0m" : ":";
  return " ";
}

static int append_chart(const canvas *on) {
  static const char *const labels[CHART_ROWS] = {"1", "", "", "0.5", "", "", "0"};
  ENT_TRY(ent_text_append(on->text, "%*s  P(sync)\n", MARGIN - 1, ""));
  for (size_t row = 0; row < CHART_ROWS; row++) {
    ENT_TRY(ent_text_append(on->text, "%*s |", MARGIN - 2, labels[row]));
    for (size_t column = 0; column < on->columns; column++)
      ENT_TRY(ent_text_append(on->text, "%s", chart_mark(on, column, row)));
    ENT_TRY(ent_text_append(on->text, "%s\n", on->style->blocks ? "" : "|"));
  }
  return ENT_OK;
}

/* The axis under a group: a rule, and the first and last value with the name between them. */
static int append_x_axis(const canvas *on) {
  const ent_curves *curves = on->curves;
  char first[32], last[32] = "";
  snprintf(first, sizeof first, "%.4g", curves->values[0]);
  if (curves->n_x > 1) snprintf(last, sizeof last, "%.4g", curves->values[curves->n_x - 1]);
  ENT_TRY(ent_text_append(on->text, "%*s+", MARGIN - 1, ""));
  for (size_t column = 0; column < on->columns; column++) ENT_TRY(ent_text_append(on->text, "-"));
  char name[80];
  snprintf(name, sizeof name, "%s%s", ent_curves_x_name(curves),
           ent_curves_is_logarithmic(curves->values, curves->n_x) ? " (log)" : "");
  const int room = (int)on->columns - (int)strlen(first) - (int)strlen(last) - (int)strlen(name);
  const int before = room > 2 ? room / 2 : 1, after = room > 2 ? room - room / 2 : 1;
  return ent_text_append(on->text, "\n%*s %s%*s%s%*s%s\n", MARGIN - 1, "", first, before, "", name, after, "",
                         last);
}

/* A line with what tells the group from others; none when there is nothing to tell. */
static int append_title(const canvas *on) {
  int code = ENT_OK;
  ent_text title = {0};
  ENT_GOTO(ent_curves_append_title(on->curves, on->group, &title));
  if (title.length > 0) ENT_GOTO(ent_text_append(on->text, "%*s %s\n", MARGIN - 1, "", title.data));
done:
  ent_text_fini(&title);
  return code;
}

static int append_group(const canvas *on) {
  ENT_TRY(append_title(on));
  if (on->curves->map >= 0) ENT_TRY(append_map(on));
  ENT_TRY(append_chart(on));
  return append_x_axis(on);
}

int ent_terminal_append(const ent_curves *curves, const ent_terminal_style *style, size_t max_groups,
                        ent_text *text) {
  const size_t room = style->width - MARGIN - 1;
  const size_t shown = curves->n_groups < max_groups ? curves->n_groups : max_groups;
  canvas on = {.curves = curves,
               .style = style,
               .text = text,
               .columns = curves->n_x * WIDEST_CELL < room ? curves->n_x * WIDEST_CELL : room};
  for (on.group = 0; on.group < shown; on.group++) {
    ENT_TRY(append_group(&on));
    ENT_TRY(ent_text_append(text, "\n"));
  }
  if (shown < curves->n_groups)
    ENT_TRY(ent_text_append(text, "%*s and %zu more, in the figures and tables\n\n", MARGIN - 1, "",
                            curves->n_groups - shown));
  return ENT_OK;
}
