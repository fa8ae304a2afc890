#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entrain/base/mem.h"
#include "entrain/store/tally.h"
#include "entrain/store/verify.h"

#include "guard_impl.h"
#include "store_impl.h"

/* Restores blocks in their place from the copy, or in the copy from their place. */
static int restore_blocks(int file, const ent_guard *guard, const unsigned char *bad, bool in_copy) {
  int code = ENT_OK;
  const unsigned char mark = in_copy ? ENT_GUARD_BAD_COPY : ENT_GUARD_BAD_PLACE;
  unsigned char *block = NULL;
  ENT_TRY(ent_mem_alloc(guard->block_size, 1, &block));
  for (uint32_t i = 0; i < guard->n_blocks; i++) {
    if (!(bad[i] & mark)) continue;
    ENT_CHECK_GOTO(ent_guard_block_holds(file, guard, i, !in_copy, block), ENT_ERR_IO,
                   "cannot read block %" PRIu32 " of the metadata: %s", i, strerror(errno));
    ENT_GOTO(ent_guard_write_block(file, guard, i, in_copy, block));
  }
done:
  free(block);
  return code;
}

static int sync_file(int file) {
  ENT_CHECK(fsync(file) == 0, ENT_ERR_IO, "cannot sync the file: %s", strerror(errno));
  return ENT_OK;
}

/* The metadata first, durable before anything is done to what they were restored from. */
static int restore(int file, ent_guard *guard, const unsigned char *bad) {
  ENT_CHECK(ftruncate(file, (off_t)guard->size) == 0, ENT_ERR_IO, "cannot set the file's length: %s",
            strerror(errno));
  ENT_TRY(restore_blocks(file, guard, bad, false));
  ENT_TRY(sync_file(file));
  ENT_TRY(restore_blocks(file, guard, bad, true));
  for (size_t i = 0; i < ENT_GUARD_TABLES; i++) ENT_TRY(ent_guard_write_table(file, guard, i));
  for (size_t i = 0; i < ENT_GUARD_HEADERS; i++) ENT_TRY(ent_guard_write_header(file, guard, i));
  ENT_TRY(sync_file(file));
  return ENT_OK;
}

int ent_store_restore(const char *path, ent_guard_report *report) {
  int code = ENT_OK, file = -1;
  ent_guard guard = {0};
  unsigned char *bad = NULL;
  ENT_TRY(ent_guard_open(path, O_RDWR, &file, &guard));
  ENT_GOTO(ent_guard_examine(file, &guard, report, &bad));
  ENT_CHECK_GOTO(report->blocks > 0, ENT_ERR_FORMAT,
                 "'%s' cannot be repaired: both tables of its guard are damaged", path);
  ENT_CHECK_GOTO(report->lost == 0, ENT_ERR_FORMAT,
                 "'%s' cannot be repaired: %" PRId64
                 " blocks of its metadata are damaged, and so is their copy",
                 path, report->lost);
  if (!ent_guard_is_whole(report)) ENT_GOTO(restore(file, &guard, bad));
done:
  close(file);
  free(bad);
  ent_guard_fini(&guard);
  return code;
}

/* What a pass over the rows gathers. */
typedef struct row_repair {
  ent_store *store;
  int64_t reset;
} row_repair;

static int reset_row(void *context, int64_t row, ent_row_fault fault) {
  row_repair *repair = context;
  (void)fault;
  repair->reset++;
  return ent_store_reset_job(repair->store, row);
}

/* The phase diagram of the rows that are left: what was filled in before is gone where bytes were missing. */
static int refill_phase(ent_store *store) {
  int code = ENT_OK;
  ent_phase *phase = NULL;
  ent_tally tally = {0};
  ENT_GOTO(ent_tally_read_phase(store, &phase, &tally));
  ENT_GOTO(ent_store_write_phase(store, phase));
done:
  ent_phase_destroy(&phase);
  return code;
}

static int repair_rows(const char *path, ent_guard_report *report) {
  int code = ENT_OK;
  row_repair repair = {0};
  ent_verification found;
  ENT_TRY(ent_store_open(path, ENT_STORE_EDIT, &repair.store));
  ENT_GOTO(ent_store_verify(repair.store, reset_row, &repair, &found));
  ENT_GOTO(ent_final_check_jobs(repair.store, true, &found.misplaced));
  if (report->size < report->expected) ENT_GOTO(refill_phase(repair.store));
  ENT_GOTO(ent_store_sync(repair.store));
  report->reset = repair.reset;
done:
  return ent_store_close_after(&repair.store, code);
}

int ent_store_repair(const char *path, ent_guard_report *report) {
  ent_guard_report found = {0};
  ENT_TRY(ent_store_restore(path, &found));
  ENT_TRY(repair_rows(path, &found));
  *report = found;
  return ENT_OK;
}
