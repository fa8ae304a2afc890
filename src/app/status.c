#include "entrain/app/status.h"

#include <argp.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "entrain/app/command.h"
#include "entrain/base/clock.h"
#include "entrain/base/mem.h"

#define REDRAW_S 2.0
#define LOG_LINE_S 30.0

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
  bool redraw;     /* over the lines shown last */
  int lines;       /* of them */
  double shown_at; /* monotonic seconds; 0: never */
} screen;

static int show(const ent_status_view *view, screen *on) {
  int code = ENT_OK;
  ent_text text = {0};
  ENT_GOTO(on->append(view, &text));
  if (on->redraw && on->lines > 0) printf("\033[%dA\033[J", on->lines);
  fputs(text.data, stdout);
  fflush(stdout);
  on->lines = 0;
  for (size_t i = 0; i < text.length; i++) on->lines += text.data[i] == '\n';
  on->shown_at = ent_clock_now();

done:
  ent_text_fini(&text);
  return code;
}

/* Says why watching ends before the sweep does. */
static void say_why(const ent_status_view *view) {
  const int64_t pending = view->tally.status[ENT_STATUS_PENDING];
  if (pending == 0) return;
  fprintf(stderr, "entrain status: no longer watched: %" PRId64 " rows are pending and %s\n", pending,
          view->held ? "the run that holds the file is dead" : "no run holds the file");
}

/* Looks once and shows it when it is time to; [out] over  nothing will change: no row is pending, or no run
 * lives. */
static int look(const arguments *given, ent_status_view *view, screen *on, bool *over) {
  int code = ENT_OK;
  ENT_TRY(ent_status_read(given->path, view));
  *over = view->tally.status[ENT_STATUS_PENDING] == 0 || !view->alive;
  const bool due =
    on->shown_at <= 0.0 || on->redraw || given->json || ent_clock_now() - on->shown_at >= LOG_LINE_S;
  if (due || *over) code = show(view, on);
  if (*over && given->watch) say_why(view);
  ent_status_fini(view);
  return code;
}

static int show_status(const arguments *given) {
  int code = ENT_OK;
  bool over = false;
  ent_status_view *view = NULL;
  const bool terminal = isatty(STDOUT_FILENO);
  screen on = {.append = given->watch && !terminal ? ent_status_append_line : ent_status_append,
               .redraw = terminal && !given->json};
  if (given->json) on.append = ent_status_append_json;
  ENT_TRY(ent_mem_alloc(1, sizeof *view, &view));
  ENT_GOTO(look(given, view, &on, &over));
  while (given->watch && !over) {
    ent_clock_sleep(REDRAW_S);
    ENT_GOTO(look(given, view, &on, &over));
  }

done:
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
