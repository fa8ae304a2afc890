#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entrain/base/digest.h"

#include "check.h"

/* FIPS 180-2, appendix B. */
static void sha256_gives_the_standards_answers(void) {
  static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  char digest[ENT_DIGEST_SIZE];
  ent_digest_bytes("abc", 3, digest);
  CHECK_TEXT(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  ent_digest_bytes(two_blocks, strlen(two_blocks), digest);
  CHECK_TEXT(digest, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  ent_digest_bytes("", 0, digest);
  CHECK_TEXT(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void a_file_has_the_digest_of_its_bytes(void) {
  static char bytes[50000];
  char path[256], of_file[ENT_DIGEST_SIZE], of_bytes[ENT_DIGEST_SIZE];
  const char *base = getenv("TMPDIR");
  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (char)(i * i % 253);
  (void)snprintf(path, sizeof path, "%s/entrain-digest-XXXXXX", base ? base : "/tmp");
  const int file = mkstemp(path);
  REQUIRE(file >= 0);
  CHECK(write(file, bytes, sizeof bytes) == (ssize_t)sizeof bytes);
  close(file);
  CHECK_OK(ent_digest_file(path, of_file));
  ent_digest_bytes(bytes, sizeof bytes, of_bytes);
  CHECK_TEXT(of_file, of_bytes);
  CHECK_INT(unlink(path), 0);
  CHECK_CODE(ent_digest_file(path, of_file), ENT_ERR_IO);
  CHECK_CONTAINS(ent_error_message(), "No such file or directory");
  CHECK_CODE(ent_digest_file("/", of_file), ENT_ERR_IO);
}

static void crc_gives_the_known_answer(void) {
  CHECK_INT(ent_digest_crc(0, "123456789", 9), 0xcbf43926);
  CHECK_INT(ent_digest_crc(ent_digest_crc(0, "1234", 4), "56789", 5), 0xcbf43926);
  CHECK_INT(ent_digest_crc(17, "", 0), 17);
}

static void crc_finds_every_single_flipped_bit(void) {
  unsigned char row[128];
  for (size_t i = 0; i < sizeof row; i++) row[i] = (unsigned char)(37 * i);
  const uint32_t whole = ent_digest_crc(0, row, sizeof row);
  for (size_t bit = 0; bit < 8 * sizeof row; bit++) {
    row[bit / 8] ^= (unsigned char)(1U << bit % 8);
    CHECK(ent_digest_crc(0, row, sizeof row) != whole);
    row[bit / 8] ^= (unsigned char)(1U << bit % 8);
  }
}

static const ent_test tests[] = {{"SHA-256 gives the standard's answers", sha256_gives_the_standards_answers},
                                 {"a file has the digest of its bytes", a_file_has_the_digest_of_its_bytes},
                                 {"CRC-32 gives the known answer, in pieces too", crc_gives_the_known_answer},
                                 {"CRC-32 finds every flipped bit", crc_finds_every_single_flipped_bit},
                                 {0}};

ENT_TEST_MAIN("base/digest", tests)
