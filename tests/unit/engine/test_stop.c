#include <signal.h>

#include "entrain/engine/stop.h"

#include "check.h"

static void a_signal_is_noted(void) {
  CHECK_OK(ent_stop_listen());
  CHECK(!ent_stop_requested());
  CHECK_INT(raise(SIGUSR1), 0);
  CHECK(ent_stop_requested());
}

static void later_signals_do_no_harm(void) {
  CHECK_OK(ent_stop_listen());
  CHECK_INT(raise(SIGTERM), 0);
  CHECK_INT(raise(SIGINT), 0);
  CHECK(ent_stop_requested());
}

static const ent_test tests[] = {{"a signal asks for a stop", a_signal_is_noted},
                                 {"TERM, INT and repeated signals do no harm", later_signals_do_no_harm},
                                 {0}};

ENT_TEST_MAIN("engine/stop", tests)
