#include <string.h>

#include "check.h"

static int fails(void) {
  ENT_RAISE(ENT_ERR_IO, "cannot open '%s'", "a file");
}

static int passes_on(void) {
  ENT_TRY(fails());
  return ENT_OK;
}

static int cleans_up(int *cleaned) {
  int code = ENT_OK;
  ENT_GOTO(passes_on());
  *cleaned = -1;
done:
  *cleaned += 1;
  return code;
}

static int checks(int number) {
  ENT_CHECK(number > 0, ENT_ERR_ARGUMENT, "number = %d, must be positive", number);
  return ENT_OK;
}

static int checks_and_cleans(int number, int *cleaned) {
  int code = ENT_OK;
  ENT_CHECK_GOTO(number > 0, ENT_ERR_FORMAT, "number = %d", number);
done:
  *cleaned += 1;
  return code;
}

static void codes_have_names_and_texts(void) {
  CHECK_TEXT(ent_error_name(ENT_OK), "ENT_OK");
  CHECK_TEXT(ent_error_name(ENT_ERR_HDF5), "ENT_ERR_HDF5");
  CHECK_TEXT(ent_error_text(ENT_ERR_BUSY), "in use");
  CHECK_TEXT(ent_error_name(-7), "unknown code");
  CHECK_TEXT(ent_error_text(4711), "unknown error");
}

static void a_failure_keeps_message_and_frames(void) {
  int cleaned = 0;
  CHECK_CODE(cleans_up(&cleaned), ENT_ERR_IO);
  CHECK_INT(cleaned, 1);
  CHECK_TEXT(ent_error_message(), "cannot open 'a file'");
  const char *first = strstr(ent_error_frames(), "  fails (");
  const char *second = strstr(ent_error_frames(), "  passes_on (");
  const char *third = strstr(ent_error_frames(), "  cleans_up (");
  CHECK(first && second && third && first < second && second < third);
}

static void conditions_raise_only_when_false(void) {
  int cleaned = 0;
  CHECK_OK(checks(1));
  CHECK_CODE(checks(-1), ENT_ERR_ARGUMENT);
  CHECK_TEXT(ent_error_message(), "number = -1, must be positive");
  CHECK_OK(checks_and_cleans(1, &cleaned));
  CHECK_CODE(checks_and_cleans(0, &cleaned), ENT_ERR_FORMAT);
  CHECK_INT(cleaned, 2);
}

static int wraps(void) {
  ENT_RAISE(ENT_ERR_FORMAT, "inside: %s", ent_error_message());
}

static void a_message_may_quote_the_one_it_replaces(void) {
  CHECK_CODE(fails(), ENT_ERR_IO);
  CHECK_CODE(wraps(), ENT_ERR_FORMAT);
  CHECK_TEXT(ent_error_message(), "inside: cannot open 'a file'");
  CHECK(!strstr(ent_error_frames(), "fails"));
}

static void clearing_forgets_everything(void) {
  CHECK_CODE(fails(), ENT_ERR_IO);
  ent_error_clear();
  CHECK_TEXT(ent_error_message(), "");
  CHECK_TEXT(ent_error_frames(), "");
}

static int sinks(int depth) {
  if (depth == 0) ENT_RAISE(ENT_ERR_INTERNAL, "deep");
  ENT_TRY(sinks(depth - 1));
  return ENT_OK;
}

static void a_record_never_overflows(void) {
  char text[10000];
  memset(text, 'x', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  CHECK_CODE(ent_error_raise(ENT_ERR_IO, "f", "g", 1, "%s", text), ENT_ERR_IO);
  CHECK(strlen(ent_error_message()) > 500);
  CHECK_CODE(sinks(1000), ENT_ERR_INTERNAL);
  CHECK_TEXT(ent_error_message(), "deep");
}

static const ent_test tests[] = {
  {"every code has a name and a text, unknown ones too", codes_have_names_and_texts},
  {"a failure keeps its message and the frames it travelled through", a_failure_keeps_message_and_frames},
  {"conditions raise only when they do not hold", conditions_raise_only_when_false},
  {"a message may quote the one it replaces", a_message_may_quote_the_one_it_replaces},
  {"clearing forgets message and frames", clearing_forgets_everything},
  {"long messages and deep calls never overflow the record", a_record_never_overflows},
  {0}};

ENT_TEST_MAIN("base/error", tests)
