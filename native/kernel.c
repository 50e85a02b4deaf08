#include "kernel.h"

VT_EARLY uintptr_t vt_gate;

long vt_open_file(const char *path, int flags) {
  return VT_SYS(__NR_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0);
}

void vt_close(int fd) { (void)VT_SYS(__NR_close, fd); }

bool vt_read_all(int fd, uint8_t *bytes, size_t count) {
  while (count > 0) {
    long got = VT_SYS(__NR_read, fd, bytes, count);
    if (got == -VT_EINTR) continue;
    if (got <= 0) return false;
    bytes += got;
    count -= (size_t)got;
  }
  return true;
}

size_t vt_write_all(int fd, const uint8_t *bytes, size_t count) {
  size_t done = 0;
  while (done < count) {
    long written = VT_SYS(__NR_write, fd, bytes + done, count - done);
    if (written > 0) done += (size_t)written;
    else if (written != -VT_EINTR) break;
  }
  return done;
}

void *vt_map_memory(size_t bytes) {
  long address = VT_SYS(__NR_mmap, 0, bytes, VT_PROT_READ | VT_PROT_WRITE,
                        VT_MAP_PRIVATE | VT_MAP_ANONYMOUS, -1, 0);
  return vt_failed(address) ? NULL : (void *)address;
}

void vt_unmap(void *address, size_t bytes) { (void)VT_SYS(__NR_munmap, address, bytes); }

/* Built with -fno-tree-loop-distribute-patterns, or these loops would become calls of themselves. */
void *memcpy(void *restrict to, const void *restrict from, size_t count) {
  uint8_t *target = to;
  const uint8_t *source = from;
  for (; count >= 8; count -= 8, target += 8, source += 8) {
    uint64_t word;
    __builtin_memcpy(&word, source, 8);
    __builtin_memcpy(target, &word, 8);
  }
  while (count-- > 0) *target++ = *source++;
  return to;
}

void *memmove(void *to, const void *from, size_t count) {
  uint8_t *target = to;
  const uint8_t *source = from;
  if (target <= source)
    for (size_t i = 0; i < count; i++) target[i] = source[i];
  else
    while (count-- > 0) target[count] = source[count];
  return to;
}

void *memset(void *at, int byte, size_t count) {
  uint8_t *target = at;
  while (count-- > 0) *target++ = (uint8_t)byte;
  return at;
}

int memcmp(const void *a, const void *b, size_t count) {
  const uint8_t *left = a;
  const uint8_t *right = b;
  for (; count >= 8; count -= 8, left += 8, right += 8) {
    uint64_t words[2];
    __builtin_memcpy(&words[0], left, 8);
    __builtin_memcpy(&words[1], right, 8);
    if (words[0] != words[1]) break;
  }
  for (size_t i = 0; i < count; i++)
    if (left[i] != right[i]) return left[i] < right[i] ? -1 : 1;
  return 0;
}

/* By words, once it is at the beginning of one: none of them lies on two pages. */
size_t vt_length(const char *text) {
  const uint64_t ones = UINT64_C(0x0101010101010101);
  const char *at = text;
  for (; (uintptr_t)at % 8 != 0; at++)
    if (*at == '\0') return (size_t)(at - text);
  for (;; at += 8) {
    uint64_t word = *(const uint64_t *)(const void *)at;
    if (((word - ones) & ~word & ones << 7) != 0) break; /* One of its bytes is 0. */
  }
  while (*at != '\0') at++;
  return (size_t)(at - text);
}

bool vt_is_equal(const char *a, const char *b) {
  while (*a != '\0' && *a == *b) {
    a++;
    b++;
  }
  return *a == *b;
}

bool vt_starts_with(const char *text, const char *start) {
  while (*start != '\0')
    if (*text++ != *start++) return false;
  return true;
}

bool vt_contains(const char *text, const char *part) {
  while (*text != '\0' && !vt_starts_with(text, part)) text++;
  return *text != '\0';
}

bool vt_append(char *text, size_t capacity, const char *more) {
  size_t length = vt_length(text);
  size_t added = vt_length(more);
  if (length + added + 1 > capacity) return false;
  memcpy(text + length, more, added + 1);
  return true;
}

void vt_append_number(char *text, size_t capacity, uint64_t number) {
  char digits[24] = {0};
  size_t start = sizeof digits - 1;
  do {
    digits[--start] = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  (void)vt_append(text, capacity, digits + start);
}

const char *vt_variable(char *const *environment, const char *name) {
  size_t length = vt_length(name);
  for (; environment != NULL && *environment != NULL; environment++)
    if (vt_starts_with(*environment, name) && (*environment)[length] == '=')
      return *environment + length + 1;
  return NULL;
}

__extension__ typedef unsigned __int128 vt_wide;

static uint64_t fold(uint64_t a, uint64_t b) {
  vt_wide product = (vt_wide)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t vt_mix(uint64_t a, uint64_t b) {
  return fold(a ^ UINT64_C(0x9e3779b97f4a7c15), b ^ UINT64_C(0xd6e8feb86659fd93));
}

/* Multiply and fold, eight bytes at a time: only ever compared within one channel. */
uint64_t vt_hash(const void *bytes, size_t count, uint64_t seed) {
  const uint64_t mixer = UINT64_C(0x9e3779b97f4a7c15);
  const uint8_t *at = bytes;
  uint64_t hash = fold(seed ^ mixer, count ^ UINT64_C(0xd6e8feb86659fd93));
  uint64_t word = 0;
  for (; count >= 8; count -= 8, at += 8) {
    __builtin_memcpy(&word, at, 8);
    hash = fold(hash ^ word, mixer);
  }
  word = 0;
  for (size_t i = 0; i < count; i++) word |= (uint64_t)at[i] << (8 * i);
  hash = fold(hash ^ word, mixer);
  return fold(hash, UINT64_C(0xa0761d6478bd642f));
}
