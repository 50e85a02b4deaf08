/* The kernel's part: every call that names a path is reported, unless it comes from the gate. */
#ifndef VT_FILTER_H
#define VT_FILTER_H

#include "kernel.h"

/* Puts the calling process and all its descendants under the filter: the listener's descriptor, or a
 * negative errno (EBUSY: somebody else's filter with a listener is there already). */
VT_HIDDEN long vt_filter_install(void);

/* Tries that in a process of its own: 0 or the errno. */
VT_HIDDEN int vt_filter_probe(void);

#endif
