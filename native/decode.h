/* System calls by number: what they do to which path. */
#ifndef VT_DECODE_H
#define VT_DECODE_H

#include "record.h"

/* Numbers that are the same on every processor, and newer than some kernel headers. */
#define VT_OPEN_TREE 428
#define VT_MOVE_MOUNT 429
#define VT_OPENAT2 437
#define VT_FACCESSAT2 439
#define VT_FCHMODAT2 452
#define VT_SETXATTRAT 463
#define VT_GETXATTRAT 464
#define VT_LISTXATTRAT 465
#define VT_REMOVEXATTRAT 466
#define VT_FILE_GETATTR 468
#define VT_FILE_SETATTR 469

/* Fills `call`; its paths are addresses in the memory of whoever makes the call. Kind VT_NONE when
 * the call names no path, and where more than that lies in memory: for VT_OPENAT2, whose flags do, and
 * for those that vt_address_read is for. */
VT_HIDDEN void vt_decode(long number, const uint64_t arguments[6], struct vt_call *call);

/* The call that an open with these flags (as the processor's kernel numbers them) is. */
VT_HIDDEN struct vt_call vt_open_call(int dirfd, const char *path, uint64_t flags);

struct open_how;
/* The same of an openat2. */
VT_HIDDEN struct vt_call vt_open_how_call(int dirfd, const char *path, const struct open_how *how);

/* The numbers that the filter reports, ended by -1. Those that come often come first. */
extern VT_HIDDEN const int vt_path_calls[];

#endif
