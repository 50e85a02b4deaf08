/* Paths that follow one another mostly lie in one directory, which then need not be found for each. */
#ifndef VT_NEAR_H
#define VT_NEAR_H

#include "kernel.h"

/* That directory, held open once enough paths in a row lie in it. Where it cannot be had, paths are whole. */
struct vt_near {
  const char *directory; /* The beginning of the path before, up to and with a slash. */
  size_t length; /* 0: there was none. */
  uint32_t count; /* So many paths in a row lie in it. */
  int fd; /* Below 0: it is not held. */
};

struct vt_near_path {
  int directory; /* That the name starts from. */
  const char *name;
};

VT_HIDDEN void vt_near_begin(struct vt_near *near);

/* How to get to `path`, which starts from `base`, until the next call. The text must stay until then, too. */
VT_HIDDEN struct vt_near_path vt_near_to(struct vt_near *near, int base, const char *path);

VT_HIDDEN void vt_near_end(struct vt_near *near);

#endif
