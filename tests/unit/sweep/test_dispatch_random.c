#include <math.h>
#include <stdlib.h>

#include "entrain/base/mem.h"
#include "entrain/base/rng.h"
#include "entrain/sweep/dispatch.h"

#include "support/check.h"
#include "support/dispatch_fixture.h"

enum { WORKERS = 8, QUEUE = 3, SIZE = 3000 };

/* Random events; `holder` says what should be true of each position. */
typedef struct fuzz_state {
  ent_dispatch *dispatch;
  ent_rng rng;
  int64_t size;
  int64_t *holder;          /* [size] -1 finished, 0 pending, else the number of its lease */
  unsigned char turn[SIZE]; /* of positions that were singled out */
  int64_t given_up;
  ent_lease leases[WORKERS * QUEUE];
  int n_leases;
  bool lost[WORKERS];
} fuzz_state;

static int64_t draw(fuzz_state *fuzz, int64_t below) {
  return (int64_t)(ent_rng_uniform(&fuzz->rng) * (double)below);
}

static void hold(fuzz_state *fuzz, const ent_lease *lease, int64_t skip, int64_t from, int64_t to) {
  for (int64_t i = skip; i < lease->count; i++) {
    REQUIRE(fuzz->holder[lease->first + i] == from);
    fuzz->holder[lease->first + i] = to;
  }
}

/* Pending positions of a turn. */
static int64_t count_turn(const fuzz_state *fuzz, ent_turn turn) {
  int64_t count = 0;
  for (int64_t i = 0; i < fuzz->size; i++) count += fuzz->holder[i] == 0 && fuzz->turn[i] == turn;
  return count;
}

/* Those that were singled out are handed out alone, the first before all others and the last after them. */
static void check_turn(const fuzz_state *fuzz, const ent_lease *lease) {
  const ent_turn turn = fuzz->turn[lease->first];
  for (int64_t i = 1; i < lease->count; i++) CHECK_INT(fuzz->turn[lease->first + i], ENT_TURN_NORMAL);
  if (turn != ENT_TURN_NORMAL) CHECK_INT(lease->count, 1);
  if (turn != ENT_TURN_FIRST) CHECK_INT(count_turn(fuzz, ENT_TURN_FIRST), 0);
  if (turn == ENT_TURN_LAST) CHECK_INT(count_turn(fuzz, ENT_TURN_NORMAL), 0);
}

static void fuzz_take(fuzz_state *fuzz) {
  const int worker = (int)draw(fuzz, WORKERS);
  const int held = ent_dispatch_leases_of(fuzz->dispatch, worker);
  ent_lease lease;
  if (!ent_dispatch_take(fuzz->dispatch, worker, &lease)) {
    /* one that holds something may have enough of it */
    CHECK(fuzz->lost[worker] || held > 0 || fixture_totals(fuzz->dispatch).pending == 0);
    return;
  }
  REQUIRE(!fuzz->lost[worker] && held < QUEUE && lease.count >= 1 && lease.first + lease.count <= fuzz->size);
  for (int i = 0; i < fuzz->n_leases; i++) CHECK(fuzz->leases[i].number != lease.number);
  check_turn(fuzz, &lease);
  hold(fuzz, &lease, 0, 0, lease.number);
  fuzz->leases[fuzz->n_leases++] = lease;
}

static void fuzz_report(fuzz_state *fuzz) {
  if (fuzz->n_leases == 0) return;
  const int64_t index = draw(fuzz, fuzz->n_leases);
  const ent_lease lease = fuzz->leases[index];
  const int64_t done = draw(fuzz, 4) == 0 ? draw(fuzz, lease.count + 1) : lease.count;
  fuzz->leases[index] = fuzz->leases[--fuzz->n_leases];
  fixture_report(fuzz->dispatch, &lease, done, exp(8 * ent_rng_uniform(&fuzz->rng) - 9));
  hold(fuzz, &lease, done, lease.number, 0);
  const ent_lease finished = {.first = lease.first, .count = done};
  hold(fuzz, &finished, 0, lease.number, -1);
}

/* Finds the lease that the dispatcher says is a worker's oldest, and takes it out of the list. */
static ent_lease remove_oldest(fuzz_state *fuzz, int worker) {
  ent_lease oldest = {0};
  REQUIRE(ent_dispatch_oldest(fuzz->dispatch, worker, &oldest));
  int place = 0;
  while (place < fuzz->n_leases && fuzz->leases[place].number != oldest.number) place++;
  REQUIRE(place < fuzz->n_leases);
  CHECK_INT(fuzz->leases[place].worker, worker);
  CHECK(fuzz->leases[place].first == oldest.first && fuzz->leases[place].count == oldest.count);
  fuzz->leases[place] = fuzz->leases[--fuzz->n_leases];
  return oldest;
}

/* A lost worker has left some of its leases' positions in the file. */
static void fuzz_settle(fuzz_state *fuzz, int worker) {
  while (ent_dispatch_leases_of(fuzz->dispatch, worker) > 0) {
    const ent_lease lease = remove_oldest(fuzz, worker);
    const int64_t done = draw(fuzz, lease.count + 1);
    CHECK_OK(ent_dispatch_settle(fuzz->dispatch, &(ent_lease_report){.number = lease.number, .done = done}));
    const ent_lease finished = {.first = lease.first, .count = done};
    hold(fuzz, &lease, done, lease.number, 0);
    hold(fuzz, &finished, 0, lease.number, -1);
    fixture_report(fuzz->dispatch, &lease, 1, 1); /* late */
  }
}

static void fuzz_lose_or_join(fuzz_state *fuzz) {
  const int worker = (int)draw(fuzz, WORKERS);
  if (fuzz->lost[worker]) {
    ent_dispatch_join(fuzz->dispatch, worker);
    fuzz->lost[worker] = false;
    return;
  }
  ent_dispatch_lose(fuzz->dispatch, worker);
  fuzz->lost[worker] = true;
  fuzz_settle(fuzz, worker);
}

static void fuzz_single_out(fuzz_state *fuzz) {
  const int64_t position = draw(fuzz, fuzz->size);
  const ent_turn turn = draw(fuzz, 2) == 0 ? ENT_TURN_FIRST : ENT_TURN_LAST;
  const int code = ent_dispatch_single_out(fuzz->dispatch, position, turn);
  CHECK_INT(code, fuzz->holder[position] == 0 ? ENT_OK : ENT_ERR_ARGUMENT);
  if (code == ENT_OK) fuzz->turn[position] = (unsigned char)turn;
}

static void fuzz_give_up(fuzz_state *fuzz) {
  const int64_t position = draw(fuzz, fuzz->size);
  const int code = ent_dispatch_give_up(fuzz->dispatch, position);
  CHECK_INT(code, fuzz->holder[position] == 0 ? ENT_OK : ENT_ERR_ARGUMENT);
  if (code != ENT_OK) return;
  fuzz->holder[position] = -1;
  fuzz->given_up++;
}

static void fuzz_compare(const fuzz_state *fuzz) {
  int64_t pending = 0, leased = 0;
  for (int64_t i = 0; i < fuzz->size; i++) {
    pending += fuzz->holder[i] == 0;
    leased += fuzz->holder[i] > 0;
  }
  const ent_dispatch_totals totals = fixture_totals(fuzz->dispatch);
  CHECK_INT(totals.pending, pending);
  CHECK_INT(totals.leased, leased);
  CHECK_INT(totals.quarantined, fuzz->given_up);
}

static void play_random_events(int64_t seed) {
  fuzz_state fuzz = {.size = SIZE};
  ent_rng_init(&fuzz.rng, 7, 1, 1, seed, ENT_STREAM_START);
  unsigned char finished[SIZE];
  CHECK_OK(ent_mem_alloc((size_t)fuzz.size, sizeof *fuzz.holder, &fuzz.holder));
  for (int64_t i = 0; i < fuzz.size; i++) {
    finished[i] = draw(&fuzz, 10) == 0;
    fuzz.holder[i] = -(int64_t)finished[i];
  }
  const ent_dispatch_options options = {
    .size = fuzz.size, .cell = 1 + draw(&fuzz, 400), .workers = WORKERS, .chunk = 0.1, .queue = QUEUE};
  CHECK_OK(ent_dispatch_create(&options, finished, &fuzz.dispatch));
  for (int event = 0; event < 100000 && !ent_dispatch_is_over(fuzz.dispatch); event++) {
    const int64_t what = draw(&fuzz, 100);
    if (what < 50) fuzz_take(&fuzz);
    if (what >= 50 && what < 95) fuzz_report(&fuzz);
    if (what >= 95) fuzz_lose_or_join(&fuzz);
    if (event % 7 == 0) fuzz_single_out(&fuzz);
    if (event % 50 == 0) fuzz_give_up(&fuzz);
    if (event % 100 == 0) fuzz_compare(&fuzz);
  }
  CHECK(ent_dispatch_is_over(fuzz.dispatch));
  fuzz_compare(&fuzz);
  ent_dispatch_destroy(&fuzz.dispatch);
  free(fuzz.holder);
}

static void bears_random_events(void) {
  for (int64_t seed = 0; seed < 40; seed++) play_random_events(seed);
}

static const ent_test tests[] = {
  {"random events never hand out a position twice nor lose one", bears_random_events}, {0}};

ENT_TEST_MAIN("sweep/dispatch_random", tests)
