/* TEST np=1 */
#include <math.h>

#include "entrain/solve/quintic.h"

#include "check.h"

enum { DEGREE = 5, COUNT = 11 };

/* Components of a state, to whole vectors. */
typedef struct numbers {
  _Alignas(64) double of[16];
} numbers;

/* Value and slope at t of a polynomial of degree 5. */
static double value(const double *c, double t) {
  double sum = 0;
  for (int i = DEGREE; i >= 0; i--) sum = sum * t + c[i];
  return sum;
}

static double slope(const double *c, double t) {
  double sum = 0;
  for (int i = DEGREE; i > 0; i--) sum = sum * t + i * c[i];
  return sum;
}

/* Component k has a polynomial of its own. */
static void polynomial(int k, double *c) {
  const double first[] = {1, -2, 0.5, 3, -1.5, 0.7};
  for (int i = 0; i <= DEGREE; i++) c[i] = k == 1 ? i == DEGREE : first[(i + k) % (DEGREE + 1)];
}

/* Both ends of a step of length h from t0. */
typedef struct step {
  numbers x0, x1, dxdt0, dxdt1, a, b;
} step;

static ent_quintic fill(double t0, double h, size_t size, step *made) {
  for (int k = 0; k < COUNT; k++) {
    double c[DEGREE + 1];
    polynomial(k, c);
    made->x0.of[k] = value(c, t0);
    made->x1.of[k] = value(c, t0 + h);
    made->dxdt0.of[k] = slope(c, t0);
    made->dxdt1.of[k] = slope(c, t0 + h);
    made->a.of[k] = slope(c, t0 + h / 3);
    made->b.of[k] = slope(c, t0 + 2 * h / 3);
  }
  return (ent_quintic){size,           h,          made->x0.of, made->x1.of, made->dxdt0.of,
                       made->dxdt1.of, made->a.of, made->b.of};
}

/* Everywhere in the step, and nothing is written behind the state, which may lie anywhere. */
static void check_inside(const ent_quintic *quintic, double t0, double error) {
  for (double part = 0; part <= 1; part += 0.0625) {
    double x[COUNT + 2];
    x[quintic->size + 1] = 77;
    ent_quintic_evaluate(quintic, part, x + 1);
    for (int k = 0; k < (int)quintic->size; k++) {
      double c[DEGREE + 1];
      polynomial(k, c);
      CHECK_REAL(x[k + 1], value(c, t0 + part * quintic->h), error);
    }
    CHECK_REAL(x[quintic->size + 1], 77, 0);
  }
}

static void degree_five_is_exact(void) {
  for (size_t size = 1; size <= COUNT; size++) {
    step made = {0};
    const ent_quintic quintic = fill(0.4, 0.6, size, &made);
    ent_quintic_fit(&quintic);
    check_inside(&quintic, 0.4, 6e-15);
  }
}

static void step_before_is_exact(void) {
  const double t0 = 0.4, h = 0.6;
  for (double back = 0.12; back <= 3; back *= 1.5) {
    step made = {0};
    numbers older = {0}, slope_older = {0};
    const ent_quintic quintic = fill(t0, h, COUNT, &made);
    for (int k = 0; k < COUNT; k++) {
      double c[DEGREE + 1];
      polynomial(k, c);
      older.of[k] = value(c, t0 - back);
      slope_older.of[k] = slope(c, t0 - back);
    }
    ent_quintic_fit_back(&quintic, back, older.of, slope_older.of);
    check_inside(&quintic, t0, 5e-14);
  }
}

/* What was before may lie where the coefficients will. */
static void fits_in_place(void) {
  const double t0 = 0.4, back = 0.5;
  step made = {0};
  const ent_quintic quintic = fill(t0, 0.6, COUNT, &made);
  for (int k = 0; k < COUNT; k++) {
    double c[DEGREE + 1];
    polynomial(k, c);
    made.a.of[k] = value(c, t0 - back);
    made.b.of[k] = slope(c, t0 - back);
  }
  ent_quintic_fit_back(&quintic, back, made.a.of, made.b.of);
  check_inside(&quintic, t0, 5e-14);
}

/* The blend is a straight line; one component is farther from it than the others. */
static void distance_is_the_largest(void) {
  for (size_t size = 1; size <= COUNT; size++) {
    step made = {0};
    numbers line = {0};
    const double part = 0.25;
    const ent_quintic quintic = fill(0.4, 0.6, size, &made);
    double x[COUNT], largest = 0;
    ent_quintic_fit(&quintic);
    ent_quintic_evaluate(&quintic, part, x);
    for (size_t k = 0; k < size; k++) line.of[k] = 0.1 * (double)k;
    for (size_t k = size; k < 16; k++) made.x0.of[k] = made.x1.of[k] = made.a.of[k] = made.b.of[k] = 0;
    for (size_t k = size; k < 16; k++) made.dxdt0.of[k] = made.dxdt1.of[k] = 0;
    for (size_t k = 0; k < size; k++) largest = fmax(largest, fabs(x[k] - made.x0.of[k] - 2 * line.of[k]));
    const ent_blend blend = {.count = 1, .weights = {2}, .terms = {line.of}};
    CHECK_REAL(ent_quintic_distance(&quintic, part, &blend), largest, 1e-15);
  }
}

static void rest_is_rest(void) {
  const numbers x0 = {{2}}, still = {{0}};
  numbers a = {{0}}, b = {{0}};
  double x = 0;
  const ent_quintic quintic = {1, 1e9, x0.of, x0.of, still.of, still.of, a.of, b.of};
  ent_quintic_fit(&quintic);
  ent_quintic_evaluate(&quintic, 0.3, &x);
  CHECK_REAL(x, 2, 0);
}

static const ent_test tests[] = {
  {"polynomials of degree 5 are exact", degree_five_is_exact},
  {"they are too with a time before the step instead of its inside", step_before_is_exact},
  {"what was before the step may lie where the coefficients will", fits_in_place},
  {"the distance from another interpolant is the largest component's", distance_is_the_largest},
  {"what stands still stays where it is", rest_is_rest},
  {0},
};

ENT_TEST_MPI_MAIN("solve/quintic", tests)
