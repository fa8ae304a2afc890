#ifndef ENTRAIN_TESTS_MODEL_SCENE_H
#define ENTRAIN_TESTS_MODEL_SCENE_H

/* A model's system at a point that was drawn, with a state: what the conformance suite looks at. */

#include "entrain/model/model.h"

enum { ENT_SCENE_N = 7, ENT_SCENE_MOST = 1024, ENT_SCENE_CANARY = 1, ENT_SCENE_POINTS = 24 };

typedef struct ent_scene {
  const ent_model *model;
  ent_point point;
  ent_system *system;
  double x[ENT_SCENE_MOST], dxdt[ENT_SCENE_MOST + ENT_SCENE_CANARY];
} ent_scene;

/* Dimensions to look at, those that the model takes; ends with 0. */
extern const int64_t ent_scene_dimensions[];
bool ent_scene_takes(const ent_model *model, int64_t d);

/* A check whose failure names the model. */
void ent_conforms(bool holds, const ent_model *model, const char *what);

/* The next number of the suite's own sequence, in [low, high). */
double ent_scene_number(double low, double high);

/*
 * A legal point of ENT_SCENE_N particles; `wild` draws all numbers and choices, otherwise what has a default
 * keeps it. Lists stay absent.
 */
void ent_scene_point(const ent_model *model, int64_t d, bool wild, ent_point *point);

/* Draws the state: unit vectors of first coordinate >= least_height, or the model's own start. */
void ent_scene_start(ent_scene *at, double least_height);

/* Ready at a drawn point and start; `d` must suit the model. ent_scene_close it. */
void ent_scene_open(ent_scene *at, const ent_model *model, int64_t d, bool wild);
void ent_scene_close(ent_scene *at);

/* Points a system at a point, at time 0. */
void ent_scene_configure(ent_system *system, const ent_point *point);

/* The drift at x [size]; for a map, how far its first step goes per unit of time. [out] dxdt [size] */
void ent_scene_drift(ent_scene *at, const double *x, double *dxdt);

#endif
