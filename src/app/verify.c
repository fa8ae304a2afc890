#include "entrain/store/verify.h"

#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpi.h>

#include "entrain/app/command.h"
#include "entrain/app/commands.h"
#include "entrain/app/sample.h"
#include "entrain/app/surgery.h"
#include "entrain/base/clock.h"
#include "entrain/base/mem.h"
#include "entrain/store/guard.h"
#include "entrain/store/phase_group.h"
#include "entrain/store/tally.h"
#include "entrain/sweep/checkpoint.h"

enum { SHOWN_ROWS = 20 };

typedef struct arguments {
  const char *path;
  int64_t sample, seed; /* seed -1: by the clock */
  bool repairs, keeps_old;
} arguments;

/* All that one verification holds. */
typedef struct verification {
  const arguments *given;
  ent_surgery surgery;
  ent_store *store;
  unsigned char *faulty; /* [grid size] of the last look */
  int64_t shown;
  int64_t wrong;     /* of the last look: what is damaged */
  int64_t differing; /* rows of the sample that differ */
  bool is_stale;     /* of the last look: the phase diagram is of other rows */
} verification;

static int64_t parse_number(const char *option, const char *argument, const struct argp_state *state) {
  char *end = NULL;
  const int64_t number = strtoll(argument, &end, 10);
  if (*argument == '\0' || *end != '\0' || number < 0)
    argp_error(state, "%s '%s', must be a whole number from 0 on", option, argument);
  return number;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  arguments *given = state->input;
  switch (key) {
    case 's': given->sample = parse_number("--sample", argument, state); break;
    case 'r': given->repairs = true; break;
    case 'k': given->keeps_old = true; break;
    case 'S': given->seed = parse_number("--seed", argument, state); break;
    default: return ent_command_parse_path(key, argument, state, "results file", &given->path);
  }
  return 0;
}

/* Looks at the metadata with plain reads. [out] is_whole */
static int look_at_metadata(verification *own, bool *is_whole) {
  static const char label[] = "metadata: ";
  int code = ENT_OK;
  ent_guard_report report = {0};
  ent_text text = {0};
  ENT_GOTO(ent_store_check_guard(own->given->path, &report));
  ENT_GOTO(ent_guard_describe(&report, &text));
  *is_whole = ent_guard_is_whole(&report);
  const bool says_itself = strncmp(text.data, label, strlen(label)) == 0;
  printf("%s%s", says_itself ? "" : label, text.data);
  own->wrong += !*is_whole;
done:
  ent_text_fini(&text);
  return code;
}

static int note_fault(void *context, int64_t row, ent_row_fault fault) {
  verification *own = context;
  own->faulty[row] = 1;
  if (own->shown++ < SHOWN_ROWS) printf("  row %" PRId64 ": %s\n", row, ent_row_fault_texts[fault]);
  return ENT_OK;
}

static int look_at_rows(verification *own) {
  ent_verification found = {0};
  int64_t damaged = 0;
  own->shown = 0;
  ENT_TRY(ent_store_verify(own->store, note_fault, own, &found));
  for (int fault = 0; fault < ENT_ROW_FAULT_COUNT; fault++) damaged += found.faults[fault];
  if (own->shown > SHOWN_ROWS) printf("  and %" PRId64 " more\n", own->shown - SHOWN_ROWS);
  printf("rows: %" PRId64 ", %" PRId64 " finished, %" PRId64 " damaged\n", found.rows, found.finished,
         damaged);
  if (found.misplaced > 0)
    printf("final states: %" PRId64 " of their row numbers are wrong\n", found.misplaced);
  own->wrong += damaged + found.misplaced;
  return ENT_OK;
}

static int look_at_phase(verification *own) {
  static const char *const texts[] = {
    [ENT_PHASE_EMPTY] = "not filled yet",
    [ENT_PHASE_CURRENT] = "of these rows, bit by bit",
    [ENT_PHASE_STALE] =
      "of other rows than those that are finished now, the next run or report fills it anew",
    [ENT_PHASE_DAMAGED] = "damaged, the next run or report fills it anew"};
  int code = ENT_OK;
  ent_phase *phase = NULL;
  ent_tally tally;
  ent_phase_state state = ENT_PHASE_EMPTY;
  ENT_GOTO(ent_tally_read_phase(own->store, &phase, &tally));
  ENT_GOTO(ent_store_check_phase(own->store, phase, &state));
  printf("phase diagram: %s\n", texts[state]);
  own->wrong += state == ENT_PHASE_DAMAGED;
  own->is_stale = state == ENT_PHASE_STALE;
done:
  ent_phase_destroy(&phase);
  return code;
}

static bool is_written(const unsigned char *bytes, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (bytes[i] != 0) return true;
  return false;
}

/* A checkpoint that cannot be read costs time and no row: a kill while it was written leaves such a one. */
static int look_at_checkpoints(verification *own) {
  int code = ENT_OK;
  unsigned char *bytes = NULL;
  int64_t good = 0, bad = 0;
  const size_t length = ent_store_slot_bytes(own->store);
  ENT_GOTO(ent_mem_alloc(1, length, &bytes));
  for (int64_t i = 0; i < 2 * ent_store_slots(own->store); i++) {
    ent_checkpoint checkpoint;
    ENT_GOTO(ent_store_read_checkpoint(own->store, i / 2, (int)(i % 2), bytes, length));
    if (!is_written(bytes, length)) continue;
    if (ent_checkpoint_decode(bytes, length, ent_store_spec(own->store), NULL, &checkpoint) == ENT_OK)
      good++;
    else
      bad++;
  }
  ent_error_clear();
  printf("checkpoints: %" PRId64 " good, %" PRId64 " unreadable%s\n", good, bad,
         bad > 0 ? " (their rows begin anew)" : "");
done:
  free(bytes);
  return code;
}

static int look_at_contents(verification *own) {
  free(own->faulty);
  own->faulty = NULL;
  if (own->store == NULL) ENT_TRY(ent_store_open(own->given->path, ENT_STORE_READ, &own->store));
  ENT_TRY(ent_mem_alloc((size_t)ent_store_spec(own->store)->grid.size, 1, &own->faulty));
  ENT_TRY(look_at_rows(own));
  ENT_TRY(look_at_phase(own));
  ENT_TRY(look_at_checkpoints(own));
  return ENT_OK;
}

/* Names the damaged rows of a copy whose metadata were restored, and which could not be looked at before. */
static int look_at_restored(verification *own) {
  ENT_TRY(ent_store_open(own->surgery.draft.path, ENT_STORE_READ, &own->store));
  ENT_TRY(ent_mem_alloc((size_t)ent_store_spec(own->store)->grid.size, 1, &own->faulty));
  ENT_TRY(look_at_rows(own));
  ENT_TRY(ent_store_close(&own->store));
  return ENT_OK;
}

/* Repairs a copy, which takes the place of the file when it is good. */
static int repair(verification *own) {
  ent_surgery *surgery = &own->surgery;
  ent_guard_report report = {0}, restored = {0};
  ENT_TRY(ent_store_close(&own->store));
  ENT_TRY(ent_surgery_duplicate(surgery));
  ENT_TRY(ent_store_restore(surgery->draft.path, &restored));
  if (own->faulty == NULL) ENT_TRY(look_at_restored(own));
  ENT_TRY(ent_store_repair(surgery->draft.path, &report));
  ENT_TRY(ent_store_open(surgery->draft.path, ENT_STORE_EDIT, &surgery->made));
  ENT_TRY(ent_surgery_finish(surgery));
  if (!ent_guard_is_whole(&restored)) printf("repaired: the metadata are restored from their copy\n");
  printf("repaired: %" PRId64 " row%s pending again, the phase diagram is filled anew\n", report.reset,
         report.reset == 1 ? " is" : "s are");
  own->wrong = 0;
  own->is_stale = false;
  return ENT_OK;
}

static int sample(verification *own) {
  const arguments *given = own->given;
  const int64_t seed = given->seed >= 0 ? given->seed : (int64_t)ent_clock_unix();
  ENT_TRY(ent_sample_check(own->store, own->faulty, given->sample, seed, &own->differing));
  return ENT_OK;
}

/* Opens the file; one whose metadata are damaged may be refused, which is no failure then. */
static int open_damaged(verification *own) {
  const int code = ent_store_open(own->given->path, ENT_STORE_READ, &own->store);
  if (code != ENT_ERR_FORMAT) return code;
  printf("rows: cannot be looked at before the metadata are repaired\n");
  ent_error_clear();
  return ENT_OK;
}

static int verify(verification *own) {
  bool is_whole = false;
  ENT_TRY(ent_surgery_take(&own->surgery));
  ENT_TRY(look_at_metadata(own, &is_whole));
  if (!is_whole) ENT_TRY(open_damaged(own));
  if (is_whole || own->store) ENT_TRY(look_at_contents(own));
  if (own->given->repairs && (own->wrong > 0 || own->is_stale)) {
    ENT_TRY(repair(own));
    ENT_TRY(look_at_contents(own));
  }
  if (own->given->sample > 0 && own->store) ENT_TRY(sample(own));
  return ENT_OK;
}

static const struct argp_option option_table[] = {
  {"sample", 's', "N", 0, "integrate N rows again and compare them with the file", 0},
  {"seed", 'S', "S", 0, "number of the sample; default: the time", 0},
  {"repair", 'r', NULL, 0, "restore metadata from their copy, make damaged rows pending again", 0},
  {"keep", 'k', NULL, 0, "with --repair: keep the damaged file as OUT.h5~", 0},
  {0},
};

static const struct argp parser = {
  option_table,
  parse,
  "OUT.h5",
  "Examines a results file: metadata, checksums of all rows with their series and final states, axes, phase "
  "diagram, checkpoints.\v"
  "Exit status: 0 all good, or all damage was repaired; 1 damage was found, or a row of the sample differs; "
  "2 usage, no results file, or one in use.",
  NULL,
  NULL,
  NULL};

/* Says what was found; --repair cannot know which of two results is right. */
static int judge(const verification *own, const char *command) {
  if (own->wrong > 0)
    fprintf(stderr, "%s: %s is damaged%s\n", command, own->given->path,
            own->given->repairs ? "" : ", --repair restores what can be restored");
  if (own->differing > 0)
    fprintf(stderr,
            "%s: %s holds rows that this machine computes differently, 'entrain retry' makes them pending\n",
            command, own->given->path);
  return own->wrong > 0 || own->differing > 0 ? ENT_EXIT_ENGINE : ENT_EXIT_OK;
}

int ent_command_verify(int argc, char **argv) {
  arguments given = {.seed = -1};
  argp_parse(&parser, argc, argv, 0, NULL, &given);
  verification own = {.given = &given,
                      .surgery = {.command = "entrain verify",
                                  .path = given.path,
                                  .keeps_old = given.keeps_old,
                                  .is_dry = !given.repairs}};
  if (given.sample > 0 && !ent_command_start_mpi()) return ENT_EXIT_ENGINE;
  int code = verify(&own);
  code = ent_store_close_after(&own.store, code);
  code = ent_surgery_end(&own.surgery, code);
  free(own.faulty);
  const int status = code == ENT_OK ? judge(&own, argv[0]) : ent_command_fail(argv[0], code, NULL);
  if (given.sample > 0) MPI_Finalize();
  return status;
}
