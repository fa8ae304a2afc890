#include <math.h>

#include "entrain/base/clock.h"

#include "check.h"

static void check_format(double seconds, const char *expected) {
  char buffer[21];
  ent_clock_format(seconds, sizeof buffer, buffer);
  CHECK_TEXT(buffer, expected);
}

static void times_are_written_in_utc(void) {
  check_format(1795315364.9, "2026-11-22T02:42:44Z");
  check_format(0.0, "1970-01-01T00:00:00Z");
  check_format(-1.0, "1969-12-31T23:59:59Z");
}

static void impossible_times_are_unknown(void) {
  check_format(NAN, "unknown");
  check_format(INFINITY, "unknown");
  check_format(1e300, "unknown");
}

static void the_monotonic_clock_goes_forward(void) {
  const double before = ent_clock_now();
  ent_clock_sleep(1e-3);
  CHECK(ent_clock_now() > before);
  ent_clock_sleep(0.0);
  ent_clock_sleep(-1.0);
  ent_clock_sleep(NAN);
}

static void the_calendar_clock_is_past_2020(void) {
  CHECK(ent_clock_unix() > 1.577e9);
}

static const ent_test tests[] = {{"times are written in UTC", times_are_written_in_utc},
                                 {"impossible times are written as unknown", impossible_times_are_unknown},
                                 {"the monotonic clock goes forward", the_monotonic_clock_goes_forward},
                                 {"the calendar clock counts from 1970", the_calendar_clock_is_past_2020},
                                 {0}};

ENT_TEST_MAIN("base/clock", tests)
