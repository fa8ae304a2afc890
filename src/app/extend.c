#include <argp.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "entrain/app/command.h"
#include "entrain/app/commands.h"
#include "entrain/app/regrid.h"
#include "entrain/base/text.h"

/* An --axis option: NAME=VALUES. */
typedef struct addition {
  char name[64];
  const char *values;
} addition;

typedef struct arguments {
  const char *path, *horizon, *job;
  bool is_dry, keeps_old;
  size_t n_axes;
  addition axes[ENT_MAX_AXES];
} arguments;

static void parse_axis(arguments *given, const char *argument, const struct argp_state *state) {
  const char *equal = strchr(argument, '=');
  const size_t length = equal ? (size_t)(equal - argument) : 0;
  if (given->n_axes == ENT_MAX_AXES) argp_error(state, "too many axes, legal are %d", ENT_MAX_AXES);
  addition *axis = &given->axes[given->n_axes++];
  if (length == 0 || length >= sizeof axis->name)
    argp_error(state, "--axis '%s', must be NAME=VALUES: 'beta=[1, 2]'", argument);
  memcpy(axis->name, argument, length);
  axis->name[length] = '\0';
  axis->values = equal + 1;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  arguments *given = state->input;
  switch (key) {
    case 't': given->horizon = argument; break;
    case 'a': parse_axis(given, argument, state); break;
    case 'j': given->job = argument; break;
    case 'n': given->is_dry = true; break;
    case 'k': given->keeps_old = true; break;
    case ARGP_KEY_END:
      if (!given->horizon && given->n_axes == 0)
        argp_error(state, "nothing to extend, use --horizon T or --axis NAME=VALUES");
      break;
    default: return ent_command_parse_path(key, argument, state, "results file", &given->path);
  }
  return 0;
}

static const struct argp_option option_table[] = {
  {"horizon", 't', "T", 0, "a longer horizon, in the sweep's time unit", 0},
  {"axis", 'a', "NAME=VALUES", 0,
   "further values of an axis, as in a job file: 'beta=[1, 2]', 'seed={count: 400}'; may be repeated", 0},
  {"job", 'j', "NEW.yaml", 0, "where the extended job file goes; default: OUT.yaml beside OUT.h5", 0},
  {"dry-run", 'n', NULL, 0, "say what would be done, change nothing", 0},
  {"keep", 'k', NULL, 0, "keep the old file as OUT.h5~", 0},
  {0},
};

static const struct argp parser = {
  option_table,
  parse,
  "OUT.h5 [--horizon T] [--axis NAME=VALUES]...",
  "Extends a study without computing what is there again.\v"
  "Values that an axis has already stay where they are, others are added behind them. With a longer horizon, "
  "rows that ended before the old one keep their results; those that reached it are pending.\n\n"
  "Exit status: 0 done, or nothing is new; 1 the engine failed; 2 usage, faults in the extended job file, or "
  "the file is in use: nothing was changed.",
  NULL,
  NULL,
  NULL};

/* The latest time that a verdict waited for; NaN when it never came. */
static double decided_at(const ent_spec *spec, const ent_result *result) {
  double latest = result->t_certain;
  if (spec->stop == ENT_STOP_HORIZON) return NAN;
  if (spec->stop == ENT_STOP_CERTIFIED) return latest;
  for (size_t k = 0; k < spec->n_delta; k++)
    latest = isnan(latest) || isnan(result->t_sync[k]) ? NAN : fmax(latest, result->t_sync[k]);
  return latest;
}

/*
 * Whether a row has the same bits with a longer horizon: it ended before the old one, or only the records
 * kept it going until there. What it saw before is the same (solve/integrate judges a step whole).
 */
static bool stays_with_longer_horizon(const void *context, const ent_result *result) {
  const ent_spec *old = context;
  if (result->status == ENT_STATUS_QUARANTINED) return true;
  if (result->status == ENT_STATUS_FAILED) return !(result->t_end >= old->horizon);
  return result->t_end < old->horizon || decided_at(old, result) < old->horizon;
}

static int edit_text(const arguments *given, const ent_spec *old, ent_text *text) {
  int code = ENT_OK;
  ent_job_edit *edit = NULL;
  ENT_GOTO(ent_job_edit_create(old, &edit));
  if (given->horizon) ENT_GOTO(ent_job_edit_horizon(edit, given->horizon));
  for (size_t k = 0; k < given->n_axes; k++) {
    int64_t added = 0;
    ENT_GOTO(ent_job_edit_add(edit, given->axes[k].name, given->axes[k].values, &added));
    printf("%s: %" PRId64 " value%s new\n", given->axes[k].name, added, added == 1 ? " is" : "s are");
  }
  ENT_GOTO(ent_job_edit_write(edit, text));
done:
  ent_job_edit_destroy(&edit);
  return code;
}

static int extend_file(const arguments *given, ent_regrid *own, ent_text *faults) {
  int code = ENT_OK;
  ent_text text = {0};
  const ent_spec *old = ent_store_spec(own->surgery.old);
  ENT_GOTO(edit_text(given, old, &text));
  if (strcmp(text.data, old->text) == 0) {
    printf("nothing is new\n");
    goto done;
  }
  if (given->horizon) {
    own->stays = stays_with_longer_horizon;
    own->context = old;
  }
  ENT_GOTO(ent_regrid_plan(own, &text, faults));
  printf("%" PRId64 " row%s: %" PRId64 " with their results, %" PRId64 " to be computed again, %" PRId64
         " new\n",
         own->spec->grid.size, ent_text_plural(own->spec->grid.size), own->kept, own->again, own->added);
  ENT_GOTO(ent_regrid_carry_out(own));
done:
  ent_text_fini(&text);
  return code;
}

static int extend(const arguments *given, ent_text *faults) {
  int code = ENT_OK;
  ent_regrid own = {.surgery = {.command = "entrain extend",
                                .path = given->path,
                                .keeps_old = given->keeps_old,
                                .is_dry = given->is_dry},
                    .job_path = given->job};
  ENT_GOTO(ent_surgery_begin(&own.surgery));
  ENT_GOTO(extend_file(given, &own, faults));
done:
  return ent_regrid_end(&own, code);
}

int ent_command_extend(int argc, char **argv) {
  arguments given = {0};
  ent_text faults = {0};
  argp_parse(&parser, argc, argv, 0, NULL, &given);
  const int code = extend(&given, &faults);
  const int status = code == ENT_OK ? ENT_EXIT_OK : ent_command_fail(argv[0], code, &faults);
  ent_text_fini(&faults);
  return status;
}
