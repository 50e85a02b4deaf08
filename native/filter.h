/* The kernel's part: every call that names a path is reported, unless it comes from the gate. */
#ifndef VT_FILTER_H
#define VT_FILTER_H

#include "channel.h"

/* Who is put under the filter, besides those that they will start. */
enum vt_threads { VT_THIS_THREAD, VT_ALL_THREADS };

/* `step`: the name of the supervisor's door. The listener's descriptor, or a negative errno (EBUSY:
 * somebody else's filter with a listener is there already). */
VT_HIDDEN long vt_filter_install(const char *step, enum vt_threads threads);

/* Under whose filter this process is: the filter itself is asked. */
enum vt_filtered { VT_UNFILTERED, VT_FILTERED_FOR_ANOTHER, VT_FILTERED };
VT_HIDDEN enum vt_filtered vt_filter_ask(const char *step);

/* Enters the filter and hands the listener to the supervisor. What went wrong has been noted in the
 * channels. */
enum vt_entering {
  VT_ENTERED, /* Or was there before. */
  VT_STAYED_OUT,
  VT_STRANDED, /* Inside, and nobody listens: vt was killed in that very moment. */
};
VT_HIDDEN enum vt_entering vt_filter_enter(struct vt_sinks *sinks, const char *step,
                                           enum vt_threads threads);

/* Tries that in a process of its own: 0 or the errno. */
VT_HIDDEN int vt_filter_probe(void);

#endif
