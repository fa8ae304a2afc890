#include "entrain/base/clock.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

static double seconds_of(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double ent_clock_now(void) {
  return seconds_of(CLOCK_MONOTONIC);
}

double ent_clock_worked(void) {
  return seconds_of(CLOCK_THREAD_CPUTIME_ID);
}

double ent_clock_unix(void) {
  return seconds_of(CLOCK_REALTIME);
}

void ent_clock_format(double unix_seconds, size_t size, char *buffer) {
  const double year_10000 = 253402300800.0;
  struct tm parts;
  if (isfinite(unix_seconds) && fabs(unix_seconds) < year_10000) {
    const time_t whole = (time_t)floor(unix_seconds);
    if (gmtime_r(&whole, &parts) && strftime(buffer, size, "%Y-%m-%dT%H:%M:%SZ", &parts) > 0) return;
  }
  (void)snprintf(buffer, size, "unknown");
}

void ent_clock_sleep(double seconds) {
  if (!(seconds > 0.0)) return;
  const double whole = floor(fmin(seconds, INT32_MAX));
  const struct timespec length = {.tv_sec = (time_t)whole,
                                  .tv_nsec = (long)(1e9 * fmin(fmax(seconds - whole, 0.0), 0.999999999))};
  nanosleep(&length, NULL);
}
