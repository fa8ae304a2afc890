#ifndef ENTRAIN_BASE_BRAKE_H
#define ENTRAIN_BASE_BRAKE_H

/*
 * A brake: how a computation of minutes is ended before its time. Who computes says after every piece how
 * much it was, and gives up once the brake is pulled; what it was computing is then worth nothing. Numbers do
 * not depend on a brake that is not pulled. It knows nothing of signals, messages or clocks.
 */

#include <stdbool.h>

#define ENT_BRAKE_WORK 3e8 /* between two questions: about 0.1 s of direct sums on one core of 2024 */

typedef struct ent_brake {
  bool (*pulls)(void *context); /* REQUIRED: whether to give up */
  void *context;
  double work;    /* since it was asked last */
  bool is_pulled; /* stays so until its owner says otherwise */
} ent_brake;

/*
 * Whether to give up after so much more work, in coordinates of pairs of particles; `pulls` is asked now and
 * then, at such work some ten times a second. [in] brake  NULL: never. Not collective.
 */
bool ent_brake_after(ent_brake *brake, double work);

#endif
