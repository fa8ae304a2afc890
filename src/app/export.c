#include "entrain/app/export.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/app/command.h"
#include "entrain/app/plateau_table.h"
#include "entrain/app/report_table.h"
#include "entrain/base/draft.h"
#include "entrain/base/log.h"
#include "entrain/base/mem.h"
#include "entrain/base/text.h"
#include "entrain/store/netcdf.h"
#include "entrain/store/tally.h"
#include "entrain/store/visit.h"

typedef struct arguments {
  const char *path, *output;
  bool csv, netcdf, plateaus;
} arguments;

static error_t parse(int key, char *argument, struct argp_state *state) {
  arguments *given = state->input;
  if (key == 'o') {
    given->output = argument;
  } else if (key == 'c') {
    given->csv = true;
  } else if (key == 'n') {
    given->netcdf = true;
  } else if (key == 'l') {
    given->plateaus = true;
  } else if (key == ARGP_KEY_END && given->csv + given->netcdf + given->plateaus > 1) {
    argp_error(state, "one of --csv, --netcdf and --plateaus");
  } else if (key == ARGP_KEY_END && given->netcdf && !given->output) {
    argp_error(state, "--netcdf needs -o FILE: it is no text");
  } else {
    return ent_command_parse_path(key, argument, state, "results file", &given->path);
  }
  return 0;
}

static int append_names(const ent_layout *layout, ent_text *text) {
  for (size_t c = 0; c < layout->n_columns; c++)
    ENT_TRY(ent_text_append(text, "%s%s", c > 0 ? "," : "", layout->columns[c].name));
  return ent_text_append(text, "\n");
}

/* A pending row has its axes and its status; the rest is empty, as whatever is left there means nothing. */
static int append_row(const ent_layout *layout, const unsigned char *row, bool is_finished, ent_text *text) {
  for (size_t c = 0; c < layout->n_columns; c++) {
    const ent_column *column = &layout->columns[c];
    if (c > 0) ENT_TRY(ent_text_append(text, ","));
    if (is_finished || column->source == ENT_COLUMN_AXIS)
      ENT_TRY(ent_table_append_column(column, row, text));
    else if (column->offset == layout->status_offset)
      ENT_TRY(ent_text_append(text, "%s", ent_status_names[ENT_STATUS_PENDING]));
  }
  return ent_text_append(text, "\n");
}

static int put(const ent_text *text, FILE *stream) {
  ENT_CHECK(fwrite(text->data, 1, text->length, stream) == text->length, ENT_ERR_IO, "cannot write: %s",
            strerror(errno));
  return ENT_OK;
}

/* What all rows are written with. */
typedef struct table {
  const ent_layout *layout;
  FILE *stream;
  unsigned char *finished; /* [grid size], as ent_store_scan found them */
} table;

static int write_chunk(void *context, int64_t first, int64_t count, unsigned char *rows) {
  int code = ENT_OK;
  ent_text text = {0};
  const table *to = context;
  if (first == 0) ENT_GOTO(append_names(to->layout, &text));
  for (int64_t i = 0; i < count; i++)
    ENT_GOTO(append_row(to->layout, rows + (size_t)i * to->layout->size, to->finished[first + i], &text));
  ENT_GOTO(put(&text, to->stream));

done:
  ent_text_fini(&text);
  return code;
}

static int write_csv(ent_store *store, FILE *stream) {
  int code = ENT_OK;
  int64_t broken = 0;
  table to = {.layout = ent_store_layout(store), .stream = stream};
  const int64_t size = ent_store_spec(store)->grid.size;
  ENT_GOTO(ent_mem_alloc((size_t)size, 1, &to.finished));
  ENT_GOTO(ent_store_scan(store, to.finished, &broken));
  if (broken > 0)
    ent_log(ENT_LOG_WARNING, "%" PRId64 " row%s with a broken checksum: written as pending", broken,
            ent_text_plural(broken));
  ENT_GOTO(ent_visit_rows(store, &(ent_row_visitor){.see = write_chunk, .context = &to}));
  ENT_CHECK_GOTO(fflush(stream) == 0, ENT_ERR_IO, "cannot write: %s", strerror(errno));

done:
  free(to.finished);
  return code;
}

/* A table of a results file on a stream. */
typedef int (*ent_table_writer)(ent_store *store, FILE *stream);

static int write_file(ent_store *store, ent_table_writer writer, const char *path) {
  int code = ENT_OK;
  FILE *stream = NULL;
  ent_draft draft = {0};
  ENT_GOTO(ent_draft_begin(path, &draft));
  stream = fopen(draft.path, "w");
  ENT_CHECK_GOTO(stream, ENT_ERR_IO, "cannot write '%s': %s", path, strerror(errno));
  ENT_GOTO(writer(store, stream));
  ENT_GOTO(ent_draft_keep(&draft));

done:
  if (stream) fclose(stream);
  ent_draft_drop(&draft);
  return code;
}

static int write_netcdf(ent_store *store, const char *path) {
  int code = ENT_OK;
  ent_phase *phase = NULL;
  ent_tally tally;
  ENT_GOTO(ent_tally_read_phase(store, &phase, &tally));
  ENT_GOTO(ent_netcdf_write(path, ent_store_spec(store), phase));

done:
  ent_phase_destroy(&phase);
  return code;
}

static int export_open(const arguments *given, ent_store *store) {
  if (given->netcdf) return write_netcdf(store, given->output);
  const ent_table_writer writer = given->plateaus ? ent_plateau_table_write : write_csv;
  return given->output ? write_file(store, writer, given->output) : writer(store, stdout);
}

static int export_rows(const arguments *given) {
  ent_store *store = NULL;
  if (given->output) ENT_TRY(ent_command_check_target(given->output, given->path));
  ENT_TRY(ent_store_open(given->path, ENT_STORE_READ, &store));
  const int code = export_open(given, store);
  const int closed = ent_store_close(&store);
  return code != ENT_OK ? code : closed;
}

int ent_command_export(int argc, char **argv) {
  static const struct argp_option options[] = {
    {"csv", 'c', NULL, 0, "comma-separated values (default)", 0},
    {"output", 'o', "FILE", 0, "write FILE instead of stdout", 0},
    {"netcdf", 'n', NULL, 0, "the phase diagram as netCDF-4", 0},
    {"plateaus", 'l', NULL, 0, "the plateaus of recorded energies as CSV", 0},
    {0}};
  static const struct argp argp = {options,
                                   parse,
                                   "OUT.h5",
                                   "Writes the rows of a results file as a table, or its phase diagram.\v"
                                   "Missing numbers are nan. Of a pending row there are the axes and the "
                                   "status, its other fields are empty; "
                                   "a row whose checksum does not hold is pending.",
                                   NULL,
                                   NULL,
                                   NULL};
  arguments given = {0};
  argp_err_exit_status = 2;
  argp_parse(&argp, argc, argv, 0, NULL, &given);
  const int code = export_rows(&given);
  return code == ENT_OK ? 0 : ent_command_fail("entrain export", code, NULL);
}
