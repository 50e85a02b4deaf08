/* Threads within vt. Traced programs get none from us. */
#ifndef VT_THREAD_H
#define VT_THREAD_H

#include "kernel.h"

/* Runs `run(argument)` in a thread that takes no signal: they belong to vt. 0 or a negative errno. */
VT_HIDDEN long vt_thread_start(void *(*run)(void *), void *argument);

/* Runs `run(argument)` twice at once, and returns when both have ended; once where there can be no
 * other thread. */
VT_HIDDEN void vt_thread_share(void *(*run)(void *), void *argument);

#endif
