#ifndef ENTRAIN_STORE_IDENTITY_H
#define ENTRAIN_STORE_IDENTITY_H

/*
 * Identities of results files that are made from or compared with each other; store/store has those that are
 * compared with a specification and this program.
 */

#include "entrain/store/store.h"

/*
 * The identity of a specification whose rows were computed by the maker of another file: the lines that
 * depend on build and machine are those of `like`. Errors: ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_store_identity_like(const ent_spec *spec, const ent_store *like, ent_text *identity);

/*
 * Makes this process compute with the instruction set that the file's rows were computed with, unless another
 * one was pinned or the processor lacks it. Returns whether it does now. Not collective.
 */
bool ent_store_adopt_isa(const ent_store *store);

/*
 * Appends the first three lines in which the identities of two files differ, nothing when they are the same
 * study of the same engine. Errors: ENT_ERR_MEMORY.
 */
ENT_MUST_CHECK int ent_store_compare_identities(const ent_store *store, const ent_store *other,
                                                ent_text *differences);

#endif
