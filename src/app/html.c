#include "entrain/app/html.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/app/figure.h"
#include "entrain/base/clock.h"
#include "entrain/base/mem.h"

enum { MAX_SEGMENTS = 64 };

static const char style[] =
  "body{font:15px/1.5 Helvetica,Arial,'DejaVu Sans',sans-serif;color:#202020;max-width:72rem;margin:2rem "
  "auto;"
  "padding:0 1.5rem}\nh1{font-weight:500;margin-bottom:0}h2{font-weight:500;margin-top:2.2rem}\n"
  "p.lead{color:#606060;margin-top:.2rem}figure{margin:1.5rem 0}figure svg{width:100%;height:auto}\n"
  "figcaption{color:#606060;font-size:.9em}table{border-collapse:collapse;font-size:.92em}\n"
  "td,th{text-align:left;padding:.2rem 1.2rem .2rem 0;border-bottom:1px solid #e0e0e0;vertical-align:top}\n"
  "th{font-weight:600}td.n{text-align:right;font-variant-numeric:tabular-nums}\n"
  "pre{background:#f6f6f6;padding:1rem;overflow-x:auto;font-size:.88em}\n";

/* Text as HTML shows it. */
static int append_escaped(ent_text *text, const char *value) {
  for (; *value; value++) {
    if (*value == '&')
      ENT_TRY(ent_text_append(text, "&amp;"));
    else if (*value == '<')
      ENT_TRY(ent_text_append(text, "&lt;"));
    else if (*value == '>')
      ENT_TRY(ent_text_append(text, "&gt;"));
    else
      ENT_TRY(ent_text_append(text, "%c", *value));
  }
  return ENT_OK;
}

static int append_row(ent_text *text, const char *key, const char *value) {
  ENT_TRY(ent_text_append(text, "<tr><th>"));
  ENT_TRY(append_escaped(text, key));
  ENT_TRY(ent_text_append(text, "</th><td>"));
  ENT_TRY(append_escaped(text, value ? value : "unknown"));
  return ent_text_append(text, "</td></tr>\n");
}

static int append_head(const ent_html *page, ent_text *text) {
  const ent_spec *spec = page->curves->spec;
  ENT_TRY(ent_text_append(text, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>"));
  ENT_TRY(append_escaped(text, spec->name));
  ENT_TRY(ent_text_append(text, "</title>\n<style>\n%s</style></head><body>\n<h1>", style));
  ENT_TRY(append_escaped(text, spec->name));
  ENT_TRY(ent_text_append(text, "</h1>\n<p class=\"lead\">"));
  ENT_TRY(ent_tally_append(page->tally, text));
  ENT_TRY(ent_text_append(text, "<br>"));
  ENT_TRY(append_escaped(text, page->path));
  return ent_text_append(text, "</p>\n");
}

/* The drawing itself, without the XML declaration, so that the page is one file. */
static int append_svg(const ent_html *page, const char *name, ent_text *text) {
  int code = ENT_OK;
  ent_text path = {0}, svg = {0};
  ENT_GOTO(ent_text_append(&path, "%s/%s", page->folder, name));
  ENT_GOTO(ent_text_read_file(path.data, &svg));
  const char *start = svg.data ? strstr(svg.data, "<svg") : NULL;
  ENT_CHECK_GOTO(start, ENT_ERR_FORMAT, "no drawing in '%s'", path.data);
  ENT_GOTO(ent_text_append(text, "%s", start));

done:
  ent_text_fini(&path);
  ent_text_fini(&svg);
  return code;
}

static int append_figures(const ent_html *page, ent_text *text) {
  if (!page->drawn) return ent_text_append(text, "<p>The figures were not drawn.</p>\n");
  for (size_t i = 0; i < ent_figure_pages(page->curves); i++) {
    char name[32];
    ent_figure_name(i, "svg", sizeof name, name);
    ENT_TRY(ent_text_append(text, "<figure>\n"));
    ENT_TRY(append_svg(page, name, text));
    ENT_TRY(ent_text_append(text, "<figcaption>"));
    if (page->curves->map >= 0 && page->curves->map != page->curves->overlap) {
      ENT_TRY(ent_text_append(text, "Map: mean over the seeds of the "));
      ENT_TRY(ent_curves_append_map_name(page->curves, text));
      ENT_TRY(ent_text_append(text, "; grey: missing. "));
    }
    if (page->curves->map >= 0 && page->curves->map == page->curves->overlap)
      ENT_TRY(ent_text_append(
        text, "Map: mean over the seeds of the share of pairs with overlap at least 1&minus;&delta;; "
              "line: where it reaches 1/2; grey: missing. "));
    ENT_TRY(ent_text_append(
      text, "P(sync): points where every row is decided; band: 95 %% Wilson interval, "
            "widened by undecided and failed rows from both sides. t_sync: Kaplan&ndash;Meier median and "
            "quartiles; dashed: horizon.</figcaption>\n</figure>\n"));
  }
  return ENT_OK;
}

static int append_axis(const ent_axis *axis, ent_text *text) {
  const int64_t few = 12;
  ENT_TRY(
    ent_text_append(text, "<tr><th>%s</th><td class=\"n\">%" PRId64 "</td><td>", axis->name, axis->count));
  for (int64_t i = 0; i < axis->count; i++) {
    if (axis->count > few && i == 2) {
      ENT_TRY(ent_text_append(text, ", &hellip;"));
      i = axis->count - 1;
    }
    if (i > 0) ENT_TRY(ent_text_append(text, ", "));
    ENT_TRY(ent_curves_append_value(axis, ent_axis_value(axis, i), text));
  }
  return ent_text_append(text, "</td><td>%s</td></tr>\n", axis->parameter->summary);
}

static int append_study(const ent_html *page, ent_text *text) {
  const ent_spec *spec = page->curves->spec;
  ENT_TRY(ent_text_append(text, "<h2>What was swept</h2>\n<table>\n"));
  ENT_TRY(append_row(text, "model", spec->model->name));
  ENT_TRY(append_row(text, "equation", spec->model->equation));
  ENT_TRY(append_row(text, "source", spec->model->source));
  if (spec->initial) ENT_TRY(append_row(text, "start", spec->initial->name));
  ENT_TRY(
    ent_text_append(text,
                    "<tr><th>horizon</th><td>%g (unit: %s)</td></tr>\n<tr><th>stop</th><td>%s</td></tr>\n"
                    "<tr><th>delta</th><td>",
                    spec->horizon, ent_time_unit_names[spec->unit], ent_stop_names[spec->stop]));
  for (size_t k = 0; k < spec->n_delta; k++)
    ENT_TRY(ent_text_append(text, "%s%g", k > 0 ? ", " : "", spec->delta[k]));
  ENT_TRY(ent_text_append(
    text, "</td></tr>\n</table>\n<h3>Axes</h3>\n<table>\n<tr><th>axis</th><th>values</th><th></th>"
          "<th></th></tr>\n"));
  for (size_t i = 0; i < spec->grid.n_axes; i++) ENT_TRY(append_axis(&spec->grid.axes[i], text));
  return ent_text_append(text, "</table>\n");
}

static int append_rows(const ent_tally *tally, ent_text *text) {
  ENT_TRY(ent_text_append(text, "<h2>What became of the rows</h2>\n<table>\n"));
  for (int i = 0; i < ENT_STATUS_COUNT; i++)
    ENT_TRY(ent_text_append(text, "<tr><th>%s</th><td class=\"n\">%" PRId64 "</td><td></td></tr>\n",
                            ent_status_names[i], tally->status[i]));
  for (int i = 0; i < ENT_OUTCOME_COUNT; i++) {
    if (tally->outcome[i] == 0) continue;
    ENT_TRY(ent_text_append(text, "<tr><th>outcome %s</th><td class=\"n\">%" PRId64 "</td><td></td></tr>\n",
                            ent_outcome_names[i], tally->outcome[i]));
  }
  for (int i = 0; i < ENT_TALLY_ERRORS; i++) {
    if (tally->error[i] == 0) continue;
    ENT_TRY(ent_text_append(text, "<tr><th>failed: %s</th><td class=\"n\">%" PRId64 "</td><td>%s</td></tr>\n",
                            ent_job_error_label(i), tally->error[i], ent_job_error_text(i)));
  }
  return ent_text_append(text, "</table>\n");
}

static int append_segment(const ent_segment *segment, ent_text *text) {
  char start[32], end[32] = "running", duration[32] = "";
  ent_clock_format(segment->start, sizeof start, start);
  if (segment->end > 0.0) {
    ent_clock_format(segment->end, sizeof end, end);
    ent_text_duration(segment->end - segment->start, sizeof duration, duration);
  }
  ENT_TRY(ent_text_append(text, "<tr><td>%s</td><td>%s</td><td>%s</td><td class=\"n\">%d</td><td>", start,
                          end, duration, segment->ranks));
  ENT_TRY(append_escaped(text, segment->hosts));
  ENT_TRY(ent_text_append(text, "</td><td>"));
  ENT_TRY(append_escaped(text, segment->cpu));
  if (segment->end > 0.0) return ent_text_append(text, "</td><td class=\"n\">%d</td></tr>\n", segment->exit);
  return ent_text_append(text, "</td><td></td></tr>\n");
}

static int append_segments(const ent_html *page, ent_text *text) {
  int code = ENT_OK;
  size_t count = 0;
  ent_segment *segments = NULL;
  ENT_TRY(ent_mem_alloc(MAX_SEGMENTS, sizeof *segments, &segments));
  ENT_GOTO(ent_store_read_segments(page->store, MAX_SEGMENTS, segments, &count));
  ENT_GOTO(ent_text_append(text,
                           "<h2>Runs</h2>\n<table>\n<tr><th>start</th><th>end</th><th>time</th><th>ranks</th>"
                           "<th>hosts</th><th>processor</th><th>exit</th></tr>\n"));
  for (size_t i = 0; i < count; i++) ENT_GOTO(append_segment(&segments[i], text));
  ENT_GOTO(ent_text_append(text, "</table>\n"));

done:
  free(segments);
  return code;
}

static int append_versions(const ent_html *page, ent_text *text) {
  static const char *const names[] = {
    "program_version", "git_commit",      "petsc_version", "hdf5_version",    "mpi_version", "compiler",
    "compiler_flags",  "instruction_set", "cpu",           "job_file_digest", "created",     NULL};
  ENT_TRY(ent_text_append(text, "<h2>What made them</h2>\n<table>\n"));
  for (size_t i = 0; names[i]; i++)
    ENT_TRY(append_row(text, names[i], ent_store_attribute(page->store, names[i])));
  return ent_text_append(text, "</table>\n");
}

/* Names of the tables as links; they are beside the page. The folder's name may be of several lines. */
static int append_tables(const ent_html *page, ent_text *text) {
  const size_t skip = strlen(page->folder) + 1;
  ENT_TRY(ent_text_append(text, "<h2>Tables</h2>\n<p>"));
  for (const char *path = page->tables; path && *path;) {
    const char *name = path + skip;
    const int length = (int)strcspn(name, "\n");
    ENT_TRY(ent_text_append(text, "<a href=\"%.*s\">%.*s</a> ", length, name, length, name));
    path = name + length + 1;
  }
  if (page->costs) ENT_TRY(ent_text_append(text, "</p>\n<p>%s", page->costs));
  ENT_TRY(ent_text_append(text, "</p>\n<h2>Job file</h2>\n<pre>"));
  ENT_TRY(append_escaped(text, page->curves->spec->text ? page->curves->spec->text : ""));
  return ent_text_append(text, "</pre>\n</body></html>\n");
}

int ent_html_write(const ent_html *page) {
  int code = ENT_OK;
  ent_text text = {0}, path = {0};
  ENT_GOTO(append_head(page, &text));
  ENT_GOTO(append_figures(page, &text));
  ENT_GOTO(append_rows(page->tally, &text));
  ENT_GOTO(append_study(page, &text));
  ENT_GOTO(append_segments(page, &text));
  ENT_GOTO(append_versions(page, &text));
  ENT_GOTO(append_tables(page, &text));
  ENT_GOTO(ent_text_append(&path, "%s/report.html", page->folder));
  ENT_GOTO(ent_text_write_file(path.data, text.data, text.length));

done:
  ent_text_fini(&text);
  ent_text_fini(&path);
  return code;
}
