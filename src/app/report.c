#include "entrain/app/report.h"

#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entrain/app/command.h"
#include "entrain/app/cost_table.h"
#include "entrain/app/figure.h"
#include "entrain/app/fold.h"
#include "entrain/app/html.h"
#include "entrain/app/plateau_table.h"
#include "entrain/app/report_table.h"
#include "entrain/app/terminal.h"
#include "entrain/base/clock.h"
#include "entrain/engine/output.h"
#include "entrain/store/lock.h"
#include "entrain/store/tally.h"

enum { TERMINAL_GROUPS = 6 };

typedef struct arguments {
  const char *path, *folder;
} arguments;

/* All that one report holds. */
typedef struct report {
  const char *path;
  ent_text folder;
  ent_lock *lock; /* NULL: the file is open for reading only */
  ent_store *store;
  ent_phase *phase;
  ent_curves *curves;
  ent_tally tally;
  ent_text tables; /* paths, one a line */
  ent_text costs;  /* what is said of them; may be empty */
  bool drawn;
} report;

static error_t parse(int key, char *argument, struct argp_state *state) {
  arguments *given = state->input;
  if (key == 'o') {
    if (argument[0] == '\0') argp_error(state, "the path after -o is empty");
    given->folder = argument;
  } else {
    return ent_command_parse_path(key, argument, state, "results file", &given->path);
  }
  return 0;
}

/* The folder of a report: as given, otherwise the file's name without its ending. */
static int name_folder(const arguments *given, ent_text *folder) {
  const char *ending = ".h5";
  const size_t length = strlen(given->path), cut = strlen(ending);
  if (given->folder) return ent_text_append(folder, "%s", given->folder);
  if (length > cut && strcmp(given->path + length - cut, ending) == 0)
    return ent_text_append(folder, "%.*s", (int)(length - cut), given->path);
  return ent_text_append(folder, "%s-report", given->path);
}

/* Makes the folder and those above it. */
static int make_folder(const ent_text *folder) {
  int code = ENT_OK;
  ent_text inside = {0};
  ENT_GOTO(ent_text_append(&inside, "%s/", folder->data));
  ENT_GOTO(ent_output_make_folder(inside.data));
done:
  ent_text_fini(&inside);
  return code;
}

/*
 * Takes a lock that nobody holds. A lock that is there is left alone even if its owner is dead: taking it
 * over means ending what is left of that run, which is for `entrain run` to do.
 */
static int take_free_lock(const char *path, ent_lock **lock) {
  ent_lock_owner other = {0}, self = {.slurm_job = -1, .progress = {.eta = NAN, .started = ent_clock_unix()}};
  int alive = 0;
  if (ent_lock_read(path, &other, &alive) == ENT_OK) {
    ent_lock_owner_fini(&other);
    ENT_RAISE(ENT_ERR_BUSY, alive ? "the run that holds the file fills it at its end"
                                  : "an interrupted run left its lock, the next run fills it at its end");
  }
  ENT_CHECK(access(path, W_OK) == 0, ENT_ERR_IO, "%s", strerror(errno));
  ENT_TRY(ent_process_self(&self.launcher));
  return ent_lock_take(path, &self, lock);
}

/* Opens the file for writing when that is possible, otherwise for reading. */
static int open_store(report *it) {
  if (take_free_lock(it->path, &it->lock) == ENT_OK &&
      ent_store_open(it->path, ENT_STORE_EDIT, &it->store) == ENT_OK)
    return ENT_OK;
  ent_lock_release(&it->lock);
  ENT_TRY(ent_store_open(it->path, ENT_STORE_READ, &it->store));
  fprintf(stderr, "entrain report: /phase in '%s' is not filled now: %s\n", it->path, ent_error_message());
  ent_error_clear();
  return ENT_OK;
}

/* plateaus.csv, where the job records its energy. */
static int write_plateaus(report *it) {
  int code = ENT_OK;
  FILE *stream = NULL;
  ent_text path = {0};
  if (!ent_plateau_table_has_energy(ent_store_spec(it->store))) return ENT_OK;
  ENT_GOTO(ent_text_append(&path, "%s/plateaus.csv", it->folder.data));
  stream = fopen(path.data, "w");
  ENT_CHECK_GOTO(stream, ENT_ERR_IO, "cannot write '%s': %s", path.data, strerror(errno));
  ENT_GOTO(ent_plateau_table_write(it->store, stream));
  ENT_GOTO(ent_text_append(&it->tables, "%s\n", path.data));

done:
  if (stream) fclose(stream); /* all of it was flushed */
  ent_text_fini(&path);
  return code;
}

static int write_all(report *it) {
  ENT_TRY(make_folder(&it->folder));
  ENT_TRY(ent_table_write(it->curves, it->folder.data, &it->tables));
  ENT_TRY(write_plateaus(it));
  ENT_TRY(ent_cost_table_write(it->store, it->folder.data, &it->tables, &it->costs));
  ENT_TRY(ent_figure_write(it->curves, it->folder.data));
  const int drawing = ent_figure_draw(it->curves, it->folder.data);
  it->drawn = drawing == ENT_OK;
  if (!it->drawn) fprintf(stderr, "entrain report: error: %s\n", ent_error_message());
  const ent_html page = {.store = it->store,
                         .curves = it->curves,
                         .tally = &it->tally,
                         .path = it->path,
                         .folder = it->folder.data,
                         .tables = it->tables.data,
                         .costs = it->costs.data,
                         .drawn = it->drawn};
  return ent_html_write(&page);
}

/* The sentence on costs, folded so that a number and its unit stay together. */
static int append_costs(const char *costs, size_t width, ent_text *text) {
  int code = ENT_OK;
  ent_text joined = {0};
  ENT_GOTO(ent_text_append(&joined, "%s", costs));
  for (size_t i = 1; i + 1 < joined.length; i++)
    if (joined.data[i] == ' ' && isdigit((unsigned char)joined.data[i - 1]) && joined.data[i + 1] == 's')
      joined.data[i] = ENT_FOLD_JOIN;
  ENT_GOTO(ent_fold_append(joined.data, (int)width, true, text));
  ENT_GOTO(ent_text_append(text, "\n"));
done:
  ent_text_fini(&joined);
  return code;
}

static int print_diagram(const report *it) {
  int code = ENT_OK;
  ent_text text = {0}, summary = {0};
  const ent_terminal_style style = ent_terminal_detect(STDOUT_FILENO);
  ENT_GOTO(ent_text_append(&summary, "%s: ", it->curves->spec->name));
  ENT_GOTO(ent_tally_append(&it->tally, &summary));
  ENT_GOTO(ent_fold_append(summary.data, (int)style.width, true, &text));
  ENT_GOTO(ent_text_append(&text, "\n"));
  ENT_GOTO(ent_terminal_append(it->curves, &style, TERMINAL_GROUPS, &text));
  if (it->costs.length > 0) ENT_GOTO(append_costs(it->costs.data, style.width, &text));
  fputs(text.data, stdout);

done:
  ent_text_fini(&summary);
  ent_text_fini(&text);
  return code;
}

static void print_paths(const report *it) {
  for (size_t page = 0; it->drawn && page < ent_figure_pages(it->curves); page++) {
    char png[32], svg[32];
    ent_figure_name(page, "png", sizeof png, png);
    ent_figure_name(page, "svg", sizeof svg, svg);
    printf("%s/%s\n%s/%s\n", it->folder.data, png, it->folder.data, svg);
  }
  printf("%s%s/report.html\n", it->tables.data, it->folder.data);
}

static int make_report(const arguments *given, report *it) {
  ENT_TRY(name_folder(given, &it->folder));
  ENT_TRY(open_store(it));
  ENT_TRY(ent_tally_read_phase(it->store, &it->phase, &it->tally));
  if (it->lock) ENT_TRY(ent_store_write_phase(it->store, it->phase));
  ENT_TRY(ent_curves_create(ent_store_spec(it->store), it->phase, &it->curves));
  ENT_TRY(write_all(it));
  ENT_TRY(print_diagram(it));
  print_paths(it);
  return ENT_OK;
}

static int close_report(report *it) {
  ent_curves_destroy(&it->curves);
  ent_phase_destroy(&it->phase);
  const int code = ent_store_close(&it->store);
  ent_lock_release(&it->lock);
  ent_text_fini(&it->folder);
  ent_text_fini(&it->tables);
  ent_text_fini(&it->costs);
  return code;
}

int ent_command_report(int argc, char **argv) {
  static const struct argp_option options[] = {
    {"output", 'o', "DIR", 0, "folder for figures and tables (OUT without .h5)", 0}, {0}};
  static const struct argp argp = {
    options, parse, "OUT.h5", "Draws the phase diagram of a results file: figures, tables, report.html.",
    NULL,    NULL,  NULL};
  arguments given = {0};
  argp_err_exit_status = 2;
  argp_parse(&argp, argc, argv, 0, NULL, &given);
  report it = {.path = given.path};
  int code = make_report(&given, &it);
  int status = code == ENT_OK ? (it.drawn ? 0 : 1) : ent_command_fail("entrain report", code, NULL);
  code = close_report(&it);
  if (code != ENT_OK && status == 0) status = ent_command_fail("entrain report", code, NULL);
  return status;
}
