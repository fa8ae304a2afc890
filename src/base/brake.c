#include "entrain/base/brake.h"

#include <stddef.h>

bool ent_brake_after(ent_brake *brake, double work) {
  if (brake == NULL || brake->is_pulled) return brake != NULL;
  brake->work += work;
  if (brake->work < ENT_BRAKE_WORK) return false;
  brake->work = 0;
  brake->is_pulled = brake->pulls(brake->context);
  return brake->is_pulled;
}
