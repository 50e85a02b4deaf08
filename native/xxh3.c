/* XXH3 with 64 bits and no seed, as its published specification has it: what contentHash of
 * src/base/digest.ts gives for bytes that are hashed in one piece. */
#include "xxh3.h"

#define PRIME32_1 0x9E3779B1U
#define PRIME32_2 0x85EBCA77U
#define PRIME32_3 0xC2B2AE3DU
#define PRIME64_1 UINT64_C(0x9E3779B185EBCA87)
#define PRIME64_2 UINT64_C(0xC2B2AE3D27D4EB4F)
#define PRIME64_3 UINT64_C(0x165667B19E3779F9)
#define PRIME64_4 UINT64_C(0x85EBCA77C2B2AE63)
#define PRIME64_5 UINT64_C(0x27D4EB2F165667C5)
#define PRIME_MX1 UINT64_C(0x165667919E3779F9)
#define PRIME_MX2 UINT64_C(0x9FB21C651E98DF25)

enum { SECRET = 192, STRIPE = 64, LANES = 8, SECRET_STEP = 8, STRIPES_PER_BLOCK = 16 };

static const uint8_t secret[SECRET] = {
    0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
    0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
    0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
    0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
    0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
    0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
    0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d,
    0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
    0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
    0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
    0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce,
    0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
};

static uint32_t read32(const uint8_t *at);
static uint64_t read64(const uint8_t *at);
static uint64_t fold(uint64_t a, uint64_t b);
static uint64_t avalanche(uint64_t hash);
static uint64_t avalanche64(uint64_t hash);
static uint64_t hash_short(const uint8_t *bytes, size_t count);
static uint64_t hash_middle(const uint8_t *bytes, size_t count);
static uint64_t hash_long(const uint8_t *bytes, size_t count);
static uint64_t mix(const uint8_t *bytes, const uint8_t *key);
static void accumulate(uint64_t lanes[LANES], const uint8_t *stripe, const uint8_t *key);
static void scramble(uint64_t lanes[LANES]);

uint64_t vt_xxh3(const uint8_t *bytes, size_t count) {
  if (count <= 16) return hash_short(bytes, count);
  return count <= 240 ? hash_middle(bytes, count) : hash_long(bytes, count);
}

/* A call of memcpy for each word would take longer than all the rest. */
static uint32_t read32(const uint8_t *at) {
  uint32_t value;
  __builtin_memcpy(&value, at, sizeof value);
  return value;
}

static uint64_t read64(const uint8_t *at) {
  uint64_t value;
  __builtin_memcpy(&value, at, sizeof value);
  return value;
}

__extension__ typedef unsigned __int128 wide;

/* Both halves of the product. */
static uint64_t fold(uint64_t a, uint64_t b) {
  wide product = (wide)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t avalanche(uint64_t hash) {
  hash ^= hash >> 37;
  hash *= PRIME_MX1;
  return hash ^ hash >> 32;
}

static uint64_t avalanche64(uint64_t hash) {
  hash ^= hash >> 33;
  hash *= PRIME64_2;
  hash ^= hash >> 29;
  hash *= PRIME64_3;
  return hash ^ hash >> 32;
}

static uint64_t hash_short(const uint8_t *bytes, size_t count) {
  if (count > 8) {
    uint64_t low = read64(bytes) ^ read64(secret + 24) ^ read64(secret + 32);
    uint64_t high = read64(bytes + count - 8) ^ read64(secret + 40) ^ read64(secret + 48);
    return avalanche(count + __builtin_bswap64(low) + high + fold(low, high));
  }
  if (count >= 4) {
    uint64_t both = read32(bytes + count - 4) + ((uint64_t)read32(bytes) << 32);
    uint64_t hash = both ^ read64(secret + 8) ^ read64(secret + 16);
    hash ^= (hash << 49 | hash >> 15) ^ (hash << 24 | hash >> 40);
    hash *= PRIME_MX2;
    hash ^= (hash >> 35) + count;
    hash *= PRIME_MX2;
    return hash ^ hash >> 28;
  }
  if (count == 0) return avalanche64(read64(secret + 56) ^ read64(secret + 64));
  uint32_t all = (uint32_t)bytes[0] << 16 | (uint32_t)bytes[count >> 1] << 24 | bytes[count - 1] |
                 (uint32_t)count << 8;
  return avalanche64((uint64_t)all ^ (uint64_t)(read32(secret) ^ read32(secret + 4)));
}

static uint64_t hash_middle(const uint8_t *bytes, size_t count) {
  uint64_t sum = count * PRIME64_1;
  if (count <= 128) {
    for (size_t i = (count - 1) / 32 + 1; i-- > 0;)
      sum += mix(bytes + 16 * i, secret + 32 * i) +
             mix(bytes + count - 16 * (i + 1), secret + 32 * i + 16);
    return avalanche(sum);
  }
  for (size_t i = 0; i < 8; i++) sum += mix(bytes + 16 * i, secret + 16 * i);
  sum = avalanche(sum);
  for (size_t i = 8; i < count / 16; i++) sum += mix(bytes + 16 * i, secret + 16 * (i - 8) + 3);
  return avalanche(sum + mix(bytes + count - 16, secret + 136 - 17));
}

static uint64_t hash_long(const uint8_t *bytes, size_t count) {
  uint64_t lanes[LANES] = {PRIME32_3, PRIME64_1, PRIME64_2, PRIME64_3,
                           PRIME64_4, PRIME32_2, PRIME64_5, PRIME32_1};
  size_t stripes = (count - 1) / STRIPE;
  for (size_t i = 0; i < stripes; i++) {
    size_t in_block = i % STRIPES_PER_BLOCK;
    if (i > 0 && in_block == 0) scramble(lanes);
    accumulate(lanes, bytes + i * STRIPE, secret + in_block * SECRET_STEP);
  }
  if (stripes > 0 && stripes % STRIPES_PER_BLOCK == 0) scramble(lanes);
  accumulate(lanes, bytes + count - STRIPE, secret + SECRET - STRIPE - 7);
  uint64_t sum = count * PRIME64_1;
  for (size_t i = 0; i < LANES; i += 2)
    sum += fold(lanes[i] ^ read64(secret + 11 + 8 * i), lanes[i + 1] ^ read64(secret + 19 + 8 * i));
  return avalanche(sum);
}

static uint64_t mix(const uint8_t *bytes, const uint8_t *key) {
  return fold(read64(bytes) ^ read64(key), read64(bytes + 8) ^ read64(key + 8));
}

static void accumulate(uint64_t lanes[LANES], const uint8_t *stripe, const uint8_t *key) {
  for (size_t i = 0; i < LANES; i++) {
    uint64_t value = read64(stripe + 8 * i);
    uint64_t keyed = value ^ read64(key + 8 * i);
    lanes[i ^ 1] += value;
    lanes[i] += (uint64_t)(uint32_t)keyed * (keyed >> 32);
  }
}

static void scramble(uint64_t lanes[LANES]) {
  for (size_t i = 0; i < LANES; i++) {
    lanes[i] ^= lanes[i] >> 47;
    lanes[i] ^= read64(secret + SECRET - STRIPE + 8 * i);
    lanes[i] *= PRIME32_1;
  }
}
