#ifndef ENTRAIN_BASE_TEXT_H
#define ENTRAIN_BASE_TEXT_H

/*
 * A growing text buffer, and the ways numbers are written: a decimal that reads back to the same double,
 * a human duration, and counts before nouns. Not a string library.
 */

#include <stddef.h>
#include <stdint.h>

#include "entrain/base/error.h"

typedef struct ent_text {
  char *data;      /* zero-terminated once anything was appended; owned; NULL when empty */
  size_t length;   /* bytes without the terminating zero */
  size_t capacity; /* bytes allocated */
} ent_text;

/* Frees the buffer and empties it; accepts an empty one. Not collective. */
void ent_text_fini(ent_text *text);

/* Appends printf-formatted text. Errors: ENT_ERR_MEMORY. Not collective. */
ENT_MUST_CHECK int ent_text_append(ent_text *text, const char *format, ...) ENT_PRINTF(2, 3);

/* Appends a decimal form of 15 to 17 digits that reads back to the same double; nan, inf and -inf by these
 * names. */
ENT_MUST_CHECK int ent_text_append_real(ent_text *text, double value);

/* Appends text as the inside of a JSON string (quotes, backslashes and control characters escaped). */
ENT_MUST_CHECK int ent_text_append_json(ent_text *text, const char *value);

/*
 * Appends a number as ent_text_append_real does, or null, because JSON has no not-a-number and no infinity.
 */
ENT_MUST_CHECK int ent_text_append_json_real(ent_text *text, double value);

/* Writes a duration in seconds in human form ("1.2 ms", "43 s", "2 h 05 m", "3 d 04 h") into buffer[size]. */
void ent_text_duration(double seconds, size_t size, char *buffer);

/* Writes a number in three digits without an exponent ("0.0123", "2.5", "2990") into buffer[size]. */
void ent_text_rate(double value, size_t size, char *buffer);

/* What turns the noun behind a count into what it is for so many: "" for 1, otherwise "s". */
const char *ent_text_plural(int64_t count);

/*
 * Reads a whole file into an (empty) text. Errors: ENT_ERR_IO with the system's reason; ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_text_read_file(const char *path, ent_text *text);

/*
 * Writes a whole file so that it is there completely or not at all (base/draft).
 * Errors: ENT_ERR_IO with the system's reason.
 */
ENT_MUST_CHECK int ent_text_write_file(const char *path, const char *data, size_t length);

#endif
