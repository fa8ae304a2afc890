#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "entrain/base/mem.h"
#include "entrain/base/rng.h"
#include "entrain/sweep/dispatch.h"

#include "support/check.h"

/* A sweep played by virtual workers: each works off its two leases in turn, an event is the end of one. */

enum { QUEUE = 2 };

typedef struct virtual_worker {
  ent_lease leases[QUEUE];
  int count;
} virtual_worker;

typedef struct event {
  double time;
  int worker;
} event;

typedef struct played_sweep {
  int64_t size, cell;
  int workers;
  double *costs;        /* [size] */
  unsigned char *times; /* [size] how often each position was handed out */
  virtual_worker *crew; /* [workers] */
  event *events;        /* [n_events] of [workers]: a heap, the earliest on top */
  int n_events;
  ent_dispatch *dispatch;
} played_sweep;

static bool is_earlier(const event *a, const event *b) {
  return a->time < b->time || (a->time == b->time && a->worker < b->worker);
}

static void push_event(played_sweep *simulation, double time, int worker) {
  event *events = simulation->events;
  const event added = {time, worker};
  int place = simulation->n_events++;
  for (; place > 0 && is_earlier(&added, &events[(place - 1) / 2]); place = (place - 1) / 2) {
    events[place] = events[(place - 1) / 2];
  }
  events[place] = added;
}

static event pop_event(played_sweep *simulation) {
  event *events = simulation->events;
  const event first = events[0], last = events[--simulation->n_events];
  int place = 0;
  for (int child = 1; child < simulation->n_events; child = 2 * place + 1) {
    if (child + 1 < simulation->n_events && is_earlier(&events[child + 1], &events[child])) child++;
    if (!is_earlier(&events[child], &last)) break;
    events[place] = events[child];
    place = child;
  }
  events[place] = last;
  return first;
}

static double work_of(const played_sweep *simulation, const ent_lease *lease) {
  double seconds = 0;
  for (int64_t i = 0; i < lease->count; i++) seconds += simulation->costs[lease->first + i];
  return seconds;
}

static void fill_queue(played_sweep *simulation, int worker) {
  virtual_worker *one = &simulation->crew[worker];
  while (one->count < QUEUE && ent_dispatch_take(simulation->dispatch, worker, &one->leases[one->count])) {
    const ent_lease *lease = &one->leases[one->count++];
    for (int64_t i = 0; i < lease->count; i++) simulation->times[lease->first + i]++;
  }
}

static void begin_next(played_sweep *simulation, int worker, double now) {
  fill_queue(simulation, worker);
  const virtual_worker *one = &simulation->crew[worker];
  if (one->count > 0) push_event(simulation, now + work_of(simulation, &one->leases[0]), worker);
}

/* Plays to the end and returns the makespan. */
static double play(played_sweep *simulation) {
  double now = 0;
  for (int worker = 0; worker < simulation->workers; worker++) begin_next(simulation, worker, 0);
  while (simulation->n_events > 0) {
    const event ended = pop_event(simulation);
    virtual_worker *one = &simulation->crew[ended.worker];
    const ent_lease lease = one->leases[0];
    now = ended.time;
    CHECK_OK(
      ent_dispatch_report(simulation->dispatch, &(ent_lease_report){.number = lease.number,
                                                                    .done = lease.count,
                                                                    .seconds = work_of(simulation, &lease)}));
    one->leases[0] = one->leases[1];
    one->count--;
    begin_next(simulation, ended.worker, now);
  }
  return now;
}

/*
 * Cells differ by a factor of 100 and change smoothly, as along beta; seeds have a Pareto tail with
 * exponent 1.5, cut at 10 times the shortest. Returns the larger one of the mean work of a worker and the
 * longest job.
 */
static double draw_costs(played_sweep *simulation) {
  ent_rng rng;
  ent_rng_init(&rng, 3, 1, 1, 1, ENT_STREAM_START);
  double total = 0, longest = 0;
  for (int64_t i = 0; i < simulation->size; i++) {
    const double place = (double)(i / simulation->cell) * (double)simulation->cell / (double)simulation->size;
    const double seed = pow(ent_rng_uniform(&rng), -1 / 1.5);
    const double cost = 0.01 * pow(10, sin(9 * place)) * (seed < 10 ? seed : 10);
    simulation->costs[i] = cost;
    total += cost;
    longest = cost > longest ? cost : longest;
  }
  const double mean = total / simulation->workers;
  return mean > longest ? mean : longest;
}

static double excess(int workers, int64_t cells, int64_t cell) {
  played_sweep one = {.size = cells * cell, .cell = cell, .workers = workers};
  const ent_dispatch_options options = {
    .size = one.size, .cell = cell, .workers = workers, .chunk = 0.1, .queue = QUEUE};
  CHECK_OK(ent_mem_alloc((size_t)one.size, sizeof *one.costs, &one.costs));
  CHECK_OK(ent_mem_alloc((size_t)one.size, sizeof *one.times, &one.times));
  CHECK_OK(ent_mem_alloc((size_t)workers, sizeof *one.crew, &one.crew));
  CHECK_OK(ent_mem_alloc((size_t)workers, sizeof *one.events, &one.events));
  CHECK_OK(ent_dispatch_create(&options, NULL, &one.dispatch));
  const double bound = draw_costs(&one);
  const double makespan = play(&one);
  CHECK(ent_dispatch_is_over(one.dispatch));
  int64_t wrong = 0;
  for (int64_t i = 0; i < one.size; i++) wrong += one.times[i] != 1;
  CHECK_INT(wrong, 0);
  ent_dispatch_destroy(&one.dispatch);
  free(one.costs);
  free(one.times);
  free(one.crew);
  free(one.events);
  return makespan / bound - 1;
}

static void thousands_of_workers(void) {
  const double over = excess(10000, 1000, 2000);
  CHECK(over >= -1e-9);
  CHECK_REAL(over, 0, 0.03);
}

static void few_workers(void) {
  CHECK_REAL(excess(1, 40, 50), 0, 1e-9);
  CHECK_REAL(excess(7, 90, 200), 0, 0.03);
  CHECK_REAL(excess(256, 300, 300), 0, 0.03);
}

static const ent_test tests[] = {
  {"10^4 workers finish a heavy-tailed sweep within 3 % of the bound", thousands_of_workers},
  {"so do 1, 7 and 256", few_workers},
  {0}};

ENT_TEST_MAIN("sweep/dispatch_simulation", tests)
