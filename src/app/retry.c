#include <argp.h>
#include <inttypes.h>
#include <stdio.h>

#include "entrain/app/command.h"
#include "entrain/app/commands.h"
#include "entrain/app/select.h"
#include "entrain/app/surgery.h"
#include "entrain/base/log.h"
#include "entrain/base/text.h"

static const struct argp_option option_table[] = {ENT_SELECT_OPTIONS, {0}};

static const struct argp parser = {
  option_table,
  ent_select_parse,
  "OUT.h5 --where EXPR",
  "Makes rows pending again, so that the next run computes them.\v"
  "EXPR compares columns with numbers and names, joined by && || ! and parentheses: "
  "'status==failed', 'error==wall-limit || (t_end<1 && seed!=3)'. Rows that are pending already stay so. "
  "A row's kills and checkpoints are forgotten.\n\n"
  "Exit status: 0 done, or no row matches; 1 the engine failed; 2 usage, or the file is in use: nothing was "
  "changed.",
  NULL,
  NULL,
  NULL};

/* Pending rows need no retry. */
static void leave_pending(ent_selection *selection, int64_t size) {
  for (int64_t row = 0; row < size; row++) {
    if (selection->matches[row] && !selection->finished[row]) selection->matches[row] = 0;
  }
  selection->count -= selection->status[ENT_STATUS_PENDING];
  selection->status[ENT_STATUS_PENDING] = 0;
}

/* Makes the rows that match pending. */
static int reset_rows(ent_surgery *own, const ent_selection *selection) {
  const int64_t size = ent_store_spec(own->made)->grid.size;
  for (int64_t row = 0; row < size; row++) {
    if (!selection->matches[row]) continue;
    ENT_TRY(ent_store_reset_job(own->made, row));
    ENT_TRY(ent_store_write_kills(own->made, row, 0));
    ENT_TRY(ent_surgery_beat(own));
  }
  ENT_TRY(ent_surgery_forget(own, selection->matches));
  return ENT_OK;
}

static int retry(const ent_select_arguments *given) {
  int code = ENT_OK;
  ent_selection selection = {0};
  ent_surgery own = {
    .command = "entrain retry", .path = given->path, .keeps_old = given->keeps_old, .is_dry = given->is_dry};
  ENT_GOTO(ent_surgery_begin(&own));
  ENT_GOTO(ent_selection_make(own.old, given->where, &selection));
  leave_pending(&selection, ent_store_spec(own.old)->grid.size);
  ENT_GOTO(ent_selection_print(own.old, &selection));
  if (selection.broken > 0)
    ent_log(ENT_LOG_WARNING, "%" PRId64 " row%s with a broken checksum: pending anyway", selection.broken,
            ent_text_plural(selection.broken));
  if (selection.count > 0 && !given->is_dry) {
    ENT_GOTO(ent_surgery_copy(&own));
    ENT_GOTO(reset_rows(&own, &selection));
    ENT_GOTO(ent_surgery_finish(&own));
    printf("%s: they are pending now, the next run computes them\n", given->path);
  }
done:
  ent_selection_fini(&selection);
  return ent_surgery_end(&own, code);
}

int ent_command_retry(int argc, char **argv) {
  ent_select_arguments given = {0};
  argp_parse(&parser, argc, argv, 0, NULL, &given);
  const int code = retry(&given);
  return code == ENT_OK ? ENT_EXIT_OK : ent_command_fail(argv[0], code, NULL);
}
