#include "memory.h"

/* No page is smaller, so what lies within one is readable as a whole or not at all. */
#define PAGE 4096U

static long read_some(int tid, uint64_t address, void *out, size_t count) {
  struct {
    uint64_t base;
    uint64_t length;
  } local = {(uint64_t)(uintptr_t)out, count}, remote = {address, count};
  return VT_SYS(__NR_process_vm_readv, tid == 0 ? VT_SYS(__NR_getpid) : tid, &local, 1, &remote, 1, 0);
}

long vt_read_memory(int tid, uint64_t address, void *out, size_t count) {
  long got = read_some(tid, address, out, count);
  if (got < 0) return got;
  return got == (long)count ? 0 : -VT_EFAULT;
}

long vt_read_text(int tid, uint64_t address, char *out, size_t capacity) {
  size_t length = 0;
  while (length < capacity) {
    size_t count = PAGE - (address + length) % PAGE;
    if (count > 256 && length == 0) count = 256; /* Most paths are short. */
    if (count > capacity - length) count = capacity - length;
    long got = read_some(tid, address + length, out + length, count);
    if (got <= 0) return got < 0 ? got : -VT_EFAULT;
    for (long i = 0; i < got; i++, length++)
      if (out[length] == '\0') return (long)length;
  }
  return -VT_ENAMETOOLONG;
}
