#ifndef ENTRAIN_BASE_LOG_H
#define ENTRAIN_BASE_LOG_H

/*
 * What the library has to say while it works. Nothing is printed here: the app layer sets a sink, without one
 * messages are dropped. Failures are no messages, they are error codes (base/error.h).
 */

#include "entrain/base/error.h"

typedef enum { ENT_LOG_ERROR, ENT_LOG_WARNING, ENT_LOG_INFO, ENT_LOG_DEBUG } ent_log_level;

typedef void ent_log_sink(ent_log_level level, const char *message);

/* Sets where messages go; NULL drops them. Not collective. */
void ent_log_set_sink(ent_log_sink *sink);

/* Sends a message to the sink: lower case, no full stop, no newline. Not collective. */
void ent_log(ent_log_level level, const char *format, ...) ENT_PRINTF(2, 3);

#endif
