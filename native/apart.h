/* Doing something in a process of its own, from within a program with threads. */
#ifndef VT_APART_H
#define VT_APART_H

#include "kernel.h"

/* Runs `function(argument)` in a process that shares this one's memory but not its descriptors, until
 * it execs or ends. Returns its pid or a negative errno. */
VT_HIDDEN long vt_run_apart(int (*function)(void *), void *argument);

/* Waits for such a process, unless `pid` is a negative errno: what the function returned, or the
 * errno. */
VT_HIDDEN int vt_wait_apart(long pid);

#endif
