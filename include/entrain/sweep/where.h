#ifndef ENTRAIN_SWEEP_WHERE_H
#define ENTRAIN_SWEEP_WHERE_H

/*
 * Which rows are meant: an expression over the columns of a row, `status==failed`, `beta>5 && n==32`,
 * `error==wall-limit || (t_end<1 && !(seed==3))`. It only compares; it does not compute.
 *
 *   expression  comparisons joined by && (and), || (or), ! (not) and parentheses; ! binds closest, || least
 *   comparison  two operands and one of == != < <= > >=
 *   operand     the name of a column, a number, or the name of a value of an enum or of a job error
 *
 * Names of values stand beside a column that has them and are compared with == and != only; quotes around
 * them are allowed. A comparison with a value that is not a number is false, that by != true; the word nan
 * asks for it: `t_sync==nan` holds where t_sync is not a number.
 */

#include <stdbool.h>

#include "entrain/sweep/result.h"

typedef struct ent_where ent_where;

/*
 * Reads an expression over the columns of a layout, which must live as long as it.
 * [out] where  ent_where_destroy it; untouched on failure
 * Errors: ENT_ERR_ARGUMENT with the column of the text, what is wrong and what is legal; ENT_ERR_MEMORY. Not
 * collective.
 */
ENT_MUST_CHECK int ent_where_parse(const char *text, const ent_layout *layout, ent_where **where);

/* Whether a row [layout size] is meant. Not collective. */
bool ent_where_holds(const ent_where *where, const unsigned char *row);

/* Frees it; accepts NULL, sets NULL. Not collective. */
void ent_where_destroy(ent_where **where);

#endif
