/*
 * The working directory, remembered: a program that looks at relative paths again and again would have to ask
 * the kernel for it each time.
 *
 * It is remembered from the first look until the program goes to another directory, then never again: threads
 * may have one of their own, and after vfork two processes share this memory. A process that may enter the kernel
 * by itself can go unseen, so nothing is remembered where the filter is.
 */
#ifndef VT_CWD_H
#define VT_CWD_H

#include "kernel.h"

/* Writes it to `out`, which has room for VT_PATH_MAX bytes. How long it is, 0 for the root, or a negative
 * errno. To be called by the process itself, after the call that depends on it or right before. */
VT_HIDDEN long vt_cwd(char *out);

/* To be called before whatever may go to another directory. */
VT_HIDDEN void vt_cwd_leave(void);

#endif
