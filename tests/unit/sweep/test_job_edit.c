#include <math.h>
#include <stdio.h>
#include <string.h>

#include "entrain/base/rng.h"
#include "entrain/sweep/job_edit.h"
#include "entrain/sweep/job_file.h"

#include "check.h"

#define HEAD "# ein Köpfchen\nname: edit\nmodel: attention\n"
#define TAIL "time: {horizon: 30, record: [0, 1]} # horizon\ndetect: {stop: sync}\n"
#define SWEEP "sweep:\n  beta: [0, 1.5,\n         2] # rising\n  n: [4]\n  d: 2\n  seed: {count: 3}\n"

static ent_spec *parse(const char *text) {
  ent_spec *spec = NULL;
  ent_text faults = {0};
  const int code = ent_job_file_parse(text, "edit.yaml", "", "", &spec, &faults);
  if (code != ENT_OK && faults.data) fputs(faults.data, stderr);
  ent_text_fini(&faults);
  CHECK_OK(code);
  return spec;
}

/* One change of a job file: the axis, or NULL for the horizon, and its value. */
static void check_change(const char *text, const char *axis, const char *value, const char *expected) {
  ent_spec *spec = parse(text);
  ent_job_edit *edit = NULL;
  ent_text changed = {0};
  int64_t added = 0;
  CHECK_OK(ent_job_edit_create(spec, &edit));
  if (axis)
    CHECK_OK(ent_job_edit_add(edit, axis, value, &added));
  else
    CHECK_OK(ent_job_edit_horizon(edit, value));
  CHECK_OK(ent_job_edit_write(edit, &changed));
  CHECK_TEXT(changed.data, expected);
  ent_spec *again = parse(changed.data);
  if (axis)
    CHECK_INT(ent_grid_axis(&again->grid, axis)->count, ent_grid_axis(&spec->grid, axis)->count + added);
  ent_spec_destroy(&again);
  ent_text_fini(&changed);
  ent_job_edit_destroy(&edit);
  ent_spec_destroy(&spec);
}

static void lengthens_the_horizon(void) {
  check_change(HEAD SWEEP TAIL, NULL, "1.0e2",
               HEAD SWEEP "time: {horizon: 1.0e2, record: [0, 1]} # horizon\ndetect: {stop: sync}\n");
  check_change(HEAD SWEEP "time:\n  # how long\n  horizon:   30\n", NULL, "45",
               HEAD SWEEP "time:\n  # how long\n  horizon:   45\n");
  check_change(HEAD SWEEP "time: {horizon: 30}", NULL, "45", HEAD SWEEP "time: {horizon: 45}");
}

static void adds_to_every_form(void) {
#define WITH(beta, seed) HEAD "sweep:\n  n: [4]\n  beta: " beta "\n  d: 2\n  seed: " seed "\n" TAIL
  check_change(WITH("[0, 1.5,\n         2 ] # rising", "5"), "beta", "[1, 0, 7.25]",
               WITH("[0, 1.5,\n         2, 1, 7.25 ] # rising", "5"));
  check_change(WITH("{linspace: [0, 1, 3]} # c", "5"), "beta", "{range: [1, 3, 1]}",
               WITH("[0, 0.5, 1, 2, 3] # c", "5"));
  check_change(WITH("4 # c", "5"), "beta", "0.1", WITH("[4, 0.1] # c", "5"));
  check_change(WITH("\n    - 4 # c\n    - 5\n    # d", "5"), "beta", "6",
               WITH("\n    [4, 5, 6]\n    # d", "5"));
  check_change(WITH("4", "{count: 3}"), "seed", "{count: 400}", WITH("4", "{count: 400}"));
  check_change(WITH("4", "{first: 10, count: 3} # s"), "seed", "{count: 5, first: 13}",
               WITH("4", "{count: 8, first: 10} # s"));
  check_change(WITH("4", "{count: 3}"), "seed", "[2, 7]", WITH("4", "[0, 1, 2, 7]"));
  check_change(WITH("4", "{count: 3, first: 2}"), "seed", "{count: 2}", WITH("4", "[2, 3, 4, 0, 1]"));
  check_change(WITH("4", "5"), "seed", "6", WITH("4", "{count: 2, first: 5}"));
  check_change(WITH("4", "{count: 3}"), "seed", "{count: 2000000000}", WITH("4", "{count: 2000000000}"));
#undef WITH
}

static void adds_names_and_prefixed_axes(void) {
#define WITH(axes) HEAD "sweep: {beta: 1, n: 4, d: 2, seed: 0, " axes "}\ntime: {horizon: 3}\n"
  check_change(WITH("weights: [softmax]"), "weights", "[softmax, mean]", WITH("weights: [softmax, mean]"));
  check_change(WITH("solver.scheme: '5dp'"), "solver.scheme", "3bs", WITH("solver.scheme: [5dp, 3bs]"));
  check_change(WITH("solver.rtol: [1.0e-6]"), "solver.rtol", "1.0e-7", WITH("solver.rtol: [1.0e-6, 1e-07]"));
#undef WITH
}

static void what_is_there_stays_as_it_is(void) {
  check_change(HEAD SWEEP TAIL, "beta", "[1.5, 0]", HEAD SWEEP TAIL);
  check_change(HEAD SWEEP TAIL, "seed", "{count: 2}", HEAD SWEEP TAIL);
}

static void changes_several_at_once(void) {
  static const char *const zipped =
    HEAD "sweep: {beta: 1, zip: {d: [2, 3], n: [4, 8]}, seed: {count: 2}}\n" TAIL;
  ent_spec *spec = parse(zipped);
  ent_job_edit *edit = NULL;
  ent_text changed = {0};
  int64_t added = 0;
  CHECK_OK(ent_job_edit_create(spec, &edit));
  CHECK_OK(ent_job_edit_horizon(edit, "31"));
  CHECK_OK(ent_job_edit_add(edit, "seed", "{count: 3}", &added));
  CHECK_OK(ent_job_edit_add(edit, "n", "16", &added));
  CHECK_OK(ent_job_edit_add(edit, "d", "4", &added));
  CHECK_CODE(ent_job_edit_add(edit, "d", "5", &added), ENT_ERR_ARGUMENT);
  CHECK_CONTAINS(ent_error_message(), "'d' is named twice");
  CHECK_OK(ent_job_edit_write(edit, &changed));
  CHECK_TEXT(changed.data, HEAD "sweep: {beta: 1, zip: {d: [2, 3, 4], n: [4, 8, 16]}, seed: {count: 3}}\n"
                                "time: {horizon: 31, record: [0, 1]} # horizon\ndetect: {stop: sync}\n");
  ent_text_fini(&changed);
  ent_job_edit_destroy(&edit);
  ent_spec_destroy(&spec);
}

static void leaves_some_values(void) {
  static const unsigned char betas[] = {1, 0, 1}, last[] = {0, 1, 1}, none[] = {0, 0, 0};
  ent_spec *spec = parse(HEAD SWEEP TAIL);
  ent_job_edit *edit = NULL;
  ent_text changed = {0};
  CHECK_OK(ent_job_edit_create(spec, &edit));
  CHECK_OK(ent_job_edit_keep(edit, "beta", betas));
  CHECK_OK(ent_job_edit_keep(edit, "seed", last));
  CHECK_OK(ent_job_edit_write(edit, &changed));
  CHECK_TEXT(changed.data,
             HEAD "sweep:\n  beta: [0, 2] # rising\n  n: [4]\n  d: 2\n  seed: {count: 2, first: 1}\n" TAIL);
  CHECK_CODE(ent_job_edit_keep(edit, "seed", none), ENT_ERR_ARGUMENT);
  CHECK_CONTAINS(ent_error_message(), "no value of 'seed' would be left");
  ent_text_fini(&changed);
  ent_job_edit_destroy(&edit);
  ent_spec_destroy(&spec);
}

static void refuses_what_is_not_legal(void) {
  static const struct {
    const char *axis, *value, *message;
  } examples[] = {
    {NULL, "30", "'horizon' = 30, must be a number in (30, inf)"},
    {NULL, "12", "'horizon' = 12"},
    {NULL, "soon", "'horizon' = soon"},
    {NULL, "nan", "must be finite"},
    {NULL, "40, record: 3", "horizon: not valid YAML"},
    {NULL, "[40]", "'horizon' is a list"},
    {NULL, "40\nseed: 3", "must be one value, list or form"},
    {"betta", "3", "'betta' is no axis of this sweep, did you mean 'beta'"},
    {"weights", "mean", "'weights' is no axis of this sweep"},
    {"beta", "{count: 3}", "'beta.count'"},
    {"beta", "high", "'beta' = high"},
    {"beta", "[1, 3, 3]", "has the value 3 twice"},
    {"beta", "[1, 3", "beta: "},
    {"beta", "", "'beta' is empty"},
    {"n", "[0]", "'n' = 0"},
    {"seed", "{count: 4, first: -1}", "'seed'"},
    {"seed", "{first: 2}", "has no 'count'"},
    {"seed", "{count: 4000000000, first: 17}", "'seed' has 4000000000 further values"},
  };
  ent_spec *spec = parse(HEAD SWEEP TAIL);
  for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
    ent_job_edit *edit = NULL;
    int64_t added = 0;
    CHECK_OK(ent_job_edit_create(spec, &edit));
    const int code = examples[i].axis ? ent_job_edit_add(edit, examples[i].axis, examples[i].value, &added)
                                      : ent_job_edit_horizon(edit, examples[i].value);
    if (!CHECK_INT(code, ENT_ERR_ARGUMENT) || !CHECK_CONTAINS(ent_error_message(), examples[i].message))
      fprintf(stderr, "  of '%s'\n", examples[i].value);
    ent_job_edit_destroy(&edit);
  }
  ent_spec_destroy(&spec);
}

/* Old values keep their place bit by bit, also those that a form expanded. */
static void values_survive_exactly(void) {
  ent_spec *spec = parse(HEAD "sweep: {beta: {logspace: [0.1, 9, 90]}, n: 4, d: 2, seed: 0}\n" TAIL);
  ent_job_edit *edit = NULL;
  ent_text changed = {0};
  int64_t added = 0;
  CHECK_OK(ent_job_edit_create(spec, &edit));
  CHECK_OK(ent_job_edit_add(edit, "beta", "{linspace: [0.1, 0.7, 7]}", &added));
  CHECK_OK(ent_job_edit_write(edit, &changed));
  ent_spec *again = parse(changed.data);
  const ent_axis *before = ent_grid_axis(&spec->grid, "beta"), *after = ent_grid_axis(&again->grid, "beta");
  CHECK_INT(after->count, before->count + added);
  for (int64_t i = 0; i < before->count; i++) {
    const double a = ent_axis_value(before, i), b = ent_axis_value(after, i);
    CHECK(memcmp(&a, &b, sizeof a) == 0);
  }
  ent_spec_destroy(&again);
  ent_text_fini(&changed);
  ent_job_edit_destroy(&edit);
  ent_spec_destroy(&spec);
}

static void moves_the_start_file(void) {
#define START(path) HEAD SWEEP "initial: {kind: file, path: " path "} # from there\n" TAIL
  static const char *const forms[] = {START("a.h5"), START("'a.h5'"), START("\"a.h5\"")};
  for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
    ent_spec *spec = parse(forms[i]);
    ent_job_edit *edit = NULL;
    ent_text changed = {0};
    CHECK_OK(ent_job_edit_create(spec, &edit));
    CHECK_OK(ent_job_edit_input(edit, &spec->inputs[0], "/a \"b/c: d.h5"));
    CHECK_OK(ent_job_edit_write(edit, &changed));
    CHECK_TEXT(changed.data, START("\"/a \\\"b/c: d.h5\""));
    ent_spec *again = parse(changed.data);
    CHECK_TEXT(again->inputs[0].path, "/a \"b/c: d.h5");
    ent_spec_destroy(&again);
    ent_text_fini(&changed);
    ent_job_edit_destroy(&edit);
    ent_spec_destroy(&spec);
  }
}

static const ent_test tests[] = {
  {"the path of the start file is replaced, whatever it is written in", moves_the_start_file},
  {"the horizon is replaced, everything else stays", lengthens_the_horizon},
  {"values are added to an axis in any form", adds_to_every_form},
  {"names and axes with a prefix are added to", adds_names_and_prefixed_axes},
  {"values that are there already change nothing", what_is_there_stays_as_it_is},
  {"several changes are made at once, each axis once", changes_several_at_once},
  {"values are taken out", leaves_some_values},
  {"what is not legal is refused with its name", refuses_what_is_not_legal},
  {"old values keep their bits and their places", values_survive_exactly},
  {0},
};

ENT_TEST_MAIN("sweep/job_edit", tests)
