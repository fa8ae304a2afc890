#ifndef ENTRAIN_APP_FOLD_H
#define ENTRAIN_APP_FOLD_H

/*
 * Lines for people, made to fit: broken between words, continued under the text that stands after the line's
 * first gap of two spaces, or two columns deeper than the line begins,
 * if that is not deep already. A letter counts as one column.
 */

#include <stdbool.h>
#include <stddef.h>

#include "entrain/base/text.h"

enum { ENT_FOLD_COLUMNS = 80 };

/* Stands for a space at which no line is broken, whatever its width: in commands that are to be copied. */
#define ENT_FOLD_JOIN '\x1f'

/*
 * Appends lines, each ended by a newline, none wider than `columns` but for joined words; control characters
 * become question marks.
 * [in]  breaks_words  a word that is wider than a line is broken, too; otherwise it stays whole, as paths and
 *       commands that are to be copied should
 * Errors: ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_fold_append(const char *lines, int columns, bool breaks_words, ent_text *text);

/* Prints lines on stdout, folded to 80 columns, words whole. Errors: ENT_ERR_MEMORY. */
ENT_MUST_CHECK int ent_fold_print(const char *lines);

/* Rows that these lines take on a terminal of so many columns. */
int ent_fold_rows(const char *lines, int columns);

/* Columns and rows of the terminal on stdout; 80 and 24 while it does not tell. */
void ent_fold_terminal(int *columns, int *rows);

#endif
