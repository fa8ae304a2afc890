#include "entrain/engine/stop.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

static volatile sig_atomic_t requested;

static void note(int signal) {
  (void)signal;
  requested = 1;
}

int ent_stop_listen(void) {
  static const int signals[] = {SIGUSR1, SIGTERM, SIGINT};
  struct sigaction action = {.sa_handler = note};
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
    ENT_CHECK(sigaction(signals[i], &action, NULL) == 0, ENT_ERR_SYSTEM,
              "handler of signal %d cannot be set: %s", signals[i], strerror(errno));
  }
  return ENT_OK;
}

bool ent_stop_requested(void) {
  return requested != 0;
}
