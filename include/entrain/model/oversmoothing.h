#ifndef ENTRAIN_MODEL_OVERSMOOTHING_H
#define ENTRAIN_MODEL_OVERSMOOTHING_H

/* What observables ask of the model `oversmoothing`, and of no other. docs/models/oversmoothing.md */

#include "entrain/model/model.h"

enum { ENT_OVERSMOOTHING_EXPONENTS = 8 }; /* the most that are computed in each of the two parts */

/* Whether a model is this one. Not collective. */
bool ent_model_is_oversmoothing(const ent_model *model);

/*
 * The largest Lyapunov exponents of the layers so far, in each of the two parts that the layers keep apart:
 * features along the consensus direction, and the rest. Not-a-number before the first layer.
 * [out] consensus, rest  [count] each, descending but for what few layers leave open
 * Returns count, the parameter `exponents`, or the dimension of the smaller part. Not collective.
 */
size_t ent_oversmoothing_exponents(const ent_system *system, const double *x, double *consensus,
                                   double *rest);

/* log(|rest| / |consensus|) of the features, at the start and now. Not collective. */
void ent_oversmoothing_ratio(const ent_system *system, const double *x, double *start, double *now);

/* The features X [n, d], divided by the length of their consensus part. Not collective. */
void ent_oversmoothing_features(const ent_system *system, const double *x, double *features);

/*
 * |lambda_2|: the largest modulus of an eigenvalue of P but for the first, 1, whose vector is the consensus
 * direction. O(n^3); uses the system's scratch. Not collective.
 */
double ent_oversmoothing_lambda2(const ent_system *system);

#endif
