/*
 * The kernel and a few string functions, without a C library: the same file serves programs built on
 * any libc, and none of its calls touches errno or can be interposed by somebody else.
 */
#ifndef VT_KERNEL_H
#define VT_KERNEL_H

#include "arch.h"

#include <linux/fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VT_HIDDEN __attribute__((visibility("hidden")))
#define VT_EXPORT __attribute__((visibility("default")))
/* For what every process needs to start: it lies with what the loader writes anyway. Each page more costs
 * every program of a step a fault. */
#define VT_EARLY __attribute__((section(".data")))

/* Numbers that <linux/…> keeps from programs with a libc of their own. */
enum {
  VT_EPERM = 1,
  VT_ENOENT = 2,
  VT_ESRCH = 3,
  VT_EINTR = 4,
  VT_EBADF = 9,
  VT_EAGAIN = 11,
  VT_ENOMEM = 12,
  VT_EACCES = 13,
  VT_EFAULT = 14,
  VT_EEXIST = 17,
  VT_ENOTDIR = 20,
  VT_EINVAL = 22,
  VT_ENFILE = 23,
  VT_EMFILE = 24,
  VT_ENOSPC = 28,
  VT_EPIPE = 32,
  VT_ENAMETOOLONG = 36,
  VT_ENOSYS = 38,
};

#define VT_PROT_READ 1
#define VT_PROT_WRITE 2
#define VT_PROT_EXEC 4
#define VT_MAP_SHARED 1
#define VT_MAP_PRIVATE 2
#define VT_MAP_ANONYMOUS 0x20
#define VT_MAP_FIXED_NOREPLACE 0x100000

/* Address of the gate page once it is mapped, else 0. */
extern VT_HIDDEN uintptr_t vt_gate;

/* A system call: its result, or the negative errno. */
static inline long vt_call6(long number, long a, long b, long c, long d, long e, long f) {
  const long arguments[6] = {a, b, c, d, e, f};
  return vt_enter(vt_gate, number, arguments);
}

#define VT_CALL_N(n, a, b, c, d, e, f, ...)                                                        \
  vt_call6((n), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
/* VT_SYS(number, up to six arguments). */
#define VT_SYS(...) VT_CALL_N(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)

static inline bool vt_failed(long result) { return result < 0 && result >= -4095; }

VT_HIDDEN long vt_open_file(const char *path, int flags);
VT_HIDDEN void vt_close(int fd);
/* Exactly so many bytes; false where there are fewer, or they cannot be read. */
VT_HIDDEN bool vt_read_all(int fd, uint8_t *bytes, size_t count);
/* How many of the bytes could be written. */
VT_HIDDEN size_t vt_write_all(int fd, const uint8_t *bytes, size_t count);
/* Anonymous memory, or NULL. */
VT_HIDDEN void *vt_map_memory(size_t bytes);
VT_HIDDEN void vt_unmap(void *address, size_t bytes);

/* The compiler may ask for the first four by itself. */
VT_HIDDEN void *memcpy(void *restrict to, const void *restrict from, size_t count);
VT_HIDDEN void *memmove(void *to, const void *from, size_t count);
VT_HIDDEN void *memset(void *at, int byte, size_t count);
VT_HIDDEN int memcmp(const void *a, const void *b, size_t count);
VT_HIDDEN size_t vt_length(const char *text);
VT_HIDDEN bool vt_is_equal(const char *a, const char *b);
VT_HIDDEN bool vt_starts_with(const char *text, const char *start);
VT_HIDDEN bool vt_contains(const char *text, const char *part);
/* Appends to a text of at most `capacity` bytes with its NUL; false when it does not fit. */
VT_HIDDEN bool vt_append(char *text, size_t capacity, const char *more);
VT_HIDDEN void vt_append_number(char *text, size_t capacity, uint64_t number);
/* The value of `name` in an environment, or NULL. */
VT_HIDDEN const char *vt_variable(char *const *environment, const char *name);
VT_HIDDEN uint64_t vt_hash(const void *bytes, size_t count, uint64_t seed);
/* One hash of two numbers. */
VT_HIDDEN uint64_t vt_mix(uint64_t a, uint64_t b);

#endif
