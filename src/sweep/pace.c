#include "entrain/sweep/pace.h"

#include <math.h>

#define CHUNK_SECONDS 0.1
#define BEAT_SECONDS 1.0
#define BEATS_OF_PATIENCE 4

ent_pace ent_pace_of(int workers) {
  const double round = 2 * ENT_PACE_MESSAGE * workers;
  const double beat = fmax(BEAT_SECONDS, round / ENT_PACE_BEAT_SHARE);
  return (ent_pace){.chunk = fmax(CHUNK_SECONDS, round / ENT_PACE_TASK_SHARE),
                    .least = round / ENT_PACE_TAIL_SHARE,
                    .beat = beat,
                    .patience = BEATS_OF_PATIENCE * beat};
}
