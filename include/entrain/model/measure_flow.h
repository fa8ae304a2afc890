#ifndef ENTRAIN_MODEL_MEASURE_FLOW_H
#define ENTRAIN_MODEL_MEASURE_FLOW_H

/* What observables ask of the model `measure_flow`, and of no other. docs/models/measure_flow.md */

#include "entrain/model/model.h"

enum { ENT_MEASURE_FLOW_MOST_ATOMS = 256 }; /* of a measure with a target, for d >= 3 */

/* Whether a model is this one. Not collective. */
bool ent_model_is_measure_flow(const ent_model *model);

/* Whether a point of it has targets. Not collective. */
bool ent_measure_flow_has_targets(const ent_point *point);

/* How many measures there are. Not collective. */
size_t ent_measure_flow_measures(const ent_system *system);

/*
 * The Wasserstein-2 distance of a measure to its target, for the lengths of arcs; exact. Not-a-number without
 * targets. Uses the system's scratch. Not collective.
 */
double ent_measure_flow_wasserstein(const ent_system *system, const double *x, size_t measure);

#endif
