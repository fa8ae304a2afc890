#include "support/check.h"
#include "support/dispatch_player.h"

/* Messages as over TCP, and without any cost. */
static const player_options tcp = {.message = 20e-6, .latency = 50e-6, .longest_sleep = 200e-6};
static const player_options for_free = {0};

static player_result play(const player_options *like, int workers, int64_t seeds, double mean,
                          player_law law) {
  player_options options = *like;
  options.workers = workers;
  options.seeds = seeds;
  options.mean = mean;
  options.law = law;
  const player_result result = player_play(&options);
  CHECK_INT(result.wrong, 0);
  CHECK(result.makespan >= result.bound * (1 - 1e-9));
  return result;
}

static void one_worker(void) {
  const player_result result = play(&for_free, 1, 4, 0.01, PLAYER_PARETO);
  CHECK_REAL(result.makespan / result.bound, 1, 1e-9);
}

/* 9600 jobs. */
static void two_workers(void) {
  for (int law = PLAYER_LOG_NORMAL; law <= PLAYER_PARETO; law++) {
    const double means[] = {1e-3, 0.01, 1};
    for (int i = 0; i < 3; i++) {
      const player_result result = play(&tcp, 2, 10, means[i], (player_law)law);
      CHECK(result.tail < 0.02);
      CHECK_REAL(result.makespan / result.bound, 1, 0.025); /* 1.95 times one */
    }
  }
}

static void few_jobs(void) {
  CHECK_REAL(play(&tcp, 2, 1, 0.1, PLAYER_PARETO).makespan / play(&tcp, 1, 1, 0.1, PLAYER_PARETO).makespan,
             0.5, 0.015);
  CHECK_REAL(play(&tcp, 7, 2, 0.1, PLAYER_LOG_NORMAL).makespan /
               play(&tcp, 7, 2, 0.1, PLAYER_LOG_NORMAL).bound,
             1, 0.03);
}

static void many_workers(void) {
  CHECK_REAL(play(&tcp, 256, 500, 0.05, PLAYER_PARETO).makespan /
               play(&tcp, 256, 500, 0.05, PLAYER_PARETO).bound,
             1, 0.03);
  const player_result result = play(&tcp, 4096, 4000, 0.05, PLAYER_LOG_NORMAL); /* 47 s */
  CHECK_REAL(result.makespan / result.bound, 1, 0.05);
  CHECK(result.master_busy < 0.25);
}

static void the_pace_spares_the_master(void) {
  player_options fixed = tcp;
  fixed.chunk = 0.1;
  const player_result slow = play(&fixed, 8192, 1000, 0.05, PLAYER_LOG_NORMAL);
  const player_result paced = play(&tcp, 8192, 1000, 0.05, PLAYER_LOG_NORMAL);
  CHECK(slow.master_busy > 0.7);
  CHECK(paced.master_busy < 0.25);
  CHECK(paced.makespan < slow.makespan);
}

static const ent_test tests[] = {
  {"one worker computes without a pause", one_worker},
  {"two workers of a heavy-tailed sweep end together, within 2 %", two_workers},
  {"so they do with few jobs", few_jobs},
  {"256 and 4096 workers are within 3 and 5 % of the bound", many_workers},
  {"with thousands of workers the pace spares the master", the_pace_spares_the_master},
  {0}};

ENT_TEST_MAIN("sweep/dispatch_simulation", tests)
