#include "entrain/engine/room.h"

#include <stdio.h>
#include <sys/stat.h>

#include "entrain/base/log.h"
#include "entrain/sweep/result.h"

enum { MOST_SAMPLES = 100000, BLOCK = 512 /* of st_blocks */ };

static const double FIXED_BYTES =
  1 << 20; /* metadata, segments, the phase diagram: a guess on the large side */

/* Bytes of final states: n d doubles for each row; of a large grid some rows are enough for an estimate. */
static double final_bytes(const ent_spec *spec) {
  double bytes = 0;
  const int64_t stride = spec->grid.size > MOST_SAMPLES ? spec->grid.size / MOST_SAMPLES : 1;
  if (!spec->final_state) return 0;
  for (int64_t row = 0; row < spec->grid.size; row += stride) {
    ent_point point;
    ent_spec_point(spec, row, &point);
    bytes += (double)sizeof(double) * (double)point.n * (double)point.d * (double)stride;
  }
  return bytes;
}

int ent_room_needed(const ent_spec *spec, double *bytes) {
  ent_layout *layout = NULL;
  ENT_TRY(ent_layout_create(spec, &layout));
  const double rows = (double)spec->grid.size;
  const double series = (double)sizeof(float) * (double)ent_spec_series_count(spec) * (double)spec->n_record;
  *bytes = FIXED_BYTES + rows * ((double)layout->size + series) + final_bytes(spec);
  ent_layout_destroy(&layout);
  return ENT_OK;
}

int ent_room_look(const char *path, const ent_spec *spec, bool fresh, ent_room *room) {
  struct stat status;
  ent_room made = {0};
  ENT_TRY(ent_room_needed(spec, &made.needed));
  ENT_TRY(ent_filesystem_at(path, &made.filesystem));
  if (!fresh && stat(path, &status) == 0) made.present = (double)status.st_blocks * BLOCK;
  *room = made;
  return ENT_OK;
}

bool ent_room_is_enough(const ent_room *room) {
  return room->needed - room->present <= (double)room->filesystem.free;
}

void ent_room_text(double bytes, size_t size, char *buffer) {
  static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
  size_t unit = 0;
  for (; bytes >= 999.5 && unit + 1 < sizeof units / sizeof units[0]; unit++) bytes /= 1000;
  (void)snprintf(buffer, size, "%.3g %s", bytes, units[unit]);
}

void ent_room_warn(const char *path, const ent_spec *spec, bool fresh) {
  ent_room room;
  char needed[32], left[32];
  if (ent_room_look(path, spec, fresh, &room) != ENT_OK) {
    ent_error_clear();
    return;
  }
  if (ent_room_is_enough(&room)) return;
  ent_room_text(room.needed - room.present, sizeof needed, needed);
  ent_room_text((double)room.filesystem.free, sizeof left, left);
  ent_log(ENT_LOG_WARNING,
          "'%s' still needs %s, its file system has %s left: the run will stop when it is full", path, needed,
          left);
}
