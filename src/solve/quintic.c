#include "entrain/solve/quintic.h"

#include "entrain/math/simd.h"

/* What a loop over the components reads; none of it is what the loop writes. */
typedef struct ends {
  const double *restrict x0, *restrict x1, *restrict dxdt0, *restrict dxdt1;
} ends;

/*
 * What is missing in the slope of the cubic, r at 1/3 and s at 2/3, is that of the term of degree 5:
 *   r = (4/27) a + (4/81) b,   s = -(4/27) a + (4/81) b
 */
ENT_SIMD void ent_quintic_fit(const ent_quintic *quintic) {
  const ent_quintic q = *quintic;
  const ends at = {q.x0, q.x1, q.dxdt0, q.dxdt1};
  double *restrict a = q.a, *restrict b = q.b;
  for (size_t k = 0; k < q.size; k++) {
    const double mean = (at.x1[k] - at.x0[k]) / q.h;
    const double r = a[k] + at.dxdt1[k] / 3 - 4 * mean / 3, s = b[k] + at.dxdt0[k] / 3 - 4 * mean / 3;
    a[k] = 27 * (r - s) / 8;
    b[k] = 81 * (r + s) / 8;
  }
}

/*
 * With r = back/h, G = (r (1+r))^2 the bump at y = -r and G' = -2 r (1+r) (1+2r) its slope, what is missing
 * in the cubic there is h G A in the state and h (G' A + 2 G b) in dx/dy, A = a - b (2r+1).
 */
ENT_SIMD void ent_quintic_fit_back(const ent_quintic *quintic, double back, const double *x,
                                   const double *dxdt) {
  const ent_quintic q = *quintic;
  const ends at = {q.x0, q.x1, q.dxdt0, q.dxdt1};
  const double *restrict x_back = x, *restrict slope_back = dxdt;
  double *restrict a = q.a, *restrict b = q.b;
  const double r = back / q.h, wide = 1 + r, bump = r * r * wide * wide;
  const double level = 1 / (q.h * bump), half = 1 / (2 * bump), tilt = r * wide * (1 + 2 * r) / bump;
  const double s0_x = -q.h * r * wide * wide, s1_x = -q.h * r * wide * r, rise_x = r * r * (3 + 2 * r);
  const double s0_slope = wide * (1 + 3 * r), s1_slope = r * (2 + 3 * r), rise_slope = -6 * r * wide / q.h;
  for (size_t k = 0; k < q.size; k++) {
    const double rise = at.x1[k] - at.x0[k], s0 = at.dxdt0[k], s1 = at.dxdt1[k];
    const double cubic = s0_x * s0 + s1_x * s1 + rise_x * rise;
    const double cubic_slope = s0_slope * s0 + s1_slope * s1 + rise_slope * rise;
    const double missing = (x_back[k] - at.x0[k] - cubic) * level;
    const double bent = (slope_back[k] - cubic_slope) * half + tilt * missing;
    b[k] = bent;
    a[k] = missing + bent * (1 + 2 * r);
  }
}

ENT_SIMD void ent_quintic_evaluate(const ent_quintic *quintic, double part, double *x) {
  const ent_quintic q = *quintic;
  const ends at = {q.x0, q.x1, q.dxdt0, q.dxdt1};
  const double *restrict a = q.a, *restrict b = q.b;
  double *restrict inside = x;
  const double y = part, left = 1 - part, bump = q.h * (y * left) * (y * left), turn = 2 * y - 1;
  const double s0 = q.h * y * left * left, s1 = -q.h * y * left * y, rise = y * y * (3 - 2 * y);
  for (size_t k = 0; k < q.size; k++) {
    const double cubic = s0 * at.dxdt0[k] + s1 * at.dxdt1[k] + rise * (at.x1[k] - at.x0[k]);
    inside[k] = at.x0[k] + (cubic + bump * (a[k] + b[k] * turn));
  }
}
