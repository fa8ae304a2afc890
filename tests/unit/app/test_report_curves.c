#include <math.h>

#include "entrain/app/report_curves.h"

#include "check.h"

#define COUNT(values) (sizeof(values) / sizeof(values)[0])

static void edges_lie_half_way(void) {
  static const double even[] = {0, 1, 2}, decades[] = {0.1, 1, 10}, one[] = {3};
  CHECK_REAL(ent_curves_edge(even, COUNT(even), 0), -0.5, 0);
  CHECK_REAL(ent_curves_edge(even, COUNT(even), 1), 0.5, 0);
  CHECK_REAL(ent_curves_edge(even, COUNT(even), 3), 2.5, 0);
  CHECK_REAL(ent_curves_edge(decades, COUNT(decades), 0), 0.1 / sqrt(10), 1e-15);
  CHECK_REAL(ent_curves_edge(decades, COUNT(decades), 2), sqrt(10), 1e-14);
  CHECK_REAL(ent_curves_edge(one, COUNT(one), 0), 2, 0);
  CHECK_REAL(ent_curves_edge(one, COUNT(one), 1), 4, 0);
}

/* A wide last step would paint far beyond the sweep. */
static void uneven_points_end_at_the_outer_ones(void) {
  static const double uneven[] = {-2, -1, 0, 1, 2, 4}, decades[] = {0.1, 1, 10, 1000};
  CHECK(!ent_curves_is_even(uneven, COUNT(uneven)));
  CHECK_REAL(ent_curves_edge(uneven, COUNT(uneven), 0), -2, 0);
  CHECK_REAL(ent_curves_edge(uneven, COUNT(uneven), 5), 3, 0);
  CHECK_REAL(ent_curves_edge(uneven, COUNT(uneven), 6), 4, 0);
  CHECK(!ent_curves_is_even(decades, COUNT(decades)));
  CHECK_REAL(ent_curves_edge(decades, COUNT(decades), 4), 1000, 0);
}

static void even_is_meant_on_the_scale_that_suits(void) {
  static const double decades[] = {0.01, 0.1, 1, 10}, linear[] = {1, 10, 19, 28}, two[] = {5, 500};
  CHECK(ent_curves_is_even(decades, COUNT(decades)));
  CHECK(ent_curves_is_even(linear, COUNT(linear)));
  CHECK(ent_curves_is_even(two, COUNT(two)));
}

static const ent_test tests[] = {
  {"a cell ends half way to the next point", edges_lie_half_way},
  {"uneven points have no cells beyond the outer ones", uneven_points_end_at_the_outer_ones},
  {"even points are so on a linear scale or a logarithmic one", even_is_meant_on_the_scale_that_suits},
  {0},
};

ENT_TEST_MAIN("app/report_curves", tests)
