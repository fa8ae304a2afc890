#include "run_result.h"

#include <stdio.h>
#include <stdlib.h>

#include "entrain/app/command.h"
#include "entrain/base/log.h"
#include "entrain/base/mem.h"
#include "entrain/engine/notify.h"
#include "entrain/engine/run.h"

enum { NAMED_FAILURES = 10, BLOCK_ROWS = 4096 };

/* Names the failed rows of a block on stderr, as long as there are not too many. [in,out] named */
static void name_block(const ent_layout *layout, int64_t first, int64_t count, const unsigned char *rows,
                       int *named) {
  for (int64_t i = 0; i < count && *named < NAMED_FAILURES; i++) {
    ent_result result;
    ent_layout_decode(layout, rows + (size_t)i * layout->size, &result);
    if (result.status != ENT_STATUS_FAILED && result.status != ENT_STATUS_QUARANTINED) continue;
    const long long row = first + i;
    fprintf(stderr, "entrain run: row %lld %s: %s\n", row, ent_status_names[result.status],
            ent_job_error_text(result.error));
    (*named)++;
  }
}

/* Names the first failed rows on stderr, and says how many more there are. */
static int name_failures(ent_store *store, int64_t failed) {
  int code = ENT_OK, named = 0;
  unsigned char *rows = NULL;
  const ent_layout *layout = ent_store_layout(store);
  const int64_t size = ent_store_spec(store)->grid.size;
  ENT_GOTO(ent_mem_alloc(BLOCK_ROWS, layout->size, &rows));
  for (int64_t first = 0; first < size && named < failed && named < NAMED_FAILURES; first += BLOCK_ROWS) {
    const int64_t count = size - first < BLOCK_ROWS ? size - first : BLOCK_ROWS;
    ENT_GOTO(ent_store_read_rows(store, first, count, rows));
    name_block(layout, first, count, rows, &named);
  }
  if (named < failed) {
    fprintf(stderr, "entrain run: and %lld more, `entrain export` lists them\n", (long long)(failed - named));
  }
done:
  free(rows);
  return code;
}

/* Says on stdout what is in the file now, on stderr which rows failed. [out] tally */
static int say_result(const char *path, ent_tally *tally) {
  int code = ENT_OK;
  ent_store *store = NULL;
  ent_text text = {0};
  ENT_GOTO(ent_store_open(path, ENT_STORE_READ, &store));
  ENT_GOTO(ent_tally_read(store, tally));
  ENT_GOTO(ent_tally_append(tally, &text));
  printf("%s: %s\n", path, text.data);
  if (ent_tally_failed(tally) > 0) ENT_GOTO(name_failures(store, ent_tally_failed(tally)));
done:
  ent_text_fini(&text);
  if (store != NULL && ent_store_close(&store) != ENT_OK)
    ent_log(ENT_LOG_WARNING, "'%s' could not be closed", path);
  return code;
}

int ent_run_fail(int code, const ent_text *faults) {
  (void)ent_command_fail("entrain run", code, faults);
  return ent_run_is_refusal(code) ? ENT_EXIT_USAGE : ENT_EXIT_ENGINE;
}

int ent_run_conclude(const char *path, bool is_complete, bool is_strict, ent_tally *tally) {
  *tally = (ent_tally){0};
  const int code = say_result(path, tally);
  if (code != ENT_OK) return ent_run_fail(code, NULL);
  if (!is_complete) {
    fprintf(stderr, "entrain run: stopped early, the same command goes on\n");
    return ENT_EXIT_STOPPED;
  }
  return is_strict && ent_tally_failed(tally) > 0 ? ENT_EXIT_ROWS : ENT_EXIT_OK;
}

void ent_run_tell(const char *command, const char *path, int status, const ent_tally *tally) {
  const bool is_known = tally->total > 0;
  const ent_notice notice = {.file = path,
                             .exit_status = status,
                             .total = is_known ? tally->total : -1,
                             .done = is_known ? tally->status[ENT_STATUS_DONE] : -1,
                             .failed = is_known ? ent_tally_failed(tally) : -1,
                             .pending = is_known ? tally->status[ENT_STATUS_PENDING] : -1};
  if (command == NULL || status == ENT_EXIT_USAGE) return;
  (void)fflush(stdout);
  if (ent_notify(command, &notice) != ENT_OK) ent_log(ENT_LOG_WARNING, "--notify: %s", ent_error_message());
}
