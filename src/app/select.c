#include "entrain/app/select.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/app/command.h"
#include "entrain/app/report_table.h"
#include "entrain/base/mem.h"
#include "entrain/base/text.h"
#include "entrain/store/visit.h"
#include "entrain/sweep/where.h"

enum { SHOWN_ROWS = 5 };

error_t ent_select_parse(int key, char *argument, struct argp_state *state) {
  ent_select_arguments *given = state->input;
  switch (key) {
    case 'w': given->where = argument; break;
    case 'n': given->is_dry = true; break;
    case 'k': given->keeps_old = true; break;
    case ARGP_KEY_END:
      if (given->where == NULL) argp_error(state, "no rows given, use --where EXPR");
      break;
    default: return ent_command_parse_path(key, argument, state, "results file", &given->path);
  }
  return 0;
}

/* A row that is not finished: its axes, and nothing else. */
static void encode_pending(ent_store *store, int64_t row, unsigned char *bytes) {
  ent_result nothing;
  const ent_layout *layout = ent_store_layout(store);
  ent_result_init(&nothing);
  ent_layout_encode(layout, &nothing, bytes);
  ent_layout_encode_axes(layout, &ent_store_spec(store)->grid, row, bytes);
}

/* A selection while it is made. */
typedef struct selecting {
  ent_store *store;
  const ent_where *where;
  ent_selection *selection;
} selecting;

static int select_chunk(void *context, int64_t first, int64_t count, unsigned char *rows) {
  const selecting *own = context;
  ent_selection *selection = own->selection;
  const ent_layout *layout = ent_store_layout(own->store);
  for (int64_t i = 0; i < count; i++) {
    unsigned char *row = rows + (size_t)i * layout->size;
    ent_result result;
    if (!selection->finished[first + i]) encode_pending(own->store, first + i, row);
    if (!ent_where_holds(own->where, row)) continue;
    ent_layout_decode(layout, row, &result);
    selection->matches[first + i] = 1;
    selection->count++;
    if (result.status >= 0 && result.status < ENT_STATUS_COUNT) selection->status[result.status]++;
  }
  return ENT_OK;
}

int ent_selection_make(ent_store *store, const char *where, ent_selection *selection) {
  int code = ENT_OK;
  ent_where *expression = NULL;
  const size_t size = (size_t)ent_store_spec(store)->grid.size;
  *selection = (ent_selection){0};
  ENT_GOTO(ent_where_parse(where, ent_store_layout(store), &expression));
  ENT_GOTO(ent_mem_alloc(size, 1, &selection->finished));
  ENT_GOTO(ent_mem_alloc(size, 1, &selection->matches));
  ENT_GOTO(ent_store_scan(store, selection->finished, &selection->broken));
  selecting own = {.store = store, .where = expression, .selection = selection};
  ENT_GOTO(ent_visit_rows(store, &(ent_row_visitor){.see = select_chunk, .context = &own}));
done:
  ent_where_destroy(&expression);
  return code;
}

void ent_selection_fini(ent_selection *selection) {
  free(selection->finished);
  free(selection->matches);
  *selection = (ent_selection){0};
}

int ent_select_append_row(ent_store *store, int64_t row, bool is_finished, ent_text *text) {
  int code = ENT_OK;
  unsigned char *bytes = NULL;
  ent_result result;
  const ent_layout *layout = ent_store_layout(store);
  ENT_GOTO(ent_mem_alloc(1, layout->size, &bytes));
  ENT_GOTO(ent_store_read_rows(store, row, 1, bytes));
  if (!is_finished) encode_pending(store, row, bytes);
  ENT_GOTO(ent_text_append(text, "row %" PRId64 ":", row));
  for (size_t i = 0; i < layout->n_columns; i++) {
    const ent_column *column = &layout->columns[i];
    if (column->source != ENT_COLUMN_AXIS) continue;
    ENT_GOTO(ent_text_append(text, " %s=", column->name));
    ENT_GOTO(ent_table_append_column(column, bytes, text));
  }
  ent_layout_decode(layout, bytes, &result);
  const bool is_known = result.status >= 0 && result.status < ENT_STATUS_COUNT;
  ENT_GOTO(ent_text_append(text, ", %s", is_known ? ent_status_names[result.status] : "of unknown status"));
  if (result.error != ENT_JOB_OK) ENT_GOTO(ent_text_append(text, " (%s)", ent_job_error_label(result.error)));
done:
  free(bytes);
  return code;
}

int ent_selection_print(ent_store *store, const ent_selection *selection) {
  int code = ENT_OK;
  int64_t shown = 0;
  ent_text text = {0};
  const int64_t size = ent_store_spec(store)->grid.size;
  const char *separator = " (";
  ENT_GOTO(ent_text_append(&text, "%" PRId64 " of %" PRId64 " row%s match", selection->count, size,
                           ent_text_plural(size)));
  for (int s = 0; s < ENT_STATUS_COUNT; s++) {
    if (selection->status[s] == 0) continue;
    ENT_GOTO(
      ent_text_append(&text, "%s%" PRId64 " %s", separator, selection->status[s], ent_status_names[s]));
    separator = ", ";
  }
  ENT_GOTO(ent_text_append(&text, "%s\n", separator[0] == ',' ? ")" : ""));
  for (int64_t row = 0; row < size && shown < SHOWN_ROWS; row++) {
    if (!selection->matches[row]) continue;
    ENT_GOTO(ent_text_append(&text, "  "));
    ENT_GOTO(ent_select_append_row(store, row, selection->finished[row] != 0, &text));
    ENT_GOTO(ent_text_append(&text, "\n"));
    shown++;
  }
  if (shown < selection->count)
    ENT_GOTO(ent_text_append(&text, "  and %" PRId64 " more\n", selection->count - shown));
  fputs(text.data, stdout);
done:
  ent_text_fini(&text);
  return code;
}
