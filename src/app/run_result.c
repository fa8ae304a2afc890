#include "run_result.h"

#include <stdio.h>
#include <stdlib.h>

#include "entrain/app/command.h"
#include "entrain/app/fold.h"
#include "entrain/base/log.h"
#include "entrain/engine/notify.h"
#include "entrain/engine/run.h"
#include "entrain/store/visit.h"

enum { NAMED_FAILURES = 10 };

/* Rows that are named on stderr. */
typedef struct naming {
  const ent_layout *layout;
  int64_t failed; /* rows that failed */
  int named;
} naming;

static bool has_named_all(void *context) {
  const naming *own = context;
  return own->named >= own->failed || own->named >= NAMED_FAILURES;
}

static int name_chunk(void *context, int64_t first, int64_t count, unsigned char *rows) {
  naming *own = context;
  for (int64_t i = 0; i < count && !has_named_all(own); i++) {
    ent_result result;
    ent_layout_decode(own->layout, rows + (size_t)i * own->layout->size, &result);
    if (result.status != ENT_STATUS_FAILED && result.status != ENT_STATUS_QUARANTINED) continue;
    const long long row = first + i;
    fprintf(stderr, "entrain run: row %lld %s: %s\n", row, ent_status_names[result.status],
            ent_job_error_text(result.error));
    own->named++;
  }
  return ENT_OK;
}

/* Names the first failed rows, and says how many more there are. */
static int name_failures(ent_store *store, int64_t failed) {
  naming own = {.layout = ent_store_layout(store), .failed = failed};
  const ent_row_visitor visitor = {.see = name_chunk, .has_enough = has_named_all, .context = &own};
  ENT_TRY(ent_visit_rows(store, &visitor));
  if (own.named < failed) {
    fprintf(stderr, "entrain run: and %lld more, `entrain export` lists them\n",
            (long long)(failed - own.named));
  }
  return ENT_OK;
}

/* Prints "FILE: 4 rows: ...", broken between its parts where 80 columns are too few. */
static int print_tally(const char *path, const ent_tally *tally) {
  int code = ENT_OK;
  ent_text text = {0};
  ENT_GOTO(ent_text_append(&text, "%s: ", path));
  ENT_GOTO(ent_tally_append(tally, &text));
  for (size_t i = 1; i < text.length; i++)
    if (text.data[i] == ' ' && text.data[i - 1] != ',') text.data[i] = ENT_FOLD_JOIN;
  ENT_GOTO(ent_fold_print(text.data));
done:
  ent_text_fini(&text);
  return code;
}

/* Says on stdout what is in the file now, on stderr which rows failed. [out] tally */
static int say_result(const char *path, ent_tally *tally) {
  int code = ENT_OK;
  ent_store *store = NULL;
  ENT_GOTO(ent_store_open(path, ENT_STORE_READ, &store));
  ENT_GOTO(ent_tally_read(store, tally));
  ENT_GOTO(print_tally(path, tally));
  if (ent_tally_failed(tally) > 0) ENT_GOTO(name_failures(store, ent_tally_failed(tally)));
done:
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
