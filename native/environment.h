/* The environment of a program that is about to be run: ours must be in it. */
#ifndef VT_ENVIRONMENT_H
#define VT_ENVIRONMENT_H

#include "process.h"

struct vt_change {
  bool cannot_load; /* The library is taken out: the loader would complain. */
  const char *launched; /* The program that the launcher is to become, else NULL. */
};

/*
 * Bytes that `vt_environment_fill` needs, 0 when nothing has to be changed. The caller takes them
 * from its stack: in a vfork child everything else would be the parent's.
 */
VT_HIDDEN size_t vt_environment_room(char *const *environment, const struct vt_change *change);
VT_HIDDEN char *const *vt_environment_fill(void *room, char *const *environment,
                                           const struct vt_change *change);

#endif
