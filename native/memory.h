/* Reading memory that may not be there: another process's, or a pointer nobody has checked. */
#ifndef VT_MEMORY_H
#define VT_MEMORY_H

#include "kernel.h"

/* Reads exactly `count` bytes of the thread `tid` (0: this process): 0 or a negative errno. */
VT_HIDDEN long vt_read_memory(int tid, uint64_t address, void *out, size_t count);

/* Reads a text with its NUL, at most `capacity` bytes: its length, or a negative errno;
 * ENAMETOOLONG when it is longer than that. */
VT_HIDDEN long vt_read_text(int tid, uint64_t address, char *out, size_t capacity);

#endif
