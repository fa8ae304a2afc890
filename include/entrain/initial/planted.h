#ifndef ENTRAIN_INITIAL_PLANTED_H
#define ENTRAIN_INITIAL_PLANTED_H

/* What planted starts share: the `noise` parameter, its application, and the turn from angles into vectors.
 */

#include "entrain/model/density_parameters.h"

/* Table entry of the parameter `noise`. */
#define ENT_INITIAL_NOISE_PARAMETER                                                                          \
  {                                                                                                          \
    .name = "noise", .kind = ENT_PARAM_REAL, .default_value = 0, .min = 0, .max = 1e3, .unit = "1",          \
    .summary = "each coordinate gets this times a standard normal number, then vectors are normalized"       \
  }

/*
 * Adds `noise` times independent normal numbers (stream ENT_STREAM_NOISE_START of the point) to every
 * coordinate and normalizes; leaves x alone for noise = 0.
 * [in,out] x  [n, d].
 */
void ent_planted_perturb(const ent_point *point, double noise, double *x);

/* Places particle i in the plane of the first two coordinates at an angle. [out] x_i [d]. */
void ent_planted_place_angle(int64_t d, double angle, double *x_i);

/*
 * Places the point's particles there at the quantiles of a density, and perturbs them. [out] x [n, d].
 * Errors: ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_planted_draw_density(const ent_point *point, const ent_density_values *values,
                                            double noise, double *x);

#endif
