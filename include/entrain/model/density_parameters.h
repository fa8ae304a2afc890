#ifndef ENTRAIN_MODEL_DENSITY_PARAMETERS_H
#define ENTRAIN_MODEL_DENSITY_PARAMETERS_H

/* The parameters of a density on the circle, as entries of a table, and what they mean together. */

#include "entrain/math/density.h"
#include "entrain/model/parameter.h"

#define ENT_DENSITY_COSINES_PARAMETER                                                                        \
  {                                                                                                          \
    .name = "cosines", .kind = ENT_PARAM_LIST, .min = -2, .max = 2, .unit = "1",                             \
    .summary = "a_1, a_2, ... of the density (1 + sum_k a_k cos(k t) + b_k sin(k t)) / (2 pi)"               \
  }

#define ENT_DENSITY_SINES_PARAMETER                                                                          \
  {                                                                                                          \
    .name = "sines", .kind = ENT_PARAM_LIST, .min = -2, .max = 2, .unit = "1",                               \
    .summary = "b_1, b_2, ... of it"                                                                         \
  }

#define ENT_DENSITY_CENTRES_PARAMETER                                                                        \
  {                                                                                                          \
    .name = "centres", .kind = ENT_PARAM_LIST, .min = -1e3, .max = 1e3, .unit = "rad",                       \
    .summary = "angles of the centres of a mixture"                                                          \
  }

#define ENT_DENSITY_CONCENTRATIONS_PARAMETER                                                                 \
  {                                                                                                          \
    .name = "concentrations", .kind = ENT_PARAM_LIST, .min = 0, .max = 1e4, .unit = "1",                     \
    .summary = "as many: concentrations of von Mises densities around them"                                  \
  }

#define ENT_DENSITY_HALF_WIDTHS_PARAMETER                                                                    \
  {                                                                                                          \
    .name = "half_widths", .kind = ENT_PARAM_LIST, .open_min = true, .min = 0, .max = 3.141592653589793,     \
    .unit = "rad", .summary = "as many: half widths of arcs of constant density around them"                 \
  }

#define ENT_DENSITY_MASSES_PARAMETER                                                                         \
  {                                                                                                          \
    .name = "masses", .kind = ENT_PARAM_LIST, .open_min = true, .min = 0, .max = 1e300, .unit = "1",         \
    .summary = "as many: shares of the mass, divided by their sum; default: all equal"                       \
  }

/* The values of these parameters at a point; NULL where a table has no such parameter. */
typedef struct ent_density_values {
  const ent_value *cosines, *sines, *centres, *concentrations, *half_widths, *masses;
} ent_density_values;

/* Whether they make one density; `section` ("initial", "parameters") is where a refusal points. */
bool ent_density_check(const ent_density_values *values, const char *section, ent_refusal *refusal);

/* The density that they make; without any it is uniform. It points into the values' lists. */
ent_density ent_density_of(const ent_density_values *values);

#endif
