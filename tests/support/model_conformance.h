#ifndef ENTRAIN_TESTS_MODEL_CONFORMANCE_H
#define ENTRAIN_TESTS_MODEL_CONFORMANCE_H

/*
 * What every model must do, and what those that promise something in their flags must do besides. Each
 * function is one sentence about one model, checked with the macros of check.h;
 * tests/unit/model/test_models.c says all of them of every registered model, so that a new model is tested
 * by being registered.
 *
 * Points are made from the model's own table: required parameters are drawn from [-2, 2] within their
 * limits. Promises are about points with the other parameters at their defaults, and about any point for
 * which the model says that the hemisphere theorem holds; everything else is checked at any legal point.
 */

#include "entrain/model/model.h"

/*
 * The table says what the model is; parameters have names, legal defaults and limits, nobody shares a
 * name.
 */
void ent_conform_table(const ent_model *model);

/* Kind, size and start belong together for the dimensions that the model takes. */
void ent_conform_state(const ent_model *model);

/* The drift writes its own length, is finite, is tangent to the sphere, and repeats its bits. */
void ent_conform_drift(const ent_model *model);

/* Configuring again, after another point or in a fresh system, gives the same bits. */
void ent_conform_configure(const ent_model *model);

/* The time unit multiplies the drift: e^{log_unit}, and nothing else. */
void ent_conform_time_unit(const ent_model *model);

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
