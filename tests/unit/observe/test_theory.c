#include <math.h>
#include <string.h>

#include "check.h"
#include "observe_fixture.h"

static double x[3 * 33];

static const char *theory(int64_t n, int64_t d, double beta) {
  const ent_view view = {.n = n, .d = d, .beta = beta, .x = x};
  return ent_theorem_names[(int)ent_view_value("theory", &view)];
}

static void names_the_theorem_of_a_system(void) {
  CHECK_TEXT(theory(32, 3, 2), "sync_sphere");
  CHECK_TEXT(theory(32, 2, 2), "sync_circle");
  CHECK_TEXT(theory(33, 2, -1), "nonsync_triangle");
  CHECK_TEXT(theory(32, 2, -1), "none");
  CHECK_TEXT(theory(3, 3, -1), "sync_hemisphere");
}

static void tells_the_criterion_of_its_kernel(void) {
  const ent_view view = {.n = 4, .d = 2, .beta = 0, .x = x};
  CHECK_REAL(ent_view_value("criterion", &view), 5 - M_PI, 1e-5);
}

static void the_criterion_needs_a_kernel(void) {
  CHECK_TEXT(ent_observe_refusal("criterion", "attention", 3, 1), "");
  CHECK_CONTAINS(ent_observe_refusal("criterion", "equiangular", 3, 1), "needs an interaction kernel");
}

static void its_labels_are_the_theorems(void) {
  const ent_observable *observable = ent_observable_find("theory", strlen("theory"));
  size_t count = 0;
  while (observable->labels[count]) count++;
  CHECK_INT(count, (int)observable->max + 1);
}

static const ent_test tests[] = {
  {"the theorem of a system is named", names_the_theorem_of_a_system},
  {"the criterion of a system's kernel is told", tells_the_criterion_of_its_kernel},
  {"the criterion is refused without a kernel", the_criterion_needs_a_kernel},
  {"the labels are the theorems", its_labels_are_the_theorems},
  {0},
};

ENT_TEST_MAIN("observe/theory", tests)
