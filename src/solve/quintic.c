#include "entrain/solve/quintic.h"

#include "entrain/math/simd.h"

/*
 * What is missing in the slope of the cubic, r at 1/3 and s at 2/3, is that of the term of degree 5:
 *   r = (4/27) a + (4/81) b,   s = -(4/27) a + (4/81) b
 */
ENT_SIMD void ent_quintic_fit(const ent_quintic *quintic) {
  const ent_quintic q = *quintic;
  for (size_t k = 0; k < q.size; k++) {
    const double mean = (q.x1[k] - q.x0[k]) / q.h;
    const double r = q.a[k] + q.dxdt1[k] / 3 - 4 * mean / 3, s = q.b[k] + q.dxdt0[k] / 3 - 4 * mean / 3;
    q.a[k] = 27 * (r - s) / 8;
    q.b[k] = 81 * (r + s) / 8;
  }
}

/*
 * With r = back/h, G = (r (1+r))^2 the bump at y = -r and G' = -2 r (1+r) (1+2r) its slope, what is missing
 * in the cubic there is h G A in the state and h (G' A + 2 G b) in dx/dy, A = a - b (2r+1).
 */
ENT_SIMD void ent_quintic_fit_back(const ent_quintic *quintic, double back, const double *x,
                                   const double *dxdt) {
  const ent_quintic q = *quintic;
  const double r = back / q.h, wide = 1 + r, bump = r * r * wide * wide;
  const double level = 1 / (q.h * bump), half = 1 / (2 * bump), tilt = r * wide * (1 + 2 * r) / bump;
  const double y_y = r * r * (3 + 2 * r), slope = 6 * r * wide;
  for (size_t k = 0; k < q.size; k++) {
    const double rise = q.x1[k] - q.x0[k], s0 = q.dxdt0[k], s1 = q.dxdt1[k];
    const double cubic = -q.h * r * wide * (wide * s0 + r * s1) + y_y * rise;
    const double cubic_slope = wide * (1 + 3 * r) * s0 + r * (2 + 3 * r) * s1 - slope * rise / q.h;
    const double missing = (x[k] - q.x0[k] - cubic) * level;
    q.b[k] = (dxdt[k] - cubic_slope) * half + tilt * missing;
    q.a[k] = missing + q.b[k] * (1 + 2 * r);
  }
}

ENT_SIMD void ent_quintic_evaluate(const ent_quintic *quintic, double part, double *x) {
  const ent_quintic q = *quintic;
  const double y = part, left = 1 - part, bump = q.h * (y * left) * (y * left);
  for (size_t k = 0; k < q.size; k++) {
    const double cubic =
      q.h * y * left * (left * q.dxdt0[k] - y * q.dxdt1[k]) + y * y * (3 - 2 * y) * (q.x1[k] - q.x0[k]);
    x[k] = q.x0[k] + (cubic + bump * (q.a[k] + q.b[k] * (2 * y - 1)));
  }
}
