#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"
#include "entrain/kernel/help.h"
#include "entrain/kernel/pairs.h"

#include "check.h"
#include "helper_lines.h"

enum { COUNT = ENT_SHARES_FROM + 100 };

static double draw(double low, double high) {
  static uint64_t state = 21;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return low + (high - low) * (double)(state >> 11) * 0x1p-53;
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
  line lines[LINES_MOST];
  ent_helpers helpers;
  const size_t bytes = COUNT * (of->d == 2 ? 1 : of->d) * sizeof(double);
  lines_open(count, calls, lines, &helpers);
  of->law.helpers = &helpers;
  for (int times = 0; times < 2; times++) {
    memset(of->helped, 0, bytes);
    drift(of, of->helped);
    CHECK(memcmp(of->helped, of->alone, bytes) == 0);
  }
  CHECK_INT(helpers.is_lost[0], calls != LINES_NEVER);
  CHECK(lines[0].calls_left != calls); /* it was asked */
  of->law.helpers = NULL;
  lines_close(count, lines);
}

static void help_changes_no_bit(void) {
  for (int kind = 0; kind < 4; kind++) {
    scene of;
    make_scene(2 + kind % 2, kind >= 2, &of);
    drift(&of, of.alone);
    for (size_t count = 1; count <= LINES_MOST; count += 2) check_help(&of, count, LINES_NEVER);
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
    {[ENT_HELP_KIND] = ENT_HELP_PAIRS},
    {[ENT_HELP_KIND] = ENT_HELP_PAIRS, [ENT_HELP_N] = 300, [ENT_HELP_D] = 1},
    {[ENT_HELP_KIND] = ENT_HELP_PAIRS, [ENT_HELP_N] = 300, [ENT_HELP_D] = 4, [ENT_HELP_PIECES] = 4},
    {[ENT_HELP_KIND] = ENT_HELP_PAIRS,
     [ENT_HELP_N] = 300,
     [ENT_HELP_D] = 4,
     [ENT_HELP_PIECES] = 3,
     [ENT_HELP_METHOD] = 3},
    {[ENT_HELP_KIND] = ENT_HELP_PAIRS,
     [ENT_HELP_N] = 300,
     [ENT_HELP_D] = 4,
     [ENT_HELP_PIECES] = 3,
     [ENT_HELP_PARTS] = 2,
     [ENT_HELP_PART] = 2},
  };
  for (size_t k = 0; k < sizeof(questions) / sizeof(*questions); k++) {
    line of = {0};
    const ent_channel end = line_end_of_helper(&of);
    CHECK_OK(ent_helper_create(&of.helper));
    CHECK_OK(ent_helper_serve(of.helper, &end, NULL)); /* nobody is there */
    line_put(&of.to_helper, ENT_HELP_NUMBERS, questions[k]);
    CHECK_CODE(ent_helper_serve(of.helper, &end, NULL), ENT_ERR_FORMAT);
    lines_close(1, &of);
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
