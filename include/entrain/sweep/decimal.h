#ifndef ENTRAIN_SWEEP_DECIMAL_H
#define ENTRAIN_SWEEP_DECIMAL_H

/* Numbers as people write them in job files and in files of numbers: decimal, and nothing else. */

#include <stdbool.h>
#include <stddef.h>

typedef struct ent_decimal {
  size_t length; /* bytes that are a number; 0: none */
  bool is_whole; /* exactly, as a decimal */
  double number;
} ent_decimal;

/*
 * Scans [+-] digits [. digits] [e [+-] digits] at the start of a text, at least one digit; what follows is
 * the caller's to judge. A number beyond the range of a double is infinite. Not collective.
 */
ent_decimal ent_decimal_scan(const char *text);

/* Whether a text is a name of what is no finite number: nan, .nan, -inf, infinity ... Not collective. */
bool ent_decimal_is_not_finite(const char *text);

#endif
