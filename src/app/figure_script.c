#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "entrain/app/figure.h"
#include "entrain/app/figure_page.h"
#include "entrain/base/text.h"

static const char palette[] =
  "set palette defined (0 '#440154', 1 '#48186a', 2 '#472d7b', 3 '#424086', 4 '#3b528b', 5 '#33638d', \\\n"
  "  6 '#2c728e', 7 '#26828e', 8 '#21918c', 9 '#1fa088', 10 '#28ae80', 11 '#3fbc73', 12 '#5ec962', \\\n"
  "  13 '#84d44b', 14 '#addc30', 15 '#d8e219', 16 '#fde725')\n";

/* Colours of the deltas: dark to light, told apart in grey too. */
static const char *const delta_colors[ENT_MAX_DELTAS] = {"#31688e", "#d95f02", "#35b779", "#440154",
                                                         "#e7298a", "#a6761d", "#666666", "#90d743"};

/* "10^{-3}" for powers of ten, "0.002" otherwise. */
static int append_delta(double delta, ent_text *text) {
  const double exponent = log10(delta);
  if (fabs(exponent - round(exponent)) < 1e-9) return ent_text_append(text, "10^{%d}", (int)round(exponent));
  return ent_text_append(text, "%g", delta);
}

/*
 * Name of the x axis, below the middle of its panel: placed by hand, because gnuplot's two terminals put an
 * xlabel at different heights and drop one that does not fit. Names but beta and single letters are written
 * upright.
 */
static int append_x_label(const ent_curves *curves, double x, double y, ent_text *text) {
  if (!curves->x) return ent_text_append(text, "unset label 4\nset format x ''\n");
  const char *name = strcmp(curves->x->name, "beta") == 0 ? "β" : curves->x->name;
  const bool is_symbol = name != curves->x->name || strlen(name) == 1;
  return ent_text_append(text, "set label 4 '%s%s%s' at screen %.6f,%.6f center %s\n",
                         is_symbol ? "{/:Italic " : "", name, is_symbol ? "}" : "", x, y,
                         is_symbol ? "" : "noenhanced");
}

static int append_head(const ent_figure_page *page, const char *name, ent_text *text) {
  const ent_figure_frame *frame = &page->frame;
  ENT_TRY(ent_text_append(
    text,
    "# Drawn by `entrain report`; change it and draw again, in this folder:\n"
    "#   gnuplot %s.gp     or for SVG:   gnuplot -e \"format = 'svg'\" %s.gp\n"
    "set encoding utf8\n"
    "if (!exists('format')) format = 'png'\n"
    "if (format eq 'svg') {\n"
    "  set terminal svg size %.0f,%.0f enhanced font 'Helvetica,31' linewidth 2 background 'white'\n"
    "} else {\n"
    "  set terminal pngcairo size %.0f,%.0f enhanced font 'Helvetica,23' linewidth 2 background 'white'\n"
    "}\n"
    "set output '%s.'.format\n\n",
    name, name, frame->width, frame->height, frame->width, frame->height, name));
  ENT_TRY(ent_text_append(text, "%s", palette));
  ENT_TRY(ent_text_append(text, "set border lw 0.8 lc rgb '#303030'\nset tics out nomirror scale 0.7,0.4\n"
                                "set mxtics 2\nset style fill solid noborder\nunset key\n"));
  ENT_TRY(
    ent_text_append(text, "set cbrange [%.10g:%.10g]\n", page->curves->map_low, page->curves->map_high));
  if (page->log_x) ENT_TRY(ent_text_append(text, "set logscale x\nset mxtics 10\n"));
  ENT_TRY(ent_text_append(text, "set xrange [%.10g:%.10g]\n", page->x_min, page->x_max));
  return ent_text_append(text, "set multiplot\n");
}

/* Whether there are so few points, and so far apart, that each of them can have its number. */
static bool can_name_all(const ent_figure_page *page) {
  enum { FEW = 6 };
  const double *x = page->curves->values;
  const size_t n = page->curves->n_x;
  if (n > FEW) return false;
  for (size_t i = 1; i < n; i++) {
    const double share = page->log_x ? log(x[i] / x[i - 1]) / log(page->x_max / page->x_min)
                                     : (x[i] - x[i - 1]) / (page->x_max - page->x_min);
    if (share < 1.0 / (FEW + 2)) return false;
  }
  return true;
}

static int append_frame(const ent_figure_page *page, ent_panel kind, size_t column, ent_text *text) {
  const ent_figure_frame *frame = &page->frame;
  const double x = frame->left + (double)column * (frame->column + frame->gap), y = frame->bottom[kind];
  ENT_TRY(ent_text_append(text,
                          "set lmargin at screen %.6f\nset rmargin at screen %.6f\n"
                          "set bmargin at screen %.6f\nset tmargin at screen %.6f\n",
                          x / frame->width, (x + frame->column) / frame->width, y / frame->height,
                          (y + frame->row[kind]) / frame->height));
  if (can_name_all(page)) {
    for (size_t i = 0; i < page->curves->n_x; i++)
      ENT_TRY(ent_text_append(text, "%s%.10g", i == 0 ? "set xtics (" : ", ", page->curves->values[i]));
    ENT_TRY(ent_text_append(text, ")\nset mxtics 1\n"));
  }
  if (kind != page->last) return ent_text_append(text, "set format x ''\nunset label 4\n");
  ENT_TRY(ent_text_append(text, "set format x '%%h'\n"));
  return append_x_label(page->curves, (x + 0.5 * frame->column) / frame->width, 0.25 * y / frame->height,
                        text);
}

/* Group name above the topmost panel; nothing above the others. */
static int append_title(const ent_figure_page *page, ent_panel kind, size_t column, ent_text *text) {
  int code = ENT_OK;
  size_t lines = 1;
  ent_text title = {0};
  for (int above = 0; above < (int)kind; above++)
    if (page->shown[above]) return ent_text_append(text, "unset title\n");
  ENT_GOTO(ent_figure_page_title(page, page->first + column, &title, &lines));
  ENT_GOTO(ent_text_append(text, "set title \""));
  for (size_t i = 0; i < title.length; i++)
    ENT_GOTO(title.data[i] == '\n' ? ent_text_append(text, "\\n")
                                   : ent_text_append(text, "%c", title.data[i]));
  ENT_GOTO(ent_text_append(text, "\" noenhanced offset 0,-0.4\n"));

done:
  ent_text_fini(&title);
  return code;
}

/* The label is put at one distance from the edge for all panels, whatever the width of their numbers. */
static int append_y_axis(const ent_figure_page *page, ent_panel kind, size_t column, const char *label,
                         ent_text *text) {
  const ent_figure_frame *frame = &page->frame;
  const double from_edge = 34.0;
  if (column > 0) return ent_text_append(text, "unset label 1\nset format y ''\n");
  return ent_text_append(
    text, "set label 1 '%s' at screen %.6f,%.6f center rotate by 90\nset format y '%%h'\n", label,
    from_edge / frame->width, (frame->bottom[kind] + 0.5 * frame->row[kind]) / frame->height);
}

static int append_color_bar(const ent_figure_page *page, ent_text *text) {
  const ent_curves *curves = page->curves;
  const ent_figure_frame *frame = &page->frame;
  const double x = frame->left + (double)page->columns * (frame->column + frame->gap) - frame->gap + 28.0;
  const double y = frame->bottom[ENT_PANEL_MAP], width = 26.0;
  ENT_TRY(ent_text_append(text,
                          "set colorbox user origin screen %.6f,%.6f size screen %.6f,%.6f\n"
                          "set cbtics %s scale 0.5\nset format cb '%%h'\nset cblabel 'mean ",
                          x / frame->width, y / frame->height, width / frame->width,
                          frame->row[ENT_PANEL_MAP] / frame->height,
                          curves->map_low == 0.0 && curves->map_high == 1.0 ? "0,0.25,1" : "autofreq"));
  ENT_TRY(ent_curves_append_map_name(curves, text));
  if (curves->map != curves->overlap) return ent_text_append(text, "' offset 0.6,0\n");
  ENT_TRY(ent_text_append(text, ", {/:Italic δ} = "));
  ENT_TRY(append_delta(curves->spec->delta[0], text));
  return ent_text_append(
    text,
    "' offset 0.6,0\nset arrow 9 from screen %.6f,%.6f to screen %.6f,%.6f nohead front lw 1.5 "
    "lc rgb 'white'\n",
    x / frame->width, (y + 0.5 * frame->row[ENT_PANEL_MAP]) / frame->height, (x + width) / frame->width,
    (y + 0.5 * frame->row[ENT_PANEL_MAP]) / frame->height);
}

/* Equal steps are drawn as an image, which stays small in SVG; other grids as quadrangles. */
static int append_map_plot(const ent_figure_page *page, size_t group, ent_text *text) {
  const ent_curves *curves = page->curves;
  const bool image = ent_figure_map_is_image(curves);
  const char *columns = image ? "1:5" : "1:5:(0)";
  const char *under = curves->n_x > 1 ? "lines lw 3.4" : "points pt 7 ps 1.5";
  const char *over = curves->n_x > 1 ? "lines lw 1.7" : "points pt 7 ps 0.9";
  ENT_TRY(ent_text_append(text, "%s 'phase_map.dat' index %zu using %s",
                          image ? "plot" : "set pm3d map corners2color c1\nset zrange [-1:1]\nsplot", group,
                          image ? "1:2:3 with image" : "1:2:(0):3 with pm3d"));
  if (curves->map != curves->overlap) return ent_text_append(text, "\n");
  return ent_text_append(text,
                         ", \\\n  'phase.dat' index %zu using %s with %s lc rgb '#202020', \\\n"
                         "  '' index %zu using %s with %s lc rgb 'white'\n",
                         group, columns, under, group, columns, over);
}

static int append_map(const ent_figure_page *page, size_t column, ent_text *text) {
  const ent_spec *spec = page->curves->spec;
  const bool is_last = column + 1 == page->columns;
  ENT_TRY(append_y_axis(page, ENT_PANEL_MAP, column,
                        spec->unit == ENT_UNIT_T ? "{/:Italic t}" : "{/:Italic t} e^{{/:Italic β}}", text));
  ENT_TRY(ent_text_append(text, "set yrange [%.10g:%.10g]\n%s",
                          page->log_t ? spec->record[0] : fmin(0.0, spec->record[0]),
                          spec->record[spec->n_record - 1], page->log_t ? "set logscale y\n" : ""));
  ENT_TRY(ent_text_append(
    text, "set ytics autofreq\nset mytics default\n"
          "set object 1 rectangle from graph 0,0 to graph 1,1 behind fc rgb '#e4e4e4' fs solid "
          "noborder\n"));
  if (is_last)
    ENT_TRY(append_color_bar(page, text));
  else
    ENT_TRY(ent_text_append(text, "unset colorbox\n"));
  ENT_TRY(append_map_plot(page, page->first + column, text));
  return ent_text_append(text, "unset pm3d\nunset object 1\nunset arrow 9\nunset logscale y\n");
}

static int append_probability(const ent_figure_page *page, size_t column, ent_text *text) {
  const size_t group = page->first + column;
  const bool many = page->curves->n_x > 40;
  ENT_TRY(append_y_axis(page, ENT_PANEL_PROBABILITY, column, "{/:Italic P}(sync)", text));
  ENT_TRY(ent_text_append(text, "set yrange [-0.04:1.04]\nset ytics 0,0.5,1\nset mytics 2\nplot "));
  if (page->curves->n_x > 1)
    return ent_text_append(
      text,
      "'phase_band.dat' index 'p %04zu' using 1:2:3 with filledcurves fc rgb '#31688e' fs "
      "transparent solid 0.22, \\\n  'phase.dat' index %zu using 1:2 with %s lc rgb '#31688e', "
      "-1\n",
      group, group, many ? "lines lw 1.6" : "linespoints lw 1.4 pt 7 ps 0.6");
  return ent_text_append(
    text,
    "'phase.dat' index %zu using 1:3:(0):($4-$3) with vectors heads size graph 0.01,90 lw 1.4 lc "
    "rgb '#31688e', \\\n  '' index %zu using 1:2 with points pt 7 ps 1.2 lc rgb '#31688e', -1\n",
    group, group);
}

/* Median of one delta, with the quartiles as a band for the first. */
static int append_time_curve(const ent_figure_page *page, size_t group, size_t k, ent_text *text) {
  const size_t median = 6 + 3 * k;
  const bool single = page->curves->n_x == 1, many = page->curves->n_x > 40;
  if (k == 0 && single)
    ENT_TRY(ent_text_append(text,
                            "'phase.dat' index %zu using 1:%zu:(0):($%zu-$%zu) with vectors heads size graph "
                            "0.01,90 lw 1.4 lc rgb '%s' notitle, \\\n  ",
                            group, median + 1, median + 2, median + 1, delta_colors[k]));
  if (k == 0 && !single)
    ENT_TRY(ent_text_append(text,
                            "'phase_band.dat' index 't %04zu' using 1:2:3 with filledcurves fc rgb '%s' fs "
                            "transparent solid 0.22 notitle, \\\n  ",
                            group, delta_colors[k]));
  const char *style = many ? "lines lw 1.6" : "linespoints lw 1.4 pt 7 ps 0.6";
  ENT_TRY(ent_text_append(
    text, "'phase.dat' index %zu using 1:%zu with %s lc rgb '%s' title '{/:Italic δ} = ", group, median,
    single ? "points pt 7 ps 1.2" : style, delta_colors[k]));
  ENT_TRY(append_delta(page->curves->spec->delta[k], text));
  return ent_text_append(text, "', \\\n  ");
}

/* Tics at powers of ten, and at 2 and 5 times them where the range is short; plain numbers while they are
 * short. */
static int append_log_tics(double low, double high, bool labels, ent_text *text) {
  static const double multiples[] = {1.0, 2.0, 5.0};
  const size_t used = high / low < 200.0 ? 3 : 1;
  const char *separator = "set ytics (";
  for (int power = (int)floor(log10(low)); power <= (int)ceil(log10(high)); power++)
    for (size_t m = 0; m < used; m++) {
      const double value = multiples[m] * pow(10.0, power);
      if (value < low || value > high) continue;
      ENT_TRY(ent_text_append(text, "%s", separator));
      if (!labels)
        ENT_TRY(ent_text_append(text, "'' %.10g", value));
      else if (power >= -2 && power <= 3)
        ENT_TRY(ent_text_append(text, "'%g' %.10g", value, value));
      else
        ENT_TRY(ent_text_append(text, "'%s10^{%d}' %.10g",
                                used == 1 || m == 0 ? ""
                                : m == 1            ? "2·"
                                                    : "5·",
                                power, value));
      separator = ", ";
    }
  return ent_text_append(text, "%s\n", separator[0] == 's' ? "set ytics autofreq" : ")");
}

static int append_times(const ent_figure_page *page, size_t column, ent_text *text) {
  const ent_spec *spec = page->curves->spec;
  ENT_TRY(append_y_axis(page, ENT_PANEL_TIME, column, "{/:Italic t}_{sync}({/:Italic δ})", text));
  ENT_TRY(ent_text_append(
    text, "set logscale y\nset yrange [%.10g:%.10g]\nset mytics 10\n%s", page->t_min, page->t_max,
    spec->n_delta > 1 && column == 0 ? "set key bottom right reverse Left samplen 1.5 spacing 1.1\n" : ""));
  ENT_TRY(append_log_tics(page->t_min, page->t_max, column == 0, text));
  if (column == 0)
    ENT_TRY(ent_text_append(
      text, "set label 2 'horizon' at graph 0.02, first %.17g offset 0,0.55 textcolor rgb '#707070'\n",
      spec->horizon));
  ENT_TRY(ent_text_append(text, "plot "));
  for (size_t k = 0; k < spec->n_delta; k++) ENT_TRY(append_time_curve(page, page->first + column, k, text));
  return ent_text_append(
    text,
    "%.17g with lines dt (6,5) lw 1.2 lc rgb '#808080' notitle\nunset logscale y\nunset key\nunset label 2\n",
    spec->horizon);
}

int ent_figure_append_script(const ent_curves *curves, size_t number, ent_text *text) {
  static int (*const append_panel[ENT_PANEL_KINDS])(const ent_figure_page *, size_t, ent_text *) = {
    [ENT_PANEL_MAP] = append_map,
    [ENT_PANEL_PROBABILITY] = append_probability,
    [ENT_PANEL_TIME] = append_times};
  ent_figure_page page;
  char name[32];
  ent_figure_name(number, "gp", sizeof name, name);
  *strrchr(name, '.') = '\0';
  ENT_TRY(ent_figure_page_make(curves, number, &page));
  ENT_TRY(append_head(&page, name, text));
  for (size_t column = 0; column < page.columns; column++)
    for (int kind = 0; kind < ENT_PANEL_KINDS; kind++) {
      if (!page.shown[kind]) continue;
      ENT_TRY(ent_text_append(text, "\n"));
      ENT_TRY(append_frame(&page, (ent_panel)kind, column, text));
      ENT_TRY(append_title(&page, (ent_panel)kind, column, text));
      ENT_TRY(append_panel[kind](&page, column, text));
    }
  return ent_text_append(text, "\nunset multiplot\n");
}
