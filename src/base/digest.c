#include "entrain/base/digest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#include <sha256.h>
#include <zlib.h>

static void finish(SHA2_CTX *state, char digest[ENT_DIGEST_SIZE]) {
  static const char digits[] = "0123456789abcdef";
  uint8_t hash[SHA256_DIGEST_LENGTH];
  SHA256Final(hash, state);
  for (size_t i = 0; i < sizeof hash; i++) {
    digest[2 * i] = digits[hash[i] >> 4];
    digest[2 * i + 1] = digits[hash[i] & 15];
  }
  digest[ENT_DIGEST_SIZE - 1] = '\0';
}

void ent_digest_bytes(const void *bytes, size_t length, char digest[ENT_DIGEST_SIZE]) {
  SHA2_CTX state;
  SHA256Init(&state);
  SHA256Update(&state, bytes, length);
  finish(&state, digest);
}

int ent_digest_file(const char *path, char digest[ENT_DIGEST_SIZE]) {
  int code = ENT_OK;
  unsigned char bytes[16384];
  SHA2_CTX state;
  SHA256Init(&state);
  FILE *file = fopen(path, "rb");
  ENT_CHECK(file, ENT_ERR_IO, "cannot open '%s': %s", path, strerror(errno));
  size_t count;
  while ((count = fread(bytes, 1, sizeof bytes, file)) > 0) SHA256Update(&state, bytes, count);
  ENT_CHECK_GOTO(!ferror(file), ENT_ERR_IO, "cannot read '%s': %s", path, strerror(errno));
  finish(&state, digest);
done:
  fclose(file);
  return code;
}

uint32_t ent_digest_crc(uint32_t crc, const void *bytes, size_t length) {
  return (uint32_t)crc32_z(crc, bytes, length);
}
