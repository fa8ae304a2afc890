#include "entrain/solve/quintic.h"

/*
 * What is missing in the slope of the cubic, r at 1/3 and s at 2/3, is that of the term of degree 5:
 *   r = (4/27) a + (4/81) b,   s = -(4/27) a + (4/81) b
 */
void ent_quintic_fit(const ent_quintic *quintic) {
  const ent_quintic q = *quintic;
  for (size_t k = 0; k < q.size; k++) {
    const double mean = (q.x1[k] - q.x0[k]) / q.h;
    const double r = q.a[k] + q.dxdt1[k] / 3 - 4 * mean / 3, s = q.b[k] + q.dxdt0[k] / 3 - 4 * mean / 3;
    q.a[k] = 27 * (r - s) / 8;
    q.b[k] = 81 * (r + s) / 8;
  }
}

void ent_quintic_evaluate(const ent_quintic *quintic, double part, double *x) {
  const ent_quintic q = *quintic;
  const double y = part, left = 1 - part, bump = q.h * (y * left) * (y * left);
  for (size_t k = 0; k < q.size; k++) {
    const double cubic =
      q.h * y * left * (left * q.dxdt0[k] - y * q.dxdt1[k]) + y * y * (3 - 2 * y) * (q.x1[k] - q.x0[k]);
    x[k] = q.x0[k] + (cubic + bump * (q.a[k] + q.b[k] * (2 * y - 1)));
  }
}
