#include "entrain/base/brake.h"

#include <stddef.h>

#define WORK_BETWEEN 3e8 /* about 0.1 s of direct sums on one core of 2024 */

bool ent_brake_after(ent_brake *brake, double work) {
  if (brake == NULL || brake->is_pulled) return brake != NULL;
  brake->work += work;
  if (brake->work < WORK_BETWEEN) return false;
  brake->work = 0;
  brake->is_pulled = brake->pulls(brake->context);
  return brake->is_pulled;
}
