#include "entrain/app/status.h"

#include <argp.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "entrain/app/command.h"
#include "entrain/app/fold.h"
#include "entrain/base/clock.h"
#include "entrain/base/mem.h"

#define REDRAW_S 2.0
#define LOG_LINE_S 30.0
#define ASK_S 60.0

typedef struct arguments {
  const char *path;
  bool watch, json;
} arguments;

static error_t parse(int key, char *argument, struct argp_state *state) {
  arguments *given = state->input;
  if (key == 'w') {
    given->watch = true;
  } else if (key == 'j') {
    given->json = true;
  } else {
    return ent_command_parse_path(key, argument, state, "results file", &given->path);
  }
  return 0;
}

/* How a view is shown, and what was shown before. */
typedef struct screen {
  int (*append)(const ent_status_view *view, ent_text *text);
  bool is_terminal;
  bool redraw;         /* over what was shown last */
  ent_text shown;      /* that; not zero-terminated when empty */
  double shown_at;     /* monotonic seconds; 0: never */
  ent_slurm_job slurm; /* what Slurm said last */
  double asked_at;     /* when; 0: never */
} screen;

/* Ends a text after so many lines. */
static void cut_lines(ent_text *text, int lines) {
  for (size_t i = 0; i < text->length; i++) {
    if (text->data[i] != '\n' || --lines > 0) continue;
    text->length = i + 1;
    text->data[i + 1] = '\0';
  }
}

/* Columns that lines may take, and the rows of a terminal, 0 without one. */
static int width_of(const screen *on, int *rows) {
  int columns = ENT_FOLD_COLUMNS;
  if (on->is_terminal) ent_fold_terminal(&columns, rows);
  return columns < ENT_FOLD_COLUMNS ? columns : ENT_FOLD_COLUMNS;
}

/* Folds a text for where it is shown; what is drawn over must not scroll, so the end is cut off. */
static int fold(const screen *on, const ent_text *text, ent_text *folded) {
  int rows = 0;
  const int width = width_of(on, &rows);
  ENT_TRY(ent_fold_append(text->data, width, on->is_terminal, folded));
  const int wrapped = ent_fold_rows(folded->data, width) - ent_fold_rows(folded->data, INT_MAX);
  if (on->redraw && rows > 1) cut_lines(folded, rows - 1 > wrapped ? rows - 1 - wrapped : 1);
  return ENT_OK;
}

/* Back to the first row of what was drawn, which takes more rows when the terminal has become narrower. */
static void wipe(const screen *on) {
  int columns = 0, rows = 0;
  if (!on->redraw || on->shown.data == NULL) return;
  ent_fold_terminal(&columns, &rows);
  printf("\033[%dA\r\033[J", ent_fold_rows(on->shown.data, columns));
}

static int show(const ent_status_view *view, screen *on) {
  int code = ENT_OK;
  ent_text text = {0}, folded = {0};
  ENT_GOTO(on->append(view, &text));
  if (on->append == ent_status_append) {
    ENT_GOTO(fold(on, &text, &folded));
  } else {
    folded = text;
    text = (ent_text){0};
  }
  wipe(on);
  fputs(folded.data, stdout);
  fflush(stdout);
  ent_text_fini(&on->shown);
  on->shown = folded;
  folded = (ent_text){0};
  on->shown_at = ent_clock_now();

done:
  ent_text_fini(&text);
  ent_text_fini(&folded);
  return code;
}

/* Says why watching ends before the sweep does. */
static void say_why(const ent_status_view *view) {
  const int64_t pending = view->tally.status[ENT_STATUS_PENDING];
  if (pending == 0) return;
  fprintf(stderr, "entrain status: no longer watched: %" PRId64 " row%s pending and %s\n", pending,
          pending == 1 ? " is" : "s are",
          view->held ? "the run that holds the file is dead" : "no run holds the file");
}

/* Slurm is asked now and then: its controller has others to serve. */
static int ask_slurm(ent_status_view *view, screen *on) {
  if (on->asked_at <= 0.0 || ent_clock_now() - on->asked_at >= ASK_S) {
    ENT_TRY(ent_status_ask_slurm(view));
    on->slurm = view->slurm;
    on->asked_at = ent_clock_now();
  }
  view->slurm = on->slurm;
  return ENT_OK;
}

/* Looks once and shows it when it is time to; [out] over  nothing will change: no row is pending, or no run
 * lives and Slurm has none. */
static int look(const arguments *given, ent_status_view *view, screen *on, bool *over) {
  int code = ENT_OK;
  ENT_TRY(ent_status_read(given->path, view));
  int rows = 0;
  view->columns = width_of(on, &rows);
  ENT_GOTO(ask_slurm(view, on));
  *over = ent_status_is_complete(view) || (!view->alive && view->slurm.answer != ENT_SLURM_JOB);
  const bool due =
    on->shown_at <= 0.0 || on->redraw || given->json || ent_clock_now() - on->shown_at >= LOG_LINE_S;
  if (due || *over) ENT_GOTO(show(view, on));
  if (*over && given->watch) say_why(view);
done:
  ent_status_fini(view);
  return code;
}

static int show_status(const arguments *given) {
  int code = ENT_OK;
  bool over = false;
  ent_status_view *view = NULL;
  const bool terminal = isatty(STDOUT_FILENO);
  screen on = {.append = given->watch && !terminal ? ent_status_append_line : ent_status_append,
               .is_terminal = terminal,
               .redraw = terminal && given->watch && !given->json};
  if (given->json) on.append = ent_status_append_json;
  ENT_TRY(ent_mem_alloc(1, sizeof *view, &view));
  ENT_GOTO(look(given, view, &on, &over));
  while (given->watch && !over) {
    ent_clock_sleep(REDRAW_S);
    ENT_GOTO(look(given, view, &on, &over));
  }

done:
  ent_text_fini(&on.shown);
  free(view);
  return code;
}

int ent_command_status(int argc, char **argv) {
  static const struct argp_option options[] = {
    {"watch", 'w', NULL, 0, "again every 2 s, until no row is pending or no run lives", 0},
    {"json", 'j', NULL, 0, "as JSON, one object on one line", 0},
    {0}};
  static const struct argp argp = {options, parse, "OUT.h5", "Shows how far a sweep is; works while it runs.",
                                   NULL,    NULL,  NULL};
  arguments given = {0};
  argp_err_exit_status = 2;
  argp_parse(&argp, argc, argv, 0, NULL, &given);
  const int code = show_status(&given);
  return code == ENT_OK ? 0 : ent_command_fail("entrain status", code, NULL);
}
