#ifndef ENTRAIN_MODEL_ATTENTION_PARAMETERS_H
#define ENTRAIN_MODEL_ATTENTION_PARAMETERS_H

/* The parameters that all attention models have in common, as entries of their tables. */

#include <math.h>

#include "entrain/model/parameter.h"

/* Values of the parameter `weights`. */
enum { ENT_WEIGHTS_SOFTMAX, ENT_WEIGHTS_MEAN };

#define ENT_MODEL_WEIGHTS_PARAMETER                                                                          \
  {                                                                                                          \
    .name = "weights", .kind = ENT_PARAM_CHOICE, .default_value = ENT_WEIGHTS_SOFTMAX,                       \
    .choices = (const char *const[]){[ENT_WEIGHTS_SOFTMAX] = "softmax", [ENT_WEIGHTS_MEAN] = "mean", NULL},  \
    .summary = "softmax: divided by the row's sum (SA); mean: by n (USA)"                                    \
  }

#define ENT_MODEL_BETA_SUMMARY "inverse temperature of the attention, any sign"

#define ENT_MODEL_BETA_PARAMETER                                                                             \
  {                                                                                                          \
    .name = "beta", .kind = ENT_PARAM_REAL, .required = true, .must_be_axis = true, .min = -1e6, .max = 1e6, \
    .unit = "1", .summary = ENT_MODEL_BETA_SUMMARY                                                           \
  }

/* For models that take beta or gamma, of which one is an axis: beta = gamma log n (2510.05554). */
#define ENT_MODEL_BETA_OR_GAMMA_PARAMETER                                                                    \
  {                                                                                                          \
    .name = "beta", .kind = ENT_PARAM_REAL, .default_value = NAN, .must_be_axis = true, .min = -1e6,         \
    .max = 1e6, .unit = "1", .summary = ENT_MODEL_BETA_SUMMARY                                               \
  }

#define ENT_MODEL_GAMMA_PARAMETER                                                                            \
  {                                                                                                          \
    .name = "gamma", .kind = ENT_PARAM_REAL, .default_value = NAN, .must_be_axis = true, .min = -1e4,        \
    .max = 1e4, .unit = "1", .summary = "instead of beta: beta = gamma log n"                                \
  }

/* Whether a point has exactly one of beta and gamma; fills the refusal otherwise. Not collective. */
bool ent_attention_check_beta(const ent_value *beta, const ent_value *gamma, ent_refusal *refusal);

/* beta, or gamma log n where there is none. Not collective. */
double ent_attention_beta(const ent_value *beta, const ent_value *gamma, int64_t n);

/* Values of the parameter `norm`, the layer normalization (2510.22026). */
typedef enum {
  ENT_NORM_POST,
  ENT_NORM_PRE,
  ENT_NORM_MIX,
  ENT_NORM_PERI,
  ENT_NORM_NGPT,
  ENT_NORM_SQRT,
} ent_norm;

#define ENT_MODEL_NORM_PARAMETER                                                                             \
  {                                                                                                          \
    .name = "norm", .kind = ENT_PARAM_CHOICE, .default_value = ENT_NORM_POST, .shapes = true,                \
    .choices = (const char *const[]){[ENT_NORM_POST] = "post",                                               \
                                     [ENT_NORM_PRE] = "pre",                                                 \
                                     [ENT_NORM_MIX] = "mix",                                                 \
                                     [ENT_NORM_PERI] = "peri",                                               \
                                     [ENT_NORM_NGPT] = "ngpt",                                               \
                                     [ENT_NORM_SQRT] = "sqrt",                                               \
                                     NULL},                                                                  \
    .summary = "layer normalization; pre, mix and peri have radii"                                           \
  }

#define ENT_MODEL_ALPHA_PARAMETER                                                                            \
  {                                                                                                          \
    .name = "alpha", .kind = ENT_PARAM_REAL, .default_value = 1, .open_min = true, .min = 0, .max = 1e6,     \
    .unit = "1", .summary = "of norm ngpt: the speed of its steps"                                           \
  }

#define ENT_MODEL_TAU_PARAMETER                                                                              \
  {                                                                                                          \
    .name = "tau", .kind = ENT_PARAM_REAL, .default_value = 1, .min = 0, .max = 1e12, .unit = "time",        \
    .summary = "of norm mix: post until then, pre after it"                                                  \
  }

/* Whether a normalization has radii r_i. Not collective. */
static inline bool ent_norm_has_radii(ent_norm norm) {
  return norm == ENT_NORM_PRE || norm == ENT_NORM_MIX || norm == ENT_NORM_PERI;
}

#endif
