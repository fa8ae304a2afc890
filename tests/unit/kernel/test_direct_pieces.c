#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "entrain/base/mem.h"
#include "entrain/kernel/direct.h"
#include "entrain/math/vec.h"

#include "../src/kernel/direct_pieces.h"
#include "check.h"
#include "helper_lines.h"

enum { COUNT = 700, MOST_D = 9, PIECES = 5, TWINS = 600 };

static double draw(double low, double high) {
  static uint64_t state = 33;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return low + (high - low) * (double)(state >> 11) * 0x1p-53;
}

/* How sums are asked for: pairs, columns, rows. */
static const struct {
  double beta;
  bool softmax, wants_radial;
} ways[] = {{3, true, false}, {-2, false, true}, {-150, true, true}};

enum { WAYS = sizeof(ways) / sizeof(*ways) };

/* Particles, and their sums without help. */
typedef struct scene {
  size_t d, way;
  double x[COUNT * MOST_D], masses[COUNT];
  double alone[COUNT * MOST_D], alone_radial[COUNT], helped[COUNT * MOST_D], helped_radial[COUNT];
  ent_direct *direct;
  ent_pair_law law;
} scene;

static size_t width(size_t d) {
  return d == 2 ? 1 : d;
}

static void sum_alone(scene *of) {
  ent_direct_sum(of->direct, &of->law, of->x, of->alone,
                 ways[of->way].wants_radial ? of->alone_radial : NULL);
}

static void make_scene(size_t d, size_t way, bool has_masses, scene *made) {
  made->d = d;
  made->way = way;
  made->law = (ent_pair_law){.beta = ways[way].beta, .softmax = ways[way].softmax};
  for (size_t k = 0; k < COUNT * width(d); k++) made->x[k] = draw(-1, 1);
  for (size_t i = 0; i < COUNT; i++) made->masses[i] = draw(0.5, 1.5) / COUNT;
  for (size_t i = 0; i < COUNT && d > 2; i++) ent_vec_normalize(d, made->x + i * d);
  if (has_masses) made->law.masses = made->masses;
  CHECK_OK(ent_direct_create(COUNT, d, ent_isa_current(), &made->direct));
  CHECK_OK(ent_direct_divide(made->direct, PIECES));
  sum_alone(made);
}

/* Whether the sums with these helpers are those without. */
static bool are_same(scene *of, ent_helpers *helpers) {
  double *radial = ways[of->way].wants_radial ? of->helped_radial : NULL;
  memset(of->helped, 0, sizeof of->helped);
  memset(of->helped_radial, 0, sizeof of->helped_radial);
  of->law.helpers = helpers;
  ent_direct_sum(of->direct, &of->law, of->x, of->helped, radial);
  of->law.helpers = NULL;
  return memcmp(of->helped, of->alone, COUNT * width(of->d) * sizeof(double)) == 0 &&
         (!radial || memcmp(radial, of->alone_radial, sizeof of->alone_radial) == 0);
}

static const size_t dimensions[] = {2, 3, 9};

static void help_changes_no_bit(void) {
  static scene of;
  for (size_t kind = 0; kind < 3 * WAYS * 2; kind++) {
    line lines[LINES_MOST];
    ent_helpers helpers;
    make_scene(dimensions[kind % 3], kind / 3 % WAYS, kind / 3 / WAYS > 0, &of);
    for (size_t count = 1; count <= LINES_MOST; count += 2) {
      lines_open(count, LINES_NEVER, lines, &helpers);
      lines[0].signs_of_life = 2;
      CHECK(are_same(&of, &helpers));
      CHECK(are_same(&of, &helpers));
      for (size_t k = 0; k < count; k++) CHECK(!helpers.is_lost[k]);
      CHECK(lines[count - 1].calls_left < LINES_NEVER - 4); /* all of them were asked */
      lines_close(count, lines);
    }
    ent_direct_destroy(&of.direct);
  }
}

static void lost_helpers_change_no_bit(void) {
  static scene of;
  for (size_t way = 0; way < WAYS; way++) {
    make_scene(3, way, true, &of);
    for (int calls = 0; calls < 10; calls++) {
      line lines[LINES_MOST];
      ent_helpers helpers;
      lines_open(2, calls, lines, &helpers);
      CHECK(are_same(&of, &helpers));
      CHECK(are_same(&of, &helpers));
      CHECK(helpers.is_lost[0]);
      CHECK(!helpers.is_lost[1]);
      lines_close(2, lines);
    }
    ent_direct_destroy(&of.direct);
  }
}

/* Their next answers would be taken for those to other tasks. */
static void helpers_that_miscount_are_lost(void) {
  static const double wrong[] = {ENT_LANES, ENT_HELP_ENDS, 0.5, 1e18};
  static scene of;
  for (size_t kind = 0; kind < WAYS * sizeof(wrong) / sizeof(*wrong); kind++) {
    line lines[LINES_MOST];
    ent_helpers helpers;
    make_scene(3, kind % WAYS, false, &of);
    lines_open(2, LINES_NEVER, lines, &helpers);
    lines[0].instead = wrong[kind / WAYS];
    CHECK(are_same(&of, &helpers));
    CHECK(helpers.is_lost[0]);
    CHECK(!helpers.is_lost[1]);
    CHECK(are_same(&of, &helpers));
    lines_close(2, lines);
    ent_direct_destroy(&of.direct);
  }
}

static bool never(void *context) {
  (void)context;
  return false;
}

/* The answers to a sum that was given up do not get into the next one. */
static void sums_that_are_given_up_leave_nothing_behind(void) {
  static scene of;
  for (size_t way = 0; way < WAYS; way++) {
    int given_up = 0;
    make_scene(3, way, false, &of);
    for (int calls = 0; calls < 16; calls++) {
      line lines[LINES_MOST];
      ent_helpers helpers;
      ent_brake brake = {.pulls = never};
      lines_open(2, LINES_NEVER, lines, &helpers);
      lines[0].brake = &brake;
      lines[0].calls_until_pulled = calls;
      of.law.brake = &brake;
      given_up += !are_same(&of, &helpers);
      lines[0].brake = of.law.brake = NULL;
      CHECK(!helpers.is_lost[0] && !helpers.is_lost[1]);
      CHECK(are_same(&of, &helpers));
      lines_close(2, lines);
    }
    CHECK(given_up >= 4);
    ent_direct_destroy(&of.direct);
  }
}

/* A helper that hears of its asker has its answer no longer wanted. */
static void helpers_stop_when_called(void) {
  static scene of;
  line own = {0};
  const ent_channel end = line_end_of_helper(&own);
  const double question[ENT_HELP_NUMBERS] = {
    [ENT_HELP_KIND] = ENT_HELP_PAIRS, [ENT_HELP_N] = COUNT, [ENT_HELP_D] = 3,
    [ENT_HELP_PIECES] = PIECES,       [ENT_HELP_PARTS] = 2, [ENT_HELP_PART] = 1};
  const double stop[ENT_HELP_NUMBERS] = {[ENT_HELP_KIND] = ENT_HELP_STOP};
  make_scene(3, 0, false, &of);
  CHECK_OK(ent_helper_create(&own.helper));
  line_put(&own.to_helper, ENT_HELP_NUMBERS, question);
  line_put(&own.to_helper, COUNT * 3, of.x);
  line_put(&own.to_helper, ENT_HELP_NUMBERS, stop);
  CHECK_OK(ent_helper_serve(own.helper, &end, NULL));
  CHECK_INT(own.to_asker.end, 0);
  CHECK_OK(ent_helper_serve(own.helper, &end, NULL));
  CHECK_INT(own.to_asker.end, 1);
  CHECK_REAL(own.to_asker.numbers[0], ENT_HELP_ENDS, 0.0);
  ent_direct_destroy(&of.direct);
  lines_close(1, &own);
}

/* What a helper says to a question about one task in which its brake is asked three times. */
static void serve_long_task(ent_brake *outer, int looks_until_called, line *own) {
  enum { D = 8, N = ENT_SHARES_DIRECT_FROM + 9 };
  const double question[ENT_HELP_NUMBERS] = {[ENT_HELP_KIND] = ENT_HELP_PAIRS,
                                             [ENT_HELP_N] = N,
                                             [ENT_HELP_D] = D,
                                             [ENT_HELP_PIECES] = 1,
                                             [ENT_HELP_PARTS] = 2,
                                             [ENT_HELP_PART] = 1};
  double *x = NULL;
  const ent_channel end = line_end_of_helper(own);
  *own = (line){.looks_until_called = looks_until_called};
  CHECK_OK(ent_mem_alloc(N * D, sizeof(double), &x));
  for (size_t k = 0; k < N * D; k++) x[k] = draw(-0.5, 0.5);
  CHECK_OK(ent_helper_create(&own->helper));
  line_put(&own->to_helper, ENT_HELP_NUMBERS, question);
  line_put(&own->to_helper, N * D, x);
  CHECK_OK(ent_helper_serve(own->helper, &end, outer));
  free(x);
}

/* The first look is the one before the task. */
static void helpers_stop_within_a_task_when_called(void) {
  line own;
  serve_long_task(NULL, 3, &own);
  CHECK_INT(own.signs_given, 1);
  CHECK_INT(own.to_asker.end, 1); /* a sign of life and no answer */
  lines_close(1, &own);
}

static void helpers_stop_within_a_task_when_their_own_brake_is_pulled(void) {
  line own;
  ent_brake outer = {.pulls = never, .is_pulled = true};
  serve_long_task(&outer, 0, &own);
  CHECK_INT(own.to_asker.end, 1);
  lines_close(1, &own);
}

/* They have the same terms in the same order, whatever pieces they are in. */
static void coincident_particles_in_unlike_pieces_stay_together(void) {
  static scene of;
  for (size_t kind = 0; kind < 3 * WAYS; kind++) {
    const size_t w = width(dimensions[kind % 3]);
    make_scene(dimensions[kind % 3], kind / 3, false, &of);
    memcpy(of.x + TWINS * w, of.x, w * sizeof(double));
    sum_alone(&of);
    CHECK(memcmp(of.alone + TWINS * w, of.alone, w * sizeof(double)) == 0);
    ent_direct_destroy(&of.direct);
  }
}

/* Each pair of pieces once, each row of pieces against the others in order, and parts with like loads. */
static void tasks_are_all_pairs_of_pieces(void) {
  for (size_t parts = 1; parts <= 4; parts++) {
    ent_direct_tasks at = {.method = ENT_DIRECT_PAIRS, .pieces = 16, .parts = parts};
    size_t met[16] = {0}, count = 0;
    for (; ent_direct_next(&at); count++) {
      CHECK_INT(met[at.rows]++, at.columns);
      if (at.columns != at.rows) CHECK_INT(met[at.columns]++, at.rows);
      CHECK(at.part < parts);
    }
    CHECK_INT(count, 16 * 17 / 2);
    for (size_t part = 1; part < parts; part++) CHECK(fabs(at.load[part] - at.load[0]) <= 1);
  }
}

/* Pieces are a function of the number of particles, and few sums are divided. */
static void few_particles_are_not_divided(void) {
  CHECK_INT(ent_direct_pieces(1), 1);
  CHECK_INT(ent_direct_pieces(16383), 1);
  CHECK_INT(ent_direct_pieces(16384), 16);
  CHECK_INT(ent_direct_pieces(131072), 16);
  CHECK_INT(ent_direct_pieces(131073), 17);
  CHECK_INT(ent_direct_pieces(1000000), 123);
}

/* A sum as jobs have it, so long that its helper gives signs of life. */
static void help_with_many_particles_changes_no_bit(void) {
  enum { D = 8, N = ENT_SHARES_DIRECT_FROM + 9 };
  double *x = NULL, *alone = NULL, *helped = NULL;
  ent_pairs *pairs = NULL;
  ent_helpers helpers;
  line lines[1];
  ent_pair_law law = {.beta = 2, .softmax = true, .slack = 1e-7};
  CHECK_OK(ent_mem_alloc(N * D, sizeof(double), &x));
  CHECK_OK(ent_mem_alloc(N * D, sizeof(double), &alone));
  CHECK_OK(ent_mem_alloc(N * D, sizeof(double), &helped));
  CHECK_OK(ent_pairs_create(N, D, &pairs));
  for (size_t k = 0; k < N * D; k++) x[k] = draw(-0.5, 0.5);
  ent_pairs_drift_vectors(pairs, &law, x, alone);
  lines_open(1, LINES_NEVER, lines, &helpers);
  law.helpers = &helpers;
  ent_pairs_drift_vectors(pairs, &law, x, helped);
  CHECK(memcmp(alone, helped, N * D * sizeof(double)) == 0);
  CHECK(!helpers.is_lost[0]);
  CHECK(lines[0].signs_given > 0);
  lines_close(1, lines);
  ent_pairs_destroy(&pairs);
  free(x);
  free(alone);
  free(helped);
}

static const ent_test tests[] = {
  {"tasks are all pairs of pieces, in order and in like parts", tasks_are_all_pairs_of_pieces},
  {"sums of few particles are not divided", few_particles_are_not_divided},
  {"help changes no bit of a direct sum", help_changes_no_bit},
  {"helpers that are lost at any moment change no bit", lost_helpers_change_no_bit},
  {"sums that are given up leave nothing behind", sums_that_are_given_up_leave_nothing_behind},
  {"helpers that miscount are lost and change no bit", helpers_that_miscount_are_lost},
  {"helpers stop when their asker calls", helpers_stop_when_called},
  {"helpers stop within a task when their asker calls", helpers_stop_within_a_task_when_called},
  {"helpers stop within a task when their own brake is pulled",
   helpers_stop_within_a_task_when_their_own_brake_is_pulled},
  {"coincident particles in unlike pieces stay together",
   coincident_particles_in_unlike_pieces_stay_together},
  {"help with many particles changes no bit", help_with_many_particles_changes_no_bit},
  {0},
};

ENT_TEST_MAIN("kernel/direct_pieces", tests)
