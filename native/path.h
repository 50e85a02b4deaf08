/* From what a program says (a descriptor and a path) to an absolute path, without allocating. */
#ifndef VT_PATH_H
#define VT_PATH_H

#include "channel.h"

/* A working directory and a relative path, each as long as the kernel allows. */
#define VT_LONG_PATH (2 * VT_PATH_MAX)

/* Buffers live here and not on the caller's stack, which may be a signal handler's few kilobytes. */
struct vt_scratch {
  char path[VT_LONG_PATH];
  char target[VT_LONG_PATH];
  char spare[VT_LONG_PATH];
};

struct vt_path {
  char *text;
  size_t length; /* 0: nothing that could be recorded. */
  bool has_up; /* Holds a `..` after a name, which a link may turn into anything. */
  bool is_entered; /* A link that a slash follows: the kernel goes on to what it leads to. */
};

/* Never NULL unless memory has run out. Give it back before calling anything of the program's. */
VT_HIDDEN struct vt_scratch *vt_scratch_claim(void);
VT_HIDDEN void vt_scratch_release(struct vt_scratch *scratch);

/* Where a path is looked up: which thread's working directory and descriptors. */
struct vt_place {
  int tid; /* 0: this process. */
  int dirfd;
  const char *path; /* NULL: what the descriptor itself refers to. */
  bool is_following;
};

/*
 * Absolute, without `.` and `//`. A leading `..` is taken off the (physical) directory it starts
 * from; one after a name is kept. Files that have no name any more give an empty path. Returns false
 * when a name could not be found out although there is one.
 */
VT_HIDDEN bool vt_resolve(const struct vt_place *place, char *buffer, struct vt_path *out);

/* Whether a path is absolute, needs no change, and lies in none of the roots. False where that takes more to tell. */
VT_HIDDEN bool vt_is_plainly_outside(const struct vt_sinks *sinks, const char *path);

/* Whether a text without `..` names a root of the channel, or something in one. */
VT_HIDDEN bool vt_is_below(const struct vt_header *channel, const char *text, size_t length);

/* Whether a path, as written or with its `..` taken literally, lies in one of the channel's roots.
 * `spare` is room for another path. */
VT_HIDDEN bool vt_is_inside(const struct vt_header *channel, const struct vt_path *path, char *spare);

#endif
