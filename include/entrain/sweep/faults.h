#ifndef ENTRAIN_SWEEP_FAULTS_H
#define ENTRAIN_SWEEP_FAULTS_H

/*
 * The faults of a job file: collected in any order, written in the order of the file. Adding never fails for
 * the caller; if memory runs out, `code` keeps that and the list is incomplete.
 */

#include <stddef.h>

#include "entrain/base/error.h"
#include "entrain/base/mem.h"
#include "entrain/base/text.h"

typedef struct ent_fault {
  int line, column; /* from 1 */
  size_t order;     /* in which it was added */
  const char *message;
} ent_fault;

typedef struct ent_faults {
  ent_arena *arena; /* owns the messages */
  ent_fault *items; /* [capacity], owned */
  size_t count, capacity;
  int code; /* ENT_OK, or the first failure of adding */
} ent_faults;

/* Starts an empty list whose messages belong to the arena. Not collective. */
void ent_faults_init(ent_faults *faults, ent_arena *arena);

/* Frees the list, but not the arena. Not collective. */
void ent_faults_fini(ent_faults *faults);

/* Adds a fault at a position; the message is cut at 2 KB. Not collective. */
void ent_faults_add(ent_faults *faults, int line, int column, const char *format, ...) ENT_PRINTF(4, 5);

/*
 * Appends one line a fault, `path:line:column: error: message`, sorted by position, equal ones once.
 * Sorts the list. Errors: ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_faults_write(ent_faults *faults, const char *path, ent_text *text);

enum { ENT_MAX_NAMES = 96 };

/* Names that are legal somewhere, for what a message says about one that is not. */
typedef struct ent_names {
  size_t count;
  const char *names[ENT_MAX_NAMES];
} ent_names;

/* Adds a name; a full list stays as it is. Not collective. */
void ent_names_add(ent_names *names, const char *name);

/*
 * Returns the name nearest to text [length], which need not end with a zero, by letters left out, added,
 * replaced or swapped, case ignored; NULL if more than one letter in three is wrong, or beyond 64 letters.
 * The pointer is the caller's name. Not collective.
 */
const char *ent_names_nearest(const ent_names *names, const char *text, size_t length);

/*
 * Writes "did you mean 'model'" if one of the names is near, otherwise "legal are name, study, model", into
 * buffer[size]. text [length] need not end with a zero. Not collective.
 */
void ent_names_advise(const ent_names *names, const char *text, size_t length, size_t size, char *buffer);

#endif
