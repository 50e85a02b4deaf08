/* Headers of the tar that src/archive/format.ts describes, for src/native/tar.ts. */
#include "api.h"

enum { BLOCK = 512, NAME = 0, SIZE = 124, SUM = 148, SIZE_DIGITS = 11, SUM_DIGITS = 6, SUM_BYTES = 8 };

/* As src/native/tar.ts packs them. */
struct entry {
  uint32_t row; /* Its name. */
  uint32_t at; /* Of its header among the bytes. */
  uint32_t size[2]; /* Of its content, the lower half first. */
};

static void write_header(uint8_t *block, const uint8_t *blank, const struct entry *entry);
static void write_octal(uint8_t *at, uint64_t value, uint32_t digits);

/* How many entries have the header that they should have, up to the first that has another one. `blank`
 * is one without name, size and sum. */
VT_API(uint32_t, vt_check_headers,
       (const uint8_t *bytes, const uint8_t *blank, const struct entry *entries, uint32_t count)) {
  uint32_t i = 0;
  for (; i < count; i++) {
    uint8_t expected[BLOCK];
    write_header(expected, blank, &entries[i]);
    if (memcmp(bytes + entries[i].at, expected, BLOCK) != 0) break;
  }
  return i;
}

/* Puts its header before each content, and zeros behind it up to a whole block. */
VT_API(void, vt_write_headers,
       (uint8_t *bytes, const uint8_t *blank, const struct entry *entries, uint32_t count)) {
  for (uint32_t i = 0; i < count; i++) {
    const struct entry *entry = &entries[i];
    uint8_t *end = bytes + entry->at + BLOCK + entry->size[0]; /* Of what lies whole in some bytes. */
    write_header(bytes + entry->at, blank, entry);
    memset(end, 0, (BLOCK - entry->size[0] % BLOCK) % BLOCK);
  }
}

static void write_header(uint8_t *block, const uint8_t *blank, const struct entry *entry) {
  memcpy(block, blank, BLOCK);
  vt_append_number((char *)block + NAME, SIZE, entry->row);
  write_octal(block + SIZE, (uint64_t)entry->size[1] << 32 | entry->size[0], SIZE_DIGITS);
  uint32_t sum = SUM_BYTES * ' '; /* Its own field counts as spaces. */
  for (uint32_t i = 0; i < BLOCK; i++) sum += block[i];
  write_octal(block + SUM, sum, SUM_DIGITS);
}

static void write_octal(uint8_t *at, uint64_t value, uint32_t digits) {
  at[digits] = ' ';
  for (; digits > 0; value /= 8) at[--digits] = (uint8_t)('0' + value % 8);
}
