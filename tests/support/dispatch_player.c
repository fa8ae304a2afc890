#include "dispatch_player.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/clock.h"
#include "entrain/base/mem.h"
#include "entrain/sweep/dispatch.h"
#include "entrain/sweep/pace.h"

enum { QUEUE = 2, NS = 6, DS = 4, BETAS = 40, QUANTILES = 4096, WORD = 64 };

static const double ns[NS] = {8, 16, 32, 64, 128, 256}, ds[DS] = {2, 4, 16, 64};

typedef enum { AT_MASTER, AT_WORKER, DONE, BEAT, BEAT_ALL } event_kind;

typedef struct event {
  double time;
  int64_t order; /* of two at one time the one that was made first comes first */
  event_kind kind;
  int worker;
} event;

typedef struct virtual_worker {
  ent_lease leases[QUEUE]; /* [count] that the master knows it to hold */
  int count;
  int unheard;  /* of them, those that it has done, the first ones */
  int arrived;  /* those that it has and has not done, the next ones */
  double ended; /* when it had nothing to do any more */
} virtual_worker;

typedef struct played_sweep {
  const player_options *options;
  ent_pace pace;
  int64_t size;
  double means[PLAYER_CELLS], quantiles[QUANTILES];
  uint64_t *handed_out; /* one bit a position */
  virtual_worker *crew; /* [workers] */
  event *events;        /* [n_events] of [room]: a heap, the earliest on top */
  int64_t n_events, room, n_made;
  double now, master_free, idle_since; /* the master's */
  ent_dispatch *dispatch;
  player_result result;
} played_sweep;

/* A player without a dispatcher or memory is of no use to anybody. */
static void must(bool holds) {
  if (!holds) abort();
}

static bool is_earlier(const event *a, const event *b) {
  return a->time < b->time || (a->time == b->time && a->order < b->order);
}

static void push(played_sweep *sweep, double time, event_kind kind, int worker) {
  if (sweep->n_events == sweep->room) {
    sweep->room *= 2;
    sweep->events = realloc(sweep->events, (size_t)sweep->room * sizeof *sweep->events);
    must(sweep->events != NULL);
  }
  event *events = sweep->events;
  const event added = {time, sweep->n_made++, kind, worker};
  int64_t place = sweep->n_events++;
  for (; place > 0 && is_earlier(&added, &events[(place - 1) / 2]); place = (place - 1) / 2)
    events[place] = events[(place - 1) / 2];
  events[place] = added;
}

static event pop(played_sweep *sweep) {
  event *events = sweep->events;
  const event first = events[0], last = events[--sweep->n_events];
  int64_t place = 0;
  for (int64_t child = 1; child < sweep->n_events; child = 2 * place + 1) {
    if (child + 1 < sweep->n_events && is_earlier(&events[child + 1], &events[child])) child++;
    if (!is_earlier(&events[child], &last)) break;
    events[place] = events[child];
    place = child;
  }
  events[place] = last;
  return first;
}

/* Steele, Lea and Flood's SplitMix64: a number for each position. */
static uint64_t hash(uint64_t x) {
  x += UINT64_C(0x9e3779b97f4a7c15);
  x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
  return x ^ x >> 31;
}

static double cost_of(const played_sweep *sweep, int64_t position) {
  return sweep->means[position / sweep->options->seeds] *
         sweep->quantiles[hash((uint64_t)position) % QUANTILES];
}

/* The quantile of the standard normal distribution, by bisection of erfc. */
static double normal_quantile(double p) {
  double low = -9, high = 9;
  for (int i = 0; i < 60; i++) {
    const double middle = (low + high) / 2;
    if (erfc(-middle / sqrt(2)) / 2 < p) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

static void draw_law(played_sweep *sweep) {
  double sum = 0;
  for (int k = 0; k < QUANTILES; k++) {
    const double p = (k + 0.5) / QUANTILES;
    sweep->quantiles[k] =
      sweep->options->law == PLAYER_PARETO ? fmin(pow(1 - p, -1 / 1.5), 100) : exp(normal_quantile(p));
    sum += sweep->quantiles[k];
  }
  for (int k = 0; k < QUANTILES; k++) sweep->quantiles[k] *= QUANTILES / sum;
}

/* Powers of n and d, and a ridge along beta. */
static void draw_means(played_sweep *sweep) {
  double sum = 0;
  for (int cell = 0; cell < PLAYER_CELLS; cell++) {
    const double n = ns[cell / (DS * BETAS)], d = ds[cell / BETAS % DS], beta = cell % BETAS;
    sweep->means[cell] = pow(n, 1.5) * sqrt(d) * (1 + 5 * exp(-pow((beta - 25) / 5, 2)));
    sum += sweep->means[cell];
  }
  for (int cell = 0; cell < PLAYER_CELLS; cell++)
    sweep->means[cell] *= sweep->options->mean * PLAYER_CELLS / sum;
}

static void look_at_jobs(played_sweep *sweep) {
  player_result *result = &sweep->result;
  for (int64_t i = 0; i < sweep->size; i++) {
    const double cost = cost_of(sweep, i);
    result->total += cost;
    if (cost > result->longest) result->longest = cost;
  }
  result->bound = fmax(result->total / sweep->options->workers, result->longest);
}

static ent_grid make_grid(int64_t seeds) {
  ent_grid grid = {.n_axes = 4};
  grid.axes[0] =
    (ent_axis){.name = "n", .group = ENT_GROUP_GRID, .slot = ENT_GRID_N, .dim = 0, .count = NS, .values = ns};
  grid.axes[1] =
    (ent_axis){.name = "d", .group = ENT_GROUP_GRID, .slot = ENT_GRID_D, .dim = 1, .count = DS, .values = ds};
  grid.axes[2] = (ent_axis){.name = "beta", .group = ENT_GROUP_MODEL, .dim = 2, .count = BETAS};
  grid.axes[3] =
    (ent_axis){.name = "seed", .group = ENT_GROUP_GRID, .slot = ENT_GRID_SEED, .dim = 3, .count = seeds};
  must(ent_grid_complete(&grid));
  return grid;
}

static double work_of(played_sweep *sweep, const ent_lease *lease) {
  double seconds = 0;
  for (int64_t i = lease->first; i < lease->first + lease->count; i++) {
    const uint64_t bit = UINT64_C(1) << i % WORD;
    sweep->result.wrong += (sweep->handed_out[i / WORD] & bit) != 0;
    sweep->handed_out[i / WORD] |= bit;
    seconds += cost_of(sweep, i);
  }
  return seconds;
}

/* The master spends time on a message. */
static void spend(played_sweep *sweep) {
  sweep->master_free += sweep->options->message;
  sweep->result.master_busy += sweep->options->message;
}

/* A message has arrived: the master begins with it when it is free, and awake. */
static void begin_message(played_sweep *sweep) {
  const double idle = sweep->now - sweep->master_free;
  if (idle > 0) sweep->master_free = sweep->now + fmin(idle, sweep->options->longest_sleep) / 2;
  spend(sweep);
}

static void hand_out(played_sweep *sweep, int id) {
  virtual_worker *worker = &sweep->crew[id];
  for (;;) {
    const double began = ent_clock_now();
    const bool taken =
      worker->count < QUEUE && ent_dispatch_take(sweep->dispatch, id, &worker->leases[worker->count]);
    sweep->result.deciding += ent_clock_now() - began;
    if (!taken) return;
    worker->count++;
    sweep->result.leases++;
    spend(sweep);
    push(sweep, sweep->master_free + sweep->options->latency, AT_WORKER, id);
  }
}

static void start_work(played_sweep *sweep, int id) {
  const virtual_worker *worker = &sweep->crew[id];
  push(sweep, sweep->now + work_of(sweep, &worker->leases[worker->unheard]), DONE, id);
}

static void end_work(played_sweep *sweep, int id) {
  virtual_worker *worker = &sweep->crew[id];
  worker->ended = sweep->now;
  worker->arrived--;
  worker->unheard++;
  push(sweep, sweep->now + sweep->options->latency, AT_MASTER, id);
  if (worker->arrived > 0) start_work(sweep, id);
}

/* The seconds of the lease that ended are those between its start and its end. */
static void take_report(played_sweep *sweep, int id) {
  virtual_worker *worker = &sweep->crew[id];
  double seconds = 0;
  const ent_lease lease = worker->leases[0];
  for (int64_t i = lease.first; i < lease.first + lease.count; i++) seconds += cost_of(sweep, i);
  begin_message(sweep);
  const double began = ent_clock_now();
  must(ent_dispatch_report(
         sweep->dispatch,
         &(ent_lease_report){.number = lease.number, .done = lease.count, .seconds = seconds}) == ENT_OK);
  sweep->result.deciding += ent_clock_now() - began;
  worker->leases[0] = worker->leases[1];
  worker->count--;
  worker->unheard--;
  hand_out(sweep, id);
}

static void happen(played_sweep *sweep, const event *happened) {
  const int id = happened->worker;
  switch (happened->kind) {
    case AT_MASTER: take_report(sweep, id); break;
    case AT_WORKER:
      if (++sweep->crew[id].arrived == 1) start_work(sweep, id);
      break;
    case DONE: end_work(sweep, id); break;
    case BEAT:
      begin_message(sweep);
      if (!ent_dispatch_is_over(sweep->dispatch)) push(sweep, sweep->now + sweep->pace.beat, BEAT, id);
      break;
    case BEAT_ALL:
      for (int k = 0; k < sweep->options->workers; k++) spend(sweep);
      if (!ent_dispatch_is_over(sweep->dispatch)) push(sweep, sweep->now + sweep->pace.beat, BEAT_ALL, 0);
      break;
  }
}

/* Everybody says that it is ready; beats are spread over their interval. */
static void begin(played_sweep *sweep) {
  const int workers = sweep->options->workers;
  for (int id = 0; id < workers; id++) {
    begin_message(sweep);
    hand_out(sweep, id);
    push(sweep, sweep->pace.beat * (1 + (double)id / workers), BEAT, id);
  }
  push(sweep, sweep->pace.beat, BEAT_ALL, 0);
}

static void conclude(played_sweep *sweep) {
  player_result *result = &sweep->result;
  double first = INFINITY;
  for (int id = 0; id < sweep->options->workers; id++) {
    result->makespan = fmax(result->makespan, sweep->crew[id].ended);
    first = fmin(first, sweep->crew[id].ended);
  }
  result->tail = (result->makespan - first) / result->makespan;
  result->master_busy /= result->makespan;
  for (int64_t i = 0; i < sweep->size; i++)
    result->wrong += (sweep->handed_out[i / WORD] >> i % WORD & 1) == 0;
}

player_result player_play(const player_options *options) {
  played_sweep sweep = {.options = options, .size = PLAYER_CELLS * options->seeds, .room = 1024};
  const ent_grid grid = make_grid(options->seeds);
  sweep.pace =
    options->chunk > 0 ? (ent_pace){.chunk = options->chunk, .beat = 1} : ent_pace_of(options->workers);
  const ent_dispatch_options wanted = {.size = sweep.size,
                                       .cell = options->seeds,
                                       .workers = options->workers,
                                       .chunk = sweep.pace.chunk,
                                       .least = sweep.pace.least,
                                       .queue = QUEUE,
                                       .grid = &grid};
  must(ent_mem_alloc((size_t)(sweep.size / WORD + 1), sizeof *sweep.handed_out, &sweep.handed_out) == ENT_OK);
  must(ent_mem_alloc((size_t)options->workers, sizeof *sweep.crew, &sweep.crew) == ENT_OK);
  must(ent_mem_alloc((size_t)sweep.room, sizeof *sweep.events, &sweep.events) == ENT_OK);
  must(ent_dispatch_create(&wanted, NULL, &sweep.dispatch) == ENT_OK);
  draw_law(&sweep);
  draw_means(&sweep);
  look_at_jobs(&sweep);
  begin(&sweep);
  while (sweep.n_events > 0) {
    const event next = pop(&sweep);
    sweep.now = next.time;
    happen(&sweep, &next);
  }
  must(ent_dispatch_is_over(sweep.dispatch));
  conclude(&sweep);
  ent_dispatch_destroy(&sweep.dispatch);
  free(sweep.handed_out);
  free(sweep.crew);
  free(sweep.events);
  return sweep.result;
}
