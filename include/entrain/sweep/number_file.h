#ifndef ENTRAIN_SWEEP_NUMBER_FILE_H
#define ENTRAIN_SWEEP_NUMBER_FILE_H

/*
 * Text files of numbers, for parameters of kind FILE: decimal numbers with white space between them, at most
 * one comma among it; from a # to the end of its line is a comment. How the numbers stand in lines means
 * nothing.
 */

#include "entrain/base/digest.h"
#include "entrain/base/mem.h"
#include "entrain/model/parameter.h"

/*
 * Reads the numbers of text [length], zero-terminated.
 * [in]  legal  range of every number
 * [out] value  `list`, which belongs to the arena, and `count`, at least 1
 * Errors: ENT_ERR_FORMAT with the place of the first fault, `line 3, column 7: '1x', must be ...`;
 * ENT_ERR_MEMORY. Not collective.
 */
ENT_MUST_CHECK int ent_number_file_parse(const char *text, size_t length, const ent_parameter *legal,
                                         ent_arena *arena, ent_value *value);

/*
 * The same of a file.
 * [out] digest  SHA-256 of the bytes that the numbers were read from
 * Errors: those of ent_number_file_parse; ENT_ERR_IO with the system's reason. Not collective.
 */
ENT_MUST_CHECK int ent_number_file_read(const char *path, const ent_parameter *legal, ent_arena *arena,
                                        ent_value *value, char digest[ENT_DIGEST_SIZE]);

#endif
