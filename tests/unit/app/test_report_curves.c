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
static void uneven_points_have_whole_outer_cells(void) {
  static const double uneven[] = {-2, -1, 0, 1, 2, 4}, decades[] = {0.1, 1, 10, 1e4};
  CHECK_REAL(ent_curves_edge(uneven, COUNT(uneven), 0), -2.5, 0);
  CHECK_REAL(ent_curves_edge(uneven, COUNT(uneven), 5), 3, 0);
  CHECK_REAL(ent_curves_edge(uneven, COUNT(uneven), 6), 4.6, 1e-15);
  CHECK_REAL(ent_curves_edge(decades, COUNT(decades), 0), 0.1 / sqrt(10), 1e-15);
  CHECK_REAL(ent_curves_edge(decades, COUNT(decades), 4), 1e4 * pow(10, 5.0 / 6), 1e-9);
}

static const ent_test tests[] = {
  {"a cell ends half way to the next point", edges_lie_half_way},
  {"so does that of an outer point of uneven ones, but no further than a mean step",
   uneven_points_have_whole_outer_cells},
  {0},
};

ENT_TEST_MAIN("app/report_curves", tests)
