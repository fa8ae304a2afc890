#include "entrain/base/log.h"

#include <stdio.h>

static ent_log_sink *current_sink;

void ent_log_set_sink(ent_log_sink *sink) {
  current_sink = sink;
}

void ent_log(ent_log_level level, const char *format, ...) {
  if (!current_sink) return;
  char message[1024];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  current_sink(level, message);
}
