#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"
#include "entrain/kernel/help.h"
#include "entrain/kernel/pairs.h"

#include "check.h"

enum { COUNT = ENT_SHARES_FROM + 100, HELPERS = 5, NEVER = 1 << 20 };

/* Numbers on their way, in the order in which they were sent. */
typedef struct queue {
  double *numbers;
  size_t first, end, room;
} queue;

/* A helper in this process: it works when somebody waits for its answer. */
typedef struct line {
  ent_helper *helper;
  queue to_helper, to_asker;
  int calls_left; /* until the helper is lost */
} line;

static double draw(double low, double high) {
  static uint64_t state = 21;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return low + (high - low) * (double)(state >> 11) * 0x1p-53;
}

static bool put(queue *of, size_t count, const double *numbers) {
  if (of->first == of->end) of->first = of->end = 0;
  if (of->end + count > of->room) {
    of->room = 2 * (of->end + count);
    of->numbers = realloc(of->numbers, of->room * sizeof(double));
  }
  memcpy(of->numbers + of->end, numbers, count * sizeof(double));
  of->end += count;
  return true;
}

static bool get(queue *of, size_t count, double *numbers) {
  if (of->end - of->first < count) return false;
  memcpy(numbers, of->numbers + of->first, count * sizeof(double));
  of->first += count;
  return true;
}

static bool helper_sends(void *context, size_t count, const double *numbers) {
  return put(&((line *)context)->to_asker, count, numbers);
}

static bool helper_receives(void *context, size_t count, double *numbers) {
  return get(&((line *)context)->to_helper, count, numbers);
}

static bool asker_sends(void *context, size_t count, const double *numbers) {
  line *own = context;
  return own->calls_left-- > 0 && put(&own->to_helper, count, numbers);
}

static bool asker_receives(void *context, size_t count, double *numbers) {
  line *own = context;
  const ent_channel end = {own, helper_sends, helper_receives};
  if (own->calls_left-- <= 0) return false;
  if (own->to_asker.end == own->to_asker.first) CHECK_OK(ent_helper_serve(own->helper, &end));
  return get(&own->to_asker, count, numbers);
}

static void open_lines(size_t count, int calls, line *lines, ent_helpers *helpers) {
  memset(helpers, 0, sizeof *helpers);
  helpers->count = count;
  for (size_t k = 0; k < count; k++) {
    lines[k] = (line){.calls_left = k == 0 ? calls : NEVER};
    CHECK_OK(ent_helper_create(&lines[k].helper));
    helpers->channels[k] = (ent_channel){&lines[k], asker_sends, asker_receives};
  }
}

static void close_lines(size_t count, line *lines) {
  for (size_t k = 0; k < count; k++) {
    ent_helper_destroy(&lines[k].helper);
    free(lines[k].to_helper.numbers);
    free(lines[k].to_asker.numbers);
  }
}

/* A state with its drift without help. */
typedef struct scene {
  size_t d;
  double *x, *masses, *alone, *helped;
  ent_pairs *pairs;
  ent_pair_law law;
} scene;

static void make_scene(size_t d, bool has_masses, scene *made) {
  const size_t width = d == 2 ? 1 : d;
  *made = (scene){.d = d, .law = {.beta = 3, .softmax = true, .slack = 1e-7}};
  CHECK_OK(ent_mem_alloc(COUNT * width, sizeof(double), &made->x));
  CHECK_OK(ent_mem_alloc(COUNT, sizeof(double), &made->masses));
  CHECK_OK(ent_mem_alloc(COUNT * width, sizeof(double), &made->alone));
  CHECK_OK(ent_mem_alloc(COUNT * width, sizeof(double), &made->helped));
  for (size_t k = 0; k < COUNT * width; k++) made->x[k] = draw(-1, 1);
  for (size_t k = 0; k < COUNT; k++) made->masses[k] = draw(0.5, 1.5) / COUNT;
  if (has_masses) made->law.masses = made->masses;
  CHECK_OK(ent_pairs_create(COUNT, d, &made->pairs));
}

static void drift(scene *of, double *dxdt) {
  if (of->d == 2)
    ent_pairs_drift_angles(of->pairs, &of->law, of->x, dxdt);
  else
    ent_pairs_drift_vectors(of->pairs, &of->law, of->x, dxdt);
}

static void free_scene(scene *old) {
  ent_pairs_destroy(&old->pairs);
  free(old->x);
  free(old->masses);
  free(old->alone);
  free(old->helped);
}

/* The drift with so many helpers, the first of which is lost after so many calls, twice. */
static void check_help(scene *of, size_t count, int calls) {
  line lines[HELPERS];
  ent_helpers helpers;
  const size_t bytes = COUNT * (of->d == 2 ? 1 : of->d) * sizeof(double);
  open_lines(count, calls, lines, &helpers);
  of->law.helpers = &helpers;
  for (int times = 0; times < 2; times++) {
    memset(of->helped, 0, bytes);
    drift(of, of->helped);
    CHECK(memcmp(of->helped, of->alone, bytes) == 0);
  }
  CHECK_INT(helpers.is_lost[0], calls != NEVER);
  CHECK(lines[0].calls_left != calls); /* it was asked */
  of->law.helpers = NULL;
  close_lines(count, lines);
}

static void help_changes_no_bit(void) {
  for (int kind = 0; kind < 4; kind++) {
    scene of;
    make_scene(2 + kind % 2, kind >= 2, &of);
    drift(&of, of.alone);
    for (size_t count = 1; count <= HELPERS; count += 2) check_help(&of, count, NEVER);
    free_scene(&of);
  }
}

static void lost_helpers_change_no_bit(void) {
  for (int kind = 0; kind < 4; kind++) {
    scene of;
    make_scene(2 + kind % 2, kind >= 2, &of);
    drift(&of, of.alone);
    for (int calls = 1; calls < 9; calls++) check_help(&of, 2, calls);
    check_help(&of, 1, 20);
    free_scene(&of);
  }
}

/* Shares cover all particles, in order, and depend on nothing but their number. */
static void shares_cover_everybody(void) {
  for (size_t n = 1; n < 400000; n += 1 + n / 3) {
    const size_t shares = ent_shares_count(n);
    CHECK_INT(shares, n < ENT_SHARES_FROM ? 1 : ENT_SHARES_MOST);
    CHECK_INT(ent_shares_first(n, 0), 0);
    CHECK_INT(ent_shares_first(n, shares), n);
    for (size_t k = 0; k < shares; k++) CHECK(ent_shares_first(n, k) < ent_shares_first(n, k + 1));
  }
}

static void nonsense_is_refused(void) {
  const double questions[][ENT_HELP_NUMBERS] = {
    {[ENT_HELP_KIND] = 9},
    {[ENT_HELP_KIND] = NAN},
    {[ENT_HELP_KIND] = ENT_HELP_CIRCLE_MOMENTS},
    {ENT_HELP_CIRCLE_MOMENTS, 1e6, 3, 2, 0, 8},
    {ENT_HELP_CIRCLE_MOMENTS, 1e6, 0, 65, 0, 8},
    {ENT_HELP_CIRCLE_MOMENTS, 1e6, 0, 1, 0, 1e5},
    {ENT_HELP_SPHERE_MOMENTS, 1e6, 0, 1, 0, 2.5},
    {[ENT_HELP_KIND] = ENT_HELP_SPHERE_DRIFT, [ENT_HELP_TERMS] = 200},
  };
  for (size_t k = 0; k < sizeof(questions) / sizeof(*questions); k++) {
    line of = {0};
    const ent_channel end = {&of, helper_sends, helper_receives};
    CHECK_OK(ent_helper_create(&of.helper));
    CHECK_OK(ent_helper_serve(of.helper, &end)); /* nobody is there */
    (void)put(&of.to_helper, ENT_HELP_NUMBERS, questions[k]);
    CHECK_CODE(ent_helper_serve(of.helper, &end), ENT_ERR_FORMAT);
    close_lines(1, &of);
  }
}

static const ent_test tests[] = {
  {"shares cover all particles in order", shares_cover_everybody},
  {"help changes no bit of a drift", help_changes_no_bit},
  {"helpers that are lost at any moment change no bit", lost_helpers_change_no_bit},
  {"questions that make no sense are refused", nonsense_is_refused},
  {0},
};

ENT_TEST_MAIN("kernel/help", tests)
