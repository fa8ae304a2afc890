#include "entrain/sweep/decimal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static size_t count_digits(const char *text) {
  size_t count = 0;
  while (isdigit((unsigned char)text[count])) count++;
  return count;
}

/* Bytes of the exponent "e-12" at text, 0 if there is none. */
static size_t exponent_length(const char *text) {
  if (text[0] != 'e' && text[0] != 'E') return 0;
  const size_t sign = text[1] == '+' || text[1] == '-' ? 1 : 0;
  const size_t digits = count_digits(text + 1 + sign);
  return digits > 0 ? 1 + sign + digits : 0;
}

/* The decimal digits before and behind the point are whole times 10^exponent if no digit stays behind the
 * point. */
static bool is_whole(const char *digits, size_t before, size_t behind, long exponent) {
  long lowest = 0; /* power of ten of the last digit that is not 0 */
  for (size_t i = 0; i < before; i++)
    if (digits[i] != '0') lowest = (long)(before - 1 - i);
  for (size_t i = 0; i < behind; i++)
    if (digits[before + 1 + i] != '0') lowest = -(long)i - 1;
  const bool is_zero = strspn(digits, "0.") >= before + behind + (behind > 0);
  return is_zero || lowest + exponent >= 0;
}

ent_decimal ent_decimal_scan(const char *text) {
  const size_t sign = text[0] == '+' || text[0] == '-' ? 1 : 0;
  const char *digits = text + sign;
  const size_t before = count_digits(digits);
  const size_t point = digits[before] == '.' ? 1 : 0;
  const size_t behind = point ? count_digits(digits + before + 1) : 0;
  if (before + behind == 0) return (ent_decimal){0};
  const char *tail = digits + before + point + behind;
  const size_t power = exponent_length(tail);
  long exponent = power > 0 ? strtol(tail + 1, NULL, 10) : 0;
  if (exponent > 1000000) exponent = 1000000;
  if (exponent < -1000000) exponent = -1000000;
  return (ent_decimal){.length = (size_t)(tail - text) + power,
                       .is_whole = is_whole(digits, before, behind, exponent),
                       .number = strtod(text, NULL)};
}

/* YAML writes .nan and .inf; everybody else nan and inf. */
bool ent_decimal_is_not_finite(const char *text) {
  static const char *const names[] = {"nan", "inf", "infinity"};
  if (*text == '+' || *text == '-') text++;
  if (*text == '.') text++;
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    if (strcasecmp(text, names[i]) == 0) return true;
  return false;
}
