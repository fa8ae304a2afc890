#include "entrain/app/progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "entrain/base/clock.h"
#include "entrain/base/text.h"
#include "entrain/engine/launch.h"

enum { MIN_BAR = 5, LINE = 256 };

#define LOG_SECONDS 30.0

void ent_progress_view_init(ent_progress_view *view) {
  const char *told = getenv(ENT_LAUNCH_TERMINAL);
  struct winsize size;
  *view = (ent_progress_view){.bar = ENT_PROGRESS_BAR};
  if (told) {
    view->columns = (int)strtol(told, NULL, 10);
  } else if (isatty(STDERR_FILENO)) {
    view->columns = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
  }
}

static void draw_bar(double share, int width, char *bar) {
  const int full = (int)(share * width);
  for (int i = 0; i < width; i++) bar[i] = i < full ? '#' : '.';
  bar[width] = '\0';
}

static void write_eta(const ent_progress *progress, size_t size, char *buffer) {
  char text[32] = "?";
  if (!isnan(progress->eta)) ent_text_duration(progress->eta, sizeof(text), text);
  if (progress->is_final) {
    ent_text_duration(progress->elapsed, sizeof(text), text);
    snprintf(buffer, size, "in %s", text);
  } else if (progress->stopping) {
    snprintf(buffer, size, "stopping");
  } else {
    snprintf(buffer, size, "ETA %s", text);
  }
}

/* ", 2 quarantined, 1 worker lost": what there is of it. */
static void write_losses(const ent_progress *progress, size_t size, char *buffer) {
  const long long quarantined = progress->totals.quarantined;
  size_t length = 0;
  buffer[0] = '\0';
  if (quarantined > 0) length = (size_t)snprintf(buffer, size, ", %lld quarantined", quarantined);
  if (progress->lost > 0)
    snprintf(buffer + length, size - length, ", %d worker%s lost", progress->lost,
             ent_text_plural(progress->lost));
}

void ent_progress_line(const ent_progress *progress, int columns, int *bar, size_t size, char *buffer) {
  const ent_dispatch_totals *totals = &progress->totals;
  const int64_t done = totals->finished_before + totals->done;
  const double share = totals->size > 0 ? (double)done / (double)totals->size : 1;
  const double rate =
    progress->is_final && progress->elapsed > 0 ? (double)totals->done / progress->elapsed : progress->rate;
  char rate_text[32], eta[48], losses[64], tail[LINE], drawn[ENT_PROGRESS_BAR + 1];
  ent_text_rate(rate, sizeof rate_text, rate_text);
  write_eta(progress, sizeof(eta), eta);
  write_losses(progress, sizeof(losses), losses);
  const char *scope =
    totals->finished_before > 0 ? " this run:" : ""; /* what earlier runs did is in the rows only */
  const int length =
    snprintf(tail, sizeof(tail), "%3.0f%% %lld/%lld row%s, %s/s, %s,%s %lld sync, %lld failed%s",
             floor(100 * share), (long long)done, (long long)totals->size, ent_text_plural(totals->size),
             rate_text, eta, scope, (long long)totals->sync, (long long)totals->failed, losses);
  int width = columns == 0 ? 0 : columns - 1 - length - 3;
  if (width > *bar) width = *bar;
  if (width >= MIN_BAR) {
    *bar = width;
    draw_bar(share, width, drawn);
    snprintf(buffer, size, "[%s] %s", drawn, tail);
  } else {
    snprintf(buffer, size, "%s", tail);
  }
  if (columns > 0 && strlen(buffer) >= (size_t)columns) buffer[columns - 1] = '\0';
}

void ent_progress_clear(void) {
  ent_progress_view view;
  ent_progress_view_init(&view);
  if (view.columns > 0) fputs("\r\033[K", stderr);
}

void ent_progress_show(void *context, const ent_progress *progress) {
  ent_progress_view *view = context;
  const ent_dispatch_totals *totals = &progress->totals;
  char line[LINE + ENT_PROGRESS_BAR + 4];
  const double now = ent_clock_now();
  if (view->columns == 0 && !progress->is_final) {
    if (view->last_line == 0) view->last_line = now - LOG_SECONDS + 5; /* the first line after five seconds */
    if (now - view->last_line < LOG_SECONDS) return;
  }
  view->last_line = now;
  if (totals->finished_before == totals->size) {
    if (progress->is_final) fprintf(stderr, "nothing is pending\n");
    return;
  }
  ent_progress_line(progress, view->columns, &view->bar, sizeof(line), line);
  if (view->columns > 0) {
    fprintf(stderr, "\r%s\033[K%s", line, progress->is_final ? "\n" : "");
  } else {
    fprintf(stderr, "%s\n", line);
  }
  view->is_open = view->columns > 0 && !progress->is_final;
  fflush(stderr);
}
