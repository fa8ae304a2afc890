#ifndef ENTRAIN_STORE_LOCK_TEXT_H
#define ENTRAIN_STORE_LOCK_TEXT_H

/* The JSON text of a lock, which store/lock writes and reads; nobody else includes this. */

#include "entrain/base/text.h"
#include "entrain/store/lock.h"

/* Appends an owner as JSON. Errors: ENT_ERR_MEMORY. Not collective. */
ENT_MUST_CHECK int ent_lock_text_append(ent_text *text, const ent_lock_owner *owner);

/*
 * Reads an owner from text [length].
 * [out] owner  ent_lock_owner_fini it; untouched on failure
 * Errors: ENT_ERR_FORMAT, ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_lock_text_parse(const char *text, size_t length, ent_lock_owner *owner);

#endif
