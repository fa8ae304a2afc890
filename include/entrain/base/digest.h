#ifndef ENTRAIN_BASE_DIGEST_H
#define ENTRAIN_BASE_DIGEST_H

/* Fingerprints: SHA-256 (libmd) for what identifies a study, CRC-32 (zlib) for what guards a row. */

#include <stddef.h>
#include <stdint.h>

#include "entrain/base/error.h"

enum { ENT_DIGEST_SIZE = 65 }; /* 64 hexadecimal digits and a zero */

/* SHA-256 of bytes [length], as hexadecimal digits. Not collective. */
void ent_digest_bytes(const void *bytes, size_t length, char digest[ENT_DIGEST_SIZE]);

/* SHA-256 of a file's content. Errors: ENT_ERR_IO with the system's reason. Not collective. */
ENT_MUST_CHECK int ent_digest_file(const char *path, char digest[ENT_DIGEST_SIZE]);

/* CRC-32 of bytes [length], continuing from `crc` (0 to start). Finds every burst of up to 32 bits. */
uint32_t ent_digest_crc(uint32_t crc, const void *bytes, size_t length);

#endif
