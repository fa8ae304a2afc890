#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entrain/app/command.h"
#include "entrain/app/commands.h"
#include "entrain/app/record.h"
#include "entrain/app/select.h"
#include "entrain/app/surgery.h"
#include "entrain/base/log.h"
#include "entrain/base/mem.h"
#include "entrain/base/text.h"
#include "entrain/store/identity.h"

enum { SHOWN_CONTRADICTIONS = 5 };

typedef struct arguments {
  int n_inputs;
  char **inputs; /* [n_inputs], in front of argv */
  const char *output;
} arguments;

/* All that one merge holds. */
typedef struct merge {
  const arguments *given;
  ent_surgery surgery;     /* of the output; its `old` is the first input */
  int32_t *source;         /* [grid size] input from which a row of the output is, -1: it is pending */
  uint8_t *kills;          /* [grid size] the largest of all inputs */
  ent_record ours, theirs; /* of the output, of an input */
  int64_t contradictions;
  ent_text lines; /* about the first of them */
} merge;

/* An input while it is read. */
typedef struct input {
  const char *path;
  int32_t number;
  ent_lock *lock; /* NULL: its folder cannot be written to */
  ent_lock_progress progress;
  ent_store *store;
  unsigned char *finished; /* [grid size] */
  uint8_t *kills;          /* [grid size] */
  size_t attempts;         /* segments of the inputs before it */
} input;

static error_t parse(int key, char *argument, struct argp_state *state) {
  arguments *given = state->input;
  switch (key) {
    case 'o': given->output = argument; break;
    case ARGP_KEY_ARG: given->inputs[given->n_inputs++] = argument; break;
    case ARGP_KEY_END:
      if (given->n_inputs < 2) argp_error(state, "%d results files, must be two or more", given->n_inputs);
      if (!given->output) argp_error(state, "no file to write, use -o OUT.h5");
      break;
    default: return ARGP_ERR_UNKNOWN;
  }
  return 0;
}

/* An input is not in use: by its lock, or, where none can be written, by a look. */
static int lock_input(input *in) {
  const int code = ent_surgery_lock(in->path, "entrain merge", &in->progress, &in->lock);
  if (code != ENT_ERR_IO) return code;
  ent_error_clear();
  ENT_TRY(ent_lock_probe(in->path));
  return ENT_OK;
}

static int check_study(const merge *own, const input *in) {
  int code = ENT_OK;
  ent_text differences = {0};
  const ent_store *first = own->surgery.old;
  const char *first_path = own->given->inputs[0];
  ENT_GOTO(ent_store_compare_identities(first, in->store, &differences));
  ENT_CHECK_GOTO(differences.length == 0, ENT_ERR_MISMATCH, "'%s' and '%s' are not the same study:%s",
                 first_path, in->path, differences.data);
  ENT_CHECK_GOTO(ent_store_spec(first)->final_state == ent_store_spec(in->store)->final_state,
                 ENT_ERR_MISMATCH, "one of '%s' and '%s' keeps final states, the other does not", first_path,
                 in->path);
done:
  ent_text_fini(&differences);
  return code;
}

/* Before anything is made: later a file that cannot be read is the machine's failure. */
static int check_inputs(const arguments *given) {
  for (int i = 0; i < given->n_inputs; i++)
    ENT_CHECK(access(given->inputs[i], R_OK) == 0, ENT_ERR_IO, "cannot open '%s': %s", given->inputs[i],
              strerror(errno));
  return ENT_OK;
}

static int open_input(const merge *own, input *in) {
  int64_t broken = 0;
  const int64_t size = ent_store_spec(own->surgery.old)->grid.size;
  ENT_TRY(lock_input(in));
  ENT_TRY(ent_store_open(in->path, ENT_STORE_READ, &in->store));
  ENT_TRY(check_study(own, in));
  ENT_TRY(ent_mem_alloc((size_t)size, 1, &in->finished));
  ENT_TRY(ent_mem_alloc((size_t)size, 1, &in->kills));
  ENT_TRY(ent_store_scan(in->store, in->finished, &broken));
  ENT_TRY(ent_store_read_kills(in->store, 0, size, in->kills));
  if (broken > 0)
    ent_log(ENT_LOG_WARNING, "%" PRId64 " row%s of '%s' with a broken checksum: taken as pending", broken,
            ent_text_plural(broken), in->path);
  return ENT_OK;
}

static int close_input(input *in, int code) {
  free(in->finished);
  free(in->kills);
  code = ent_store_close_after(&in->store, code);
  ent_lock_release(&in->lock);
  return code;
}

/* Whether circumstances ended a row, a limit or deaths of its workers: it is no statement about its point. */
static bool is_circumstantial(const ent_result *result) {
  return result->status == ENT_STATUS_QUARANTINED ||
         (result->status == ENT_STATUS_FAILED &&
          (result->error == ENT_JOB_WALL_LIMIT || result->error == ENT_JOB_STEP_LIMIT));
}

/* Writes their record into the output; its number of the run becomes that of the output's list of runs. */
static int take(merge *own, const input *in, int64_t row) {
  ent_record *record = &own->theirs;
  const size_t attempt = (size_t)record->result.attempt + in->attempts;
  record->result.attempt = (int32_t)(attempt < ENT_STORE_SEGMENTS ? attempt : ENT_STORE_SEGMENTS);
  ENT_TRY(ent_record_write(own->surgery.made, row, record));
  own->source[row] = in->number;
  return ENT_OK;
}

static int add_contradiction(merge *own, const input *in, int64_t row, const ent_text *differences) {
  if (own->contradictions++ >= SHOWN_CONTRADICTIONS) return ENT_OK;
  ENT_TRY(ent_select_append_row(in->store, row, true, &own->lines));
  ENT_TRY(ent_text_append(&own->lines, "; '%s' is the one, '%s' the other\n%s",
                          own->given->inputs[own->source[row]], in->path, differences->data));
  return ENT_OK;
}

/* A row that both have: the same, or one of them gives way, or a contradiction. */
static int reconcile(merge *own, const input *in, int64_t row) {
  static const ent_comparison how = {.first = "in the one", .second = "in the other"};
  int code = ENT_OK, count = 0;
  ent_text differences = {0};
  ENT_GOTO(ent_record_read(own->surgery.made, row, &own->ours));
  ENT_GOTO(ent_record_compare(in->store, &how, &own->ours, &own->theirs, &differences, &count));
  const bool ours_is = is_circumstantial(&own->ours.result),
             theirs_is = is_circumstantial(&own->theirs.result);
  if (count > 0 && ours_is && !theirs_is)
    ENT_GOTO(take(own, in, row));
  else if (count > 0 && !ours_is && !theirs_is)
    ENT_GOTO(add_contradiction(own, in, row, &differences));
done:
  ent_text_fini(&differences);
  return code;
}

static int merge_rows(merge *own, const input *in) {
  const int64_t size = ent_store_spec(in->store)->grid.size;
  for (int64_t row = 0; row < size; row++) {
    if (in->kills[row] > own->kills[row]) own->kills[row] = in->kills[row];
    if (!in->finished[row]) continue;
    ENT_TRY(ent_record_read(in->store, row, &own->theirs));
    if (own->source[row] < 0)
      ENT_TRY(take(own, in, row));
    else
      ENT_TRY(reconcile(own, in, row));
    ENT_TRY(ent_surgery_beat(&own->surgery));
  }
  return ENT_OK;
}

/* The runs of an input behind those that are there; when no slot is left the last one stands for the rest. */
static int merge_segments(merge *own, input *in) {
  int code = ENT_OK;
  ent_segment *segments = NULL;
  size_t count = 0, slot = 0;
  ENT_GOTO(ent_mem_alloc(ENT_STORE_SEGMENTS, sizeof *segments, &segments));
  ENT_GOTO(ent_store_read_segments(own->surgery.made, ENT_STORE_SEGMENTS, segments, &in->attempts));
  ENT_GOTO(ent_store_read_segments(in->store, ENT_STORE_SEGMENTS, segments, &count));
  for (size_t i = 0; i < count; i++)
    ENT_GOTO(ent_store_begin_segment(own->surgery.made, &segments[i], &slot));
done:
  free(segments);
  return code;
}

static int merge_input(merge *own, int32_t number) {
  int code = ENT_OK;
  input in = {.path = own->given->inputs[number], .number = number};
  const int64_t before = own->contradictions;
  ENT_GOTO(open_input(own, &in));
  if (number > 0) ENT_GOTO(merge_segments(own, &in)); /* those of the first one are there already */
  ENT_GOTO(merge_rows(own, &in));
  if (own->contradictions > before) {
    fputs(own->lines.data, stderr);
    ENT_CHECK_GOTO(false, ENT_ERR_MISMATCH, "'%s' contradicts the files before it in %" PRId64 " row%s",
                   in.path, own->contradictions - before, ent_text_plural(own->contradictions - before));
  }
done:
  return close_input(&in, code);
}

/* Makes the output, empty, by the model of the first input. */
static int begin(merge *own) {
  ent_surgery *surgery = &own->surgery;
  ENT_TRY(check_inputs(own->given));
  ENT_TRY(ent_surgery_lock(surgery->path, surgery->command, &surgery->progress, &surgery->lock));
  ENT_CHECK(access(surgery->path, F_OK) != 0, ENT_ERR_ARGUMENT, "'%s' exists already, it is not replaced",
            surgery->path);
  ENT_TRY(ent_store_open(own->given->inputs[0], ENT_STORE_READ, &surgery->old));
  const ent_spec *spec = ent_store_spec(surgery->old);
  const size_t size = (size_t)spec->grid.size;
  ENT_TRY(ent_surgery_create(surgery, spec));
  ENT_TRY(ent_record_init(surgery->old, &own->ours));
  ENT_TRY(ent_record_init(surgery->old, &own->theirs));
  ENT_TRY(ent_mem_alloc(size, sizeof *own->source, &own->source));
  ENT_TRY(ent_mem_alloc(size, sizeof *own->kills, &own->kills));
  for (size_t row = 0; row < size; row++) own->source[row] = -1;
  return ENT_OK;
}

static int write_kills(merge *own) {
  const int64_t size = ent_store_spec(own->surgery.old)->grid.size;
  for (int64_t row = 0; row < size; row++)
    if (own->kills[row] > 0) ENT_TRY(ent_store_write_kills(own->surgery.made, row, own->kills[row]));
  return ENT_OK;
}

static void print_result(const merge *own) {
  const int64_t size = ent_store_spec(own->surgery.old)->grid.size;
  int64_t finished = 0;
  for (int64_t row = 0; row < size; row++) finished += own->source[row] >= 0;
  printf("%s: %" PRId64 " of %" PRId64 " row%s are finished\n", own->given->output, finished, size,
         ent_text_plural(size));
}

static int run(const arguments *given) {
  int code = ENT_OK;
  merge own = {.given = given, .surgery = {.command = "entrain merge", .path = given->output}};
  ENT_GOTO(begin(&own));
  for (int32_t i = 0; i < given->n_inputs; i++) ENT_GOTO(merge_input(&own, i));
  ENT_GOTO(write_kills(&own));
  ENT_GOTO(ent_surgery_finish(&own.surgery));
  print_result(&own);
done:
  ent_record_fini(&own.ours);
  ent_record_fini(&own.theirs);
  ent_text_fini(&own.lines);
  code = ent_surgery_end(&own.surgery, code);
  free(own.source);
  free(own.kills);
  return code;
}

static const struct argp_option option_table[] = {
  {"output", 'o', "OUT.h5", 0, "the file to write; it must not be there yet", 0},
  {0},
};

static const struct argp parser = {
  option_table,
  parse,
  "A.h5 B.h5 ... -o OUT.h5",
  "Puts the rows of several files of one study into one file.\v"
  "A row that is finished in several files must have the same bits in all of them, wall_s, worker, attempt "
  "and checksum aside. A row that a limit ended or whose workers died gives way to one that is done. "
  "Checkpoints are not taken over.\n\n"
  "Exit status: 0 done; 1 the engine failed; 2 usage, different studies, a contradiction, or a file in use: "
  "nothing was written.",
  NULL,
  NULL,
  NULL};

int ent_command_merge(int argc, char **argv) {
  arguments given = {0};
  int code = ent_mem_alloc((size_t)argc, sizeof *given.inputs, &given.inputs);
  if (code == ENT_OK) {
    argp_parse(&parser, argc, argv, 0, NULL, &given);
    code = run(&given);
  }
  free(given.inputs);
  return code == ENT_OK ? ENT_EXIT_OK : ent_command_fail(argv[0], code, NULL);
}
