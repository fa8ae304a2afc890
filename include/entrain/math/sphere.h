#ifndef ENTRAIN_MATH_SPHERE_H
#define ENTRAIN_MATH_SPHERE_H

/* Constants and maps of the circle and the sphere. */

#define ENT_TWO_PI 6.283185307179586476925286766559

/* The same angle in [-pi, pi]; exact. Not collective. */
double ent_sphere_wrap(double angle);

#endif
