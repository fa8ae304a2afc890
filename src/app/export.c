#include "entrain/app/export.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entrain/app/command.h"
#include "entrain/app/report_table.h"
#include "entrain/base/mem.h"
#include "entrain/store/netcdf.h"
#include "entrain/store/tally.h"

enum { CHUNK_ROWS = 2048 };

typedef struct arguments {
  const char *path, *output;
  bool netcdf;
} arguments;

static error_t parse(int key, char *argument, struct argp_state *state) {
  arguments *given = state->input;
  if (key == 'o') {
    given->output = argument;
  } else if (key == 'c' || key == 'n') {
    given->netcdf = key == 'n';
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

static int append_row(const ent_layout *layout, const unsigned char *row, ent_text *text) {
  for (size_t c = 0; c < layout->n_columns; c++) {
    if (c > 0) ENT_TRY(ent_text_append(text, ","));
    ENT_TRY(ent_table_append_column(&layout->columns[c], row, text));
  }
  return ent_text_append(text, "\n");
}

static int put(const ent_text *text, FILE *stream) {
  ENT_CHECK(fwrite(text->data, 1, text->length, stream) == text->length, ENT_ERR_IO, "cannot write: %s",
            strerror(errno));
  return ENT_OK;
}

/* Writes rows first .. first+count-1; rows is scratch of that size. */
static int write_chunk(ent_store *store, int64_t first, int64_t count, unsigned char *rows, FILE *stream) {
  int code = ENT_OK;
  ent_text text = {0};
  const ent_layout *layout = ent_store_layout(store);
  ENT_GOTO(ent_store_read_rows(store, first, count, rows));
  if (first == 0) ENT_GOTO(append_names(layout, &text));
  for (int64_t i = 0; i < count; i++) ENT_GOTO(append_row(layout, rows + (size_t)i * layout->size, &text));
  ENT_GOTO(put(&text, stream));

done:
  ent_text_fini(&text);
  return code;
}

static int write_csv(ent_store *store, FILE *stream) {
  int code = ENT_OK;
  unsigned char *rows = NULL;
  const int64_t size = ent_store_spec(store)->grid.size;
  ENT_TRY(ent_mem_alloc(CHUNK_ROWS, ent_store_layout(store)->size, &rows));
  for (int64_t first = 0; first < size; first += CHUNK_ROWS)
    ENT_GOTO(write_chunk(store, first, size - first < CHUNK_ROWS ? size - first : CHUNK_ROWS, rows, stream));
  ENT_CHECK_GOTO(fflush(stream) == 0, ENT_ERR_IO, "cannot write: %s", strerror(errno));

done:
  free(rows);
  return code;
}

/* Written beside and renamed, so that no half table is ever seen. */
static int write_file(ent_store *store, const char *path) {
  int code = ENT_OK;
  FILE *stream = NULL;
  ent_text beside = {0};
  ENT_GOTO(ent_text_append(&beside, "%s~tmp", path));
  stream = fopen(beside.data, "w");
  ENT_CHECK_GOTO(stream, ENT_ERR_IO, "cannot write '%s': %s", path, strerror(errno));
  ENT_GOTO(write_csv(store, stream));
  ENT_CHECK_GOTO(fsync(fileno(stream)) == 0 && rename(beside.data, path) == 0, ENT_ERR_IO,
                 "cannot write '%s': %s", path, strerror(errno));

done:
  if (stream) fclose(stream);
  if (stream && code != ENT_OK) unlink(beside.data);
  ent_text_fini(&beside);
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
  return given->output ? write_file(store, given->output) : write_csv(store, stdout);
}

static int export_rows(const arguments *given) {
  ent_store *store = NULL;
  ENT_TRY(ent_store_open(given->path, ENT_STORE_READ, &store));
  const int code = export_open(given, store);
  const int closed = ent_store_close(&store);
  return code != ENT_OK ? code : closed;
}

int ent_command_export(int argc, char **argv) {
  static const struct argp_option options[] = {{"csv", 'c', NULL, 0, "comma-separated values (default)", 0},
                                               {"output", 'o', "FILE", 0, "write FILE instead of stdout", 0},
                                               {"netcdf", 'n', NULL, 0, "the phase diagram as netCDF-4", 0},
                                               {0}};
  static const struct argp argp = {
    options,  parse,
    "OUT.h5", "Writes the rows of a results file as a table (missing numbers are nan), or its phase diagram.",
    NULL,     NULL,
    NULL};
  arguments given = {0};
  argp_err_exit_status = 2;
  argp_parse(&argp, argc, argv, 0, NULL, &given);
  const int code = export_rows(&given);
  return code == ENT_OK ? 0 : ent_command_fail("entrain export", code, NULL);
}
