/*
 * The real dispatcher with 10^2 to 10^5 virtual workers in virtual time (tests/support/dispatch_player.h):
 * `make sim`. Prints a table; docs/performance.md shows one.
 *
 *   dispatch_sim                     the table
 *   dispatch_sim WORKERS SECONDS WORK [CHUNK]   two lines: seconds of a job, and of work for each worker
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "dispatch_player.h"

enum { LAWS = 2 };

/* What was measured of messages (docs/performance.md); over TCP, the slower way. */
static const player_options tcp = {.message = 20e-6, .latency = 50e-6, .longest_sleep = 200e-6};

static void print_head(void) {
  printf("workers  job s   law         jobs   makespan s  efficiency  master  tail   leases  us/lease\n");
}

static void print_line(const player_options *options) {
  const player_result result = player_play(options);
  const double jobs = (double)options->seeds * PLAYER_CELLS;
  printf("%-7d  %-6g  %-10s  %-7.2g  %9.2f  %8.1f %%  %4.1f %%  %4.1f %%  %-7.2g  %.2f%s%s\n",
         options->workers, options->mean, options->law == PLAYER_PARETO ? "Pareto" : "log-normal", jobs,
         result.makespan, 100 * result.bound / result.makespan, 100 * result.master_busy, 100 * result.tail,
         (double)result.leases, 1e6 * result.deciding / (double)result.leases,
         options->chunk > 0 ? "  fixed chunk" : "", result.wrong > 0 ? "  WRONG" : "");
  fflush(stdout);
}

/* Seconds of work for each worker, on average. */
static player_options sweep_of(int workers, double mean, double work) {
  player_options options = tcp;
  options.workers = workers;
  options.mean = mean;
  options.seeds = (int64_t)fmax(1, round(workers * work / mean / PLAYER_CELLS));
  return options;
}

static void print_laws(player_options options) {
  for (int law = 0; law < LAWS; law++) {
    options.law = (player_law)law;
    print_line(&options);
  }
}

static void print_table(void) {
  static const int workers[] = {100, 1000, 10000, 100000};
  static const double means[] = {1e-3, 1e-2, 1};
  static const double work[] = {20, 120, 3600};
  print_head();
  for (int m = 0; m < 3; m++) {
    for (int w = 0; w < 4; w++) {
      if (workers[w] * work[m] / means[m] <= 2e9) print_laws(sweep_of(workers[w], means[m], work[m]));
    }
  }
}

int main(int argc, char **argv) {
  if (argc < 4) {
    print_table();
  } else {
    player_options options =
      sweep_of((int)strtol(argv[1], NULL, 10), strtod(argv[2], NULL), strtod(argv[3], NULL));
    if (argc > 4) options.chunk = strtod(argv[4], NULL);
    print_head();
    print_laws(options);
  }
  return EXIT_SUCCESS;
}
