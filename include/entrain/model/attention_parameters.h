#ifndef ENTRAIN_MODEL_ATTENTION_PARAMETERS_H
#define ENTRAIN_MODEL_ATTENTION_PARAMETERS_H

/* The parameters that all attention models have in common, as entries of their tables. */

#include "entrain/model/parameter.h"

/* Values of the parameter `weights`. */
enum { ENT_WEIGHTS_SOFTMAX, ENT_WEIGHTS_MEAN };

#define ENT_MODEL_WEIGHTS_PARAMETER                                                                          \
  {                                                                                                          \
    .name = "weights", .kind = ENT_PARAM_CHOICE, .default_value = ENT_WEIGHTS_SOFTMAX,                       \
    .choices = (const char *const[]){[ENT_WEIGHTS_SOFTMAX] = "softmax", [ENT_WEIGHTS_MEAN] = "mean", NULL},  \
    .summary = "softmax: divided by the row's sum (SA); mean: by n (USA)"                                    \
  }

#define ENT_MODEL_BETA_PARAMETER                                                                             \
  {                                                                                                          \
    .name = "beta", .kind = ENT_PARAM_REAL, .required = true, .must_be_axis = true, .min = -1e6, .max = 1e6, \
    .unit = "1", .summary = "inverse temperature of the attention, any sign"                                 \
  }

#endif
