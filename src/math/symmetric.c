#include "entrain/math/symmetric.h"

#include <float.h>
#include <math.h>

#include "entrain/math/vec.h"

enum { BISECTIONS = 200 }; /* never reached: the ends of the interval meet after about 60 */

/*
 * Reflects what lies right of column k, so that row k has one number beside its diagonal: with the row's
 * tail y, w = y + sign(y_0) |y| e_0 and h = <w, w>/2, A becomes A - w q^T - q w^T,
 * p = A w/h, q = p - (<w, p>/2h) w. Returns that one number.
 */
static double reflect(size_t n, size_t k, double *a, double *q) {
  const size_t rest = n - k - 1;
  double *w = a + k * n + k + 1;
  const double length = ent_vec_norm(rest, w);
  const double left = w[0] > 0 ? -length : length;
  if (length == 0) return 0;
  w[0] -= left;
  const double h = 0.5 * ent_vec_dot(rest, w, w);
  for (size_t i = 0; i < rest; i++) q[i] = ent_vec_dot(rest, a + (k + 1 + i) * n + k + 1, w) / h;
  ent_vec_axpy(rest, -0.5 * ent_vec_dot(rest, w, q) / h, w, q);
  for (size_t i = 0; i < rest; i++) {
    double *row = a + (k + 1 + i) * n + k + 1;
    ent_vec_axpy(rest, -w[i], q, row);
    ent_vec_axpy(rest, -q[i], w, row);
  }
  return left;
}

void ent_symmetric_reduce(size_t n, double *a, double *diagonal, double *beside) {
  for (size_t k = 0; k + 2 < n; k++) {
    diagonal[k] = a[k * n + k];
    beside[k] = reflect(n, k, a, diagonal + k + 1); /* what is not yet known is scratch */
  }
  if (n >= 2) {
    diagonal[n - 2] = a[(n - 2) * n + n - 2];
    beside[n - 2] = a[(n - 2) * n + n - 1];
  }
  diagonal[n - 1] = a[n * n - 1];
  beside[n - 1] = 0;
}

/* Negative terms of the Sturm sequence. */
size_t ent_tridiagonal_count_below(size_t n, const double *diagonal, const double *beside, double bound) {
  size_t count = 0;
  double term = 1;
  for (size_t i = 0; i < n; i++) {
    const double left = i > 0 ? beside[i - 1] : 0;
    term = diagonal[i] - bound - left * left / term;
    if (fabs(term) < DBL_MIN) term = -DBL_MIN;
    count += term < 0;
  }
  return count;
}

double ent_tridiagonal_eigenvalue(size_t n, const double *diagonal, const double *beside, size_t k) {
  double bound = 0; /* of all eigenvalues, by Gershgorin's discs */
  for (size_t i = 0; i < n; i++) {
    const double radius = fabs(beside[i]) + (i > 0 ? fabs(beside[i - 1]) : 0);
    bound = fmax(bound, fabs(diagonal[i]) + radius);
  }
  double low = -bound, high = bound;
  for (int i = 0; i < BISECTIONS && high - low > DBL_EPSILON * bound; i++) {
    const double middle = low + 0.5 * (high - low);
    if (ent_tridiagonal_count_below(n, diagonal, beside, middle) > k)
      high = middle;
    else
      low = middle;
  }
  return low + 0.5 * (high - low);
}
