/* TEST np=1 libs=gsl */
#include <math.h>
#include <string.h>

#include <gsl/gsl_eigen.h>
#include <gsl/gsl_sort_vector.h>

#include "entrain/math/symmetric.h"

#include "check.h"

enum { MOST = 40 };

static double number(void) {
  static uint64_t state = 7;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return 2 * (double)(state >> 11) * 0x1p-53 - 1;
}

/* All eigenvalues against GSL's. `a` [n, n] is destroyed. */
static void check_spectrum(size_t n, double *a) {
  double copy[MOST * MOST], diagonal[MOST], beside[MOST];
  memcpy(copy, a, n * n * sizeof(*a));
  gsl_matrix_view matrix = gsl_matrix_view_array(copy, n, n);
  gsl_vector *expected = gsl_vector_alloc(n);
  gsl_eigen_symm_workspace *work = gsl_eigen_symm_alloc(n);
  gsl_eigen_symm(&matrix.matrix, expected, work);
  gsl_sort_vector(expected);
  ent_symmetric_reduce(n, a, diagonal, beside);
  for (size_t k = 0; k < n; k++) {
    CHECK_REAL(ent_tridiagonal_eigenvalue(n, diagonal, beside, k), gsl_vector_get(expected, k),
               1e-14 * (double)n);
  }
  gsl_eigen_symm_free(work);
  gsl_vector_free(expected);
}

static void agrees_with_gsl(void) {
  for (size_t n = 1; n <= MOST; n++) {
    double a[MOST * MOST];
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j <= i; j++) a[i * n + j] = a[j * n + i] = number();
    check_spectrum(n, a);
  }
}

static void bears_zeros_and_repetitions(void) {
  for (size_t n = 2; n <= MOST; n += 19) {
    double zero[MOST * MOST] = {0}, one[MOST * MOST] = {0}, all[MOST * MOST];
    for (size_t i = 0; i < n; i++) one[i * n + i] = 1;
    for (size_t i = 0; i < n * n; i++) all[i] = 1;
    check_spectrum(n, zero);
    check_spectrum(n, one);
    check_spectrum(n, all);
  }
}

/* -1, 2, -1: the eigenvalues are 2 - 2 cos(k pi / (n + 1)), k = 1, ..., n. */
static void counts_below_a_bound(void) {
  enum { N = 9 };
  double diagonal[N], beside[N];
  for (int i = 0; i < N; i++) diagonal[i] = 2, beside[i] = i + 1 < N ? -1 : 0;
  CHECK_INT(ent_tridiagonal_count_below(N, diagonal, beside, 0), 0);
  CHECK_INT(ent_tridiagonal_count_below(N, diagonal, beside, 2 - 1e-12), 4);
  CHECK_INT(ent_tridiagonal_count_below(N, diagonal, beside, 2 + 1e-12), 5);
  CHECK_INT(ent_tridiagonal_count_below(N, diagonal, beside, 4), N);
}

static const ent_test tests[] = {
  {"eigenvalues below a bound are counted", counts_below_a_bound},
  {"eigenvalues agree with GSL's", agrees_with_gsl},
  {"zero and repeated eigenvalues are found", bears_zeros_and_repetitions},
  {0},
};

ENT_TEST_MAIN("math/symmetric", tests)
