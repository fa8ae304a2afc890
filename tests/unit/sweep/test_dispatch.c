#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"
#include "entrain/base/rng.h"
#include "entrain/sweep/dispatch.h"
#include "entrain/sweep/spread.h"

#include "support/check.h"
#include "support/dispatch_fixture.h"

/* A sweep played to its end, every lease reported in turn; counts how often each position was handed out. */
static void play(ent_dispatch *dispatch, int workers, double cost, int64_t size, int *times) {
  ent_lease *leases = NULL;
  CHECK_OK(ent_mem_alloc((size_t)workers, sizeof *leases, &leases));
  while (!ent_dispatch_is_over(dispatch)) {
    for (int worker = 0; worker < workers; worker++) {
      leases[worker].count = 0;
      if (!ent_dispatch_take(dispatch, worker, &leases[worker])) continue;
      REQUIRE(leases[worker].first >= 0 && leases[worker].first + leases[worker].count <= size);
      for (int64_t i = 0; i < leases[worker].count; i++) times[leases[worker].first + i]++;
    }
    for (int worker = workers - 1; worker >= 0; worker--) {
      if (leases[worker].count > 0) fixture_report(dispatch, &leases[worker], leases[worker].count, cost);
    }
  }
  free(leases);
}

static void hands_out_once_with(int workers, const unsigned char *finished) {
  enum { SIZE = 10007 };
  int *times = NULL;
  CHECK_OK(ent_mem_alloc(SIZE, sizeof *times, &times));
  ent_dispatch *dispatch = fixture_dispatch(SIZE, 100, workers, 1, finished);
  play(dispatch, workers, 0.003, SIZE, times);
  int64_t wrong = 0, wanted = 0;
  for (int i = 0; i < SIZE; i++) {
    const int expected = finished == NULL || !finished[i];
    wrong += times[i] != expected;
    wanted += expected;
  }
  CHECK_INT(wrong, 0);
  CHECK_INT(fixture_totals(dispatch).done, wanted);
  CHECK_REAL(fixture_totals(dispatch).predicted_seconds, 0, 0);
  ent_dispatch_destroy(&dispatch);
  CHECK(dispatch == NULL);
  free(times);
}

static void hands_out_once(void) {
  hands_out_once_with(1, NULL);
  hands_out_once_with(3, NULL);
  hands_out_once_with(64, NULL);
}

static void resumes(void) {
  unsigned char finished[10007];
  ent_rng rng;
  ent_rng_init(&rng, 1, 1, 1, 1, ENT_STREAM_START);
  for (size_t i = 0; i < sizeof finished; i++) finished[i] = ent_rng_uniform(&rng) < 0.6;
  memset(finished + 300, 1, 500); /* whole cells */
  hands_out_once_with(3, finished);
}

static void finished_sweep_is_over(void) {
  const unsigned char finished[6] = {1, 1, 1, 1, 1, 1};
  ent_dispatch *dispatch = fixture_dispatch(6, 2, 2, 1, finished);
  CHECK(ent_dispatch_is_over(dispatch));
  CHECK(fixture_is_refused(dispatch, 0));
  CHECK_INT(fixture_totals(dispatch).finished_before, 6);
  ent_dispatch_destroy(&dispatch);
  dispatch = fixture_dispatch(0, 1, 1, 1, NULL);
  CHECK(ent_dispatch_is_over(dispatch));
  ent_dispatch_destroy(&dispatch);
  ent_dispatch_destroy(&dispatch);
}

static void probes_first(void) {
  static const int64_t order[] = {0, 5, 3, 1, 6, 4, 2}; /* multiples of 5 modulo 7 */
  ent_dispatch *dispatch = fixture_dispatch(70, 10, 1, 1, NULL);
  for (int i = 0; i < 7; i++) {
    const ent_lease lease = fixture_take(dispatch, 0);
    CHECK_INT(lease.first, 10 * order[i]);
    CHECK_INT(lease.count, 1);
    fixture_report(dispatch, &lease, 1, 0.001);
  }
  ent_dispatch_destroy(&dispatch);
}

/* 64 blocks of one job: 8 probes, then the dearer half, as they have shown. */
static void some_are_probed(void) {
  ent_dispatch *dispatch = fixture_dispatch(64, 1, 1, 1, NULL);
  for (int i = 0; i < 64; i++) {
    const ent_lease lease = fixture_take(dispatch, 0);
    CHECK_INT(lease.count, 1);
    if (i < 8) CHECK_INT(lease.first, ent_spread_at(i, ent_spread_step(64), 64));
    if (i >= 12 && i < 32) CHECK(lease.first >= 32);
    fixture_report(dispatch, &lease, 1, exp((double)lease.first / 8));
  }
  CHECK(ent_dispatch_is_over(dispatch));
  ent_dispatch_destroy(&dispatch);
}

enum { TAUGHT = 8 }; /* jobs of a block after which its ranges are of full length */

/* Probes cells 0, 1, 2 of 1000 positions, and the dearest more; `costs` are seconds of a position. */
static ent_dispatch *probed(const double costs[3]) {
  ent_dispatch *dispatch = fixture_dispatch(3000, 1000, 1, 2, NULL);
  for (int i = 0; i < 3; i++) {
    const ent_lease lease = fixture_take(dispatch, 0);
    fixture_report(dispatch, &lease, 1, costs[lease.first / 1000]);
  }
  fixture_teach(dispatch, 0, TAUGHT - 1, fmax(costs[0], fmax(costs[1], costs[2])));
  return dispatch;
}

static void expensive_first(void) {
  const double costs[] = {0.001, 0.05, 0.0004};
  ent_dispatch *dispatch = probed(costs);
  CHECK_REAL(fixture_totals(dispatch).predicted_seconds, 999 * (0.001 + 0.05 + 0.0004), 15);
  const ent_lease first = fixture_take(dispatch, 0);
  CHECK_INT(first.first, 1000 + TAUGHT);
  CHECK_INT(first.count, 2); /* 0.1 s */
  CHECK_INT(fixture_take(dispatch, 0).first, 1000 + TAUGHT + 2);
  double cost = 0.05;
  for (int i = 0; i < 200; i++) { /* until it is below the others' */
    const ent_lease lease = i == 0 ? first : fixture_take(dispatch, 0);
    cost *= 0.8;
    fixture_report(dispatch, &lease, lease.count, cost);
    if (lease.first < 1000) break;
    CHECK(lease.first < 2000);
  }
  CHECK(cost < 0.001);
  ent_dispatch_destroy(&dispatch);
}

static void unknown_costs_are_singles(void) {
  ent_dispatch *dispatch = fixture_dispatch(1000, 500, 4, 8, NULL);
  CHECK(isnan(fixture_totals(dispatch).predicted_seconds));
  CHECK_INT(fixture_take(dispatch, 0).first, 0);
  const ent_lease other = fixture_take(dispatch, 1);
  CHECK_INT(other.first, 500);
  for (int i = 1; i < 3; i++) {
    const ent_lease lease = fixture_take(dispatch, i + 1);
    CHECK_INT(lease.first, i);
    CHECK_INT(lease.count, 1);
  }
  CHECK(fixture_is_refused(dispatch, 0)); /* nobody knows how long it is at work */
  fixture_report(dispatch, &other, 1, 0.01);
  const ent_lease next = fixture_take(dispatch, 1); /* both blocks are predicted: about 0.01 s a job */
  CHECK_INT(next.count, 1);
  CHECK_REAL(fixture_totals(dispatch).predicted_seconds, 9.99, 1);
  fixture_report(dispatch, &next, 1, 0.01);
  fixture_teach(dispatch, 1, 2 * TAUGHT, 0.01); /* ranges become longer with what was reported */
  CHECK_REAL((double)fixture_take(dispatch, 1).count, 10, 1);
  ent_dispatch_destroy(&dispatch);
}

static void nothing_waits_behind_long_jobs(void) {
  const double costs[] = {0.15, 0.25, 0.01};
  ent_dispatch *dispatch = probed(costs);
  const ent_lease first = fixture_take(dispatch, 0);
  CHECK_INT(first.first, 1000 + TAUGHT);
  CHECK_INT(first.count, 1);
  CHECK(fixture_is_refused(dispatch, 0));
  fixture_report(dispatch, &first, 1, 0.25);
  ent_dispatch_destroy(&dispatch);
}

/* Cells of one position whose costs go up and down; blocks of several of them. */
static void ranges_end_where_costs_change(void) {
  enum { N = 4, CELLS = 400000 };
  static const double sizes[N] = {8, 8, 8, 512};
  ent_grid grid = {.n_axes = 3};
  grid.axes[0] = (ent_axis){.name = "beta", .group = ENT_GROUP_MODEL, .dim = 0, .count = CELLS / N};
  grid.axes[1] = (ent_axis){
    .name = "n", .group = ENT_GROUP_GRID, .slot = ENT_GRID_N, .dim = 1, .count = N, .values = sizes};
  grid.axes[2] =
    (ent_axis){.name = "seed", .group = ENT_GROUP_GRID, .slot = ENT_GRID_SEED, .dim = 2, .count = 1};
  REQUIRE(ent_grid_complete(&grid));
  ent_dispatch *dispatch = NULL;
  const ent_dispatch_options options = {
    .size = CELLS, .cell = 1, .workers = 1, .chunk = 0.1, .queue = 1, .grid = &grid};
  CHECK_OK(ent_dispatch_create(&options, NULL, &dispatch));
  for (int i = 0; i < 40000; i++) {
    const ent_lease lease = fixture_take(dispatch, 0);
    double seconds = 0;
    for (int64_t k = 0; k < lease.count; k++) seconds += (lease.first + k) % N == N - 1 ? 1e-2 : 1e-4;
    if (i > 30000 && lease.count > 1) CHECK((lease.first + lease.count - 1) % N < N - 1);
    fixture_report(dispatch, &lease, lease.count, seconds / (double)lease.count);
  }
  ent_dispatch_destroy(&dispatch);
}

static void tail_shrinks(void) {
  ent_dispatch *dispatch = fixture_dispatch(4001, 4001, 4, 1, NULL);
  ent_lease lease;
  fixture_teach(dispatch, 0, TAUGHT, 1e-9);
  int64_t left = 4001 - TAUGHT, last = INT64_MAX;
  while (left > 0) {
    lease = fixture_take(dispatch, 1);
    CHECK_REAL((double)lease.count, left < 16 ? 1 : (double)(left / 16), 1);
    CHECK(lease.count <= last);
    last = lease.count;
    left -= lease.count;
    fixture_report(dispatch, &lease, lease.count, 1e-9);
  }
  CHECK_INT(last, 1);
  CHECK(ent_dispatch_is_over(dispatch));
  ent_dispatch_destroy(&dispatch);
}

static void tail_ends_at_the_least(void) {
  ent_dispatch *dispatch = NULL;
  const ent_dispatch_options options = {
    .size = 4001, .cell = 4001, .workers = 4, .chunk = 0.1, .queue = 1, .least = 0.05};
  CHECK_OK(ent_dispatch_create(&options, NULL, &dispatch));
  ent_lease lease;
  fixture_teach(dispatch, 0, TAUGHT, 1e-3);
  for (int64_t left = 4001 - TAUGHT; left > 0; left -= lease.count) {
    lease = fixture_take(dispatch, 1);
    CHECK(lease.count >= (left < 40 ? left : 40));
    fixture_report(dispatch, &lease, lease.count, 1e-3);
  }
  ent_dispatch_destroy(&dispatch);
}

static void queue_is_limited(void) {
  ent_dispatch *dispatch = fixture_dispatch(100, 10, 2, 2, NULL);
  const ent_lease probe = fixture_take(dispatch, 0);
  fixture_report(dispatch, &probe, 1, 1e-3);
  const ent_lease lease = fixture_take(dispatch, 0);
  fixture_take(dispatch, 0);
  CHECK(fixture_is_refused(dispatch, 0));
  CHECK_INT(ent_dispatch_leases_of(dispatch, 0), 2);
  CHECK_INT(ent_dispatch_leases_of(dispatch, 1), 0);
  fixture_take(dispatch, 1);
  fixture_report(dispatch, &lease, 1, 1e-3);
  CHECK_INT(ent_dispatch_leases_of(dispatch, 0), 1);
  CHECK(fixture_take(dispatch, 0).number != lease.number);
  CHECK(fixture_is_refused(dispatch, -1));
  CHECK(fixture_is_refused(dispatch, 2));
  CHECK_INT(ent_dispatch_leases_of(dispatch, 2), 0);
  ent_dispatch_destroy(&dispatch);
}

static void stops(void) {
  const double costs[] = {0.01, 0.001, 0.001};
  ent_dispatch *dispatch = probed(costs);
  const ent_lease lease = fixture_take(dispatch, 0);
  CHECK_REAL((double)lease.count, 10, 1);
  ent_dispatch_stop(dispatch);
  CHECK(fixture_is_refused(dispatch, 0));
  CHECK(!ent_dispatch_is_over(dispatch));
  fixture_report(dispatch, &lease, 4, 0.01);
  CHECK(ent_dispatch_is_over(dispatch));
  CHECK_INT(fixture_totals(dispatch).done, 2 + TAUGHT + 4);
  CHECK_INT(fixture_totals(dispatch).pending, 3000 - 2 - TAUGHT - 4);
  ent_dispatch_destroy(&dispatch);
}

static void rest_comes_back(void) {
  const double costs[] = {0.03, 0.001, 0.001};
  ent_dispatch *dispatch = probed(costs);
  const ent_lease lease = fixture_take(dispatch, 0);
  fixture_report(dispatch, &lease, 0, 0);
  CHECK_INT(fixture_take(dispatch, 0).first, lease.first);
  const ent_lease next = fixture_take(dispatch, 0);
  fixture_report(dispatch, &next, 2, 0.03);
  CHECK_INT(fixture_take(dispatch, 0).first, next.first + 2);
  ent_dispatch_destroy(&dispatch);
}

static void refuses_lies(void) {
  ent_dispatch *dispatch = fixture_dispatch(100, 100, 1, 1, NULL);
  const int64_t number = fixture_take(dispatch, 0).number;
  const ent_lease_report lies[] = {{number, 2, 0, 0, 1},
                                   {number, -1, 0, 0, 1},
                                   {number, 1, 2, 0, 1},
                                   {number, 1, 1, 1, 1},
                                   {number, 1, -1, 0, 1},
                                   {number, 1, 0, -1, 1},
                                   {number, 1, 0, 0, -1},
                                   {number, 1, 0, 0, NAN},
                                   {number, 1, 0, 0, INFINITY},
                                   {number, 0, 1, 0, 1},
                                   {number, 1, INT64_MAX, INT64_MAX, 1}};
  for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
    CHECK_CODE(ent_dispatch_report(dispatch, &lies[i]), ENT_ERR_ARGUMENT);
  }
  CHECK_INT(fixture_totals(dispatch).leased, 1);
  CHECK_OK(ent_dispatch_report(dispatch, &(ent_lease_report){number, 1, 0, 1, 1}));
  CHECK_INT(fixture_totals(dispatch).sync, 1);
  CHECK_REAL(fixture_totals(dispatch).seconds, 1, 0);
  ent_dispatch_destroy(&dispatch);
}

static void refuses_options(void) {
  const ent_dispatch_options right = {.size = 1, .cell = 1, .workers = 1, .chunk = 1, .queue = 1};
  ent_dispatch_options wrong[11];
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) wrong[i] = right;
  wrong[0].size = -1;
  wrong[1].size = INT64_MAX;
  wrong[2].cell = 0;
  wrong[3].cell = INT64_MAX;
  wrong[4].workers = 0;
  wrong[5].chunk = 0;
  wrong[6].chunk = NAN;
  wrong[7].chunk = INFINITY;
  wrong[8].queue = 0;
  wrong[9].least = -1;
  wrong[10].least = NAN;
  ent_dispatch *dispatch = NULL;
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    CHECK_CODE(ent_dispatch_create(&wrong[i], NULL, &dispatch), ENT_ERR_ARGUMENT);
    CHECK(dispatch == NULL);
  }
}

/* 2^40 points cost memory for 65536 blocks only. */
static void huge_grid_is_cheap(void) {
  const int64_t size = INT64_C(1) << 40;
  ent_dispatch *dispatch = fixture_dispatch(size, 3, 8, 2, NULL);
  CHECK_INT(fixture_take(dispatch, 0).first, 0);
  const ent_lease second = fixture_take(dispatch, 1);
  CHECK_REAL((double)second.first / (double)size, 0.618, 1e-3);
  CHECK_INT(second.first % 3, 0);
  CHECK_INT(fixture_totals(dispatch).pending, size - 2);
  ent_dispatch_destroy(&dispatch);
}

static void is_deterministic(void) {
  enum { SIZE = 5000 };
  ent_dispatch *one = fixture_dispatch(SIZE, 50, 2, 1, NULL), *two = fixture_dispatch(SIZE, 50, 2, 1, NULL);
  while (!ent_dispatch_is_over(one)) {
    const ent_lease a = fixture_take(one, 0), b = fixture_take(two, 0);
    CHECK(a.number == b.number && a.first == b.first && a.count == b.count);
    const double cost = 1e-3 * (double)(1 + a.first * 7919 % 101);
    fixture_report(one, &a, a.count, cost);
    fixture_report(two, &b, b.count, cost);
  }
  CHECK(ent_dispatch_is_over(two));
  ent_dispatch_destroy(&one);
  ent_dispatch_destroy(&two);
}

static const ent_test tests[] = {
  {"every position is handed out exactly once, with 1, 3 and 64 workers", hands_out_once},
  {"a resumed sweep hands out only what is missing", resumes},
  {"a finished or empty sweep is over at once", finished_sweep_is_over},
  {"blocks are probed first, in an order that spreads them", probes_first},
  {"of many blocks with few jobs only some are probed", some_are_probed},
  {"the most expensive block goes first, and follows its reports", expensive_first},
  {"before the first report ranges are single, then a neighbour's cost counts", unknown_costs_are_singles},
  {"nothing waits behind a long job", nothing_waits_behind_long_jobs},
  {"a range ends where jobs become much cheaper or dearer", ranges_end_where_costs_change},
  {"ranges shrink at the tail", tail_shrinks},
  {"but not below the least that was asked for", tail_ends_at_the_least},
  {"a worker holds no more leases than its queue", queue_is_limited},
  {"after a stop nothing is handed out and it ends with the last lease", stops},
  {"what a worker gives back is handed out again", rest_comes_back},
  {"reports that cannot be true are refused", refuses_lies},
  {"wrong options are refused", refuses_options},
  {"a grid of 2^40 points needs memory for its blocks only", huge_grid_is_cheap},
  {"the same events give the same decisions", is_deterministic},
  {0}};

ENT_TEST_MAIN("sweep/dispatch", tests)
