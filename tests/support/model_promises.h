#ifndef ENTRAIN_TESTS_MODEL_PROMISES_H
#define ENTRAIN_TESTS_MODEL_PROMISES_H

/*
 * What a model must do that promises something in its flags, or claims a certificate, said as in
 * model_conformance.h. Promises are checked wherever the drawn system makes them: at points with the
 * parameters that are not required at their defaults, and at any legal point.
 */

#include "entrain/model/model.h"

/* EXCHANGEABLE: renaming the particles renames the drift. */
void ent_conform_exchangeable(const ent_model *model);

/* CAUSAL: later particles do not move earlier ones. */
void ent_conform_causal(const ent_model *model);

/* HAS_JACOBIAN: it is what differences of the drift say. */
void ent_conform_jacobian(const ent_model *model);

/* EQUIVARIANT: turning all particles turns the drift. */
void ent_conform_equivariant(const ent_model *model);

/* GRADIENT_FLOW: the energy grows at the start of a step and never falls along a solution. */
void ent_conform_gradient_flow(const ent_model *model);

/* Where the certificate is claimed, particles in a hemisphere come within 1e-2 of one point. */
void ent_conform_certificate(const ent_model *model);

#endif
