/* FUZZ max_len=192. Messages: any bytes as they are, then with a version and a checksum that let them in. */
#include <string.h>

#include "entrain/base/digest.h"
#include "entrain/sweep/wire.h"

#include "fuzz.h"

enum { AT_VERSION = 0, AT_CRC = 8 }; /* src/sweep/wire.c */

static void put_32(unsigned char *bytes, uint32_t value) {
  for (int i = 0; i < 4; i++) bytes[i] = (unsigned char)(value >> 8 * i);
}

/* What was read is written as bytes that are read as the same again. */
static void check_round_trip(const ent_wire_message *message) {
  unsigned char first[ENT_WIRE_SIZE], second[ENT_WIRE_SIZE];
  ent_wire_message again;
  ent_wire_encode(message, first);
  PROMISE(ent_wire_decode(first, sizeof first, &again) == ENT_OK);
  ent_wire_encode(&again, second);
  PROMISE(memcmp(first, second, sizeof first) == 0);
}

static void decode(const unsigned char *bytes, size_t length) {
  ent_wire_message message, untouched;
  memset(&message, 0xa5, sizeof message);
  memset(&untouched, 0xa5, sizeof untouched);
  const int code = ent_wire_decode(bytes, length, &message);
  PROMISE(code == ENT_OK || code == ENT_ERR_FORMAT);
  if (code == ENT_OK)
    check_round_trip(&message);
  else
    PROMISE(memcmp(&message, &untouched, sizeof message) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  unsigned char bytes[ENT_WIRE_SIZE] = {0};
  decode(data, size);
  memcpy(bytes, data, size < sizeof bytes ? size : sizeof bytes);
  put_32(bytes + AT_VERSION, ENT_WIRE_VERSION);
  const uint32_t start = ent_digest_crc(0, bytes, AT_CRC);
  put_32(bytes + AT_CRC, ent_digest_crc(start, bytes + AT_CRC + 4, sizeof bytes - AT_CRC - 4));
  decode(bytes, sizeof bytes);
  return 0;
}
