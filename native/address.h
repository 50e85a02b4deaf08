/* Calls that name a path in the address of a Unix socket. */
#ifndef VT_ADDRESS_H
#define VT_ADDRESS_H

#include "record.h"

#define VT_ADDRESS_PATH 108 /* With or without a NUL at its end. */

/* What the call does, and the path that it does it to. */
struct vt_address {
  struct vt_call call;
  char path[VT_ADDRESS_PATH + 1];
};

static inline bool vt_takes_address(long number) {
  return number == __NR_connect || number == __NR_bind;
}

/*
 * Reads the address that such a call is given, from the memory of thread `tid`, 0: of this process. The
 * call is of kind VT_NONE when that is no path. 0, or the negative errno of memory that cannot be read.
 */
VT_HIDDEN long vt_address_read(int tid, long number, const uint64_t arguments[6], struct vt_address *out);

VT_EXPORT int connect(int fd, const void *address, unsigned bytes);
VT_EXPORT int bind(int fd, const void *address, unsigned bytes);

#endif
