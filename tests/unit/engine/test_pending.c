/* TEST np=1 */
#include <math.h>

#include "entrain/engine/pending.h"
#include "entrain/engine/saver.h"
#include "entrain/engine/trail.h"

#include "check.h"
#include "store_fixture.h"

enum { WORKERS = 3, QUEUE = 2, PROBES = 12 };

/* As fixture_job, with more seeds: leases can be longer than one job. */
static const char *const job = "name: fixture\nmodel: attention\n"
                               "sweep:\n  beta: [-1, 0.5, 4]\n  n: [3, 2]\n  d: [2, 3]\n  seed: {count: 40}\n"
                               "detect: {delta: [1.0e-3, 1.0e-2]}\nobserve: [order_parameter, pair_overlap]\n"
                               "time: {horizon: 2, record: [0, 1, 2]}\noutput: {final_state: true}\n";

static fixture at;
static ent_store *store;
static ent_pending pending;

static void open_file(void) {
  fixture_open(&at, job);
  CHECK_OK(ent_store_create(at.path, at.spec, FIXTURE_PETSC));
  CHECK_OK(ent_store_open(at.path, ENT_STORE_WRITE, &store));
}

static void begin(void) {
  const ent_pending_options options = {.store = store, .workers = WORKERS, .queue = QUEUE};
  CHECK_OK(ent_pending_init(&pending, &options));
}

static void close_file(void) {
  ent_pending_fini(&pending);
  CHECK_OK(ent_store_close(&store));
  fixture_close(&at);
}

static int64_t row_of(int64_t position) {
  return ent_grid_row_of_position(&at.spec->grid, position);
}

static ent_dispatch_totals totals(void) {
  ent_dispatch_totals now;
  ent_dispatch_totals_get(pending.dispatch, &now);
  return now;
}

static ent_lease take(int worker) {
  ent_lease lease = {0};
  REQUIRE(ent_dispatch_take(pending.dispatch, worker, &lease));
  return lease;
}

static int kills_of(int64_t position) {
  uint8_t kills = 0;
  CHECK_OK(ent_store_read_kills(store, row_of(position), 1, &kills));
  return kills;
}

/* Makes leases longer than one job: blocks have been probed and jobs are cheap. */
static void probe_all(void) {
  for (int done = 0; done < PROBES; done++) {
    const ent_lease lease = take(0);
    CHECK_INT(lease.count, 1);
    CHECK_OK(fixture_write(store, row_of(lease.first)));
    CHECK_OK(ent_dispatch_report(pending.dispatch,
                                 &(ent_lease_report){.number = lease.number, .done = 1, .seconds = 1e-9}));
  }
}

/* Whether the state of a row is n d numbers; on the circle it is n angles. */
static bool has_vectors(int64_t row) {
  ent_point point;
  ent_spec_point(at.spec, row, &point);
  return point.d > 2;
}

/* The k-th position whose state is n d numbers. */
static int64_t position_of(int k) {
  int64_t position = 0;
  for (; !has_vectors(row_of(position)) || k > 0; position++) k -= has_vectors(row_of(position));
  return position;
}

/* Writes a checkpoint of a row into a slot, as a worker does. */
static void keep(int64_t row, int64_t slot, double t) {
  ent_store_sink state;
  ent_saver saver;
  ent_checkpoint from;
  const ent_checkpoint made = fixture_checkpoint(at.spec, row, t);
  const ent_sink sink = ent_sink_to_store(&state, store);
  CHECK_OK(ent_saver_init(&saver, store, &sink, at.spec));
  CHECK_OK(ent_saver_begin(&saver, row, slot, false, &from));
  CHECK_INT(from.row, -1);
  CHECK_OK(ent_saver_keep(&saver, &made));
  ent_saver_fini(&saver);
}

static void what_is_in_the_file_counts(void) {
  int64_t at_work = 0;
  open_file();
  begin();
  probe_all();
  const ent_lease first = take(1), second = take(1);
  REQUIRE(first.count >= 2);
  for (int64_t k = 0; k < first.count; k++) CHECK_OK(fixture_write(store, row_of(first.first + k)));
  const int64_t before = totals().done;
  CHECK_OK(ent_pending_take_back(&pending, 1, ENT_TRAIL_NONE, &at_work));
  CHECK_INT(at_work, second.first); /* the first lease was through, its report was lost */
  CHECK_INT(totals().done - before, first.count);
  CHECK_INT(totals().leased, 0);
  ent_dispatch_join(pending.dispatch, 1);
  CHECK_OK(ent_pending_take_back(&pending, 1, ENT_TRAIL_NONE, &at_work));
  CHECK_INT(at_work, -1);
  close_file();
}

/* Takes a lease of several rows whose first one is in the file, and loses its worker. */
static ent_lease lose_with_rows_that_waited(int64_t noted, int64_t *at_work) {
  open_file();
  begin();
  probe_all();
  const ent_lease lease = take(1);
  REQUIRE(lease.count >= 3);
  CHECK_OK(fixture_write(store, row_of(lease.first)));
  CHECK_OK(ent_pending_take_back(&pending, 1, noted >= 0 ? lease.first + noted : noted, at_work));
  CHECK_INT(totals().leased, 0);
  return lease;
}

static void the_trail_says_what_was_at_work(void) {
  int64_t at_work = 0;
  ent_lease lease = lose_with_rows_that_waited(2, &at_work);
  CHECK_INT(at_work, lease.first + 2);
  close_file();
  (void)lose_with_rows_that_waited(0, &at_work); /* that row is there: nothing was at work */
  CHECK_INT(at_work, -1);
  close_file();
  (void)lose_with_rows_that_waited(ENT_TRAIL_IDLE, &at_work);
  CHECK_INT(at_work, -1);
  close_file();
}

static void without_a_trail_all_that_may_have_been_at_work_goes_alone(void) {
  int64_t at_work = 0;
  const ent_lease lost = lose_with_rows_that_waited(ENT_TRAIL_NONE, &at_work);
  CHECK_INT(at_work, lost.first + 1);
  for (int64_t k = 2; k < lost.count; k++) {
    const ent_lease alone = take(0);
    CHECK(alone.first == lost.first + k && alone.count == 1);
    CHECK_OK(ent_dispatch_settle(pending.dispatch, &(ent_lease_report){.number = alone.number, .done = 1}));
  }
  close_file();
}

static void a_torn_row_was_at_work(void) {
  int64_t at_work = 0;
  open_file();
  begin();
  probe_all();
  const ent_lease lease = take(1);
  REQUIRE(lease.count >= 2);
  CHECK_OK(fixture_write(store, row_of(lease.first)));
  CHECK_OK(fixture_write(store, row_of(lease.first + 1)));
  CHECK_OK(ent_store_reset_job(store, row_of(lease.first)));
  CHECK_OK(ent_pending_take_back(&pending, 1, ENT_TRAIL_NONE, &at_work));
  CHECK_INT(at_work, lease.first);
  close_file();
}

static void rows_are_counted_by_their_verdicts(void) {
  int64_t at_work = 0, failed = 0;
  open_file();
  begin();
  probe_all();
  const ent_lease lease = take(2);
  for (int64_t k = 0; k < lease.count; k++) {
    CHECK_OK(fixture_write(store, row_of(lease.first + k)));
    failed += row_of(lease.first + k) % 5 == 4;
  }
  CHECK_OK(ent_pending_take_back(&pending, 2, ENT_TRAIL_NONE, &at_work));
  CHECK_INT(totals().failed, failed);
  CHECK_INT(totals().sync, lease.count - failed);
  close_file();
}

static void charges_single_out_and_quarantine(void) {
  open_file();
  begin();
  const int64_t position = 17;
  CHECK_OK(ent_blame_charge(&pending.blame, 0, position, false));
  CHECK_INT(kills_of(position), 1);
  ent_lease lease = take(0);
  CHECK(lease.first == position && lease.count == 1); /* at once */
  CHECK_OK(ent_dispatch_settle(pending.dispatch, &(ent_lease_report){.number = lease.number}));
  CHECK_OK(ent_blame_charge(&pending.blame, 0, position, false));
  CHECK(take(0).first != position); /* last of all now */
  CHECK_OK(ent_blame_charge(&pending.blame, 0, position, false));
  CHECK_INT(kills_of(position), 3);
  CHECK_INT(totals().quarantined, 1);
  CHECK_CODE(ent_dispatch_give_up(pending.dispatch, position), ENT_ERR_ARGUMENT);
  ent_result result;
  unsigned char row[1024];
  float series[64];
  double final_state[64];
  bool holds = false;
  REQUIRE(ent_store_layout(store)->size <= sizeof row);
  CHECK_OK(ent_store_read_job(store, row_of(position), row, series, final_state, &holds));
  CHECK(holds);
  ent_layout_decode(ent_store_layout(store), row, &result);
  CHECK_INT(result.status, ENT_STATUS_QUARANTINED);
  CHECK_INT(result.error, ENT_JOB_KILLED);
  CHECK(isnan(result.t_end) && isnan(series[0]) && isnan(final_state[0]));
  close_file();
}

static void a_charge_is_taken_back(void) {
  open_file();
  begin();
  CHECK_OK(ent_blame_charge(&pending.blame, 1, 5, true));
  CHECK_OK(ent_blame_charge(&pending.blame, 0, 9, false));
  CHECK_INT(kills_of(5), 1);
  CHECK_OK(ent_blame_forgive(&pending.blame, 1));
  CHECK_OK(ent_blame_forgive(&pending.blame, 1));
  CHECK_OK(ent_blame_forgive(&pending.blame, 0));
  CHECK_INT(kills_of(5), 0);
  CHECK_INT(kills_of(9), 1);
  close_file();
}

static void a_charge_of_a_job_that_was_given_up_stays(void) {
  open_file();
  begin();
  CHECK_OK(ent_blame_charge(&pending.blame, 1, 5, true));
  CHECK_OK(ent_blame_charge(&pending.blame, 0, 5, false));
  CHECK_OK(ent_blame_charge(&pending.blame, 2, 5, false));
  CHECK_INT(totals().quarantined, 1);
  CHECK_OK(ent_blame_forgive(&pending.blame, 1));
  CHECK_INT(kills_of(5), ENT_BLAME_LIMIT);
  close_file();
}

static void the_next_run_remembers(void) {
  open_file();
  CHECK_OK(ent_store_write_kills(store, row_of(7), 1));
  CHECK_OK(ent_store_write_kills(store, row_of(8), 2));
  CHECK_OK(ent_store_write_kills(store, row_of(9), 3)); /* the master died before it wrote the row */
  CHECK_OK(ent_store_write_kills(store, row_of(10), 3));
  CHECK_OK(fixture_write(store, row_of(10))); /* done after all */
  begin();
  CHECK_INT(totals().quarantined, 1);
  CHECK_INT(take(0).first, 7);
  ent_lease lease = {0};
  int64_t last = -1;
  while (ent_dispatch_take(pending.dispatch, 1, &lease)) {
    last = lease.first;
    CHECK_OK(ent_dispatch_report(
      pending.dispatch, &(ent_lease_report){.number = lease.number, .done = lease.count, .seconds = 1}));
  }
  CHECK_INT(last, 8);
  CHECK_INT(totals().pending, 0);
  close_file();
}

static void checkpoints_go_first(void) {
  bool resumes = false;
  open_file();
  const int64_t a = position_of(7), done = position_of(1), b = position_of(2);
  keep(row_of(a), 3, 0.5);
  keep(row_of(done), 5, 0.5);
  keep(row_of(b), 6, 0.5);
  CHECK_OK(fixture_write(store, row_of(done))); /* is done: its checkpoint is of no use */
  begin();
  ent_lease lease = take(0);
  CHECK(lease.first == a && lease.count == 1);
  CHECK_INT(ent_slots_of_lease(&pending.slots, &lease, &resumes), 3);
  CHECK(resumes);
  ent_slots_release(&pending.slots, &lease, 1);
  CHECK_INT(ent_slots_of_row(&pending.slots, row_of(a)), ENT_SLOT_NONE);
  lease = take(2);
  CHECK_INT(lease.first, b);
  CHECK_INT(ent_slots_of_lease(&pending.slots, &lease, &resumes), 6);
  lease = take(1);
  CHECK(lease.first != done);
  const int64_t own = ent_slots_of_lease(&pending.slots, &lease, &resumes);
  CHECK(!resumes && own >= 0 && own != 6);
  CHECK_INT(ent_slots_of_worker(&pending.slots, 1), own);
  CHECK(ent_slots_of_worker(&pending.slots, 0) != own);
  close_file();
}

static void the_further_one_of_two_counts(void) {
  open_file();
  const int64_t a = row_of(position_of(3)), b = row_of(position_of(4));
  keep(a, 2, 1.5);
  keep(a, 4, 0.5);
  keep(b, 5, 0.25);
  keep(b, 7, 0.75);
  begin();
  CHECK_INT(ent_slots_of_row(&pending.slots, row_of(a)), 2);
  CHECK_INT(ent_slots_of_row(&pending.slots, b), 7);
  close_file();
}

static void a_lost_worker_leaves_its_checkpoint(void) {
  int64_t at_work = -1;
  bool resumes = false;
  open_file();
  begin();
  ent_lease lease = take(1);
  while (!has_vectors(row_of(lease.first))) {
    CHECK_OK(ent_dispatch_report(pending.dispatch,
                                 &(ent_lease_report){.number = lease.number, .done = 1, .seconds = 1}));
    lease = take(1);
  }
  const int64_t own = ent_slots_of_lease(&pending.slots, &lease, &resumes);
  keep(row_of(lease.first), own, 0.5);
  CHECK_OK(ent_pending_take_back(&pending, 1, ENT_TRAIL_NONE, &at_work));
  CHECK_INT(at_work, lease.first);
  ent_lease again = take(0);
  CHECK_INT(again.first, lease.first);
  CHECK_INT(ent_slots_of_lease(&pending.slots, &again, &resumes), own);
  CHECK(resumes);
  CHECK(ent_slots_of_worker(&pending.slots, 1) != own);
  close_file();
}

static void all_slots_can_be_in_use(void) {
  open_file();
  begin();
  const int64_t count = pending.slots.count;
  for (int64_t worker = 0; worker < count; worker++)
    CHECK_INT(ent_slots_of_worker(&pending.slots, (int)worker), worker);
  CHECK_INT(ent_slots_of_worker(&pending.slots, (int)count), ENT_SLOT_NONE);
  CHECK_OK(ent_slots_leave(&pending.slots, 4, -1));
  CHECK_INT(ent_slots_of_worker(&pending.slots, (int)count), 4);
  close_file();
}

static void rows_that_nobody_asked_for(void) {
  const ent_row_range only[] = {{3, 5}, {10, 10}};
  const ent_pending_options options = {.workers = 1, .queue = 1, .n_only = 2, .only = only};
  open_file();
  CHECK_OK(ent_store_write_kills(store, 20, 1));
  int64_t kept = 21;
  while (!has_vectors(kept)) kept++;
  keep(kept, 2, 0.5);
  ent_pending_options of_store = options;
  of_store.store = store;
  CHECK_OK(ent_pending_init(&pending, &of_store));
  CHECK_INT(totals().pending, 4);
  CHECK_INT(pending.excluded, at.spec->grid.size - 4);
  CHECK_INT(ent_slots_of_row(&pending.slots, kept), 2); /* kept for a later run */
  close_file();
}

static const ent_test tests[] = {
  {"what a lost worker has written counts, reported or not", what_is_in_the_file_counts},
  {"a worker's trail says what was at work", the_trail_says_what_was_at_work},
  {"without one, all that may have been at work goes alone",
   without_a_trail_all_that_may_have_been_at_work_goes_alone},
  {"a row that is not whole was at work", a_torn_row_was_at_work},
  {"rows found in the file are counted by their verdicts", rows_are_counted_by_their_verdicts},
  {"a job that is charged goes alone, first, then last, then it is quarantined",
   charges_single_out_and_quarantine},
  {"a worker that comes back takes back what its job was charged with", a_charge_is_taken_back},
  {"what a job was charged with that was given up stays", a_charge_of_a_job_that_was_given_up_stays},
  {"the next run remembers the charges", the_next_run_remembers},
  {"jobs with a checkpoint go first, with its slot", checkpoints_go_first},
  {"of two checkpoints of a job the further one counts", the_further_one_of_two_counts},
  {"a lost worker's checkpoint belongs to its job, and it gets another slot",
   a_lost_worker_leaves_its_checkpoint},
  {"when all slots are in use there is none", all_slots_can_be_in_use},
  {"rows that nobody asked for are not handed out, whatever is known of them", rows_that_nobody_asked_for},
  {0}};

ENT_TEST_MPI_MAIN("engine/pending", tests)
