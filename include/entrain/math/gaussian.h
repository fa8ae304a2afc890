#ifndef ENTRAIN_MATH_GAUSSIAN_H
#define ENTRAIN_MATH_GAUSSIAN_H

/* Expectations of activations and their derivatives under one normal number, in closed form. */

typedef enum {
  ENT_ACTIVATION_ERF,  /* s(z) = erf(z / sqrt(2)) */
  ENT_ACTIVATION_RELU, /* s(z) = max(z, 0) */
} ent_activation;

/* E s(z), E s'(z), E s''(z), E s'''(z); with variance 0 the last two of RELU count as 0. */
typedef struct ent_gaussian_moments {
  double value, first, second, third;
} ent_gaussian_moments;

/* s(z). Not collective. */
double ent_gaussian_activate(ent_activation activation, double z);

/*
 * The moments for z ~ N(mean, variance), variance >= 0:
 *   erf   E s = erf(m/sqrt(2 v)), E s' = 2 g(m, v), v = 1 + variance, g the normal density of variance v
 *   relu  E s = m P + variance g, E s' = P = P(z > 0), E s'' = g(m, variance)
 * and further derivatives by m. Not collective.
 */
ent_gaussian_moments ent_gaussian_expect(ent_activation activation, double mean, double variance);

#endif
