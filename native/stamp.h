/* What stands at a path: its stamp, and the entries of a directory. */
#ifndef VT_STAMP_H
#define VT_STAMP_H

#include "kernel.h"
#include "vt.h"

#include <asm/stat.h>

/* All three report what they find, be it an error. `error` in a stamp is what the kernel said. */
VT_HIDDEN struct vt_stamp vt_stamp_at(int dirfd, const char *path, bool is_following);
VT_HIDDEN struct vt_stamp vt_stamp_of_fd(int fd);
VT_HIDDEN struct vt_stamp vt_stamp_from(const struct stat *status);
VT_HIDDEN struct vt_stamp vt_stamp_error(int error);
VT_HIDDEN bool vt_stamp_is_missing(const struct vt_stamp *stamp);
/* One of the S_IF… values, 0 when nothing is there. */
VT_HIDDEN uint32_t vt_stamp_type(const struct vt_stamp *stamp);

/* The next entries of an open directory as they go into a record; 0 at the end, negative errno. */
VT_HIDDEN long vt_read_entries(int fd, void *buffer, size_t capacity);

#define VT_TYPE_MASK 0170000U
#define VT_TYPE_DIRECTORY 0040000U
#define VT_TYPE_FILE 0100000U
#define VT_TYPE_LINK 0120000U

#endif
