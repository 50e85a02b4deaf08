/* Processes and what they started, as /proc shows them. */
#ifndef VT_FAMILY_H
#define VT_FAMILY_H

#include "kernel.h"

/* A process that was started for a step. The time tells it from a later one of the same number. */
struct vt_ancestor {
  int pid;
  uint64_t started; /* In clock ticks since the machine's start; 0: it has ended already. */
};

VT_HIDDEN struct vt_ancestor vt_ancestor_of(int pid);

/* Kills each of them with everything that descends from it or is in the session that it leads. Frozen
 * first, so that nothing forks away. Never the calling process. */
VT_HIDDEN void vt_family_kill(const struct vt_ancestor *ancestors, int count);

#endif
