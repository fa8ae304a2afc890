#include <stdio.h>
#include <string.h>

#include "entrain/base/log.h"

#include "check.h"

static char last[1100];
static ent_log_level last_level;
static int calls;

static void keep(ent_log_level level, const char *message) {
  (void)snprintf(last, sizeof last, "%s", message);
  last_level = level;
  calls++;
}

static void the_sink_gets_messages(void) {
  ent_log_set_sink(keep);
  ent_log(ENT_LOG_WARNING, "row %d is %s", 7, "odd");
  CHECK_INT(calls, 1);
  CHECK_INT(last_level, ENT_LOG_WARNING);
  CHECK_TEXT(last, "row 7 is odd");
}

static void without_a_sink_nothing_happens(void) {
  ent_log_set_sink(NULL);
  calls = 0;
  ent_log(ENT_LOG_ERROR, "nobody hears");
  CHECK_INT(calls, 0);
}

static void a_long_message_is_cut(void) {
  char text[5000];
  memset(text, 'x', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  ent_log_set_sink(keep);
  ent_log(ENT_LOG_INFO, "%s", text);
  CHECK_INT(strlen(last), 1023);
  ent_log_set_sink(NULL);
}

static const ent_test tests[] = {{"the sink gets level and formatted message", the_sink_gets_messages},
                                 {"without a sink messages are dropped", without_a_sink_nothing_happens},
                                 {"a message that is too long is cut", a_long_message_is_cut},
                                 {0}};

ENT_TEST_MAIN("base/log", tests)
